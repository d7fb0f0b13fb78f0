"""A state as its actor perceives it."""

from dataclasses import dataclass

from scenarios.names.enums import Attachment, ReviewItem
from scenarios.names.needles import Bevel
from scenarios.names.strengths import describe_volumes
from simulator.geometry.angle_text import read_notch
from simulator.geometry.views import angles_of
from simulator.observation.monitors import Monitor
from simulator.observation.readouts import Readouts, read_scales
from simulator.observation.slices import SLICES
from simulator.procedure.state.chart import Chart
from simulator.procedure.state.events import Event, EventKind
from simulator.procedure.state.physiology import Vitals, vitals
from simulator.procedure.state.state import Belief, Feel, ProcedureState
from simulator.procedure.state.syringe import Volumes
from simulator.xray.image.modes import Frame

MARK_MM = 1.0  # to which the length of shaft outside is read off its marks


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedleSeen:
    """What is seen of a needle from outside.

    Attributes
    ----------
    bevel : Bevel
        How it is ground.
    gauge : int
        Its gauge.
    length_mm, outside_mm : float
        All of it, and what is outside the skin, to a millimetre.
    notch_deg : float
        Where the hub's notch points, clockwise seen from the hub; 0 is cephalad.
    notch : str
        The same with its side in words.
    oblique_deg, tilt_deg : float
        How the shaft outside the skin stands, to a degree: the angles at which a C-arm looks down it.
    stylet : bool
        Whether it is in.
    """

    bevel: Bevel
    gauge: int
    length_mm: float
    outside_mm: float
    notch_deg: float
    notch: str
    oblique_deg: float
    tilt_deg: float
    stylet: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Hub:
    """What is on the hub.

    Attributes
    ----------
    attached : Attachment
        What.
    syringe_ml : tuple of (Agent, float)
        What it still holds, mL.
    tubing : bool
        Whether tubing is between.
    size_ml : float
        Of the syringe; 0 where there is none.
    holds, tubing_holds : str
        What syringe and tubing hold, volumes and doses in words; empty where nothing.
    """

    attached: Attachment
    syringe_ml: Volumes
    tubing: bool
    size_ml: float = 0.0
    holds: str = ""
    tubing_holds: str = ""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Observation:
    """What an actor may see.

    Attributes
    ----------
    time_s : float
        Simulated time, s.
    brief : str
        What the case says first.
    chart : Chart
        The checklist as done.
    record : tuple of (ReviewItem, str)
        What was read of the record.
    medicines : tuple of str
        Drugs that the patient could be told to stop, once the medication was reviewed.
    slices : tuple of str
        Names of the MR-like images that may be looked at (`slices.render_slice`), once imaging was reviewed.
    readouts : Readouts
        Scales and displays.
    frames : tuple of Frame
        On the monitor, the newest last.
    reference : Frame or None
        On the reference monitor.
    needle : NeedleSeen or None
        From outside.
    hub : Hub
        What is on it.
    feel : Feel
        Of the last movement of needle or plunger.
    words : tuple of (float, str)
        What the patient said, and when, s.
    events : tuple of Event
        Everything perceived so far, the words among it.
    monitor : Vitals or None
        Once it is attached.
    beliefs : tuple of Belief
        Own.
    answers : tuple of (str, str, float)
        Own.
    marked : bool
        Whether there is a mark on the skin.
    over : bool
        Whether the attempt has ended.
    """

    time_s: float
    brief: str
    chart: Chart
    record: tuple[tuple[ReviewItem, str], ...]
    medicines: tuple[str, ...]
    slices: tuple[str, ...]
    readouts: Readouts
    frames: tuple[Frame, ...]
    reference: Frame | None
    needle: NeedleSeen | None
    hub: Hub
    feel: Feel
    words: tuple[tuple[float, str], ...]
    events: tuple[Event, ...]
    monitor: Vitals | None
    beliefs: tuple[Belief, ...]
    answers: tuple[tuple[str, str, float], ...]
    marked: bool
    over: bool

    def __repr__(self) -> str:
        needle = "no needle" if self.needle is None else f"{self.needle.outside_mm:.0f} mm of needle outside"
        return f"<Observation at {self.time_s:.1f} s: frames {len(self.frames)}, events {len(self.events)}, {needle}>"

    @property
    def image(self) -> Frame | None:
        """The last image."""
        return self.frames[-1] if self.frames else None


def observe(state: ProcedureState, monitor: Monitor | None = None) -> Observation:
    """A state as its actor perceives it.

    Parameters
    ----------
    state : ProcedureState
    monitor : Monitor, optional
        What is on the monitors; without it there are no frames.
    """
    scenario, chart = state.case.scenario, state.chart
    seen = tuple(event for event in state.events if not event.hidden)
    screens = monitor or Monitor()
    return Observation(
        time_s=state.time_s,
        brief=scenario.summary,
        chart=chart,
        record=tuple((item, scenario.record.read(item)) for item in chart.reviewed),
        medicines=tuple(drug.name for drug in scenario.record.medication) if ReviewItem.MEDICATION in chart.reviewed else (),
        slices=SLICES if ReviewItem.IMAGING in chart.reviewed else (),
        readouts=read_scales(state.room, state.shots),
        frames=screens.frames,
        reference=screens.reference,
        needle=_observe_needle(state),
        hub=_observe_hub(state),
        feel=state.feel,
        words=tuple((event.time_s, event.text) for event in seen if event.kind is EventKind.VOICE),
        events=seen,
        monitor=vitals(state.body, scenario.record.vital_signs, state.time_s) if chart.monitored else None,
        beliefs=state.beliefs,
        answers=state.answers,
        marked=state.room.mark is not None,
        over=state.over is not None,
    )


def _observe_hub(state: ProcedureState) -> Hub:
    tray, strengths = state.tray, state.case.scenario.equipment.set_strengths
    return Hub(
        attached=tray.attached,
        syringe_ml=tray.syringe_ml,
        tubing=tray.tubing_ml is not None,
        size_ml=tray.size_ml,
        holds=describe_volumes(tray.syringe_ml, strengths),
        tubing_holds=describe_volumes(tray.in_tubing, strengths),
    )


def _observe_needle(state: ProcedureState) -> NeedleSeen | None:
    held = state.needle
    if held is None:
        return None
    notch_deg, shaft = round(float(held.roll_rad) * 57.29577951308232) % 360.0, angles_of(-held.hub_direction)
    return NeedleSeen(
        bevel=held.kit.bevel,
        gauge=held.kit.gauge,
        length_mm=held.kit.length_mm,
        outside_mm=round(held.outside_mm / MARK_MM) * MARK_MM,
        notch_deg=notch_deg,
        notch=read_notch(notch_deg),
        oblique_deg=round(shaft.oblique_deg),
        tilt_deg=round(shaft.tilt_deg),
        stylet=held.stylet_in,
    )
