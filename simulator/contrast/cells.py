"""What each cell is made of: how much of it takes fluid, how well, and where along the canal it lies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.soft_tissue.spine_curve import SpineCurve
from phantoms.terms.tissues import EPIDURAL, Tissue
from scenarios.names.compartments import Compartment
from simulator.contrast.lattice import CENTRE_WEIGHT, SPACING_MM, Lattice, lay_middles
from simulator.contrast.media import FluidSpace, code, members, tissue_table
from simulator.contrast.patient_variation import FluidVariation

Array = NDArray[np.float64]

CELL_ML = SPACING_MM**3 / 1000.0
CORNERS = tuple((i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1))
LEAST_SHARE = 0.05  # cells with less of the medium are left out
SHELL_ML = 0.6e-3  # that the split dura takes per mm2 of the sac; unverified
VENTRAL_SHELL = 0.15  # the subdural space opens dorsally and to the sides; unverified
SAC_LABELS = (Tissue.CSF, Tissue.CAUDA_EQUINA, Tissue.DURA, Tissue.CORD)
SHEATH = (Tissue.DURA, Tissue.NERVE_ROOT, Tissue.DORSAL_ROOT_GANGLION)
PLANE_MM2 = 6.7e-4  # of a cell with a gap of 200 um, gap cubed over 12 mm (FACTS 5: 50 to 200 um)
VENTRAL_PLANE = 0.03  # of it in front, where Hofmann's ligaments tie the dura down; unverified
PLANE_CAPACITY = 0.4  # of a cell: the plane opens as it fills; unverified
BONY_SWELLING = 0.1  # of the epidural fat's, where only bone and no sac is around that would give way; unverified
LOBULE_MM = 2.6  # fat lobules, which contrast outlines ("vacuolation"); unverified
LOBULE_LOG_SD = 0.7
FIBRE_MM = (1.3, 1.3, 22.0)  # muscle bundles across and along; unverified
FIBRE_LOG_SD = 2.2
TEXTURE = 48  # entries of the texture's table along each axis


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Shares:
    """How much of a lattice a medium fills: at the cells' centres and corners (bool), and the share of each cell."""

    centre: NDArray[np.bool_]
    corner: NDArray[np.bool_]
    cell: NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Cells:
    """Cells that take fluid, each array of length n; `index` into the lattice, shape (n, 3), the rest as in `Domain`."""

    index: NDArray[np.intp]
    share: Array
    place: Array
    compartment: NDArray[np.uint8]
    permeability_mm2: Array
    anisotropy: Array
    capacity_ml: Array
    compliance_ml_kpa: Array
    leak_ml_s_kpa: Array


def fractions(lattice: Lattice, wanted: NDArray[np.bool_], *, shell: bool) -> Shares:
    """Where a medium is, by the labels that it wants, shape (256,); with `shell` only the cells that its surface crosses count."""
    centre, corner = wanted[lattice.centre], wanted[lattice.corner]
    cell = _corner_mean(corner) * np.float32(1 - CENTRE_WEIGHT) + centre * np.float32(CENTRE_WEIGHT)
    cell *= lattice.limit
    return Shares(centre=centre, corner=corner, cell=np.asarray(4 * cell * (1 - cell) if shell else cell, dtype=np.float32))


def cells_of(
    lattice: Lattice,
    share: Shares,
    wanted: NDArray[np.bool_],
    curve: SpineCurve,
    individual: FluidVariation,
    medium: FluidSpace,
    near: tuple[Array, int],
) -> Cells:
    """The cells with enough of a medium, those nearest a tip along the canal first where there are too many.

    `wanted` says of every label, shape (256,), whether it is the medium's; `near` is the tip, mm, and the greatest number of cells.
    """
    index = np.argwhere(share.cell > LEAST_SHARE)
    place = curve.coordinates(lay_middles(lattice.low + index))
    keep = _nearest(place, curve.coordinates(near[0][None])[0], near[1])
    index, place = index[keep], place[keep]
    labels = _labels(lattice, index)
    weights = _weights(wanted[labels])
    cells = _average_cells(index, place, labels, weights, share.cell[tuple(index.T)].astype(np.float64))
    if medium is FluidSpace.SUBDURAL:
        return _as_shell(cells)
    if medium is FluidSpace.EPIDURAL:
        cells.compliance_ml_kpa[~beside_sac(lattice, cells.place, curve)] *= BONY_SWELLING
        _part_from_sheath(cells, labels)
    return _as_individual(cells, individual, medium)


def _part_from_sheath(cells: Cells, labels: NDArray[np.uint8]) -> None:
    """Where fat borders on dura or a root's sleeve it parts from it in a thin plane, along which most of a flow runs; in place.

    `labels` are each cell's samples, shape (n, 9).
    """
    fat = np.isin(labels, list(EPIDURAL)).any(axis=1)
    plane = fat & np.isin(labels, SHEATH).any(axis=1)
    open_mm2 = np.where(cells.compartment == code(Compartment.EPIDURAL_VENTRAL), VENTRAL_PLANE, 1.0) * PLANE_MM2
    cells.permeability_mm2[plane] = np.maximum(cells.permeability_mm2, open_mm2)[plane]
    cells.capacity_ml[plane] = PLANE_CAPACITY * cells.share[plane] * CELL_ML


def beside_sac(lattice: Lattice, place: Array, curve: SpineCurve) -> NDArray[np.bool_]:
    """Which places (u, v, t), shape (n, 3), mm, lie at a stretch of the canal that has a dural sac."""
    sac = np.argwhere(np.isin(lattice.centre, SAC_LABELS))
    present = np.zeros(int(curve.length_mm) + 2, dtype=bool)
    if len(sac):
        t = curve.coordinates(lay_middles(lattice.low + sac[::7]))[:, 2]
        present[: int(t.max()) + 1] = True
    return np.asarray(present[np.clip(place[:, 2].astype(np.intp), 0, len(present) - 1)])


def soft_share(lattice: Lattice, index: NDArray[np.intp]) -> Array:
    """Share of cells, shape (n, 3) -> (n,), that is muscle, fat or viscera outside the canal."""
    return np.asarray(members(FluidSpace.SOFT)[_labels(lattice, index)] @ _sample_weights() * 1.0)


def _corner_mean(corner: NDArray[np.bool_]) -> NDArray[np.float32]:
    count = corner.astype(np.uint8)
    for axis in range(3):
        ahead, behind = [slice(None)] * 3, [slice(None)] * 3
        ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
        count = count[tuple(ahead)] + count[tuple(behind)]
    return count * np.float32(0.125)


def _nearest(place: Array, tip: Array, most: int) -> NDArray[np.bool_]:
    away = np.abs(place[:, 2] - tip[2])
    if len(away) <= most:
        return np.ones(len(away), dtype=bool)
    return np.asarray(away < np.partition(away, most)[most])


def _labels(lattice: Lattice, index: NDArray[np.intp]) -> NDArray[np.uint8]:
    """Labels at each cell's centre and corners, shape (n, 9)."""
    i, j, k = index.T
    return np.stack([lattice.centre[i, j, k], *(lattice.corner[i + a, j + b, k + c] for a, b, c in CORNERS)], axis=1)


def _sample_weights() -> Array:
    return np.array([CENTRE_WEIGHT, *[(1 - CENTRE_WEIGHT) / 8] * 8])


def _weights(belongs: NDArray[np.bool_]) -> Array:
    """Each sample's weight in its cell's averages, shape (n, 9): those outside the medium do not count."""
    weights = belongs * _sample_weights()
    return weights / weights.sum(axis=1, keepdims=True)


def _average_cells(index: NDArray[np.intp], place: Array, labels: NDArray[np.uint8], weights: Array, share: Array) -> Cells:
    table = tissue_table()
    most = labels[np.arange(len(labels)), np.argmax(weights, axis=1)]

    def mean(column: Array) -> Array:
        return np.asarray(np.einsum("ij,ij->i", column[labels], weights))

    return Cells(
        index=index,
        share=share,
        place=place,
        compartment=table.compartment[most],
        permeability_mm2=mean(table.permeability_mm2),
        anisotropy=mean(table.anisotropy),
        capacity_ml=mean(table.capacity) * share * CELL_ML,
        compliance_ml_kpa=mean(table.compliance_per_kpa) * share * CELL_ML,
        leak_ml_s_kpa=mean(table.leak_per_kpa_s) * share * CELL_ML,
    )


def _as_shell(cells: Cells) -> Cells:
    """The split between dura and arachnoid: as thin all around, tight on the ventral side."""
    table, dura = tissue_table(), int(Tissue.DURA)
    ventral = np.where(cells.place[:, 1] < np.median(cells.place[:, 1]), VENTRAL_SHELL, 1.0)
    volume_ml = SHELL_ML * cells.share * ventral
    return Cells(
        index=cells.index,
        share=cells.share,
        place=cells.place,
        compartment=np.full(len(volume_ml), code(Compartment.SUBDURAL), dtype=np.uint8),
        permeability_mm2=table.permeability_mm2[dura] * ventral,
        anisotropy=np.full(len(volume_ml), table.anisotropy[dura]),
        capacity_ml=table.capacity[dura] * volume_ml,
        compliance_ml_kpa=table.compliance_per_kpa[dura] * volume_ml,
        leak_ml_s_kpa=table.leak_per_kpa_s[dura] * volume_ml,
    )


def _as_individual(cells: Cells, individual: FluidVariation, medium: FluidSpace) -> Cells:
    """The table's cells with one patient's factors and texture."""
    factor = np.full(len(cells.index), individual.permeability)
    factor[cells.compartment == code(Compartment.EPIDURAL_VENTRAL)] *= individual.ventral
    factor[cells.compartment == code(Compartment.FORAMINAL)] *= individual.foraminal
    texture = _texture(cells, individual, medium)
    return Cells(
        index=cells.index,
        share=cells.share,
        place=cells.place,
        compartment=cells.compartment,
        permeability_mm2=cells.permeability_mm2 * factor * texture,
        anisotropy=cells.anisotropy,
        capacity_ml=cells.capacity_ml * np.clip(texture, 0.4, 1.3),
        compliance_ml_kpa=cells.compliance_ml_kpa,
        leak_ml_s_kpa=cells.leak_ml_s_kpa,
    )


def _texture(cells: Cells, individual: FluidVariation, medium: FluidSpace) -> Array:
    """Factor that fat lobules and muscle bundles put on each cell, log-normal with median 1, shape (n,)."""
    rng = np.random.default_rng([individual.texture_seed, *medium.encode()])
    table = rng.standard_normal((TEXTURE, TEXTURE, TEXTURE))
    muscle = cells.compartment == code(Compartment.MUSCLE)
    size = np.where(muscle[:, None], FIBRE_MM, LOBULE_MM)
    place = cells.place / size
    place[:, 2] += muscle * table[tuple(np.floor(place[:, :2]).astype(np.intp).T % TEXTURE) + (0,)]  # bundles end at unlike heights
    bundle = np.floor(place).astype(np.intp) % TEXTURE
    spread = np.where(muscle, FIBRE_LOG_SD, LOBULE_LOG_SD if medium is FluidSpace.EPIDURAL else 0.0)
    return np.exp(individual.texture * spread * table[tuple(bundle.T)])
