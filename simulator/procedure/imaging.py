"""From a state to images, beside the procedure: what a pulse would show, and the frame that the unit makes of it.

Nothing here changes a state: frames that are not made, or not delivered, change nothing.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.procedure.rules.fluoroscopy_controls import SINGLE_PULSES
from simulator.procedure.state.carm_state import Pose, Shot
from simulator.procedure.state.fluid import iodine_at
from simulator.procedure.state.needle_image import pointer_steel_mm
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image import frame_cache, modes
from simulator.xray.image.display import Display
from simulator.xray.image.modes import Frame, Mode
from simulator.xray.image.pulse import Pulse
from simulator.xray.overlays.iodine import iodine_mg_cm2
from simulator.xray.overlays.markers import MarkerPlace, marker_mm, place_marker, side_marker
from simulator.xray.physics.detector import Panel

SIZE = 512


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Exposure:
    """A pulse of an attempt.

    Attributes
    ----------
    pulse : Pulse
        Mean signal.
    index : int
        Number of the pulse.
    seed : int
        The attempt's; the noise comes from ``default_rng([seed, index])``.
    shot : Shot
        The exposure or stretch of a run that it belongs to.
    """

    pulse: Pulse
    index: int
    seed: int
    shot: Shot

    def __repr__(self) -> str:
        return f"<Exposure {self.index}, seed {self.seed}, {self.shot.mode}: {self.pulse!r}>"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class RunMemory:
    """What the unit remembers between pulses: image memory, and the run and mode that it belongs to."""

    memory: modes.ImageMemory = modes.ImageMemory()
    run: int = -1
    mode: Mode = Mode.FLUOROSCOPY


def expose(state: ProcedureState, index: int | None = None, *, size: int = SIZE, rough: bool = False) -> Exposure:
    """A pulse of the last action, with everything that lay in the beam then.

    Parameters
    ----------
    state : ProcedureState
        After the action.
    index : int, optional
        Which pulse; the last one where left out.
    size : int
        Pixels each way.
    rough : bool
        With a quarter of the anatomy's faces, no texture, and no finer than 256 x 256, as is enough while the C-arm moves.

    Raises
    ------
    ValueError
        If there has been no pulse, or the index is not one of the last action's (of which the last pulse before counts as one).
    """
    found = _shot_of(state, index)
    number = found.index + found.frames - 1 if index is None else index
    time_s = found.pulse_s(number)
    carm = found.pose.carm(size)
    bare = state.case.layers(found.pose, size, found.technique, found.collimator, rough)
    _, pulse = frame_cache.expose(
        bare,
        found.technique,
        found.collimator,
        Panel(),
        iodine=_iodine(state, time_s, carm),
        steel=_steel(state, found.pose, size),
        lead=_lead_mm(place_marker(carm), size, found.pose.field_mm, found.pose.sid_mm, found.pose.sod_mm),
    )
    return Exposure(pulse=pulse, index=number, seed=state.seed, shot=found)


def develop(carry: RunMemory, exposure: Exposure, *, display: Display | None = None, threads: int = 2) -> tuple[RunMemory, Frame]:
    """The frame that the unit makes of a pulse.

    Parameters
    ----------
    carry : RunMemory
        What it remembers; a fresh one at the start of an attempt.
    exposure : Exposure
    display : Display, optional
        Settings of the monitor.
    threads : int
        1 or 2; the bits do not depend on it.

    Returns
    -------
    carry : RunMemory
        For the next pulse.
    frame : Frame

    Raises
    ------
    ValueError
        If a roadmap's run was not developed with this carry.
    """
    memory = _start_run(carry, exposure.shot)
    single = exposure.shot.mode is Mode.SINGLE
    memory, frame = modes.develop(
        memory,
        exposure.pulse,
        seed=exposure.seed,
        index=exposure.index,
        mode=exposure.shot.mode,
        display=display,
        averaged=SINGLE_PULSES if single else 1,
        threads=threads,
    )
    kept = replace(carry.memory, frame=frame) if single else memory  # a spot leaves lag, filter and masks of the runs alone
    run, mode = (carry.run, carry.mode) if single else (exposure.shot.run, exposure.shot.mode)
    return RunMemory(memory=kept, run=run, mode=mode), frame


def pulses_of(state: ProcedureState) -> range:
    """Numbers of the pulses of the last action."""
    return range(state.fresh, state.room.pulse)


def _start_run(carry: RunMemory, shot: Shot) -> modes.ImageMemory:
    """The memory as a run begins: a DSA run takes its own mask, a roadmap the fullest vessels of the run before."""
    if shot.run == carry.run or shot.mode is Mode.SINGLE:
        return carry.memory
    if shot.mode is Mode.DSA:
        return modes.ImageMemory()
    if shot.mode is Mode.ROADMAP and carry.mode is Mode.DSA:
        return replace(modes.take_roadmap(carry.memory), reading=None)
    return replace(carry.memory, reading=None)


def _shot_of(state: ProcedureState, index: int | None) -> Shot:
    if not state.shots:
        raise ValueError("there is no pulse to expose; press the pedal or shoot first")
    last = state.room.pulse - 1
    wanted, first = last if index is None else index, min(state.fresh, last)
    if not first <= wanted <= last:
        known = f"{first}" if first == last else f"{first} to {last}"
        raise ValueError(f"pulse {wanted} is not one of the last action's ({known}); take the state after the action that gave it")
    return next(shot for shot in reversed(state.shots) if shot.index <= wanted)


def _iodine(state: ProcedureState, time_s: float, carm: CArm) -> NDArray[np.float32] | None:
    fields = iodine_at(state.fluid, time_s)
    if not fields:
        return None
    total = sum((iodine_mg_cm2(field, carm) for field in fields[1:]), start=iodine_mg_cm2(fields[0], carm))
    return np.asarray(total, dtype=np.float32)


@lru_cache(maxsize=4)
def _lead_mm(place: MarkerPlace, size: int, field_mm: float, sid_mm: float, sod_mm: float) -> NDArray[np.float32]:
    """The side marker, shape (size, size), mm. It is taped to the detector and turns with it: one image serves all angles."""
    carm = CArm.from_angles(size=size, field_mm=field_mm, sid_mm=sid_mm, sod_mm=sod_mm)
    lead = marker_mm(side_marker(place, carm), carm)
    lead.setflags(write=False)
    return lead


def _steel(state: ProcedureState, pose: Pose, size: int) -> NDArray[np.float32] | None:
    """Needle in hand, or the pointer at the mark before there is one."""
    if state.needle is not None:
        return state.case.steel(state.needle, pose, size)
    if state.room.mark is None or state.body.pricked:
        return None
    return pointer_steel_mm(state.room.mark, pose.carm(size))
