"""What no surface can carry: the trabecular pattern of spongy bone and the mottling of bowel contents, as small density blobs.

Each blob is a Gaussian of relative density, positive or negative; the blobs of one bone sum to zero, so that texture moves no mean. Their
place follows the bone's columns: strings of blobs along the vertebra's axis, with finer ones across, as trabeculae run.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes import Shape
from phantoms.tissues import Tissue
from phantoms.tree import Compartment, is_spinal, walk

Array = NDArray[np.float64]

MOST_BLOBS = 20_000
BONE_SHARE = 0.9
OTHER_BONES = 0.15  # weight of ribs and hip bones against the spine
ROUNDS = 8
DEPTH_MM = 0.8
STRING = 9  # blobs of one sign in a vertical string
AMPLITUDE = 0.65  # of the spongiosa's density; tuned by eye on radiographs
SIGMA_MM = (0.45, 0.85)
GAS_SIGMA_MM = (1.2, 2.8)
GAS_AMPLITUDE = 0.25


@dataclass(frozen=True, kw_only=True, eq=False)
class Texture:
    """Gaussian blobs of density.

    Attributes
    ----------
    centres : ndarray, shape (n, 3)
        World frame, mm.
    sigma_mm : ndarray, shape (n,)
        Standard deviation of each blob.
    amplitude : ndarray, shape (n,)
        Density at the middle, relative to the tissue's; their sum over a bone of amplitude x sigma^3 is zero.
    tissue : ndarray, shape (n,), uint8
        Tissue whose material the blob adds to, values of `Tissue`.
    """

    centres: Array
    sigma_mm: Array
    amplitude: Array
    tissue: NDArray[np.uint8]

    def __post_init__(self) -> None:
        for name in ("centres", "sigma_mm", "amplitude", "tissue"):
            getattr(self, name).setflags(write=False)


def texture(root: Compartment, seed: int) -> Texture:
    """Texture of all spongy bone and bowel of a patient.

    Parameters
    ----------
    root : Compartment
        The tree of compartments.
    seed : int
        The patient's texture seed; equal seeds give equal bits.
    """
    bones = [node for node, _ in walk(root) if node.tissue is Tissue.TRABECULAR_BONE]
    bowel = [node for node, _ in walk(root) if node.tissue is Tissue.BOWEL_GAS]
    shares = _shares(bones, int(MOST_BLOBS * BONE_SHARE)) + _shares(bowel, int(MOST_BLOBS * (1 - BONE_SHARE)))
    parts = [part for item, count in zip(bones + bowel, shares, strict=True) for part in _blobs(item, count, seed)]
    if not parts:
        return Texture(centres=np.zeros((0, 3)), sigma_mm=np.zeros(0), amplitude=np.zeros(0), tissue=np.zeros(0, dtype=np.uint8))
    centres, sigma, amplitude, tissue = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Texture(centres=centres, sigma_mm=sigma, amplitude=amplitude, tissue=tissue)


def _shares(items: list[Compartment], total: int) -> list[int]:
    """How many blobs each compartment gets: by the size of its box, most of them in the spine."""
    sizes = np.array([float(np.prod(item.shape.bounds[1] - item.shape.bounds[0])) ** (1 / 3) * _weight(item) for item in items])
    return [int(total * size / sizes.sum()) for size in sizes]


def _weight(item: Compartment) -> float:
    return 1.0 if is_spinal(item) or item.tissue is Tissue.BOWEL_GAS else OTHER_BONES


def _blobs(item: Compartment, count: int, seed: int) -> Iterator[tuple[Array, Array, Array, NDArray[np.uint8]]]:
    rng = np.random.default_rng([seed, *item.name.encode()])
    bony = item.tissue is Tissue.TRABECULAR_BONE
    places, sign = _strings(item.shape, count, rng) if bony else _scattered(item.shape, count, rng)
    if len(places) < 2:
        return
    low, high = SIGMA_MM if bony else GAS_SIGMA_MM
    sigma = rng.uniform(low, high, len(places))
    amplitude = (AMPLITUDE if bony else GAS_AMPLITUDE) * sign * rng.uniform(0.5, 1.0, len(places))
    mass = sigma**3
    amplitude -= (amplitude * mass).sum() / mass.sum()
    yield places, sigma, amplitude, np.full(len(places), item.tissue, dtype=np.uint8)


def _strings(shape: Shape, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Places in vertical strings (three in four) and across (one in four), and the sign of each string, inside a shape."""
    start = _inside(shape, -(-count // STRING), rng)
    across = (np.arange(len(start)) % 4 == 3)[:, None]
    along = np.where(across, [0.9, 0.4, 0.05], [0.04, 0.06, 1.0]) * rng.uniform(0.8, 1.2, (len(start), 1))
    steps = np.arange(STRING) - (STRING - 1) / 2
    places = (start[:, None] + steps[None, :, None] * along[:, None]).reshape(-1, 3) + rng.normal(0, 0.15, (len(start) * STRING, 3))
    kept = shape(places) < -DEPTH_MM
    return places[kept], _signs(len(start)).repeat(STRING)[kept]


def _scattered(shape: Shape, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    places = _inside(shape, count, rng)
    return places, _signs(len(places))


def _signs(count: int) -> Array:
    return np.where(np.arange(count) % 2 == 0, 1.0, -1.0)


def _inside(shape: Shape, count: int, rng: np.random.Generator) -> Array:
    """At most `count` random places inside a shape, shape (k, 3), mm."""
    found = [np.zeros((0, 3))]
    for _ in range(ROUNDS):
        places = rng.uniform(shape.bounds[0], shape.bounds[1], (3 * count, 3))
        found.append(places[shape(places) < -DEPTH_MM])
        if sum(map(len, found)) >= count:
            break
    return np.concatenate(found)[:count]
