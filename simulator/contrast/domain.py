"""The permeable cells around a needle's tip, with what each holds and what flows between them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from phantoms.soft_tissue.spine_curve import SpineCurve
from phantoms.terms.tissues import IN_SAC, Tissue
from scenarios.names.compartments import Compartment
from simulator.contrast.bounds import BOUNDS, MOST_CELLS, REACH_MM, Bounds, box_around, box_limits
from simulator.contrast.cells import Cells, cells_of, fractions
from simulator.contrast.faces import Faces, faces_of
from simulator.contrast.label_cache import LabelCache, canal_lattice
from simulator.contrast.lattice import SPACING_MM, Lattice, TissueField, lay_middles, sample_labels
from simulator.contrast.media import FluidSpace, code, medium_of, members
from simulator.contrast.patient_variation import FluidVariation
from simulator.contrast.vessels import with_vessels
from simulator.geometry.grid import Grid
from simulator.geometry.validate import as_vector

MARGIN_MM = 30.0  # along the canal, from a tip to the ends of a domain that serves it
ARACHNOID_MM = 0.4  # a tip in CSF and this close to the dura splits the two: subdural
CUBES_MM = (16.0, 32.0, 60.0)  # looked through where nothing in bounds is near a tip
NONE_HELD: NDArray[np.int64] = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Domain:
    """Cells of one medium connected to a tip; every array is read-only.

    Attributes
    ----------
    medium : FluidSpace
        In which the tip lies.
    grid : Grid
        Labels of `Tissue` at cells' centres, shape (i, j, k); 255 where nobody asked. The world's axes, cells of 1 mm.
    low : ndarray, shape (3,)
        Index of the grid's first cell in the world's lattice.
    cells : ndarray, shape (n, 3)
        Indices of the domain's cells in the world's lattice; a cell with a vessel in it occurs once more, for the vessel.
    place : ndarray, shape (n, 3)
        Coordinates (u, v, t) of the cells' centres along the canal, mm.
    compartment : ndarray, shape (n,)
        Index into `COMPARTMENTS`.
    capacity_ml : ndarray, shape (n,)
        How much injectate each cell takes without swelling.
    compliance_ml_kpa, leak_ml_s_kpa : ndarray, shape (n,)
        Volume that it gains, and volume that it loses per second, per pressure.
    face_a, face_b : ndarray, shape (m,)
        The two cells of each face.
    face_ml_s_kpa : ndarray, shape (m,)
        Transmissibility of each face at the reference viscosity.
    bounded : ndarray of bool, shape (n,)
        Cells at the domain's ends (in a box: at its sides): what reaches them asks for a larger domain.
    curve : SpineCurve
        The canal's.
    individual : FluidVariation
        The patient's factors.
    bounds : Bounds
        How far it reaches.
    """

    medium: FluidSpace
    grid: Grid
    low: NDArray[np.intp]
    cells: NDArray[np.intp]
    place: NDArray[np.float64]
    compartment: NDArray[np.uint8]
    capacity_ml: NDArray[np.float64]
    compliance_ml_kpa: NDArray[np.float64]
    leak_ml_s_kpa: NDArray[np.float64]
    face_a: NDArray[np.intp]
    face_b: NDArray[np.intp]
    face_ml_s_kpa: NDArray[np.float64]
    bounded: NDArray[np.bool_]
    curve: SpineCurve
    individual: FluidVariation
    bounds: Bounds

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def centres(self) -> NDArray[np.float64]:
        """Centres of the cells, shape (n, 3), world frame, mm."""
        return lay_middles(self.cells)

    @cached_property
    def key(self) -> NDArray[np.int64]:
        """One number per cell that is the same in every domain of a patient, shape (n,); vessels have their own."""
        i, j, k = (self.cells + 2**18).T
        return np.asarray(((i * 2**20 + j) * 2**20 + k) * 2 + self.vascular, dtype=np.int64)

    @cached_property
    def room_ml_kpa(self) -> float:
        """Volume that all cells together gain per pressure."""
        return float(self.compliance_ml_kpa.sum())

    @cached_property
    def vascular(self) -> NDArray[np.bool_]:
        """Which cells are a vessel's, shape (n,)."""
        return self.inside((Compartment.VENOUS, Compartment.ARTERIAL))

    def inside(self, compartments: Sequence[Compartment]) -> NDArray[np.bool_]:
        """Which cells lie in any of these compartments, shape (n,)."""
        return np.isin(self.compartment, [code(item) for item in compartments])


def build_domain(
    tissue: TissueField,
    tip: ArrayLike,
    curve: SpineCurve,
    *,
    individual: FluidVariation | None = None,
    medium: FluidSpace | None = None,
    bounds: Bounds | None = None,
    previous: Domain | None = None,
    shelf: LabelCache | None = None,
    holding: NDArray[np.int64] = NONE_HELD,
) -> Domain:
    """Label the tissue around a tip and lay out the cells that take fluid.

    Parameters
    ----------
    tissue : callable
        World points, shape (n, 3), mm -> labels of `Tissue`, shape (n,), e.g. `Patient.tissue`.
    tip : array_like, shape (3,)
        The needle's opening, world frame, mm.
    curve : SpineCurve
        The canal's curve (`patient.anatomy.curve`).
    individual : FluidVariation, optional
        The patient's factors; the median patient's where left out.
    medium : FluidSpace, optional
        Where the caller knows better than the label at the tip.
    bounds : Bounds, optional
        How far to look; `bounds.BOUNDS` by medium where left out.
    previous : Domain, optional
        Returned again where the tip is in the same medium and well within it, so that a needle that moves asks nothing anew.
    shelf : LabelCache, optional
        Keeps the labels along the canal for other tips.
    holding : ndarray, shape (k,)
        Keys of cells that hold something: parts of the medium with such cells belong to the domain even where the tip's does not join them.

    Returns
    -------
    Domain
        At most `MOST_CELLS` cells; the farthest along the canal are left out first. It reaches the tip's cell of the medium, or the nearest
        one where tissue has been displaced.

    Raises
    ------
    ValueError
        If the tip is in air, or no tissue within `CUBES_MM` of it is of the medium.
    """
    point = as_vector(tip, "tip")
    chosen = medium_at(tissue, point) if medium is None else FluidSpace(medium)
    who = FluidVariation() if individual is None else individual
    if previous is not None and _serves(previous, point, chosen, who):
        return previous
    kept = LabelCache() if shelf is None else shelf
    reach = BOUNDS[chosen] if bounds is None else bounds
    for asked in (reach, *map(box_around, CUBES_MM)):
        whole = _lay_out(tissue, point, curve, who, chosen, asked, kept)
        if chosen in (FluidSpace.VENOUS, FluidSpace.ARTERIAL):
            return with_vessels(_keep_cells(whole, np.zeros(len(whole), dtype=bool)), point, _vessel(chosen))
        if find_nearest(whole, point)[1] <= REACH_MM or (asked is not reach and len(whole)):
            return _keep_cells(whole, _find_connected(whole, find_nearest(whole, point)[0], holding))
    raise ValueError(f"no {chosen} tissue within {CUBES_MM[-1]:g} mm of {np.round(point, 1).tolist()} mm takes fluid")


def medium_at(tissue: TissueField, tip: ArrayLike) -> FluidSpace:
    """The medium at a point of undeformed anatomy, where no needle has displaced anything.

    A point in the dura, or in cerebrospinal fluid within 0.4 mm of it, lies where dura and arachnoid split. What a needle's opening is in,
    `simulator.needle.opening` says.

    Raises
    ------
    ValueError
        If the point is in air.
    """
    point = as_vector(tip, "tip")
    around = point + ARACHNOID_MM * np.concatenate([np.zeros((1, 3)), np.eye(3), -np.eye(3)])
    labels = tissue(around)
    here = medium_of(Tissue(int(labels[0])))
    if here is None:
        raise ValueError(
            f"the tip at {np.round(point, 1).tolist()} mm is in {Tissue(int(labels[0])).name.lower()}: nothing takes fluid there"
        )
    if here is FluidSpace.INTRATHECAL and (labels == Tissue.DURA).any():
        return FluidSpace.SUBDURAL
    return here


def find_nearest(domain: Domain, tip: NDArray[np.float64], compartment: Compartment | None = None) -> tuple[int, float]:
    """Index of the cell nearest a tip, shape (3,), mm, and how far away it is, mm; infinitely far where there is none.

    One of the compartment counts first, where there is one within `REACH_MM`.
    """
    distance_mm = np.linalg.norm(domain.centres - tip, axis=1)
    own = distance_mm if compartment is None else np.where(domain.inside([compartment]), distance_mm, np.inf)
    chosen = own if len(own) and own.min() <= REACH_MM else distance_mm
    nearest = int(np.argmin(chosen)) if len(chosen) else -1
    return nearest, float(chosen[nearest]) if len(chosen) else np.inf


def place_entry(domain: Domain, tip: NDArray[np.float64], compartment: Compartment) -> NDArray[np.float64]:
    """Where fluid from a tip enters a domain, shape (3,), mm: at the tip, or in the nearest cell where tissue has been displaced so far."""
    nearest, away_mm = find_nearest(domain, tip, compartment)
    return tip if nearest < 0 or away_mm <= REACH_MM else domain.centres[nearest]


def nearest_cell(domain: Domain, tip: NDArray[np.float64]) -> int:
    """Index of the cell nearest a tip, shape (3,), world frame, mm.

    Raises
    ------
    ValueError
        If none is within `REACH_MM`.
    """
    nearest, away_mm = find_nearest(domain, tip)
    if away_mm > REACH_MM:
        raise ValueError(f"no cell that takes fluid within {REACH_MM} mm of {np.round(tip, 1).tolist()} mm: make a domain for this tip")
    return nearest


def _serves(domain: Domain, tip: NDArray[np.float64], medium: FluidSpace, individual: FluidVariation) -> bool:
    if domain.medium is not medium or domain.individual != individual or medium in (FluidSpace.VENOUS, FluidSpace.ARTERIAL):
        return False
    away_mm = np.linalg.norm(domain.centres - tip, axis=1)
    margin_mm = min(0.5 * domain.bounds.half_length_mm, MARGIN_MM) if domain.bounds.along_canal else REACH_MM
    return bool((away_mm < REACH_MM).any() and not domain.bounded[away_mm < margin_mm].any())


def _lay_out(
    tissue: TissueField,
    tip: NDArray[np.float64],
    curve: SpineCurve,
    individual: FluidVariation,
    medium: FluidSpace,
    bounds: Bounds,
    shelf: LabelCache,
) -> Domain:
    """All cells of a medium in bounds, joined to the tip or not."""
    wanted = members(medium).copy()
    if medium is FluidSpace.SUBDURAL:
        wanted[list(IN_SAC)] = True
    lattice = _sample_lattice(tissue, tip, curve, bounds, wanted, shelf)
    share = fractions(lattice, wanted, shell=medium is FluidSpace.SUBDURAL)
    cells = cells_of(lattice, share, wanted, curve, individual, medium, _near(tip, bounds))
    faces = faces_of(lattice, share, cells, curve, individual, medium)
    return _freeze_domain(medium, lattice, cells, faces, curve, individual, bounds)


def _sample_lattice(
    tissue: TissueField, tip: NDArray[np.float64], curve: SpineCurve, bounds: Bounds, wanted: NDArray[np.bool_], shelf: LabelCache
) -> Lattice:
    if bounds.along_canal:
        return canal_lattice(tissue, curve, tip, bounds, wanted, shelf)
    low, limit = box_limits(tip, bounds)
    return sample_labels(tissue, low, limit, wanted, sparse=False)


def _near(tip: NDArray[np.float64], bounds: Bounds) -> tuple[NDArray[np.float64], int]:
    return tip, min(bounds.most_cells, MOST_CELLS)


def _vessel(medium: FluidSpace) -> Compartment:
    return Compartment.VENOUS if medium is FluidSpace.VENOUS else Compartment.ARTERIAL


def _freeze_domain(
    medium: FluidSpace, lattice: Lattice, cells: Cells, faces: Faces, curve: SpineCurve, individual: FluidVariation, bounds: Bounds
) -> Domain:
    return Domain(
        medium=medium,
        grid=Grid(origin=lay_middles(lattice.low), spacing=np.full(3, SPACING_MM), axes=np.eye(3), values=lattice.centre),
        low=lattice.low,
        cells=lattice.low + cells.index,
        place=cells.place,
        compartment=cells.compartment,
        capacity_ml=cells.capacity_ml,
        compliance_ml_kpa=cells.compliance_ml_kpa,
        leak_ml_s_kpa=cells.leak_ml_s_kpa + faces.outlet_ml_s_kpa,
        face_a=faces.a,
        face_b=faces.b,
        face_ml_s_kpa=faces.ml_s_kpa,
        bounded=faces.outer,
        curve=curve,
        individual=individual,
        bounds=bounds,
    )


def _find_connected(whole: Domain, start: int, holding: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which cells are joined to one, or to some that hold something."""
    count = len(whole)
    links = coo_array((np.ones(len(whole.face_a), dtype=bool), (whole.face_a, whole.face_b)), shape=(count, count))
    _, part = connected_components(links, directed=False)
    if not len(holding):
        return np.asarray(part == part[start])
    return np.isin(part, [part[start], *np.unique(part[np.isin(whole.key, holding)]).tolist()])


def _keep_cells(whole: Domain, keep: NDArray[np.bool_]) -> Domain:
    """The domain with some of its cells, its arrays read-only."""
    number = np.cumsum(keep) - 1
    faces = keep[whole.face_a] & keep[whole.face_b]
    parts = {name: getattr(whole, name)[keep] for name in CELL_ARRAYS}
    parts |= {"face_a": number[whole.face_a[faces]], "face_b": number[whole.face_b[faces]], "face_ml_s_kpa": whole.face_ml_s_kpa[faces]}
    for array in parts.values():
        array.setflags(write=False)
    return replace(whole, **parts)


CELL_ARRAYS = ("cells", "place", "compartment", "capacity_ml", "compliance_ml_kpa", "leak_ml_s_kpa", "bounded")
