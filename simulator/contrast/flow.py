"""The pressure that a unit rate at the tip makes, and the triangular system that carries what is injected.

With the cells in order of falling pressure each takes fluid only from cells before it, so that an implicit upwind step is one forward
substitution: stable for any step, and exact in its balance. Injection speeds the same flow up, so one solution serves every rate.

What a cell swells by counts as a sink whose fluid stays with the cell: storage over the time that a bolus takes, one implicit step of the
poroelastic equation. It bounds how far pressure reaches, and lets a closed pocket fill.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.linalg import SuperLU, cg, splu

from scenarios.names.compartments import Compartment
from simulator.contrast.domain import Domain, find_nearest, nearest_cell
from simulator.contrast.media import FluidSpace
from simulator.contrast.preconditioner import make_preconditioner
from simulator.contrast.vessels import with_drainage, with_vessels
from simulator.geometry.validate import as_vector

Array = NDArray[np.float64]

QUANTUM_ML = 0.025  # volume that one transport step carries
BOLUS_S = 8.0  # over which tissue swells, set to FACTS 3.4; its return takes 60 to 120 s (FACTS 5)
RTOL = 1e-8
MOST_ITERATIONS = 5_000
OPENING_MM = 1.0  # how wide around the needle's opening fluid enters
ASIDE_MM = 0.7  # from the tip to the middle of a bevel that faces aside
UPTAKE_SHARE = 0.7  # of what is injected goes into a vessel that the needle has nicked; unverified


@dataclass(frozen=True, kw_only=True, eq=False)
class Flow:
    """Flow of 1 mL/s from a needle's opening; arrays are read-only.

    Attributes
    ----------
    domain : Domain
        With the vessel's cells where there is an uptake.
    tip : ndarray, shape (3,)
        World frame, mm.
    source : ndarray, shape (n,)
        Share of the injected fluid that enters each cell; adds up to 1.
    pressure_kpa_s_ml : ndarray, shape (n,)
        Pressure in each cell per injected mL/s at the reference viscosity.
    """

    domain: Domain
    tip: Array
    source: Array
    pressure_kpa_s_ml: Array

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Cells by falling pressure, shape (n,)."""
        return np.argsort(-self.pressure_kpa_s_ml, kind="stable")

    @cached_property
    def entry(self) -> NDArray[np.intp]:
        """Cells that fluid enters, shape (k,)."""
        return np.flatnonzero(self.source)

    @cached_property
    def swelling(self) -> Array:
        """Share of the injected volume that each cell swells by, shape (n,)."""
        return self.domain.compliance_ml_kpa / BOLUS_S * self.pressure_kpa_s_ml

    @cached_property
    def leaving(self) -> Array:
        """Share of the injected volume that leaves from each cell, shape (n,)."""
        return self.domain.leak_ml_s_kpa * self.pressure_kpa_s_ml

    @cached_property
    def kept(self) -> float:
        """Share of what is injected that presses back: in bone what its veins do not take, elsewhere all of it."""
        return float(self.swelling.sum()) if self.domain.medium is FluidSpace.BONE else 1.0

    @cached_property
    def tip_kpa_s_ml(self) -> float:
        """Mean pressure at the opening per injected mL/s, at the reference viscosity."""
        return float(self.source @ self.pressure_kpa_s_ml)

    @cached_property
    def system(self) -> SuperLU:
        """The transport step of one quantum for cells in `order`: solves for concentrations, given volumes over the quantum."""
        domain, rank = self.domain, np.empty(len(self.order), dtype=np.intp)
        rank[self.order] = np.arange(len(rank))
        drop = self.pressure_kpa_s_ml[domain.face_a] - self.pressure_kpa_s_ml[domain.face_b]
        through = domain.face_ml_s_kpa * np.abs(drop)
        forward = rank[domain.face_a] < rank[domain.face_b]
        upper = np.where(forward, domain.face_a, domain.face_b)
        lower = np.where(forward, domain.face_b, domain.face_a)
        out = np.bincount(upper, through, minlength=len(rank)) + self.swelling + self.leaving
        links = coo_array((-through, (rank[lower], rank[upper])), shape=(len(rank), len(rank)))
        step = (links + diags_array((domain.capacity_ml / QUANTUM_ML + out)[self.order])).tocsc()
        return splu(step, permc_spec="NATURAL", diag_pivot_thresh=0.0, options={"Equil": False, "SymmetricMode": False})


def solve_flow(
    domain: Domain,
    tip: ArrayLike,
    opening_direction: ArrayLike | None = None,
    *,
    uptake: Compartment | None = None,
    uptake_share: float = UPTAKE_SHARE,
    compartment: Compartment | None = None,
) -> Flow:
    """Solve the pressure for a needle's position. What bone takes it gives to its veins.

    Parameters
    ----------
    domain : Domain
        Around the tip.
    tip : array_like, shape (3,)
        Needle's tip, world frame, mm.
    opening_direction : array_like, shape (3,), optional
        Where the bevel faces; fluid enters a little that way. Straight ahead of the tip counts as all around where left out.
    uptake : Compartment, optional
        `VENOUS` or `ARTERIAL` where the needle has nicked a vessel: a share of what is injected goes there.
    uptake_share : float
        That share, above 0 and up to 1.
    compartment : Compartment, optional
        In which the opening lies: fluid enters cells of it alone, where there are any within reach.

    Raises
    ------
    ValueError
        If no cell takes fluid near the tip, the share is out of range, or the pressure does not converge.
    """
    point = as_vector(tip, "tip")
    if not 0 < uptake_share <= 1:
        raise ValueError(f"uptake_share must be above 0 and at most 1, got {uptake_share}")
    if uptake is None:
        source = _source(domain, point, opening_direction, compartment)
        return _solve(domain, point, source) if domain.medium is not FluidSpace.BONE else _solve_bone(domain, point, source)
    both = with_vessels(domain, point, uptake)
    source = np.zeros(len(both))
    source[: len(domain)] = (1 - uptake_share) * _source(domain, point, opening_direction, compartment) if len(domain) else 0.0
    source[len(domain)] = 1.0 - source.sum()
    return _solve(both, point, source)


def _solve_bone(domain: Domain, tip: Array, into_bone: Array) -> Flow:
    drained = with_drainage(domain, tip)
    source = np.zeros(len(drained))
    source[: len(domain)] = into_bone
    return _solve(drained, tip, source)


def _source(domain: Domain, tip: Array, opening_direction: ArrayLike | None, compartment: Compartment | None) -> Array:
    """Where fluid enters: cells around the opening, of its own compartment where there are any, those with more room more."""
    nearest_cell(domain, tip)  # refuses a tip that is far away
    opening = tip if opening_direction is None else tip + ASIDE_MM * _unit(as_vector(opening_direction, "opening_direction"))
    source = np.zeros(len(domain))
    nearest = find_nearest(domain, opening, compartment)[0]
    source[nearest] = 1e-9  # at least one, however tight
    if not domain.vascular.any():
        distance_mm = np.linalg.norm(domain.centres - opening, axis=1)
        own = (distance_mm < 2 * OPENING_MM) & (domain.compartment == domain.compartment[nearest] if compartment is not None else True)
        source += np.where(own, np.exp(-((distance_mm / OPENING_MM) ** 2)) * domain.capacity_ml, 0.0)
    return source / source.sum()


def _unit(direction: Array) -> Array:
    length = float(np.linalg.norm(direction))
    if length == 0:
        raise ValueError("opening_direction must not be the zero vector")
    return direction / length


def _solve(domain: Domain, tip: Array, source: Array) -> Flow:
    pressure = _pressure(domain, source)
    for array in (source, pressure):
        array.setflags(write=False)
    return Flow(domain=domain, tip=tip, source=source, pressure_kpa_s_ml=pressure)


def _pressure(domain: Domain, source: Array) -> Array:
    """Pressure per mL/s: what flows in leaves through faces, by leaks and by swelling; kPa s/mL."""
    sink = domain.compliance_ml_kpa / BOLUS_S + domain.leak_ml_s_kpa
    matrix = _conductances(domain, sink)
    approximate = make_preconditioner(domain, matrix, sink)
    pressure, failed = cg(matrix, source, rtol=RTOL, atol=0.0, maxiter=MOST_ITERATIONS, M=approximate)
    if failed:
        raise ValueError(f"the pressure around the tip did not settle in {MOST_ITERATIONS} iterations; is a tissue's permeability 0?")
    return np.asarray(np.maximum(pressure, 0.0))


def _conductances(domain: Domain, sink: Array) -> csr_array:
    count = len(domain)
    diagonal = sink + np.bincount(domain.face_a, domain.face_ml_s_kpa, minlength=count)
    diagonal += np.bincount(domain.face_b, domain.face_ml_s_kpa, minlength=count)
    cells = np.arange(count)
    rows = np.concatenate([domain.face_a, domain.face_b, cells])
    columns = np.concatenate([domain.face_b, domain.face_a, cells])
    values = np.concatenate([-domain.face_ml_s_kpa, -domain.face_ml_s_kpa, diagonal])
    return coo_array((values, (rows.astype(np.int32), columns.astype(np.int32))), shape=(count, count)).tocsr()
