"""The whole procedure at one moment, as one frozen record."""

from dataclasses import dataclass, field, replace

from scenarios.names.enums import Decision
from scenarios.names.strengths import Amounts, doses
from simulator.needle import NeedleState
from simulator.procedure.actions.action_codec import to_plain
from simulator.procedure.actions.actions import Action, CommitBelief
from simulator.procedure.state.append_only_list import AppendOnlyList
from simulator.procedure.state.carm_state import Point, Room, Shot
from simulator.procedure.state.case import Case
from simulator.procedure.state.chart import Chart
from simulator.procedure.state.deposits import Deposits, join_deposits
from simulator.procedure.state.events import Event
from simulator.procedure.state.fluid import NO_FLUID, Fluid
from simulator.procedure.state.physiology import Body
from simulator.procedure.state.syringe import Tray, Volumes, add_volumes, total_ml


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """An action that was done: what, and from when to when, s."""

    action: Action
    start_s: float
    end_s: float

    def __repr__(self) -> str:
        return f"<Done {to_plain(self.action)}, {self.start_s:.1f} to {self.end_s:.1f} s>"


@dataclass(frozen=True, kw_only=True, slots=True)
class Injection:
    """A push on the plunger: something that went through the needle, in one piece or in several that follow each other.

    Attributes
    ----------
    start_s, end_s : float
        From when to when, s.
    delivered_ml : tuple of (Agent, float)
        What came out of the tip, mL.
    rate_ml_s : float
        How fast.
    tip : (float, float, float)
        Where, world frame, mm.
    tissue : int
        Label of the tissue at the opening (`phantoms.terms.tissues.Tissue`).
    medium : str
        What takes the fluid there (`simulator.contrast.media.FluidSpace`).
    vessel : str
        "venous" or "arterial" where the opening lay in a vessel, else empty.
    live_ml : tuple of (Agent, float)
        What of it came out with the pedal down, mL.
    peak_kpa : float
        Greatest pressure in the syringe, kPa.
    tip_kpa : float
        Greatest pressure at the needle's tip, kPa: the rest was lost in needle and tubing.
    effort_n : float
        Greatest force of the thumb on the plunger, N.
    wanted_ml_s : float
        Rate that was asked for, mL/s.
    syringe_ml : float
        Size of the syringe, mL.
    strengths : tuple of (Agent, float)
        Strengths that the case sets, mg/mL; the usual ones count for the others.
    deposits : Deposits
        Where it lay as the push ended.
    """

    start_s: float
    end_s: float
    delivered_ml: Volumes
    rate_ml_s: float
    tip: Point
    tissue: int
    medium: str = ""
    vessel: str = ""
    live_ml: Volumes = ()
    peak_kpa: float = 0.0
    tip_kpa: float = 0.0
    effort_n: float = 0.0
    wanted_ml_s: float = 0.0
    syringe_ml: float = 0.0
    strengths: Amounts = ()
    deposits: Deposits = ()

    @property
    def doses(self) -> Amounts:
        """What left the needle of each substance, in its unit."""
        return doses(self.delivered_ml, self.strengths)

    @property
    def live(self) -> bool:
        """Whether any of it was seen as it came out."""
        return bool(self.live_ml)


def join_injections(first: Injection, second: Injection) -> Injection:
    """Two pieces of one push as one injection."""
    delivered_ml = add_volumes(first.delivered_ml, second.delivered_ml)
    return replace(
        first,
        end_s=second.end_s,
        delivered_ml=delivered_ml,
        rate_ml_s=total_ml(delivered_ml) / (second.end_s - first.start_s),
        live_ml=add_volumes(first.live_ml, second.live_ml),
        peak_kpa=max(first.peak_kpa, second.peak_kpa),
        deposits=join_deposits(first.deposits, second.deposits),
        tip_kpa=max(first.tip_kpa, second.tip_kpa),
        effort_n=max(first.effort_n, second.effort_n),
        wanted_ml_s=max(first.wanted_ml_s, second.wanted_ml_s),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Feel:
    """What the hand felt during the last action on needle or plunger.

    Attributes
    ----------
    force_n : float
        Greatest force on the hub, N.
    pressure_kpa : float or None
        Pressure in the syringe, kPa; None without one.
    effort_n : float or None
        Force of the thumb on the plunger, N; None without a syringe.
    tip_kpa : float or None
        Pressure at the needle's tip while something was injected, kPa; the rest is lost in needle and tubing.
    gave : bool
        Whether the plunger gave way.
    lost_ml : float
        What went in by that, mL.
    moved_mm : float
        How far the needle went; less than asked where something stopped it.
    """

    force_n: float = 0.0
    pressure_kpa: float | None = None
    effort_n: float | None = None
    tip_kpa: float | None = None
    gave: bool = False
    lost_ml: float = 0.0
    moved_mm: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Belief:
    """What was committed, and when, s."""

    time_s: float
    said: CommitBelief


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ProcedureState:
    """The procedure at one moment.

    Attributes
    ----------
    case : Case
        Scenario and patient; shared.
    seed : int
        Of everything that chance decides in this attempt.
    time_s : float
        Simulated time, s.
    done : AppendOnlyList of Done
        Every action so far.
    chart, room, tray, body
        Checklist as done, C-arm and dose, what is on the hub, what has come over the patient.
    needle : NeedleState or None
        Where one is in hand.
    feel : Feel
        What the hand felt last.
    fluid : Fluid
        What was injected: where the needle's opening lies, and how far the fluid has spread.
    injections : tuple of Injection
    events : tuple of Event
    beliefs : tuple of Belief
    answers : tuple of (str, str, float)
        Question, choice, confidence.
    shots : tuple of Shot
        Every exposure and stretch of a run.
    fresh : int
        Number of the first pulse of the last action.
    over : Decision or None
        How the attempt ended.
    """

    case: Case
    seed: int
    time_s: float = 0.0
    done: AppendOnlyList[Done] = field(default_factory=AppendOnlyList)
    chart: Chart = field(default_factory=Chart)
    room: Room = field(default_factory=Room)
    tray: Tray = field(default_factory=Tray)
    body: Body = field(default_factory=Body)
    needle: NeedleState | None = None
    feel: Feel = field(default_factory=Feel)
    fluid: Fluid = NO_FLUID
    injections: tuple[Injection, ...] = ()
    events: tuple[Event, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    answers: tuple[tuple[str, str, float], ...] = ()
    shots: tuple[Shot, ...] = ()
    fresh: int = 0
    over: Decision | None = None

    def __repr__(self) -> str:
        needle = "no needle" if self.needle is None else f"needle {self.needle.depth_mm:.1f} mm deep"
        over = "" if self.over is None else f", over ({self.over})"
        so_far = f"{self.time_s:.1f} s, actions {len(self.done)}, pulses {self.room.pulse}, {needle}{over}"
        return f"<ProcedureState of {self.case.scenario.id}, seed {self.seed}: {so_far}>"


def add_events(state: ProcedureState, *events: Event) -> ProcedureState:
    """The state with more events."""
    return replace(state, events=(*state.events, *events)) if events else state
