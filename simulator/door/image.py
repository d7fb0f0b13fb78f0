"""Images of a procedure: the monitor, and the two steps from a pulse to a frame."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.value_text import describe_value
from phantoms.threads import limit_blas
from simulator.door.words import MONITOR_SIZES, check_index, check_size
from simulator.observation import Monitor, watch
from simulator.procedure import imaging
from simulator.procedure.imaging import Exposure, RunMemory
from simulator.procedure.rules import stepping
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.modes import Frame


@limit_blas()
def render(state: ProcedureState, *, size: int = 512) -> NDArray[np.uint8]:
    """Return the live monitor: the last image that was taken, and held since.

    Parameters
    ----------
    state : ProcedureState
        From `step` or `play`.
    size : int
        Pixels each way, 64 to 2048.

    Returns
    -------
    ndarray, shape (size, size), uint8
        Grey levels, 0 black, read-only; row 0 is cranial, column 0 the patient's left at oblique 0.

    Raises
    ------
    TypeError
        If there is no state, or no whole number of pixels.
    ValueError
        If no image has been taken yet, or the size is out of range.

    Notes
    -----
    The unit remembers earlier pulses, so its images are developed in their order from the first one of the attempt. Following an attempt
    state by state costs each image once; a state from elsewhere is reached by doing its actions again.

    Examples
    --------
    >>> import simulator as ef
    >>> state = ef.step(ef.begin("lumbar-interlaminar-l4-l5"), ef.actions.Shoot())
    >>> pixels = ef.render(state, size=64)
    >>> pixels.shape, pixels.dtype.name
    ((64, 64), 'uint8')
    """
    frame = watch_monitor(state, size).frame
    if frame is None:
        raise ValueError("expected a state after an image, got one before the first; take one with actions.Shoot()")
    return frame.pixels


@limit_blas()
def expose(state: ProcedureState, index: int | None = None, *, size: int = 512) -> Exposure:
    """Return a pulse of the last action, before the unit makes a frame of it.

    Parameters
    ----------
    state : ProcedureState
        After an action that gave pulses.
    index : int, optional
        Number of the pulse; the last one if left out.
    size : int
        Pixels each way, 64 to 2048.

    Returns
    -------
    Exposure
        Mean signal (`pulse`) and what made it (`shot`: technique, pose, mode).

    Raises
    ------
    TypeError
        If there is no state, or no whole number of pixels or of a pulse.
    ValueError
        If there has been no pulse, the index is not one of the last action's, or the size is out of range.

    Examples
    --------
    >>> import simulator as ef
    >>> state = ef.step(ef.begin("lumbar-interlaminar-l4-l5"), ef.actions.Shoot())
    >>> exposure = ef.expose(state, size=64)
    >>> 60 <= exposure.shot.technique.kvp <= 110
    True
    """
    check_state(state)
    return imaging.expose(state, None if index is None else check_index(index, "index"), size=check_size(size, sizes=MONITOR_SIZES))


@limit_blas()
def develop(carry: RunMemory | None, exposure: Exposure) -> tuple[RunMemory, Frame]:
    """Make a frame of a pulse: noise, lag, recursive filter, mask of DSA and roadmap, display.

    Parameters
    ----------
    carry : RunMemory or None
        What the unit remembers of the pulses before; None at the start of an attempt.
    exposure : Exposure
        From `expose`.

    Returns
    -------
    carry : RunMemory
        For the next pulse.
    frame : Frame
        `pixels`, shape (size, size), uint8, grey levels.

    Raises
    ------
    TypeError
        If there is no exposure, or the carry is not None and none from `develop`.
    ValueError
        If a roadmap's run was not developed with this carry.

    Examples
    --------
    >>> import simulator as ef
    >>> state = ef.step(ef.begin("lumbar-interlaminar-l4-l5"), ef.actions.Shoot())
    >>> carry, frame = ef.develop(None, ef.expose(state, size=64))
    >>> bool((frame.pixels == ef.render(state, size=64)).all())
    True
    """
    if not isinstance(exposure, Exposure):
        advice = "expose(state) makes one" if isinstance(exposure, ProcedureState) else "expose makes one of a state"
        raise TypeError(f"expected an exposure from expose, got {type(exposure).__name__}; {advice}")
    if not isinstance(carry, RunMemory | None):
        raise TypeError(f"carry: expected what develop gave before, or None at the start, got {describe_value(carry)}")
    return imaging.develop(RunMemory() if carry is None else carry, exposure)


def watch_monitor(state: ProcedureState, size: int) -> Monitor:
    """Return the monitors at a state: every pulse of the attempt developed in its order.

    The case keeps the last monitors of each size. A state that goes on from them needs only what came since.

    Parameters
    ----------
    state : ProcedureState
        Whose monitors are wanted.
    size : int
        Pixels each way, 64 to 2048.

    Raises
    ------
    TypeError, ValueError
        If there is no state, or the size is out of range.
    """
    check_state(state)
    check_size(size, sizes=MONITOR_SIZES)
    kept: dict[int, tuple[ProcedureState, Monitor]] = state.case.compute_once("monitors of the door", dict)
    if size not in kept or not _went_on(kept[size][0], state):
        kept[size] = stepping.begin(state.case, state.seed), Monitor(size=size, every=1)
    now, monitors = kept[size]
    for number in range(len(now.done), len(state.done)):
        last = number + 1 == len(state.done)
        now = state if last else stepping.step(now, state.done[number].action)
        monitors = watch(monitors, now)
    kept[size] = state, monitors
    return monitors


def _went_on(before: ProcedureState, after: ProcedureState) -> bool:
    """Whether one state is another one, or what came of it: their common actions are the same objects."""
    shorter = before.seed == after.seed and len(before.done) <= len(after.done)
    return shorter and all(old is new for old, new in zip(before.done, after.done, strict=False))


def check_state(state: ProcedureState) -> None:
    """Refuse what is no state; raises TypeError."""
    if not isinstance(state, ProcedureState):
        raise TypeError(f"expected a state from begin, step or play, got {type(state).__name__}; {_advise(state)}")


def _advise(given: object) -> str:
    """What to do about something that is no state."""
    if isinstance(given, Case):
        return "begin(case) makes its first state"
    if isinstance(given, Sequence) and given and isinstance(given[0], ProcedureState):
        return "give one of these states, such as states[-1]"
    return "begin makes the first state of a case"
