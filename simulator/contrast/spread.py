"""How much of each agent is where: what an injection adds, and how it changes afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.contrast.agents import Mixture, check_mixture, properties
from simulator.contrast.cells import CELL_ML
from simulator.contrast.csf_settling import settle_agents
from simulator.contrast.domain import Domain
from simulator.contrast.flow import QUANTUM_ML, Flow
from simulator.contrast.lattice import SPACING_MM, lay_middles
from simulator.contrast.media import FluidSpace, code
from simulator.contrast.swelling import pack, push_aside
from simulator.geometry.grid import Grid

Array = NDArray[np.float64]

RESIDENCE_S: Mapping[Compartment, float] = {Compartment.VENOUS: 2.0, Compartment.ARTERIAL: 1.0}
"""How long a vessel keeps what enters it: 0.5 to 4 s (FACTS 5, recalled, unverified)."""
ABSORBED_S = 1800.0 / np.log(2)  # contrast in tissue halves in 20 to 40 min (FACTS 5, recalled, unverified)
RECOIL_S = 90.0  # in which the pressure held by swollen tissue falls to 1/e: 60 to 120 s (FACTS 5)
STRAY_SHARE = 0.01  # of a spread that another domain may lack cells for and still hold it: labels of thin sheets differ by bounds
ROUNDING_ML = 1e-12  # of the volume due that still counts as a full quantum


@dataclass(frozen=True, kw_only=True, eq=False)
class Spread:
    """Agents in a domain's cells; every array is read-only and shared between spreads that do not change it.

    Attributes
    ----------
    domain : Domain
        Whose cells these are.
    agents : tuple of Agent
        In the order of the arrays' columns.
    mobile_ml, stored_ml : ndarray, shape (n, k)
        In each cell: what flows on when more comes, and what the cell has swollen by.
    leaked_ml, washed_out_ml : ndarray, shape (k,)
        Gone through outlets and leaks while injecting; gone by blood flow and absorption.
    due_ml : float
        Injected since the last whole transport step, below `flow.QUANTUM_ML`; it lies in the cells at the tip.
    held_ml : float
        Volume that swollen tissue presses back with; it falls as the tissue yields.
    elapsed_s : float
        Since the first injection.
    """

    domain: Domain
    agents: tuple[Agent, ...]
    mobile_ml: Array
    stored_ml: Array
    leaked_ml: Array
    washed_out_ml: Array
    due_ml: float = 0.0
    held_ml: float = 0.0
    elapsed_s: float = 0.0

    @cached_property
    def ml(self) -> Array:
        """All of each agent in each cell, shape (n, k), mL."""
        total = self.mobile_ml + self.stored_ml
        total.setflags(write=False)
        return total

    @property
    def in_tissue(self) -> dict[Agent, float]:
        """Volume of each agent in the cells, mL."""
        return dict(zip(self.agents, self.ml.sum(axis=0).tolist(), strict=True))

    @property
    def leaked(self) -> dict[Agent, float]:
        """Volume of each agent that left through outlets and leaks, mL."""
        return dict(zip(self.agents, self.leaked_ml.tolist(), strict=True))

    @property
    def washed_out(self) -> dict[Agent, float]:
        """Volume of each agent that blood took away, mL."""
        return dict(zip(self.agents, self.washed_out_ml.tolist(), strict=True))


def empty(domain: Domain) -> Spread:
    """Nothing injected yet."""
    none = np.zeros((len(domain), 0))
    return Spread(domain=domain, agents=(), mobile_ml=none, stored_ml=none, leaked_ml=none[0:0].sum(axis=0), washed_out_ml=np.zeros(0))


def inject(spread: Spread, flow: Flow, mixture: Mixture, rate_ml_s: float, seconds: float) -> Spread:
    """Inject at a steady rate.

    Parameters
    ----------
    spread : Spread
        So far; moved to the flow's domain first where that is another.
    flow : Flow
        Of the needle's position.
    mixture : mapping of Agent to float
        Volume fractions, as from `agents.mix`.
    rate_ml_s : float
        0 or above.
    seconds : float
        0 or above. Transport goes in steps of one volume whatever the time step, so that calls of 0.1 s and of 1 s agree.

    Raises
    ------
    ValueError
        If a number is negative or not finite, or the mixture's fractions do not add up to 1.
    """
    _check_duration(rate_ml_s, "rate_ml_s")
    _check_duration(seconds, "seconds")
    state = _with_agents(regrow(spread, flow.domain), tuple(check_mixture(mixture)))
    left_s = seconds
    while left_s > 0:
        lack_ml = QUANTUM_ML - state.due_ml
        span_s = left_s if rate_ml_s * left_s < lack_ml - ROUNDING_ML else lack_ml / rate_ml_s
        state = _advance(state, flow, mixture, rate_ml_s, min(span_s, left_s))
        left_s -= min(span_s, left_s)
    return state


def settle(spread: Spread, flow: Flow, seconds: float) -> Spread:
    """Let time pass with the plunger at rest: vessels wash out, dense fluid sinks in cerebrospinal fluid, tissue yields and absorbs.

    Raises
    ------
    ValueError
        If the time is negative or not finite.
    """
    _check_duration(seconds, "seconds")
    return _age(regrow(spread, flow.domain), seconds)


def iodine(spread: Spread) -> Grid:
    """Iodine per volume of tissue in the box that holds any, mg/mL: what `simulator.xray.overlays.iodine` projects."""
    content = np.array([properties(agent).iodine_mg_ml for agent in spread.agents])
    mass_mg = spread.ml @ content if len(content) else np.zeros(len(spread.domain))
    domain, most = spread.domain, float(content.max()) if len(content) else 0.0
    stiff = (domain.medium is FluidSpace.BONE) & ~domain.vascular  # bone's own cells: they give no way, and nothing leaves the cortex
    if stiff.any():
        mass_mg[stiff] = pack(mass_mg[stiff], domain.centres[stiff], most * CELL_ML)
    some = np.flatnonzero(mass_mg > 0)
    low, block = _gather(domain.cells[some], np.where(stiff[some], 0.0, mass_mg[some]))
    if len(some):
        low, block = push_aside(low, block, most)
        held = some[stiff[some]]
        np.add.at(block, tuple((domain.cells[held] - low).T), mass_mg[held] / CELL_ML)
    return Grid(origin=lay_middles(low), spacing=np.full(3, SPACING_MM), axes=np.eye(3), values=block.astype(np.float32))


def _gather(cells: NDArray[np.intp], mass_mg: Array) -> tuple[NDArray[np.intp], Array]:
    """First cell of the box round some cells, shape (n, 3), and mass per volume in it, mg/mL, shape (i, j, k)."""
    found = cells if len(cells) else np.zeros((1, 3), dtype=np.intp)
    low = found.min(axis=0)
    block = np.zeros(found.max(axis=0) - low + 1)
    np.add.at(block, tuple((found - low)[: len(cells)].T), mass_mg / CELL_ML)
    return low, block


def regrow(spread: Spread, domain: Domain) -> Spread:
    """The same agents in another domain of the same patient, so that nothing is lost.

    What has no cell there goes to the nearest one, but from a vessel that the needle has left it goes with the blood.

    Raises
    ------
    ValueError
        If the new domain has no cell at all.
    """
    if spread.domain is domain:
        return spread
    if len(domain) == 0:
        raise ValueError("a spread needs a domain with at least one cell")
    holding, to, found = _places(spread, domain)
    gone = spread.domain.vascular[holding] & ~found
    kept, to, shape = holding[~gone], to[~gone], (len(domain), len(spread.agents))
    mobile, stored = _move_volumes(spread.mobile_ml[kept], to, shape), _move_volumes(spread.stored_ml[kept], to, shape)
    washed_out = _lock(spread.washed_out_ml + spread.ml[holding[gone]].sum(axis=0))
    return replace(spread, domain=domain, mobile_ml=mobile, stored_ml=stored, washed_out_ml=washed_out)


def is_held(spread: Spread, domain: Domain) -> bool:
    """Whether another domain has cells for all that a spread holds in tissue, but for `STRAY_SHARE` of it."""
    holding, _, found = _places(spread, domain)
    lost = holding[~found & ~spread.domain.vascular[holding]]
    return float(spread.ml[lost].sum()) <= STRAY_SHARE * float(spread.ml.sum())


def find_filled(spread: Spread) -> NDArray[np.intp]:
    """Cells that hold something, shape (k,)."""
    return np.flatnonzero((spread.ml != 0).any(axis=1))


def edge_share(spread: Spread) -> float:
    """Share of the injectate in tissue that has come to the domain's edge: above a few per cent, make a larger domain and `regrow`."""
    total_ml = float(spread.ml.sum())
    return float(spread.ml[spread.domain.bounded].sum()) / total_ml if total_ml > 0 else 0.0


def _advance(spread: Spread, flow: Flow, mixture: Mixture, rate_ml_s: float, seconds: float) -> Spread:
    """Inject for a time within one quantum; the transport step follows where the quantum is full."""
    volume_ml = rate_ml_s * seconds
    share = np.array([mixture.get(agent, 0.0) for agent in spread.agents])
    mobile = spread.mobile_ml.copy()
    mobile[flow.entry] += np.outer(flow.source[flow.entry], share * volume_ml)
    due_ml = spread.due_ml + volume_ml
    state = replace(spread, mobile_ml=_lock(mobile), due_ml=due_ml, held_ml=spread.held_ml + flow.kept * volume_ml)
    return _age(_transport(state, flow) if due_ml >= QUANTUM_ML - ROUNDING_ML else state, seconds)


def _transport(spread: Spread, flow: Flow) -> Spread:
    """One transport step: the fluid at the tip pushes everything on by a quantum."""
    order = flow.order
    filled = np.empty(spread.mobile_ml.shape, order="F")
    for column in range(len(spread.agents)):  # column by column: one pass each through memory that lies together
        filled[order, column] = flow.system.solve(spread.mobile_ml[:, column].take(order) / QUANTUM_ML)
    leaving = QUANTUM_ML * (flow.leaving @ filled)
    stored = spread.stored_ml + QUANTUM_ML * flow.swelling[:, None] * filled
    mobile = filled * flow.domain.capacity_ml[:, None]
    return replace(spread, mobile_ml=_lock(mobile), stored_ml=_lock(stored), leaked_ml=_lock(spread.leaked_ml + leaving), due_ml=0.0)


def _age(spread: Spread, seconds: float) -> Spread:
    """Time without flow: what blood takes, and what sinks."""
    sunk = spread.mobile_ml
    if spread.domain.medium is FluidSpace.INTRATHECAL and seconds > 0:
        sunk = settle_agents(spread.domain, spread.agents, sunk, seconds)
    stay = _remaining_share(spread.domain, seconds)
    mobile, stored = sunk * stay, spread.stored_ml * stay
    gone = sunk.sum(axis=0) - mobile.sum(axis=0) + spread.stored_ml.sum(axis=0) - stored.sum(axis=0)
    return replace(
        spread,
        mobile_ml=_lock(mobile),
        stored_ml=_lock(stored),
        washed_out_ml=_lock(spread.washed_out_ml + gone),
        held_ml=spread.held_ml * float(np.exp(-seconds / RECOIL_S)),
        elapsed_s=spread.elapsed_s + seconds,
    )


def _remaining_share(domain: Domain, seconds: float) -> Array | float:
    """Share of each cell's agents that is still there after a time, shape (n, 1); one number where no cell is a vessel's."""
    tissue = float(np.exp(-seconds / ABSORBED_S))
    if not domain.vascular.any():
        return tissue
    share = np.full((len(domain), 1), tissue)
    for vessel, residence_s in RESIDENCE_S.items():
        share[domain.compartment == code(vessel)] = np.exp(-seconds / residence_s)
    return share


def _with_agents(spread: Spread, agents: tuple[Agent, ...]) -> Spread:
    new = tuple(agent for agent in agents if agent not in spread.agents)
    if not new:
        return spread
    cells, column = np.zeros((len(spread.domain), len(new))), np.zeros(len(new))
    return replace(
        spread,
        agents=spread.agents + new,
        mobile_ml=_lock(np.hstack([spread.mobile_ml, cells])),
        stored_ml=_lock(np.hstack([spread.stored_ml, cells])),
        leaked_ml=_lock(np.concatenate([spread.leaked_ml, column])),
        washed_out_ml=_lock(np.concatenate([spread.washed_out_ml, column])),
    )


def _places(spread: Spread, domain: Domain) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Cells that hold something, their numbers in another domain (the nearest cell's where it lacks one), and whether it has them."""
    from scipy.spatial import KDTree  # here, since most spreads never leave their domain

    holding = find_filled(spread)
    order = np.argsort(domain.key)
    at = np.minimum(np.searchsorted(domain.key[order], spread.domain.key[holding]), len(domain) - 1)
    to = order[at]
    found = domain.key[to] == spread.domain.key[holding]
    if not found.all():
        to[~found] = KDTree(domain.centres).query(spread.domain.centres[holding[~found]])[1]
    return holding, to, np.asarray(found)


def _move_volumes(volumes: Array, to: NDArray[np.intp], shape: tuple[int, int]) -> Array:
    new = np.zeros(shape)
    np.add.at(new, to, volumes)
    return _lock(new)


def _lock(array: Array) -> Array:
    array.setflags(write=False)
    return array


def _check_duration(value: float, name: str) -> None:
    if not np.isfinite(value) or value < 0:
        raise ValueError(f"{name} must be a finite number >= 0, got {value}")
