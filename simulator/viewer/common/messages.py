"""Every message between browser, page and engine: one frozen class for each kind, with typed and bounded fields.

A browser sends a `HandRequest` over the socket; the page checks it there, once (`simulator.viewer.common.wire.read`), and hands it on. The
page itself sends a `PageRequest`, which no browser may. The engine answers with an `EngineNotice`; a `BrowserNotice` goes from the page's
server to a browser. ``suite.js`` and the panels take their words from here (`simulator.viewer.page.script`,
`simulator.viewer.text.expressions`).
"""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, InstanceOf, StrictBool, StrictBytes, StringConstraints

from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.common.wire import Message, WireRecord, index_by_kind

MOST_SHAFT_MM, MOST_ROLL_DEG = 250.0, 360.0  # of one push and one turn of the needle
MOST_ML_S = 4.0  # of the plunger
MOST_PACE_S = 60.0  # a browser that draws more slowly is counted as one that takes so long
MOST_S = 1e9  # of a time of the replay, either way: the page clamps to the attempt
MOST_MM = 1e6  # of the room camera's place
MOST_SEED = 2**63 - 1
MOST_SHARES = 100.0  # of a picture's side: a click may lie a little outside, or the picture be very flat

Flag = StrictBool
Word = Annotated[str, StringConstraints(strict=True, max_length=300)]
Path = Annotated[InstanceOf[str], Field(min_length=1, max_length=4096)]  # as the disk gives it, whatever its bytes
Text = InstanceOf[str]
Count = Annotated[int, Field(strict=True, ge=0)]
Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0)]
Drive = Annotated[float, Field(strict=True, ge=-1.0, le=1.0)]
Drives = Annotated[tuple[Drive, Drive, Drive], Field(description="three numbers from -1 to 1")]
Place = Annotated[float, Field(strict=True, ge=-MOST_MM, le=MOST_MM)]
Vector = tuple[Place, Place, Place]
Plain = dict[str, Any]


def check_action(said: object) -> object:
    """An action's word, or a mapping with its word as the one key; what it holds is for the engine's codec.

    Raises
    ------
    ValueError
        Where it is neither.
    """
    if isinstance(said, str) or (isinstance(said, dict) and len(said) == 1 and isinstance(next(iter(said)), str)):
        return said
    raise ValueError("an action's word, or one key with its values")


PlainAction = Annotated[Any, BeforeValidator(check_action)]


class MonitorKind(StrEnum):
    """A monitor of the page, on which frames are drawn."""

    LIVE = "live"
    REFERENCE = "reference"
    DEBRIEF = "debrief"
    EXPERT = "expert"


class Role(StrEnum):
    """What a page may do: the first one drives, further pages watch."""

    DRIVE = "drive"
    WATCH = "watch"


class Trigger(StrEnum):
    """What the page asks its server for by name, beside the messages to the engine."""

    BEGIN = "begin"
    RESUME = "resume"
    REVIEW = "review"
    LEAVE = "leave"
    HINT = "hint"
    TOUR = "tour"
    TOUR_NEXT = "tour_next"
    TOUR_END = "tour_end"


class Hands(WireRecord):
    """What hands and feet hold from now on; what is not given stays as it is held.

    Attributes
    ----------
    carm : (float, float, float)
        Orbital, tilt and swivel drive, each -1 to 1 of full speed.
    table : (float, float, float)
        Left, dorsal and cranial drive, each -1 to 1.
    plunger_ml_s : float
        Rate at which the plunger of a plain syringe is pressed, mL/s.
    thumb : bool
        Whether the thumb is on a loss-of-resistance plunger.
    pedal : bool
        Whether the pedal is down.
    """

    carm: Drives = (0.0, 0.0, 0.0)
    table: Drives = (0.0, 0.0, 0.0)
    plunger_ml_s: Annotated[float, Field(strict=True, ge=0.0, le=MOST_ML_S)] = 0.0
    thumb: Flag = False
    pedal: Flag = False


class MonitorSettings(WireRecord):
    """Settings of the live monitor from now on, those of `simulator.xray.image.display.Display` and its size; what is not given stays.

    Attributes
    ----------
    size : int
        Pixels each way.
    logarithm, inverted, flip_columns, flip_rows : bool
    equalisation, enhancement, contrast, brightness : float
    quarter_turns : int
        As the display has them.
    """

    size: Literal[512, 1024] = 512
    logarithm: Flag = True
    equalisation: Share = 0.75
    enhancement: Annotated[float, Field(strict=True, ge=0.0, le=20.0)] = 0.25
    contrast: Annotated[float, Field(strict=True, gt=0.0, le=20.0)] = 1.0
    brightness: Drive = 0.0
    inverted: Flag = False
    flip_columns: Flag = False
    flip_rows: Flag = False
    quarter_turns: Annotated[int, Field(strict=True, ge=-4, le=4)] = 0


class Start(WireRecord):
    """A case to be begun.

    Attributes
    ----------
    case : str
        Name in the library, or path of the file.
    mode : TrainingMode
        What help there is.
    seed : int
        Of everything that chance decides.
    tour : bool
        Whether the tour leads through it.
    """

    case: Path
    mode: TrainingMode = TrainingMode.PRACTICE
    seed: Annotated[int, Field(strict=True, ge=0, le=MOST_SEED)] = 0
    tour: Flag = False


class RoomCamera(BaseModel):
    """The browser's camera in the room, under the names of vtk.js; what else vtk.js gives of it is left out.

    Attributes
    ----------
    position, focalPoint, viewUp : (float, float, float)
        Where it stands and looks, mm; and which way is up.
    viewAngle : float
        From the lower to the upper rim of the picture, degrees.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)

    position: Vector
    focalPoint: Vector  # noqa: N815 - the browser's word
    viewUp: Vector  # noqa: N815
    viewAngle: Annotated[float, Field(strict=True, gt=0.0, lt=180.0)]  # noqa: N815


class RoomClick(WireRecord):
    """A place on the picture of the room.

    Attributes
    ----------
    camera : RoomCamera
        From where the picture is seen.
    across, down : float
        Share of the picture's width from the left, and of its height from the top.
    aspect : float
        The picture's width over its height.
    """

    camera: RoomCamera
    across: Annotated[float, Field(strict=True, ge=-MOST_SHARES, le=MOST_SHARES)]
    down: Annotated[float, Field(strict=True, ge=-MOST_SHARES, le=MOST_SHARES)]
    aspect: Annotated[float, Field(strict=True, gt=0.0, le=MOST_SHARES)]


# from a browser


class HandRequest(Message):
    """A message that a browser may send over the page's socket."""


class ActRequest(HandRequest):
    """Take an action, in the plain form of `simulator.procedure.actions.action_codec`: its word, or its word with its values."""

    kind = "act"
    action: PlainAction


class HoldRequest(HandRequest):
    """Hold, or let go."""

    kind = "hold"
    hands: Hands


class BeatRequest(HandRequest):
    """Go on holding: the browser is still there."""

    kind = "beat"


class ShaftRequest(HandRequest):
    """Push the needle so far, or pull it back where negative."""

    kind = "shaft_mm"
    distance_mm: Annotated[float, Field(strict=True, ge=-MOST_SHAFT_MM, le=MOST_SHAFT_MM)]


class RollRequest(HandRequest):
    """Turn the needle about its shaft."""

    kind = "roll_deg"
    angle_deg: Annotated[float, Field(strict=True, ge=-MOST_ROLL_DEG, le=MOST_ROLL_DEG)]


class ScreenRequest(HandRequest):
    """Set the live monitor."""

    kind = "screen"
    settings: MonitorSettings


class UndoRequest(HandRequest):
    """Take the last decisions back."""

    kind = "undo"
    points: Annotated[int, Field(strict=True, ge=1, le=10_000)]


class PauseRequest(HandRequest):
    """Stop the clock, or let it go on."""

    kind = "pause"
    wanted: Flag


class SliceRequest(HandRequest):
    """Show an image of the patient's record."""

    kind = "slice"
    name: Word


class PaceRequest(HandRequest):
    """Heed how long the browser took to draw lately, s."""

    kind = "pace"
    draw_s: Annotated[float, Field(strict=True, ge=0.0, le=MOST_PACE_S)]


class ReplayRequest(HandRequest):
    """Show another moment of the attempt that is over, s."""

    kind = "replay"
    time_s: Annotated[float, Field(strict=True, ge=-MOST_S, le=MOST_S)]


# from the page's server


class PageRequest(Message):
    """A message to the engine that the page's server sends, and no browser."""


class BeginRequest(PageRequest):
    """Begin a case."""

    kind = "begin"
    start: Start


class ResumeRequest(PageRequest):
    """Go on with an attempt that was broken off."""

    kind = "resume"
    folder: Path


class ReviewRequest(PageRequest):
    """Open an attempt that is over."""

    kind = "review"
    folder: Path


class LeaveRequest(PageRequest):
    """Let go of the attempt in hand."""

    kind = "leave"


class RefreshRequest(PageRequest):
    """Send everything: the page knows nothing yet."""

    kind = "again"


class HintRequest(PageRequest):
    """Give a hint."""

    kind = "hint"


class ClickRequest(PageRequest):
    """Lay the pointer where the room was clicked."""

    kind = "click"
    click: RoomClick


class DropRequest(PageRequest):
    """Let go of what is held: the browser that drove is gone."""

    kind = "drop"


class LogRequest(PageRequest):
    """Send the log of the attempt in hand."""

    kind = "log"


class ExportRequest(PageRequest):
    """Write an archive of images beside the log."""

    kind = "export"
    name: Word


# from the engine

FACTS = frozenset(
    {
        *("time", "chart", "record", "medicines", "slices", "readouts", "needle", "hub", "feel", "events", "monitor", "beliefs", "answers"),
        *("marked", "over", "paused", "mode", "held", "undo", "display", "size", "saved", "guide", "guide_svg", "trouble", "lost"),
        *("stale", "leaves_svg"),
    }
)
"""Parts of what a page knows of an attempt; variables of the page's state."""


def check_facts(said: dict[str, Any]) -> dict[str, Any]:
    """Facts of known names.

    Raises
    ------
    ValueError
        Where a name is not in `FACTS`.
    """
    unknown = sorted(set(said) - FACTS)
    if unknown:
        raise ValueError(f"known facts, not {unknown[0]!r}")
    return said


class FrameHeader(WireRecord):
    """What a frame shows.

    Attributes
    ----------
    kind : MonitorKind
        On which monitor.
    pulse : int or None
        Number of the pulse; None where there is none yet.
    size : int
        Pixels each way.
    held : bool
        Whether the beam is off and this is the last image.
    mode : str
        The unit's.
    given, delivered : int
        Pulses given so far while the pedal was down, and frames shown of them.
    """

    kind: MonitorKind
    pulse: Count | None
    size: Count
    held: Flag
    mode: Word = ""
    given: Count = 0
    delivered: Count = 0


class EngineNotice(Message):
    """A message of the engine to the page."""


class FrameNotice(EngineNotice):
    """An image for a monitor, JPEG."""

    kind = "frame"
    header: FrameHeader
    jpeg: StrictBytes


class FactsNotice(EngineNotice):
    """What has changed of the attempt."""

    kind = "facts"
    facts: Annotated[Plain, AfterValidator(check_facts)]


class CaseNotice(EngineNotice):
    """An attempt is in hand: one under way, or a past one on its way to its debrief."""

    kind = "case"
    case: Plain
    mode: Word
    folder: Path
    past: Flag = False
    seed: int = 0


class RefusedNotice(EngineNotice):
    """What a browser asked for was refused; nothing has changed."""

    kind = "refused"
    why: Text


class FailedNotice(EngineNotice):
    """Work for the page could not be done; `during` names it."""

    kind = "failed"
    why: Text
    during: Word


class ImageNotice(EngineNotice):
    """An image of the patient's record, PNG."""

    kind = "image"
    name: Word
    png: StrictBytes


class RoomNotice(EngineNotice):
    """The meshes of the room by name, and whether skin and drape may be looked through."""

    kind = "room"
    meshes: Plain
    see_through: Flag


class MovesNotice(EngineNotice):
    """What has moved in the room; beam and cameras where they have changed."""

    kind = "placements"
    placements: Plain
    beam: Plain | None = None
    cameras: Plain | None = None


class LogNotice(EngineNotice):
    """The log of the attempt as it stands."""

    kind = "log"
    data: StrictBytes


class FinishedNotice(EngineNotice):
    """The attempt is over; its debrief follows."""

    kind = "finished"
    folder: Path


class OpeningNotice(EngineNotice):
    """How much of a past attempt has been played again."""

    kind = "opening"
    share: Share


class VerifiedNotice(EngineNotice):
    """What the replay of a past attempt has shown of its log, in words."""

    kind = "verified"
    words: Text


class DebriefNotice(EngineNotice):
    """Score, losses, curves and everything else that the debrief needs once."""

    kind = "debrief"
    facts: Plain


class MomentNotice(EngineNotice):
    """Time and readings of the moment that the replay shows."""

    kind = "replay"
    shown: Plain


class ComparedNotice(EngineNotice):
    """The trainee's figures beside the expert's, and whether the expert still plays."""

    kind = "compared"
    rows: list[Plain]
    playing: Flag


class TrackNotice(EngineNotice):
    """The way of the expert's needle as a mesh of the room; None where there is none."""

    kind = "track"
    mesh: Plain | None


class ExportedNotice(EngineNotice):
    """An archive of images is written."""

    kind = "exported"
    name: Word
    path: Path


class ReportedNotice(EngineNotice):
    """The report is written."""

    kind = "reported"
    folder: Path
    passed: Flag
    grade: Share
    axes: dict[str, float]


class RestartedNotice(EngineNotice):
    """The engine died and was started again, at the attempt in a folder or at none."""

    kind = "restarted"
    folder: Path | None


# from the page's server to a browser


class BrowserNotice(Message):
    """A message of the page's server to a browser, beside frames."""


class RoleNotice(BrowserNotice):
    """What this page may do."""

    kind = "role"
    role: Role


class HereNotice(BrowserNotice):
    """The server is still there."""

    kind = "here"


class BlankNotice(BrowserNotice):
    """Another attempt, or none, from now on: what monitors, hands and tools of the page still hold of the one before is to be forgotten."""

    kind = "blank"


HAND_REQUESTS = index_by_kind(HandRequest.__subclasses__())
"""What a browser may send, by kind."""

PAGE_REQUESTS = index_by_kind(PageRequest.__subclasses__())
"""What only the page's server sends to the engine, by kind."""

REQUESTS = index_by_kind([*HAND_REQUESTS.values(), *PAGE_REQUESTS.values()])
"""Everything that the engine answers, by kind."""

ENGINE_NOTICES = index_by_kind(EngineNotice.__subclasses__())
"""Everything that the page hears from its engine, by kind."""

BROWSER_NOTICES = index_by_kind(BrowserNotice.__subclasses__())
"""What a browser hears beside frames, by kind."""

LET_GO = HoldRequest(hands=Hands(carm=(0.0, 0.0, 0.0), table=(0.0, 0.0, 0.0), plunger_ml_s=0.0, thumb=False, pedal=False))
"""Nothing held."""
