"""States of an attempt kept for its replay, without what would fill the memory: fields of fluid stay only where an image needs them.

A thinned state takes some 4 kB. A field of iodine takes some 350 kB once 2 mL of contrast medium are in: two a second for as long as the
pedal was down came to 180 MB in four minutes. Now they come seldomer the longer the fluid has been at rest, and never take more than
`MOST_BYTES`.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from math import inf

import numpy as np
from numpy.typing import NDArray

from scenarios.names.compartments import Compartment
from simulator.contrast.epidurogram import by_compartment
from simulator.geometry.grid import Grid
from simulator.procedure.imaging import pulses_of
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.fluid import FluidReset, iodine_at, reset
from simulator.procedure.state.state import ProcedureState

IODINE_S = 0.5  # between kept fields of iodine while pulses are given and something is injected
RESTING = 0.1  # of the time since the last injection; at rest, a field is kept after so much of it
MOST_BYTES = 64 * 10**6  # of fields of iodine; beyond it every other one goes
EXTENT_S = 0.5  # between kept extents


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Sparse:
    """A field of iodine, mg/mL, of which only the cells that hold any are kept.

    Attributes
    ----------
    origin, spacing, axes, shape
        Of its `Grid`.
    cells : ndarray, shape (n,), int32
        Places in the flattened block.
    values : ndarray, shape (n,), float16
    """

    origin: NDArray[np.float64]
    spacing: NDArray[np.float64]
    axes: NDArray[np.float64]
    shape: tuple[int, ...]
    cells: NDArray[np.int32]
    values: NDArray[np.float16]

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self.cells.nbytes + self.values.nbytes

    def to_grid(self) -> Grid:
        """The whole field."""
        block = np.zeros(self.shape, dtype=np.float32)
        block.reshape(-1)[self.cells] = self.values
        return Grid(origin=self.origin, spacing=self.spacing, axes=self.axes, values=block)


def make_sparse(grid: Grid) -> Sparse:
    """A field with its empty cells left out; of single precision a half is kept, far finer than an image shows."""
    flat = grid.values.reshape(-1)
    cells = np.flatnonzero(flat).astype(np.int32)
    values = flat[cells].astype(np.float16)
    return Sparse(origin=grid.origin, spacing=grid.spacing, axes=grid.axes, shape=grid.values.shape, cells=cells, values=values)


Iodine = tuple[float, tuple[Sparse, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Extent:
    """Where injected fluid was: time, s, and volume in each compartment, mL."""

    time_s: float
    ml: dict[Compartment, float]


@dataclass(kw_only=True)
class StateArchive:
    """An attempt's states from the first, one for each action that was not taken back; changes as the attempt goes on.

    Attributes
    ----------
    states : list of ProcedureState
        All but the newest without their fields of fluid.
    extents : list of Extent
        Where fluid was, every half second while it moved.
    iodine : list of (float, tuple of Sparse)
        Iodine at times at which there were pulses, s, mg/mL.
    """

    states: list[ProcedureState] = field(default_factory=list)
    extents: list[Extent] = field(default_factory=list)
    iodine: list[Iodine] = field(default_factory=list)
    _seen: object = None

    def add(self, state: ProcedureState) -> None:
        """Take the next state; what an undo took back is forgotten."""
        if len(state.done) < len(self.states):
            self._forget(state)
        elif self.states:
            self.states[-1] = drop_fluid(self.states[-1])
        self.states.append(state)
        if state.fluid.spreads:
            self._add_fluid(state)

    def _forget(self, state: ProcedureState) -> None:
        del self.states[len(state.done) :]
        self.extents = [item for item in self.extents if item.time_s <= state.time_s]
        self.iodine = [item for item in self.iodine if item[0] <= state.time_s]
        self._seen = None

    def _add_fluid(self, state: ProcedureState) -> None:
        last_s = self.extents[-1].time_s if self.extents else -inf
        if state.fluid.spread is not self._seen and state.time_s - last_s >= EXTENT_S:
            self.extents.append(measure_extent(state))
            self._seen = state.fluid.spread
        last_s = self.iodine[-1][0] if self.iodine else -inf
        rested_s = state.time_s - state.injections[-1].end_s if state.injections else 0.0
        if len(pulses_of(state)) and state.time_s - last_s >= max(IODINE_S, RESTING * rested_s):
            self.iodine.append((state.time_s, tuple(map(make_sparse, iodine_at(state.fluid, state.time_s)))))
            while len(self.iodine) > 2 and self.iodine_bytes > MOST_BYTES:
                self.iodine = [*self.iodine[:-1:2], self.iodine[-1]]

    @property
    def shots(self) -> tuple[Shot, ...]:
        """Every exposure and stretch of a run, with the place of the tip."""
        return self.states[-1].shots

    @property
    def end_s(self) -> float:
        """Simulated time of the newest state, s."""
        return self.states[-1].time_s

    def state_at(self, time_s: float) -> ProcedureState:
        """The last state not later than a time, s; the first where all are later."""
        return self.states[max(0, bisect_right(self.states, time_s, key=lambda state: state.time_s) - 1)]

    def fluoro_s(self, time_s: float) -> float:
        """Fluoroscopy time until a moment, s."""
        return self.state_at(time_s).room.dose.fluoro_s

    def working_s(self) -> list[float]:
        """Times at which pulses were given or a needle was in the body, s, in no order."""
        times = [time_s for shot in self.shots for time_s in (shot.time_s, shot.end_s)]
        return times + [state.time_s for state in self.states if state.needle is not None and state.needle.depth_mm > 0]

    @property
    def iodine_bytes(self) -> int:
        """Memory that the fields of iodine take."""
        return sum(item.nbytes for _, fields in self.iodine for item in fields)

    def list_extents(self) -> tuple[Extent, ...]:
        """All extents, with that at the end."""
        last = self.states[-1]
        return tuple(self.extents) if not last.fluid.spreads else (*self.extents, measure_extent(last))


def archive_states(states: Iterable[ProcedureState]) -> StateArchive:
    """A course from states in order, as `simulator.procedure.attempt.replay.replay_states` makes them again from a log."""
    course = StateArchive()
    for state in states:
        course.add(state)
    return course


def drop_fluid(state: ProcedureState) -> ProcedureState:
    """A state without its fields of fluid and the cells that they lie in."""
    fluid = reset(state.fluid, FluidReset.STATE_ARCHIVED)
    return state if fluid is state.fluid else replace(state, fluid=fluid)


def measure_extent(state: ProcedureState) -> Extent:
    """Where injected fluid was at a state's last change of it, mL in each compartment."""
    found: dict[Compartment, float] = {}
    for spread in state.fluid.spreads:
        for place, volumes in by_compartment(spread).items():
            found[place] = found.get(place, 0.0) + sum(volumes.values())
    return Extent(time_s=state.fluid.spread_s, ml={place: volume for place, volume in found.items() if volume > 0})
