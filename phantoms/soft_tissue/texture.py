"""What no surface can carry: the trabecular pattern of spongy bone and the mottling of bowel contents, as small density blobs.

Each blob is a Gaussian of relative density, positive or negative; the blobs of one bone sum to zero, so that texture moves no mean. Blobs
lie in strings that run as trabeculae do (`phantoms.soft_tissue.trabecular_pattern`): few dense columns, emptier ones between them,
shorter and fainter ties across. One width for each kind of bone, so that an image can be made of few layers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.field.compartments import TissueCompartment, walk
from phantoms.shapes.implicit import Shape
from phantoms.soft_tissue.trabecular_pattern import Grain, grain
from phantoms.terms.tissues import Tissue

Array = NDArray[np.float64]
Blobs = tuple[Array, Array, Array, NDArray[np.uint8]]

MOST_BLOBS = 20_000
ROUNDS = 8
DEPTH_MM = 0.5
SPACING = 1.8  # between the blobs of a string, in their widths: beads, as trabeculae have nodes
CROSS_SHARE = 0.3  # of the strings run across
CROSS_LENGTH = 0.4  # of the columns' length
CROSS_AMPLITUDE = 0.6
DENSE_SHARE = 0.35  # of the strings are denser than their surroundings, the others emptier
WANDER = 0.12  # sideways, in spacings, per blob
FULL_DEPTH_MM = 4.0  # in thinner bone few strings overlie each other, and each would show as a stroke
SHALLOW_SHARE = 0.3
GAS_BLOBS = 1000
GAS_SIGMA_MM = 2.0
GAS_AMPLITUDE = 0.8


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


def make_texture(root: TissueCompartment, seed: int) -> Texture:
    """Texture of all spongy bone and bowel of a patient.

    Parameters
    ----------
    root : TissueCompartment
        The tree of compartments.
    seed : int
        The patient's texture seed; equal seeds give equal bits.
    """
    parts = [part for part in (*_bony(root, seed), *_gassy(root, seed)) if len(part[0]) > 1]
    if not parts:
        return Texture(centres=np.zeros((0, 3)), sigma_mm=np.zeros(0), amplitude=np.zeros(0), tissue=np.zeros(0, dtype=np.uint8))
    centres, sigma, amplitude, tissue = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Texture(centres=centres, sigma_mm=sigma, amplitude=amplitude, tissue=tissue)


def _bony(root: TissueCompartment, seed: int) -> Iterator[Blobs]:
    bones = [node for node, _ in walk(root) if node.tissue is Tissue.TRABECULAR_BONE]
    grains = [grain(node.name, node.shape) for node in bones]
    shares = np.array([item.blobs for item in grains], dtype=float)
    shares *= min(1.0, (MOST_BLOBS - GAS_BLOBS) / max(shares.sum(), 1.0))
    for node, item, count in zip(bones, grains, shares.astype(int), strict=True):
        rng = np.random.default_rng([seed, *node.name.encode()])
        places, amplitude = _strings(node.shape, item, int(count), rng)
        yield _balance(places, np.full(len(places), item.sigma_mm), amplitude, node.tissue)


def _gassy(root: TissueCompartment, seed: int) -> Iterator[Blobs]:
    """Mottled contents of the bowel, by the size of each pocket's box."""
    pockets = [node for node, _ in walk(root) if node.tissue is Tissue.BOWEL_GAS]
    sizes = np.array([float(np.prod(node.shape.bounds[1] - node.shape.bounds[0])) ** (1 / 3) for node in pockets])
    for node, size in zip(pockets, sizes, strict=True):
        rng = np.random.default_rng([seed, *node.name.encode()])
        places = _inside(node.shape, int(GAS_BLOBS * size / sizes.sum()), rng)
        amplitude = GAS_AMPLITUDE * rng.choice([-1.0, 1.0], len(places)) * rng.uniform(0.5, 1.0, len(places))
        yield _balance(places, np.full(len(places), GAS_SIGMA_MM), amplitude, node.tissue)


def _balance(places: Array, sigma_mm: Array, amplitude: Array, tissue: Tissue) -> Blobs:
    """Blobs of one compartment, whose mass sums to zero."""
    mass = sigma_mm**3
    amplitude = amplitude - (amplitude * mass).sum() / max(float(mass.sum()), 1e-12)
    return places, sigma_mm, amplitude, np.full(len(places), tissue, dtype=np.uint8)


def _strings(shape: Shape, item: Grain, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Places of about `count` blobs inside a shape, in strings along its grain and across it, and their amplitudes."""
    step, most = SPACING * item.sigma_mm, max(round(item.length_mm / (SPACING * item.sigma_mm)), 2)
    mean = most * 0.75 * (1 - CROSS_SHARE + CROSS_SHARE * CROSS_LENGTH)  # blobs of a string, as drawn below
    start = _inside(shape, int(count / mean * 1.15) + 1, rng)
    strings = len(start)
    across = rng.random(strings) < CROSS_SHARE
    along = item.along(start)
    direction = np.where(across[:, None], _sideways(along, rng), _unit(along + rng.normal(0, item.scatter, (strings, 3))))
    blobs = np.maximum(rng.uniform(0.5, 1.0, strings) * most * np.where(across, CROSS_LENGTH, 1.0), 2).astype(int)
    owner = np.repeat(np.arange(strings), blobs)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(blobs) - blobs, blobs) - (blobs[owner] - 1) / 2
    places = start[owner] + number[:, None] * step * direction[owner] + rng.normal(0, WANDER * step, (len(owner), 3))
    dense = rng.random(strings) < DENSE_SHARE
    level = np.where(dense, 1.0 / DENSE_SHARE, -1.0 / (1.0 - DENSE_SHARE)) * rng.uniform(0.4, 1.0, strings)
    amplitude = (item.amplitude / 2 * level * np.where(across, CROSS_AMPLITUDE, 1.0))[owner]
    depth_mm = -shape(places)
    kept = np.flatnonzero(depth_mm > DEPTH_MM)[:count]
    return places[kept], amplitude[kept] * np.clip(depth_mm[kept] / FULL_DEPTH_MM, SHALLOW_SHARE, 1.0)


def _sideways(along: Array, rng: np.random.Generator) -> Array:
    """Random unit vectors across given ones, shape (n, 3)."""
    return _unit(np.cross(along, _unit(rng.normal(size=along.shape))))


def _unit(vectors: Array) -> Array:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def _inside(shape: Shape, count: int, rng: np.random.Generator) -> Array:
    """At most `count` random places inside a shape, shape (k, 3), mm."""
    found = [np.zeros((0, 3))]
    for _ in range(ROUNDS):
        places = rng.uniform(shape.bounds[0], shape.bounds[1], (3 * count, 3))
        found.append(places[shape(places) < -DEPTH_MM])
        if sum(map(len, found)) >= count:
            break
    return np.concatenate(found)[:count]
