"""What flows between cells: transmissibilities along the canal's own axes, the midline septum, and the ways out.

Two-point fluxes on a Cartesian grid follow only the grid's axes. The canal slants in the sagittal plane, so the part of the permeability
tensor that couples y and z is carried by faces between diagonal neighbours in that plane, as much as keeps every face positive.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.soft_tissue.spine_curve import STEP_MM, SpineCurve
from scenarios.names.compartments import Compartment
from simulator.contrast.cells import LEAST_SHARE, Cells, Shares, beside_sac, soft_share
from simulator.contrast.lattice import SPACING_MM, Lattice
from simulator.contrast.media import FluidSpace, code
from simulator.contrast.patient_variation import FluidVariation

Array = NDArray[np.float64]
Index = NDArray[np.intp]

REFERENCE_MPA_S = 3.4  # iohexol 240 at 37 C (FACTS 5 [86]): what the calibration's epidurograms used
ML_S_KPA = 1e-3 / (REFERENCE_MPA_S * 1e-6)  # from mm2 of permeability times mm of section over length to mL/(s kPa)
BEYOND_MM = 20.0  # how far outside the domain the pressure is nought
CANAL_BEYOND_MM = 45.0  # along the canal: over about so much pressure falls to 1/e there
ALONG_CANAL = (FluidSpace.EPIDURAL, FluidSpace.INTRATHECAL, FluidSpace.SUBDURAL)
FORAMEN_MM2 = 7e-7  # permeability with which a foramen's fat drains into the tissue outside; unverified


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Faces:
    """Faces between cells, and each cell's way out; `outer` marks cells at the bounds."""

    a: Index
    b: Index
    ml_s_kpa: Array
    outlet_ml_s_kpa: Array
    outer: NDArray[np.bool_]


def faces_of(lattice: Lattice, share: Shares, cells: Cells, curve: SpineCurve, individual: FluidVariation, medium: FluidSpace) -> Faces:
    """Faces between the cells of a domain."""
    number = np.full(np.array(lattice.centre.shape) + 2, -1, dtype=np.intp)  # a rim of nobody around the box
    number[tuple((cells.index + 1).T)] = np.arange(len(cells.index))
    tensor = _tensor(cells, curve)
    found = [*_straight(share, cells, number, tensor, shell=medium is FluidSpace.SUBDURAL), *_diagonal(share, cells, number, tensor)]
    a, b, flow = (np.concatenate(parts) for parts in zip(*found, strict=True))
    if medium is FluidSpace.EPIDURAL:
        flow = flow * _septum(lattice, cells, a, b, individual, curve)
    if medium is FluidSpace.SOFT:
        flow = flow * _capsule(cells, a, b)
    use = flow > 0
    outer = _outer(lattice, share, cells, number)
    ends = _ends(lattice, cells, outer)
    outlet = _outlets(lattice, cells, tensor, outer, ends if medium is FluidSpace.EPIDURAL else None)
    bounded = ends.any(axis=1) if medium in ALONG_CANAL else outer.any(axis=1)
    return Faces(a=a[use], b=b[use], ml_s_kpa=flow[use] * ML_S_KPA, outlet_ml_s_kpa=outlet * ML_S_KPA, outer=np.asarray(bounded))


def _tensor(cells: Cells, curve: SpineCurve) -> Array:
    """Permeability of each cell along x, y, z and its y-z coupling, shape (n, 4), mm2; all four enter faces as positive parts."""
    entry = np.clip((cells.place[:, 2] / STEP_MM).astype(np.intp), 0, len(curve.axes) - 1)
    x, y, z = curve.axes[entry, 2].T
    extra = cells.anisotropy - 1.0
    straight = 1.0 + extra[:, None] * np.stack([x * x, y * y, z * z], axis=1)
    coupling = np.clip(extra * y * z, -0.95 * straight[:, 1:].min(axis=1), 0.95 * straight[:, 1:].min(axis=1))
    straight[:, 1:] -= np.abs(coupling)[:, None]
    return np.asarray(np.column_stack([straight, coupling]) * cells.permeability_mm2[:, None])


def _pairs(cells: Cells, number: Index, step: tuple[int, int, int]) -> tuple[Index, Index]:
    """Cells and their neighbours a step away, both shape (m,)."""
    other = number[tuple((cells.index + 1 + step).T)]
    a = np.flatnonzero(other >= 0)
    return a, other[a]


def _straight(share: Shares, cells: Cells, number: Index, tensor: Array, *, shell: bool) -> Iterator[tuple[Index, Index, Array]]:
    for axis in range(3):
        step = np.eye(3, dtype=int)[axis]
        a, b = _pairs(cells, number, (int(step[0]), int(step[1]), int(step[2])))
        open_share = np.minimum(cells.share[a], cells.share[b]) if shell else _open(share, cells.index[a], axis)
        yield a, b, open_share * _harmonic(tensor[a, axis], tensor[b, axis]) * SPACING_MM


def _diagonal(share: Shares, cells: Cells, number: Index, tensor: Array) -> Iterator[tuple[Index, Index, Array]]:
    """Faces in the sagittal plane between neighbours along +y+z and +y-z."""
    for sign in (1, -1):
        a, b = _pairs(cells, number, (0, 1, sign))
        part = _harmonic(np.maximum(sign * tensor[a, 3], 0.0), np.maximum(sign * tensor[b, 3], 0.0))
        i, j, k = cells.index[a].T
        edge = share.corner[i, j + 1, k + max(sign, 0)] | share.corner[i + 1, j + 1, k + max(sign, 0)]
        touching = edge | (share.centre[i, j, k] & share.centre[i, j + 1, k + sign])
        yield a, b, np.where(touching, np.minimum(cells.share[a], cells.share[b]) * part * SPACING_MM, 0.0)


def _open(share: Shares, index: Index, axis: int) -> Array:
    """Share of the face towards +axis that the medium fills, from its four corners and the two centres, shape (m,)."""
    ahead = index.copy()
    ahead[:, axis] += 1
    others = [other for other in range(3) if other != axis]
    corners = np.zeros(len(index))
    for first in (0, 1):
        for second in (0, 1):
            at = ahead.copy()
            at[:, others[0]] += first
            at[:, others[1]] += second
            corners += share.corner[tuple(at.T)]
    centres = share.centre[tuple(index.T)].astype(np.float64) + share.centre[tuple(ahead.T)]
    return np.where((corners > 0) | (centres > 1.5), 0.125 * corners + 0.25 * centres, 0.0)


def _harmonic(a: Array, b: Array) -> Array:
    total = a + b
    return np.where(total > 0, 2 * a * b / np.where(total > 0, total, 1.0), 0.0)


def _septum(lattice: Lattice, cells: Cells, a: Index, b: Index, individual: FluidVariation, curve: SpineCurve) -> Array:
    """Share of each face that the midline septum leaves open: it runs dorsal and ventral of the sac, as far as there is a sac."""
    side = cells.place[:, 0] > individual.septum_offset_mm
    across = (side[a] != side[b]) & beside_sac(lattice, cells.place, curve)[a]
    return np.where(across, individual.septum, 1.0)


CAPSULE = 3e-5  # share of a face that a facet joint's capsule leaves open; unverified


def _capsule(cells: Cells, a: Index, b: Index) -> Array:
    """A facet joint is closed by its capsule, but towards the retrodural fat (Okada's space)."""
    facet = cells.compartment == code(Compartment.FACET)
    retrodural = cells.compartment == code(Compartment.RETRODURAL)
    wall = (facet[a] != facet[b]) & ~retrodural[a] & ~retrodural[b]
    return np.where(wall, CAPSULE, 1.0)


def _outer(lattice: Lattice, share: Shares, cells: Cells, number: Index) -> NDArray[np.bool_]:
    """Whether each cell's neighbour along -x, +x, -y, +y, -z, +z is out of bounds or was left out, shape (n, 6)."""
    known = np.pad(lattice.limit & (share.cell <= LEAST_SHARE), 1) | (number >= 0)
    sides = []
    for axis in range(3):
        for sign in (-1, 1):
            at = cells.index + 1
            at[:, axis] += sign
            sides.append(~known[tuple(at.T)])
    return np.stack(sides, axis=1)


def _ends(lattice: Lattice, cells: Cells, outer: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each cell is cut off by the lattice's lower and by its upper plane, shape (n, 2)."""
    plane = cells.index[:, 2]
    return np.asarray(outer[:, 4:] & np.stack([plane == 0, plane == lattice.limit.shape[2] - 1], axis=1))


def _outlets(lattice: Lattice, cells: Cells, tensor: Array, outer: NDArray[np.bool_], ends: NDArray[np.bool_] | None) -> Array:
    """Ways out, mm3: the domain's edge, behind which the tissue goes on, or in the epidural space (`ends`) the canal's and the foramina.

    The epidural space is walled by bone, flavum and membrane: but at the foramina it is open up and down the canal only.
    """
    if ends is None:
        edge = sum(outer[:, 2 * axis + sign] * tensor[:, axis] for axis in range(3) for sign in (0, 1))
        return np.asarray(edge) * cells.share * SPACING_MM**2 / BEYOND_MM
    outlet = ends.any(axis=1) * tensor[:, 2] * cells.share * SPACING_MM**2 / CANAL_BEYOND_MM
    foraminal = cells.compartment == code(Compartment.FORAMINAL)
    ways = outer[foraminal, :4].sum(axis=1) + soft_share(lattice, cells.index[foraminal])
    outlet[foraminal] += FORAMEN_MM2 * SPACING_MM * cells.share[foraminal] * ways
    return np.asarray(outlet)
