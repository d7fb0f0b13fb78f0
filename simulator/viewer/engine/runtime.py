"""The procedure by the clock: what comes from the page becomes actions, and what follows becomes frames and facts for the page.

Nothing here knows of a page, a socket or a process: the caller brings messages, each with the moment at which it came, and the time of its
own clock, and gets messages back. From the first needle on, and with the pedal down, simulated time keeps to the clock: a machine that was
busy catches up, in the order in which things came, so that a plunger gives what it was held for and not what the machine was late by. What
takes time of its own (a syringe is attached in 8 s) goes ahead of the clock by that.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from math import ceil, inf
from typing import Any

from scenarios.names.enums import Attachment, HeldPart
from simulator.observation import monitors
from simulator.observation.teaching import find_due
from simulator.observation.truth.state_archive import StateArchive
from simulator.procedure.actions.action_codec import parse_action as read_action
from simulator.procedure.actions.actions import Action, Finish, Hint, LetGo, Pedal, Wait
from simulator.procedure.attempt.attempt import Attempt, act, continue_in_memory, undo
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.common.messages import (
    ActRequest,
    BeatRequest,
    DropRequest,
    EngineNotice,
    HintRequest,
    HoldRequest,
    Message,
    PauseRequest,
    RefreshRequest,
    RefusedNotice,
    RollRequest,
    ScreenRequest,
    ShaftRequest,
    UndoRequest,
)
from simulator.viewer.common.modes import ALLOWED, Allowed, TrainingMode
from simulator.viewer.engine import held_controls
from simulator.viewer.engine.guidance import GuideMarks, guide_svg, project_guide
from simulator.viewer.engine.held_controls import Held
from simulator.viewer.engine.held_image import draw_leaves, list_changes, tell_stale
from simulator.viewer.engine.lost_hands import LostHands
from simulator.viewer.engine.prefetch import Prefetch, start_warming
from simulator.viewer.engine.state_diff import StateDiff, describe_held
from simulator.viewer.monitor.monitoring import MonitorSide

Status = dict[str, Any]

SETTLED_S = 0.25  # after which a C-arm has stopped
MOST_BEHIND_S = 20.0  # of the clock: a machine that falls further behind, because it was asleep, drops the rest
MOST_AHEAD_S = 0.5  # of the clock, that is waited for; a push that takes longer than the key that asked for it holds up no image
STRETCH_S = 0.5  # what is caught up is caught up in pieces of at most this length
PIECE_S = 0.15  # an injection is worked out in pieces of this length
PROBE_ML = 0.002  # with which a push begins, to learn how fast the plunger goes
STARTLED_S = 0.5  # for which a hand stops pushing when the plunger has given
IDLE_S = 0.5  # time passes in these steps while nobody does anything
LEAST_S = 1e-3


@dataclass(kw_only=True)
class Runtime:
    """One attempt under way in real time; changes as it runs.

    Attributes
    ----------
    attempt : Attempt
        State, history and log.
    mode : TrainingMode
        What help there is.
    held : Held
        What hands and feet hold.
    lost : LostHands
        What the system let go because nothing was heard of the page.
    monitors : MonitorSide
        Live and reference.
    course : StateArchive
        The attempt's states for its replay.
    telling : StateDiff
        What the page knows of the attempt.
    paused : bool
        Whether the clock stands still.
    trouble : str
        Why the log goes on in memory only; empty as long as the disk takes it.
    """

    attempt: Attempt
    mode: TrainingMode = TrainingMode.PRACTICE
    held: Held = field(default_factory=Held)
    lost: LostHands = field(default_factory=LostHands)
    monitors: MonitorSide = field(default_factory=MonitorSide)
    course: StateArchive = field(default_factory=StateArchive)
    telling: StateDiff = field(default_factory=StateDiff)
    paused: bool = False
    trouble: str = ""
    _now_s: float | None = None
    _owed_s: float = 0.0
    _flowing_s: float = 0.0
    _flow_ml_s: float | None = None
    _turned_s: float = -inf
    _shaft_mm: float = 0.0
    _roll_deg: float = 0.0
    _queue: list[Action] = field(default_factory=list)
    _warming: Prefetch | None = None
    _startled: bool = False
    _startled_s: float = -inf

    def __post_init__(self) -> None:
        if not self.course.states:
            self.course.add(self.attempt.state)
            self.monitors.monitor = monitors.join(self.monitors.monitor, self.attempt.state)

    @property
    def state(self) -> ProcedureState:
        """The present state."""
        return self.attempt.state

    @property
    def allowed(self) -> Allowed:
        """What mode and case allow."""
        mode, case = ALLOWED[self.mode], self.state.case.scenario.help
        return replace(mode, hints=mode.hints and case.hints)

    def warm(self) -> None:
        """Begin to prepare the anatomy for its first image, beside everything else."""
        self._warming = start_warming(self.state, self.monitors.size, reveal=self.allowed.reveal)

    def take(self, message: Message, now_s: float) -> Iterator[EngineNotice]:
        """Take a message of the page; what is refused is told at once, and nothing has changed.

        Parameters
        ----------
        message : Message
            Of a kind in `HANDLERS`.
        now_s : float
            When it came, s of the machine's clock: until then what was held before was held.
        """
        yield from self._catch_up(now_s)
        if not isinstance(message, DropRequest | RefreshRequest):
            self._hear_again()
        try:
            HANDLERS[type(message)](self, message)
        except ValueError as error:
            yield RefusedNotice(why=str(error))

    def tick(self, now_s: float) -> Iterator[EngineNotice]:
        """Let the clock go on, and tell what came of it.

        Parameters
        ----------
        now_s : float
            Of the machine's clock, s; only differences count.
        """
        yield from self._catch_up(now_s)
        yield from self._run_safely(self._raise_pedal)
        if self.monitors.monitor.waits and self._warming is not None:
            self._warming.wait()
        yield from self.monitors.deliver_frames(moving=self._clock - self._turned_s <= SETTLED_S and self.held.pedal)
        feels = self.held.thumb or self.held.plunger_ml_s > 0
        yield from self.telling.collect_news(self.state, self._describe_status(), self._clock, feels=feels)

    def wait_s(self, now_s: float | None = None) -> float:
        """How long nothing need be done unless a message comes, s.

        Parameters
        ----------
        now_s : float, optional
            Of the machine's clock, s: the last tick itself may have taken as long as the wait. That tick's time where left out.
        """
        gone_s = 0.0 if now_s is None else now_s - self._clock
        if self._shaft_mm or self._roll_deg:
            return 0.0
        if self.held.pedal and not self.paused:
            return max(LEAST_S, min(self._until_pulse_s() - self._owed_s, 0.05) - gone_s)
        if self.held.anything or self.held.thumb:
            return max(LEAST_S, 0.02 - gone_s)
        if self.monitors.monitor.unsharp or self.telling.waits:
            return 0.05
        return max(LEAST_S, IDLE_S - self._owed_s - gone_s) if self._in_room else 5.0

    def close(self) -> None:
        """Let go of everything."""
        self.held = held_controls.let_go(self.held)

    # messages

    def _queue_action(self, message: ActRequest) -> None:
        action = read_action(message.action)
        if isinstance(action, LetGo):
            raise ValueError("let-go: the system's own; let go of what is held")
        self._queue.append(action)

    def _beat(self, _: BeatRequest) -> None:
        self.held = replace(self.held, beat_s=self._clock)

    def _push(self, message: ShaftRequest) -> None:
        """A push or a pull. A hand stops where the plunger gives: pushes already on their way then are not made."""
        self._require_clock("shaft_mm")
        if message.distance_mm < 0 or self._clock >= self._startled_s:
            self._shaft_mm += message.distance_mm

    def _roll(self, message: RollRequest) -> None:
        self._require_clock("roll_deg")
        self._roll_deg += message.angle_deg

    def _require_clock(self, word: str) -> None:
        """Refuse to move the needle while nothing moves: it would go all at once afterwards."""
        if self.paused:
            raise ValueError(f"{word}: the clock stands still; go on first")

    def _refresh(self, _: RefreshRequest) -> None:
        """The page knows nothing: tell it everything."""
        self.telling.forget()

    def _hold(self, message: HoldRequest) -> None:
        before = self.held
        self.held = replace(before, **message.hands.changes, beat_s=self._clock)
        if self.held.anything or self.held.thumb:
            self.lost = LostHands()
        if self.held.pedal != before.pedal:
            self._queue.append(Pedal(down=self.held.pedal))
        if self.held.thumb and not before.thumb and self._feels:
            self._queue.append(read_action("press-plunger"))

    def _drop(self, _: DropRequest) -> None:
        """The page that drove is gone: what it held is let go, by nobody's decision."""
        self._let_go(held_controls.let_go(self.held), held_controls.name_parts(self.held))

    def _hear_again(self) -> None:
        """The page is heard after a silence. Pushes that were on their way are not made: the hand thought its thumb on the plunger."""
        if self.lost.is_silent:
            self.lost, self._startled_s = self.lost.hear(self._clock), self._clock + STARTLED_S

    def _set_screen(self, message: ScreenRequest) -> None:
        self.monitors.set(message.settings)
        self._turned_s = -inf

    def _undo(self, message: UndoRequest) -> None:
        if self.state.over is not None:
            raise ValueError("undo: the attempt is over; begin another")
        if not self.allowed.undo:
            raise ValueError(f"undo: {self.mode} mode takes nothing back")
        if self.state.room.pedal or self.held.pedal:
            raise ValueError("undo: let go of the pedal first")
        self.attempt = self._run_logged(lambda attempt: undo(attempt, message.points))
        self.course.add(self.state)
        self.monitors.monitor = monitors.rewind(self.monitors.monitor, self.state)
        self.held, self._queue = held_controls.let_go(self.held), []

    def _hint(self, _: HintRequest) -> None:
        """Tell what is due; the log remembers that it was asked."""
        if not self.allowed.hints:
            raise ValueError(f"hint: {self.mode} mode gives none")
        step = find_due(self.state)
        if step is None:
            raise ValueError("hint: this case has none")
        self._queue.append(Hint(step=step.step, costed=self.allowed.costed))

    def _pause(self, message: PauseRequest) -> None:
        wanted = message.wanted
        if wanted and not self.allowed.pause:
            raise ValueError(f"pause: {self.mode} mode does not stand still")
        if wanted and self.state.room.pedal:
            self._act(Pedal(down=False))
        self.paused, self.held = wanted, held_controls.let_go(self.held)

    # the clock

    @property
    def _clock(self) -> float:
        return 0.0 if self._now_s is None else self._now_s

    @property
    def _in_room(self) -> bool:
        """Whether time passes by itself: from the first needle on, until the attempt is over."""
        return not self.paused and self.state.over is None and (self.state.needle is not None or bool(self.state.injections))

    def _catch_up(self, now_s: float) -> Iterator[EngineNotice]:
        """Do what was asked for, then let the time pass that has passed since; what is held lasts no longer than heartbeats carry it."""
        if self._startled:
            self._startled, self._startled_s = False, now_s + STARTLED_S
        yield from self._drain()
        while (end_s := held_controls.find_end_s(self.held)) < now_s:
            yield from self._pass_until(end_s)
            yield from self._run_safely(lambda: self._let_go(*held_controls.drop(self.held)))
        yield from self._pass_until(now_s)

    def _drain(self) -> Iterator[EngineNotice]:
        """Take the actions that were asked for, each after the time that had passed before."""
        queue, self._queue = self._queue, []
        for action in queue:
            yield from self._run_safely(self._settle)
            yield from self._run_safely(lambda action=action: self._act(action))

    def _pass_until(self, now_s: float) -> Iterator[EngineNotice]:
        """Let the clock go on to a moment of the machine's, piece by piece; one that is past already counts as now."""
        passed_s = 0.0 if self._now_s is None else min(max(now_s - self._now_s, 0.0), MOST_BEHIND_S)
        self._now_s = now_s if self._now_s is None else max(now_s, self._now_s)
        pieces = max(1, ceil(passed_s / STRETCH_S))
        for _ in range(pieces):
            if not self.paused and self.state.over is None:
                yield from self._run_safely(lambda: self._go_on(passed_s / pieces))

    def _let_go(self, left: Held, parts: tuple[HeldPart, ...]) -> None:
        """Hold only what is left; the log says that the system let go of the rest."""
        silent_s, self.held = max(0.0, self._clock - self.held.beat_s), left
        if parts and self.state.over is None:
            self.lost = self.lost.add(parts, left.beat_s)
            self._act(LetGo(held=parts, silent_s=round(silent_s, 3)))

    def _raise_pedal(self) -> None:
        """Nobody's foot is on the pedal, so it is up, whatever an action said."""
        if self.state.room.pedal and not self.held.pedal and self.state.over is None:
            self._act(Pedal(down=False))

    def _go_on(self, passed_s: float) -> None:
        """What hands do in this time, and then the time itself."""
        began_s = self.state.time_s
        try:
            self._use_hands(passed_s)
        finally:
            self._owed_s = max(-MOST_AHEAD_S, self._owed_s + passed_s - (self.state.time_s - began_s))
        if self.state.room.pedal:
            if self._owed_s >= self._until_pulse_s():
                self._settle()
        elif not self._in_room:
            self._owed_s = min(self._owed_s, 0.0)
        elif self._owed_s >= IDLE_S:
            self._settle()

    def _use_hands(self, passed_s: float) -> None:
        seconds = passed_s / held_controls.count_shares(self.held)
        for action in held_controls.drive(self.state, self.held, seconds):
            self._do_piece(action)
            self._turned_s = self._clock
        self._move_needle()
        self._press_plunger(seconds)

    def _settle(self) -> None:
        """Let the time pass that has passed by the clock and not yet in the room."""
        if self._owed_s > LEAST_S and (self._in_room or self.state.room.pedal):
            seconds, self._owed_s = self._owed_s, 0.0
            self._act(Wait(duration_s=round(seconds, 6)))

    def _move_needle(self) -> None:
        shaft_mm, self._shaft_mm = self._shaft_mm, 0.0
        roll_deg, self._roll_deg = self._roll_deg, 0.0
        push = held_controls.move_shaft(shaft_mm, thumb=self.held.thumb and self._feels)
        roll = held_controls.turn_needle(roll_deg)
        if push is not None:
            self._do_piece(push)
            if self.state.feel.gave:
                self.held, self._startled = replace(self.held, thumb=False), True
        if roll is not None:
            self._do_piece(roll)

    def _press_plunger(self, seconds: float) -> None:
        """What the plunger gives in this time: where thumb and tissue let it give less than wanted, it gives less and takes no longer."""
        if self.held.plunger_ml_s <= 0:
            self._flowing_s, self._flow_ml_s = 0.0, None
            return
        self._flowing_s += seconds
        if self._flowing_s < PIECE_S:
            return
        left_s, self._flowing_s = self._flowing_s, 0.0
        if self._flow_ml_s is None:
            left_s -= self._push_plunger(min(PROBE_ML, self.held.plunger_ml_s * left_s), continued=False)
        if left_s > 0 and self._flow_ml_s is not None:
            self._push_plunger(self._flow_ml_s * left_s, continued=True)

    def _push_plunger(self, volume_ml: float, *, continued: bool) -> float:
        """Push the plunger once; returns how long that took, s. What it gave tells how fast it goes on; one that is stuck is pressed on."""
        before = self.state
        piece = held_controls.press_plunger(before, self.held, volume_ml, continued=continued)
        if piece is None:
            self.held = replace(self.held, plunger_ml_s=0.0)
            return 0.0
        self._do_piece(piece)
        given_ml, took_s = before.tray.left_ml - self.state.tray.left_ml, self.state.time_s - before.time_s
        self._flow_ml_s = given_ml / took_s if given_ml > 0 and took_s > 0 else min(self.held.plunger_ml_s, PROBE_ML / PIECE_S)
        return took_s

    def _until_pulse_s(self) -> float:
        """How far the next pulse lies ahead of simulated time, s."""
        return max(LEAST_S, self.state.room.next_pulse_s - self.state.time_s) if self.state.room.pedal else IDLE_S

    @property
    def _feels(self) -> bool:
        """Whether a loss-of-resistance syringe is on the hub."""
        return self.state.tray.attached in (Attachment.LOR_AIR, Attachment.LOR_SALINE)

    def _do_piece(self, action: Action) -> None:
        """A piece of a movement; one that is refused ends what is held."""
        try:
            self._act(action)
        except ValueError:
            self.held = replace(self.held, carm=held_controls.STILL, table=held_controls.STILL, plunger_ml_s=0.0)
            raise

    # actions and what follows

    def _act(self, action: Action) -> None:
        self.attempt = self._run_logged(lambda attempt: act(attempt, action))
        self.course.add(self.state)
        self.monitors.monitor = monitors.take(self.monitors.monitor, self.state)
        if isinstance(action, Finish):
            self.held = held_controls.let_go(self.held)

    def _run_logged(self, work: Callable[[Attempt], Attempt]) -> Attempt:
        """The attempt after work on it; where the disk takes no more, its log goes on in memory."""
        try:
            return work(self.attempt)
        except OSError as error:
            self.attempt, self.trouble = continue_in_memory(self.attempt), str(error.strerror or error)
            return work(self.attempt)

    def _run_safely(self, work: Any) -> Iterator[EngineNotice]:  # noqa: ANN401 - any call
        try:
            work()
        except ValueError as error:
            yield RefusedNotice(why=str(error))

    def _describe_status(self) -> Status:
        """What the page is told besides the procedure's state."""
        marks = self._find_guide()
        return {
            "paused": self.paused,
            "mode": str(self.mode),
            "held": describe_held(self.held),
            "undo": len(self.attempt.history.past),
            "display": asdict(self.monitors.display),
            "size": self.monitors.size,
            "saved": len(self.monitors.monitor.references),
            "guide": None if marks is None else asdict(marks),
            "guide_svg": "" if marks is None else guide_svg(marks),
            "trouble": self.trouble,
            "lost": self.lost.words,
            "stale": tell_stale(list_changes(self.monitors.monitor, self.state)),
            "leaves_svg": draw_leaves(self.monitors.monitor, self.state),
        }

    def _find_guide(self) -> GuideMarks | None:
        """Target and corridor over the monitor, where the mode shows them and there is an image of this view."""
        target = self._warming.target if self._warming is not None else None
        if not self.allowed.reveal or target is None or self.monitors.monitor.source is None or not self.state.shots:
            return None
        same = self.state.shots[-1].pose == self.state.room.pose
        return project_guide(target, self.state.room.pose, self.monitors.display) if same else None


HANDLERS: Mapping[type[Message], Callable[[Runtime, Any], None]] = {
    ActRequest: Runtime._queue_action,
    HoldRequest: Runtime._hold,
    BeatRequest: Runtime._beat,
    DropRequest: Runtime._drop,
    ShaftRequest: Runtime._push,
    RollRequest: Runtime._roll,
    ScreenRequest: Runtime._set_screen,
    UndoRequest: Runtime._undo,
    PauseRequest: Runtime._pause,
    HintRequest: Runtime._hint,
    RefreshRequest: Runtime._refresh,
}
"""What an attempt under way does with a message, by its class."""
