"""The engine's process: it owns the attempt, ticks it by the clock, develops and encodes frames, and speaks through a pipe.

Messages in and out are those of `simulator.viewer.common.messages`, as frozen objects; the page's server has checked what a browser sent.
`HANDLERS` names the work for each kind that comes in.
"""

import ctypes
import gc
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Any

from phantoms.threads import limit_blas
from scenarios.errors import ScenarioError
from scenarios.loader import read as read_case
from simulator.formats.images import encode_png
from simulator.geometry.targets import NeedleTarget
from simulator.observation import render_slice, watch_all
from simulator.observation.album import Picture
from simulator.observation.truth.state_archive import StateArchive
from simulator.procedure.actions.action_codec import to_plain
from simulator.procedure.attempt import attempt as attempts_on
from simulator.procedure.attempt.log import LogError, conclude
from simulator.procedure.attempt.replay import Verdict, replay_states
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.case_target import find_case_target
from simulator.procedure.state.state import ProcedureState
from simulator.reporting.build import build_report
from simulator.reporting.circumstances import Circumstances
from simulator.reporting.report import Report
from simulator.scoring.score import Score
from simulator.viewer.common import attempts
from simulator.viewer.common.attempts import About
from simulator.viewer.common.engine_config import Setup
from simulator.viewer.common.messages import (
    ActRequest,
    BeginRequest,
    CaseNotice,
    ClickRequest,
    EngineNotice,
    ExportRequest,
    FailedNotice,
    FinishedNotice,
    ImageNotice,
    LeaveRequest,
    LogNotice,
    LogRequest,
    Message,
    OpeningNotice,
    PaceRequest,
    PauseRequest,
    RefreshRequest,
    ReplayRequest,
    ResumeRequest,
    ReviewRequest,
    RoomNotice,
    SliceRequest,
    VerifiedNotice,
)
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.debrief import expert
from simulator.viewer.debrief.controller import DebriefSide
from simulator.viewer.debrief.log_replayer import LogReplayer, open_log
from simulator.viewer.engine import runtime as runtimes
from simulator.viewer.engine.attempt_folder import AttemptFolder
from simulator.viewer.engine.room_controller import RoomSide
from simulator.viewer.engine.runtime import Runtime
from simulator.viewer.engine.serializers import describe_case
from simulator.viewer.monitor.monitoring import MonitorSide
from simulator.viewer.text.strings import text


@dataclass(kw_only=True)
class Engine:
    """What the process has in hand; changes as messages come."""

    setup: Setup
    runtime: Runtime | None = None
    dossier: AttemptFolder | None = None
    room: RoomSide = field(default_factory=RoomSide)
    resumed: bool = False
    opening: LogReplayer | None = None
    debrief: DebriefSide | None = None
    cases: dict[str, Case] = field(default_factory=dict)
    came_s: float = 0.0

    def take(self, message: Message, came_s: float | None = None) -> Iterator[EngineNotice]:
        """Answer a message; what cannot be done is told in one line, and the engine goes on.

        Parameters
        ----------
        message : Message
            Of a kind in `HANDLERS`.
        came_s : float, optional
            When it came, s of the machine's clock, which is the same in every process; now where left out.
        """
        self.came_s = perf_counter() if came_s is None else came_s
        handler = HANDLERS.get(type(message))
        if handler is None:
            yield FailedNotice(
                why=f"expected a message of a known kind, got {type(message).__name__}; send one of HANDLERS", during="message"
            )
            return
        try:
            yield from handler(self, message)
        except (ScenarioError, LogError, ValueError, OSError) as error:
            yield FailedNotice(why=str(error), during=message.kind)

    def tick(self) -> Iterator[EngineNotice]:
        """Let the clock go on."""
        if self.opening is not None:
            yield from self._go_on_opening(self.opening)
        elif self.debrief is not None:
            yield from self.debrief.collect_news()
            yield from self.room.collect_news(self.debrief.course.state_at(self.debrief.at_s), perf_counter())
        elif self.runtime is not None:
            yield from self._tick_runtime(self.runtime, perf_counter())

    def wait_s(self) -> float:
        """How long nothing need be done unless a message comes, s."""
        if self.opening is not None:
            return 0.0
        if self.debrief is not None:
            return min(self.debrief.wait_s(), self.room.wait_s(perf_counter()))
        return 60.0 if self.runtime is None else self.runtime.wait_s(perf_counter())

    def _tick_runtime(self, runtime: Runtime, now_s: float) -> Iterator[EngineNotice]:
        over = runtime.state.over
        yield from runtime.tick(now_s)
        yield from self.room.collect_news(runtime.state, now_s)
        if over is None and runtime.state.over is not None:
            yield from self._finish_attempt(runtime)

    def _begin(self, message: BeginRequest) -> Iterator[EngineNotice]:
        self._close()
        wanted, trainee = message.start, self.setup.trainee
        about = About(
            case=wanted.case,
            mode=str(wanted.mode),
            seed=wanted.seed,
            trainee=trainee,
            started=attempts.format_now(),
            tour=wanted.tour,
        )
        case = self._load_case(about.case)
        folder = attempts.make_folder(self.setup.attempts, about)
        try:
            attempt = attempts_on.start(case, about.seed, folder / attempts.LOG)
        except OSError as error:
            attempts.remove_folder(folder)
            raise attempts.make_write_error(folder, error) from error
        yield from self._start(attempt, self._make_dossier(about, folder))

    def _resume(self, message: ResumeRequest) -> Iterator[EngineNotice]:
        self._close()
        folder = Path(message.folder)
        about = attempts.read(folder)
        if about is None:
            raise ValueError(f"{folder}: no attempt to go on with; begin another")
        case = self._load_case(about.case)
        attempt = None if about.finished else attempts_on.resume(folder / attempts.LOG, case)
        if attempt is None or attempt.state.over is not None:  # it was killed in its debrief, or on the way there
            if attempt is not None:
                attempts_on.close(attempt)
            yield from self._send_past(case, self._make_dossier(replace(about, finished=True), folder))
            return
        yield from self._start(attempt, self._make_dossier(about, folder))
        self.resumed = True
        self._remember(attempt.state, folder)

    def _make_dossier(self, about: About, folder: Path) -> AttemptFolder:
        return AttemptFolder(folder=folder, about=about, database=self.setup.database)

    def _remember(self, state: ProcedureState, folder: Path) -> None:
        """A unit that has subtracted images goes on with its masks: they are made again with the frames that they came from."""
        if self.runtime is not None and any(shot.mode.subtracts for shot in state.shots):
            found = watch_all(replay_states(folder / attempts.LOG, state.case), MonitorSide().monitor)
            self.runtime.monitors.monitor = replace(found, frames=(), source=None, references=())

    def _review(self, message: ReviewRequest) -> Iterator[EngineNotice]:
        """Open an attempt that is over."""
        self._close()
        folder = Path(message.folder)
        about = attempts.read(folder)
        if about is None or not about.finished:
            raise ValueError(f"{folder}: no attempt that is over; choose another")
        yield from self._send_past(self._load_case(about.case), self._make_dossier(about, folder))

    def _send_past(self, case: Case, dossier: AttemptFolder) -> Iterator[EngineNotice]:
        self.dossier = dossier
        self.opening = open_log(dossier.path, case)
        yield CaseNotice(
            case=describe_case(case.scenario, dossier.about.mode), mode=dossier.about.mode, folder=str(dossier.folder), past=True
        )

    def _go_on_opening(self, under_way: LogReplayer) -> Iterator[EngineNotice]:
        """Play the log on; at its end comes the debrief. One that cannot be played is told of and left."""
        try:
            done = under_way.go_on()
        except (LogError, OSError) as error:
            self._close()
            yield FailedNotice(why=str(error), during=ReviewRequest.kind)
            return
        yield OpeningNotice(share=round(under_way.share, 2))
        if done:
            yield from self._end_replay(under_way)

    def _end_replay(self, under_way: LogReplayer) -> Iterator[EngineNotice]:
        """The end of a log has been reached: say what that has shown, and score it."""
        self.opening = None
        report = build_report(under_way.course.states, under_way.pictures, self._get_circumstances())
        try:
            under_way.check_result(passed=report.score.passed)
        except LogError as error:
            self._close()
            yield FailedNotice(why=str(error), during=ReviewRequest.kind)
            return
        if self.runtime is None:
            shown = "past.to_the_bit" if under_way.verdict is Verdict.TO_THE_BIT else "past.to_tolerance"
            yield VerifiedNotice(words=text(shown))
        yield from self._score(under_way.course, report, under_way.pictures)

    def _start(self, attempt: attempts_on.Attempt, dossier: AttemptFolder) -> Iterator[EngineNotice]:
        self.dossier, about = dossier, dossier.about
        attempt.state.case.patient.surfaces()  # a new patient takes seconds, in which the page says that it waits
        self.runtime, self.resumed = Runtime(attempt=attempt, mode=TrainingMode(about.mode)), False
        self.room = RoomSide(inside=self.runtime.allowed.reveal)
        self.runtime.warm()
        yield from dossier.file_row(attempt.state)
        case = describe_case(attempt.state.case.scenario, about.mode)
        yield CaseNotice(case=case, mode=about.mode, folder=str(dossier.folder), seed=about.seed)

    def _target(self) -> NeedleTarget | None:
        """The case's target, where the mode shows it."""
        return find_case_target(self.runtime.state.case) if self.runtime is not None and self.room.inside else None

    def _read_log(self, _: LogRequest) -> Iterator[EngineNotice]:
        """The log as it stands, from the disk or from memory."""
        kept, data = self._get_memory_log(), b""
        if self.dossier is not None:
            data = self.dossier.path.read_bytes() if kept is None else kept.getvalue()
        yield LogNotice(data=data)

    def _get_memory_log(self) -> BytesIO | None:
        """The log that goes on in memory, because the disk took no more."""
        writer = None if self.runtime is None else self.runtime.attempt.writer
        return writer.stream if writer is not None and isinstance(writer.stream, BytesIO) else None

    def _play(self, message: Message) -> Iterator[EngineNotice]:
        """A message for the attempt under way; without one it goes unanswered."""
        if self.runtime is not None:
            yield from self.runtime.take(message, self.came_s)

    def _pause(self, message: PauseRequest) -> Iterator[EngineNotice]:
        yield from self._play(message)
        if self.runtime is not None and self.dossier is not None:
            yield from self.dossier.file_row(self.runtime.state)

    def _refresh(self, message: RefreshRequest) -> Iterator[EngineNotice]:
        if self.runtime is not None:
            yield self.room.begin(self.runtime.state, self._target())
            yield from self._play(message)

    def _pace(self, message: PaceRequest) -> Iterator[EngineNotice]:
        self.room.pace(message.draw_s)
        yield from ()

    def _seek(self, message: ReplayRequest) -> Iterator[EngineNotice]:
        """Go to a moment of the attempt that is over."""
        debrief, _ = self._require_ended(message)
        debrief.seek(message.time_s)
        yield from ()

    def _export(self, message: ExportRequest) -> Iterator[EngineNotice]:
        """Make files of the images of the attempt that is over."""
        debrief, dossier = self._require_ended(message)
        yield debrief.export(dossier.folder, message.name)

    def _require_ended(self, message: Message) -> tuple[DebriefSide, AttemptFolder]:
        """The debrief of the attempt that is over, and its folder.

        Raises
        ------
        ValueError
            Where no attempt is over.
        """
        if self.debrief is None or self.dossier is None:
            raise ValueError(f"{message.kind}: the attempt is not over")
        return self.debrief, self.dossier

    def _click(self, message: ClickRequest) -> Iterator[EngineNotice]:
        """A click in the room: on the skin it lays the pointer there."""
        mark = None if self.runtime is None else self.room.mark_clicked(self.runtime.state, message.click)
        if mark is not None:
            yield from self._play(ActRequest(action=to_plain(mark)))

    def _leave(self, _: LeaveRequest) -> Iterator[EngineNotice]:
        self._close()
        yield from ()

    def _close(self) -> None:
        """Let go of the attempt in hand."""
        if self.runtime is not None:
            self.runtime.close()
            attempts_on.close(self.runtime.attempt)
        if self.debrief is not None:
            self.debrief.close()
        if self.dossier is not None:
            self.dossier.close()
        self.runtime = self.dossier = self.opening = self.debrief = None
        self.room, self.resumed = RoomSide(), False
        give_back()

    def _finish_attempt(self, runtime: Runtime) -> Iterator[EngineNotice]:
        """The attempt is over: its debrief, before which one that was gone on with is played again from its beginning."""
        if self.dossier is None:
            return
        yield FinishedNotice(folder=str(self.dossier.folder))
        self.dossier.finish()
        if self.resumed:
            whole = self.dossier.locate_whole_log(self._get_memory_log())
            attempts_on.close(runtime.attempt)
            self.opening = open_log(whole, runtime.state.case, runtime.monitors.monitor.album)
        else:
            pictures = runtime.monitors.monitor.album.pictures
            yield from self._score(
                runtime.course, build_report(runtime.course.states, pictures, self.dossier.about.circumstances), pictures
            )

    def _get_circumstances(self) -> Circumstances:
        return Circumstances() if self.dossier is None else self.dossier.about.circumstances

    def _score(self, course: StateArchive, report: Report, pictures: Sequence[Picture] = ()) -> Iterator[EngineNotice]:
        """Write result and report of an attempt where there are none yet, and begin the debrief."""
        if self.dossier is None:
            return
        self._conclude(self.dossier, report.score)
        yield from self.dossier.file_score(course.states[-1], report)
        yield from self._begin_debrief(course, report, self.dossier.about.case)
        self.dossier.archive(pictures, course.shots)

    def _conclude(self, dossier: AttemptFolder, score: Score) -> None:
        """End the log with the result, once; a disk that refuses it is told of with the report."""
        with suppress(OSError, LogError):
            if self.runtime is not None:
                attempts_on.conclude(self.runtime.attempt, passed=score.passed, grade=score.grade)
            elif dossier.about.grade is None:
                conclude(dossier.path, passed=score.passed, grade=score.grade)

    def _begin_debrief(self, course: StateArchive, report: Report, case: str) -> Iterator[EngineNotice]:
        """Begin the debrief: what the page needs once, the room with everything under the skin, and the expert's play."""
        self.debrief = DebriefSide(course=course, report=report, expert=expert.begin(case, course.states[0]))
        yield from self.debrief.begin()
        self.room = RoomSide(inside=True, least_s=self.room.least_s)
        room = self.room.begin(course.states[-1], find_case_target(course.states[-1].case))
        yield RoomNotice(meshes=room.meshes | self.debrief.describe_tracks(), see_through=room.see_through)

    def _send_slice(self, message: SliceRequest) -> Iterator[EngineNotice]:
        if self.runtime is None:
            raise ValueError("slice: there is no attempt")
        yield ImageNotice(name=message.name, png=encode_png(render_slice(self.runtime.state, message.name)))

    def _load_case(self, name: str) -> Case:
        if name not in self.cases:
            self.cases = {}  # one at a time: a patient takes hundreds of megabytes
            give_back()
            self.cases = {name: case_of(read_case(name))}
        return self.cases[name]


HANDLERS: Mapping[type[Message], Callable[[Engine, Any], Iterator[EngineNotice]]] = {
    **dict.fromkeys(runtimes.HANDLERS, Engine._play),
    PauseRequest: Engine._pause,
    RefreshRequest: Engine._refresh,
    BeginRequest: Engine._begin,
    ResumeRequest: Engine._resume,
    ReviewRequest: Engine._review,
    LeaveRequest: Engine._leave,
    SliceRequest: Engine._send_slice,
    PaceRequest: Engine._pace,
    ReplayRequest: Engine._seek,
    ClickRequest: Engine._click,
    LogRequest: Engine._read_log,
    ExportRequest: Engine._export,
}
"""What the engine does with a message, by its class."""


def give_back() -> None:
    """Give memory that is needed no longer back to the system: a case and its functions hold each other, and glibc keeps what is freed."""
    gc.collect()
    with suppress(OSError, AttributeError, TypeError):  # where there is no glibc
        ctypes.CDLL(None).malloc_trim(0)


@limit_blas()
def main(pipe: Connection, setup: Setup) -> None:
    """Run until the pipe closes.

    Parameters
    ----------
    pipe : Connection
        To the page's process; messages come with the moment at which they were sent.
    setup : Setup
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the page's process, which closes the pipe
    engine = Engine(setup=setup)
    try:
        while True:
            if pipe.poll(engine.wait_s()):
                while pipe.poll(0):
                    came_s, message = pipe.recv()
                    for answer in engine.take(message, came_s):
                        pipe.send(answer)
            for news in engine.tick():
                pipe.send(news)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    finally:
        if engine.debrief is not None:
            engine.debrief.close()  # the expert's play is a process of its own
