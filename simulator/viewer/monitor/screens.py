"""The monitors while the clock runs: the newest pulse developed, the last image held, images sent to the reference monitor."""

from dataclasses import dataclass, field, replace
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from simulator.procedure.imaging import Carry, develop, expose
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.display import Display
from simulator.xray.image.modes import Frame, Mode

QUALITY = 85  # of JPEG: quantum noise survives, a 512 x 512 frame takes 50 kB
MOST_SAVED = 24


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Shown:
    """What a frame was developed from, so that it can be shown again otherwise.

    Attributes
    ----------
    state : ProcedureState
        After the action that gave the pulse.
    index : int
        Number of the pulse.
    before : Carry
        What the unit remembered then.
    rough : bool
        Whether it was drawn roughly, because the C-arm moved.
    """

    state: ProcedureState
    index: int
    before: Carry
    rough: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Screens:
    """The live monitor and the reference monitor.

    Attributes
    ----------
    carry : Carry
        The unit's memory.
    frame : Frame or None
        On the live monitor.
    shown : Shown or None
        What it was made from.
    saved : tuple of Frame
        On the reference monitor, the newest last.
    """

    carry: Carry = field(default_factory=Carry)
    frame: Frame | None = None
    shown: Shown | None = None
    saved: tuple[Frame, ...] = ()


def exposed(screens: Screens, state: ProcedureState, index: int, size: int, display: Display, *, rough: bool = False) -> Screens:
    """The monitors once a pulse has been developed.

    Parameters
    ----------
    screens : Screens
    state : ProcedureState
        After the action that gave the pulse.
    index : int
        Number of the pulse.
    size : int
        Pixels each way.
    display : Display
        Settings of the monitor.
    rough : bool
        As `simulator.procedure.imaging.expose` takes it.
    """
    wanted = _size(screens.carry, state, size)
    carry, frame = develop(screens.carry, expose(state, index, size=wanted, rough=rough), display=display)
    return replace(screens, carry=carry, frame=frame, shown=Shown(state=state, index=index, before=screens.carry, rough=rough))


def shown_again(screens: Screens, size: int, display: Display) -> Screens:
    """The live monitor with its last image at another size or with other settings, with the beam off.

    The unit's memory is of the size at which the run was watched: a subtracted image, whose mask is of that size, stays as it is.
    """
    last = screens.shown
    if last is None or screens.frame is None:
        return screens
    subtracted = screens.frame.mode.subtracts
    wanted = screens.frame.pixels.shape[0] if subtracted else size
    carry, frame = develop(last.before, expose(last.state, last.index, size=wanted), display=display)
    shown = replace(last, rough=False)
    return replace(screens, carry=screens.carry if subtracted else carry, frame=replace(frame, held=True), shown=shown)


def saved(screens: Screens) -> Screens:
    """The reference monitor with what the live monitor shows."""
    if screens.frame is None:
        return screens
    return replace(screens, saved=(*screens.saved, screens.frame)[-MOST_SAVED:])


def _size(carry: Carry, state: ProcedureState, size: int) -> int:
    """Pixels each way of the next pulse: what is subtracted from a mask is of its size, whatever the monitor has been set to since."""
    shot, mask = state.shots[-1], carry.memory.mask
    subtracted = shot.mode is Mode.ROADMAP or (shot.mode is Mode.DSA and shot.run == carry.run)
    return mask.shape[0] if subtracted and mask is not None else size


def jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """A grey image as JPEG.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns), uint8
        Grey levels.
    """
    file = BytesIO()
    Image.fromarray(pixels).save(file, format="JPEG", quality=QUALITY)
    return file.getvalue()
