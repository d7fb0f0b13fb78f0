"""What is shown of a step: an image with its view, where the tip was, and why the step is done."""

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import inf
from typing import Any

import numpy as np

from scenarios.schema.scenario import Scenario
from simulator.formats.images import jpeg
from simulator.geometry.angle_text import describe_angles
from simulator.observation.pulses import pulse_at, shot_of
from simulator.observation.truth import Shot
from simulator.observation.truth.attempt_steps import AttemptStep, StepKind, find_steps
from simulator.observation.truth.needle import measure_tip
from simulator.observation.truth.playback import SIZE, image_of
from simulator.observation.truth.state_archive import StateArchive
from simulator.reporting.page import crop_to_field
from simulator.viewer.text.strings import text
from simulator.xray.image.modes import Mode

JUST_S = 1e-6  # before the next step begins
EMPTY = jpeg(np.zeros((SIZE, SIZE), dtype=np.uint8))

TEACHES: dict[StepKind, tuple[str, ...]] = {
    StepKind.RECORD: ("record", "antiplatelet", "pregnancy", "glucose"),
    StepKind.PREPARATION: ("time-out",),
    StepKind.VIEW: ("ap-view", "view"),
    StepKind.ENTRY: ("entry", "needle", "view", "ap-view"),
    StepKind.DEPTH_VIEW: ("depth-view", "course"),
    StepKind.LOSS: ("loss", "false-loss", "depth-view"),
    StepKind.CONTRAST: ("contrast", "vessel"),
    StepKind.DRUG: ("drug", "steroid", "dose", "contrast"),
    StepKind.AFTER: ("after",),
}
"""Names under which a case teaches a step: the first that it has counts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepView:
    """A step of an attempt as it is shown.

    Attributes
    ----------
    kind : StepKind
    start_s : float
        When it began, s.
    angles_deg : tuple of float or None
        Oblique, tilt and swivel of the image; None where there was none yet.
    depth_mm, target_mm : float or None
        Of the tip under the skin, and from the target; None without a needle in the body.
    earlier : bool
        Whether the image is of an earlier step, for none was taken in this one.
    image : str
        JPEG in base64; empty where there was none yet.
    """

    kind: StepKind
    start_s: float
    angles_deg: tuple[float, float, float] | None
    depth_mm: float | None
    target_mm: float | None
    earlier: bool
    image: str

    @property
    def step(self) -> AttemptStep:
        """Kind and time alone."""
        return AttemptStep(kind=self.kind, start_s=self.start_s)

    @property
    def jpeg(self) -> bytes:
        """The image; black where there was none yet."""
        return b64decode(self.image) if self.image else EMPTY


def show_steps(course: StateArchive) -> Iterator[StepView]:
    """Every step with the last image that was taken in it, and the needle as it was then.

    Parameters
    ----------
    course : StateArchive
        The attempt.
    """
    steps = find_steps(course)
    ends_s = [step.start_s - JUST_S for step in steps[1:]]
    for step, end_s in zip(steps, [*ends_s, inf], strict=True):
        pulse = pulse_at(course.shots, min(end_s, course.end_s))
        shot = None if pulse is None else shot_of(course.shots, pulse)
        earlier = shot is not None and pulse is not None and shot.pulse_s(pulse) < step.start_s
        state = course.state_at(max(step.start_s, end_s if shot is None or pulse is None or earlier else shot.pulse_s(pulse)))
        depth_mm, target_mm = measure_tip(state)
        yield StepView(
            kind=step.kind,
            start_s=step.start_s,
            angles_deg=None if shot is None else read_angles(shot),
            depth_mm=depth_mm,
            target_mm=target_mm,
            earlier=earlier,
            image="" if pulse is None or shot is None else _draw(course, pulse, shot),
        )


def read_angles(shot: Shot) -> tuple[float, float, float]:
    """Oblique, tilt and swivel of an exposure, degrees."""
    return shot.pose.oblique_deg, shot.pose.tilt_deg, shot.pose.swivel_deg


def tell_view(angles_deg: Sequence[float] | None) -> str:
    """A view in words."""
    return text("debrief.no_image") if angles_deg is None else describe_angles(*angles_deg)


def tell_tip(depth_mm: float | None, target_mm: float | None) -> str:
    """Where the tip is in words."""
    if depth_mm is None or target_mm is None:
        return text("debrief.no_tip")
    return text("debrief.tip", {"depth": f"{depth_mm:.0f}", "target": f"{target_mm:.0f}"})


def find_why(kind: StepKind, scenario: Scenario) -> str:
    """What a case teaches of a step; where it teaches nothing of it, why its decision is the right one.

    Parameters
    ----------
    kind : StepKind
    scenario : Scenario
        The case.
    """
    taught = {item.step: item.text for item in scenario.teaching}
    return " ".join(next((taught[name] for name in TEACHES[kind] if name in taught), scenario.expected.why).split())


def from_plain(said: Mapping[str, Any]) -> StepView:
    """A step from what `as_plain` gave, also by way of JSON; raises KeyError, TypeError or ValueError where it is not one."""
    angles = said["angles_deg"]
    return StepView(**{**said, "kind": StepKind(said["kind"]), "angles_deg": None if angles is None else tuple(map(float, angles))})


def as_plain(view: StepView) -> dict[str, Any]:
    """A step as JSON takes it."""
    return asdict(view)


def _draw(course: StateArchive, pulse: int, shot: Shot) -> str:
    if shot.mode is Mode.ROADMAP:
        return ""  # stands on a whole run before it, of which no picture was kept
    return b64encode(jpeg(crop_to_field(image_of(course, pulse)))).decode()
