"""Tissues made of slabs, and tissues at random, to push needles through."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.tissues import Tissue
from scenarios.names.needles import Bevel
from simulator.needle import NeedleKit, NeedleState, Passage, advance, place

Floats = NDArray[np.float64]
Field = Callable[[Floats], NDArray[np.uint8]]

SKIN_Y_MM = 100.0
TUOHY_18 = NeedleKit(bevel=Bevel.TUOHY, gauge=18, length_mm=89.0)
QUINCKE_22 = NeedleKit(bevel=Bevel.QUINCKE, gauge=22, length_mm=127.0)
WHITACRE_22 = NeedleKit(bevel=Bevel.WHITACRE, gauge=22, length_mm=89.0)
FORWARD = np.array([0.0, -1.0, 0.0])

BACK = (  # a back in slabs: tissue and thickness, mm
    (Tissue.SKIN, 2.0),
    (Tissue.SUBCUTANEOUS_FAT, 8.0),
    (Tissue.SUPRASPINOUS_LIGAMENT, 4.0),
    (Tissue.INTERSPINOUS_LIGAMENT, 25.0),
    (Tissue.LIGAMENTUM_FLAVUM, 4.5),
    (Tissue.EPIDURAL_DORSAL, 5.0),
    (Tissue.DURA, 0.3),
    (Tissue.CSF, 15.0),
    (Tissue.DURA, 0.3),
    (Tissue.EPIDURAL_VENTRAL, 1.0),
    (Tissue.CORTICAL_BONE, 30.0),
)
PALETTE = np.array(
    [
        Tissue.SUBCUTANEOUS_FAT,
        Tissue.MUSCLE,
        Tissue.INTERSPINOUS_LIGAMENT,
        Tissue.LIGAMENTUM_FLAVUM,
        Tissue.EPIDURAL_DORSAL,
        Tissue.DURA,
        Tissue.CSF,
        Tissue.NERVE_ROOT,
        Tissue.EPIDURAL_VEIN,
        Tissue.ANNULUS,
        Tissue.CORTICAL_BONE,
    ],
    dtype=np.uint8,
)


def slabs(layers: Sequence[tuple[Tissue, float]], start_mm: float = 0.0) -> Field:
    """Slabs across y, from the skin's plane towards the front; air before them."""
    edges = SKIN_Y_MM - start_mm - np.cumsum([0.0] + [thick for _, thick in layers])
    labels = np.array([Tissue.AIR] + [tissue for tissue, _ in layers], dtype=np.uint8)
    return lambda points: labels[np.minimum((points[:, 1][:, None] < edges).sum(axis=1), len(layers))]


def block(tissue: Tissue) -> Field:
    """One tissue everywhere."""
    return lambda points: np.full(len(points), tissue, dtype=np.uint8)


def jumble(rng: np.random.Generator, bony: bool = False) -> Field:
    """Random tissues in blobs and sheets down to a tenth of a millimetre."""
    waves, phases = rng.normal(0.0, 0.5, (8, 3)), rng.uniform(0, 2 * np.pi, 8)
    palette = rng.permutation(PALETTE if bony else PALETTE[:-1])

    def tissue(points: Floats) -> NDArray[np.uint8]:
        height = np.sin(points @ waves.T + phases).sum(axis=1)
        return palette[np.floor(3.0 * height).astype(int) % len(palette)]

    return tissue


def place_on_skin(kit: NeedleKit = TUOHY_18, direction: Floats = FORWARD, **given: float) -> NeedleState:
    """A needle on the skin of the slabs."""
    return place(kit, (0.0, SKIN_Y_MM, 0.0), direction, **given)


def advance_in_steps(state: NeedleState, steps_mm: Sequence[float], tissue: Field, twist: float = 0.0) -> tuple[NeedleState, list[Passage]]:
    """Advance step by step."""
    passages: list[Passage] = []
    for step_mm in steps_mm:
        passages.append(advance(state, step_mm, tissue, twist_rad_per_mm=twist))
        state = passages[-1].state
    return state, passages
