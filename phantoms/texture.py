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
from phantoms.tree import Compartment, walk

Array = NDArray[np.float64]

MOST_BLOBS = 20_000
BONE_SHARE = 0.9
CANDIDATES = 2.6  # drawn in the bone's box for each one wanted inside
STRING = 5  # blobs of one sign in a vertical string
AMPLITUDE = 0.55  # of the spongiosa's density; tuned by eye on radiographs
SIGMA_MM = (0.55, 1.1)
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
    """How many blobs each compartment gets: by the surface of its box, so that small bones are not left bare."""
    sizes = np.array([float(np.prod(item.shape.bounds[1] - item.shape.bounds[0])) ** (2 / 3) for item in items])
    return [int(total * size / sizes.sum()) for size in sizes]


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
    low, high = shape.bounds
    strings = max(int(CANDIDATES * count / STRING), 1)
    start = rng.uniform(low, high, (strings, 3))
    along = np.where((np.arange(strings) % 4 == 3)[:, None], [1.1, 0.5, 0.05], [0.05, 0.08, 1.3]) * rng.uniform(0.8, 1.2, (strings, 1))
    steps = np.arange(STRING) - (STRING - 1) / 2
    places = (start[:, None] + steps[None, :, None] * along[:, None]).reshape(-1, 3) + rng.normal(0, 0.15, (strings * STRING, 3))
    sign = np.repeat(np.where(np.arange(strings) % 2 == 0, 1.0, -1.0), STRING)
    return _kept(shape, places, sign, count, 0.8)


def _scattered(shape: Shape, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    places = rng.uniform(*shape.bounds, (int(CANDIDATES * count), 3))
    return _kept(shape, places, np.where(np.arange(len(places)) % 2 == 0, 1.0, -1.0), count, 1.0)


def _kept(shape: Shape, places: Array, sign: Array, count: int, depth_mm: float) -> tuple[Array, Array]:
    inside = np.flatnonzero(shape(places) < -depth_mm)[:count]
    return places[inside], sign[inside]
