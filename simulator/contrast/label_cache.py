"""The canal's labels in slabs, each asked once per patient: a tip elsewhere, or the next attempt, asks only what is new.

A slab's labels depend on nothing but the patient and the bounds' widths, so that it does not matter in which order, or by whom, they were
asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phantoms.io import cache as disk
from phantoms.io.code_hash import hash_code
from phantoms.soft_tissue.spine_curve import SpineCurve
from simulator.contrast.bounds import Bounds, heights, tube_limits
from simulator.contrast.lattice import SPACING_MM, UNKNOWN, Lattice, TissueField, sample_labels

Bits = NDArray[np.bool_]

SLAB_CELLS = 30
HALO_CELLS = 1  # beyond a slab's ends, looked at and left away
KEPT = 400  # slabs on disk
SOURCES = ("simulator.contrast.bounds", "simulator.contrast.lattice", "simulator.contrast.label_cache")


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelCache:
    """Where a patient's slabs are kept.

    Attributes
    ----------
    name : str
        Tells this patient, with all that changes the labels, from every other; "" keeps nothing on disk.
    folder : Path, optional
        On disk; by default the cache's.
    held : dict
        Slabs in memory.
    """

    name: str = ""
    folder: Path | None = None
    held: dict[tuple[object, ...], Lattice] = field(default_factory=dict)

    def fetch_slab(self, key: tuple[object, ...], make: Callable[[], Lattice]) -> Lattice:
        """The slab of a key, from memory, from disk, or made."""
        if key not in self.held:
            self.held[key] = self._load_slab(key, make) if self.name else make()
        return self.held[key]

    def _load_slab(self, key: tuple[object, ...], make: Callable[[], Lattice]) -> Lattice:
        where = (disk.find_folder() if self.folder is None else self.folder) / "labels"
        name = disk.make_key(self.name, list(key), hash_code(*SOURCES))
        found = disk.load_arrays(name, lambda: _arrays(make()), where=where, kept=KEPT)
        return Lattice(**found)


def canal_lattice(
    tissue: TissueField, curve: SpineCurve, tip: NDArray[np.float64], bounds: Bounds, wanted: Bits, shelf: LabelCache
) -> Lattice:
    """Labels along the canal around a tip.

    Parameters
    ----------
    tissue : callable
        Points to labels.
    curve : SpineCurve
        The canal's.
    tip : ndarray, shape (3,)
        World frame, mm.
    bounds : Bounds
    wanted : ndarray of bool, shape (256,)
        Labels of interest.
    shelf : LabelCache
        Where slabs are kept.
    """
    bottom, top = heights(curve, tip, bounds)
    first, last = (int(np.floor(z / (SLAB_CELLS * SPACING_MM))) for z in (bottom, top))
    widths = (bounds.half_width_mm, bounds.ventral_mm, bounds.dorsal_mm, *np.flatnonzero(wanted).tolist())
    return _join_slabs(
        [shelf.fetch_slab((*widths, number), _maker(tissue, curve, bounds, wanted, number)) for number in range(first, last + 1)]
    )


def _maker(tissue: TissueField, curve: SpineCurve, bounds: Bounds, wanted: Bits, number: int) -> Callable[[], Lattice]:
    def make() -> Lattice:
        planes = (number * SLAB_CELLS - HALO_CELLS, (number + 1) * SLAB_CELLS + HALO_CELLS)
        low, limit = tube_limits(curve, bounds, planes)
        found = sample_labels(tissue, low, limit, wanted, sparse=True)
        own = slice(HALO_CELLS, HALO_CELLS + SLAB_CELLS)
        corners = slice(HALO_CELLS, HALO_CELLS + SLAB_CELLS + 1)
        start = low + np.array([0, 0, HALO_CELLS])
        return _freeze_lattice(Lattice(low=start, limit=limit[..., own], centre=found.centre[..., own], corner=found.corner[..., corners]))

    return make


def _join_slabs(slabs: list[Lattice]) -> Lattice:
    """One lattice of slabs that follow each other upwards."""
    low = np.min([slab.low for slab in slabs], axis=0)
    shape = np.max([slab.low + slab.limit.shape for slab in slabs], axis=0) - low
    limit, centre = np.zeros(shape, dtype=bool), np.full(shape, UNKNOWN, dtype=np.uint8)
    corner = np.full(shape + 1, UNKNOWN, dtype=np.uint8)
    for slab in slabs:
        limit[_place(slab.low - low, slab.limit)] = slab.limit
        centre[_place(slab.low - low, slab.centre)] = slab.centre
        part = corner[_place(slab.low - low, slab.corner)]
        np.copyto(part, slab.corner, where=part == UNKNOWN)  # the plane between two slabs is the lower one's where both know it
    return Lattice(low=low, limit=limit, centre=centre, corner=corner)


def _place(start: NDArray[np.intp], block: NDArray) -> tuple[slice, ...]:
    return tuple(slice(first, first + count) for first, count in zip(start.tolist(), block.shape, strict=True))


def _freeze_lattice(lattice: Lattice) -> Lattice:
    arrays = {name: np.ascontiguousarray(array) for name, array in _arrays(lattice).items()}
    for array in arrays.values():
        array.setflags(write=False)
    return Lattice(**arrays)


def _arrays(lattice: Lattice) -> dict[str, NDArray]:
    return {name: getattr(lattice, name) for name in ("low", "limit", "centre", "corner")}
