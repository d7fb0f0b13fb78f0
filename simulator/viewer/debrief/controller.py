"""The debrief's side of the engine: what the page needs once, and what it shows at the moment to which the trainee scrubs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.formats.images import jpeg
from simulator.observation.pulses import pulse_at, shot_of
from simulator.observation.truth.attempt_steps import AttemptStep, StepMatch, find_match, find_steps, match_steps
from simulator.observation.truth.needle import measure_tip
from simulator.observation.truth.playback import SIZE, image_of
from simulator.observation.truth.state_archive import StateArchive
from simulator.reporting.page import crop_to_field
from simulator.reporting.report import Report, format_time
from simulator.viewer.common.messages import (
    ComparedNotice,
    DebriefNotice,
    EngineNotice,
    ExportedNotice,
    FrameHeader,
    FrameNotice,
    MomentNotice,
    MonitorKind,
    TrackNotice,
)
from simulator.viewer.debrief import image_export
from simulator.viewer.debrief.expert import Expert
from simulator.viewer.debrief.figures import Figures, compare_figures, compute_figures
from simulator.viewer.debrief.serializers import describe_debrief, list_readings
from simulator.viewer.debrief.step_views import StepView, find_why, read_angles, tell_tip, tell_view
from simulator.viewer.debrief.timelines import Timeline, make_timelines
from simulator.viewer.debrief.track_mesh import EXPERT, OWN, make_track
from simulator.viewer.text.strings import text, texts

Plain = dict[str, Any]

POLL_S = 0.5  # while the expert plays


@dataclass(kw_only=True)
class DebriefSide:
    """The debrief of one attempt; changes as the trainee scrubs.

    Attributes
    ----------
    course : StateArchive
        The attempt.
    report : Report
        Of it.
    expert : Expert or None
        The expert's play; None where the case has none.
    at_s : float
        The moment that is shown, s.
    """

    course: StateArchive
    report: Report
    expert: Expert | None = None
    at_s: float = 0.0
    _own: Figures | None = None
    _lines: tuple[Timeline, ...] = ()
    _wanted: bool = True
    _pulse: int | None = -1
    _steps: tuple[AttemptStep, ...] = ()
    _shown: tuple[StepView, ...] = ()
    _matches: tuple[StepMatch, ...] = ()
    _beside: int = -1

    def __post_init__(self) -> None:
        self.at_s = self.course.end_s
        self._lines = tuple(make_timelines(self.course))
        self._own = compute_figures(self.course, self.report.score)
        self._steps = find_steps(self.course)
        self._matches = match_steps(self._steps, self._steps)  # until the expert's are there

    @property
    def own(self) -> Figures:
        """The trainee's figures."""
        return self._own or compute_figures(self.course, self.report.score)

    def begin(self) -> Iterator[EngineNotice]:
        """Everything that the page needs once, but for the room."""
        yield DebriefNotice(facts=describe_debrief(self.course, self.report, self._lines))
        yield ComparedNotice(rows=compare_figures(self.own, None), playing=self.expert is not None)

    def seek(self, time_s: float) -> None:
        """Go to a moment, s; the newest wish wins."""
        self.at_s = min(max(time_s, 0.0), self.course.end_s)
        self._wanted = True

    def collect_news(self) -> Iterator[EngineNotice]:
        """The moment that is shown, where it is another; the expert's figures, once they are there."""
        if self.expert is not None and self.expert.done:
            yield from self._take_expert(self.expert)
        if self._wanted:
            self._wanted = False
            readings = list_readings(self.course, self._lines, self.at_s)
            yield MomentNotice(shown={"time": format_time(self.at_s), "readings": readings, "beside": self._describe_step()})
            yield from self._send_frame()
            yield from self._send_expert()

    def _take_expert(self, expert: Expert) -> Iterator[EngineNotice]:
        found, self.expert = expert.read(), None
        yield ComparedNotice(rows=compare_figures(self.own, None if found is None else found.figures), playing=False)
        if found is not None:
            self._shown, self._wanted = found.steps, True
            self._matches = match_steps(self._steps, [item.step for item in found.steps])
            yield TrackNotice(mesh=make_track(EXPERT, found.figures.tracks))

    def _describe_step(self) -> Plain:
        """The step that is shown in words: the trainee's view and tip at the moment, the expert's at that step, and why it is done."""
        first, state, match = self.course.states[0], self.course.state_at(self.at_s), find_match(self._matches, self.at_s)
        pulse = pulse_at(self.course.shots, self.at_s)
        shot = None if pulse is None else shot_of(self.course.shots, pulse)
        own = {"view": tell_view(None if shot is None else read_angles(shot)), "tip": tell_tip(*measure_tip(state))}
        why = find_why(match.own.kind, first.case.scenario)
        return {"step": _name(match.own.kind), "why": why, "own": own, "expert": self._describe_expert(match)}

    def _describe_expert(self, match: StepMatch) -> Plain | None:
        if not self._shown:
            return None
        shown = self._shown[match.expert]
        notes = [text("debrief.step_before", {"step": _name(shown.kind)})] if shown.kind is not match.own.kind else []
        notes += [text("debrief.image_before")] if shown.earlier else []
        view, tip = tell_view(shown.angles_deg), tell_tip(shown.depth_mm, shown.target_mm)
        return {"time": format_time(shown.start_s), "view": view, "tip": tip, "note": " ".join(notes)}

    def _send_expert(self) -> Iterator[FrameNotice]:
        number = find_match(self._matches, self.at_s).expert
        if self._shown and number != self._beside:
            self._beside = number
            header = FrameHeader(kind=MonitorKind.EXPERT, pulse=number, size=SIZE, held=True)
            yield FrameNotice(header=header, jpeg=self._shown[number].jpeg)

    def wait_s(self) -> float:
        """How long nothing need be done unless a message comes, s."""
        return 0.0 if self._wanted else POLL_S if self.expert is not None else 60.0

    def describe_tracks(self) -> dict[str, Plain]:
        """The way of the needle's tip, for the room."""
        made = make_track(OWN, self.own.tracks)
        return {} if made is None else {OWN: made}

    def export(self, folder: Path, name: str) -> ExportedNotice:
        """Write an archive of images beside the log; raises as `image_export.write` does."""
        path = image_export.write(folder, name, self.report.pictures, self.course.shots)
        return ExportedNotice(name=name, path=str(path))

    def close(self) -> None:
        """End what still plays."""
        if self.expert is not None:
            self.expert.close()

    def _send_frame(self) -> Iterator[FrameNotice]:
        pulse = pulse_at(self.course.shots, self.at_s)
        if pulse == self._pulse:
            return
        self._pulse = pulse
        header = FrameHeader(kind=MonitorKind.DEBRIEF, pulse=pulse, size=SIZE, held=True)
        yield FrameNotice(header=header, jpeg=jpeg(crop_to_field(self._render_image(pulse))))

    def _render_image(self, pulse: int | None) -> NDArray[np.uint8]:
        if pulse is None:
            return np.zeros((SIZE, SIZE), dtype=np.uint8)
        return image_of(self.course, pulse, self.report.pictures)


def _name(kind: str) -> str:
    return texts("debrief.steps")[kind]
