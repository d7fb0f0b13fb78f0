"""The steps of an attempt, and which of the expert's steps belongs beside each of the trainee's."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from scenarios.names.enums import Attachment
from simulator.observation.truth.state_archive import StateArchive
from simulator.procedure.actions import actions as do
from simulator.procedure.measuring.attempt import AttemptStates, attempt_of
from simulator.procedure.state.events import EventKind

TURNED_DEG = 15.0  # between two views that are not the same one set anew
SYRINGES = (Attachment.LOR_SALINE, Attachment.LOR_AIR)
PREPARES = (do.Consent, do.TimeOut, do.Position, do.Prepare, do.Protect, do.MonitorVitals)
FOLLOWS_UP = (do.Ask, do.Examine, do.Advise, do.RemoveNeedle)


class StepKind(StrEnum):
    """Steps of an injection, in the order in which they are meant."""

    RECORD = "record"
    PREPARATION = "preparation"
    VIEW = "view"
    ENTRY = "entry"
    DEPTH_VIEW = "depth-view"
    LOSS = "loss"
    CONTRAST = "contrast"
    DRUG = "drug"
    AFTER = "after"


ORDER = tuple(StepKind)


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptStep:
    """A step of an attempt: its kind, and when it began, s."""

    kind: StepKind
    start_s: float


@dataclass(frozen=True, kw_only=True, slots=True)
class StepMatch:
    """A step of the trainee's, and the number of the expert's step that is shown beside it."""

    own: AttemptStep
    expert: int


def find_steps(course: StateArchive) -> tuple[AttemptStep, ...]:
    """Steps that were reached, in order of kind and time, the first from 0 s on: going back to an earlier one begins no new step.

    Parameters
    ----------
    course : StateArchive
        The attempt.
    """
    attempt = attempt_of(course.states)
    found = [AttemptStep(kind=StepKind.RECORD, start_s=0.0)]
    for kind, find in BEGINS.items():
        time_s = find(attempt)
        if time_s is not None:
            found.append(AttemptStep(kind=kind, start_s=time_s))
    return keep_order(found)


def keep_order(found: Sequence[AttemptStep]) -> tuple[AttemptStep, ...]:
    """Steps in order of time without those that began only after a later kind had."""
    kept: list[AttemptStep] = []
    for step in sorted(found, key=lambda item: (item.start_s, ORDER.index(item.kind))):
        if not kept or ORDER.index(step.kind) > ORDER.index(kept[-1].kind):
            kept.append(step)
    return tuple(kept)


def match_steps(own: Sequence[AttemptStep], expert: Sequence[AttemptStep]) -> tuple[StepMatch, ...]:
    """For each of the trainee's steps the expert's of the same kind, else of the nearest kind before it.

    Parameters
    ----------
    own, expert : sequence of AttemptStep
        As `find_steps` gives them.

    Raises
    ------
    ValueError
        If either does not begin with the record.
    """
    for name, steps in (("own", own), ("expert", expert)):
        if not steps or steps[0].kind is not StepKind.RECORD:
            got = steps[0].kind if steps else "no step"
            raise ValueError(f"{name}: expected steps from {StepKind.RECORD} on, as find_steps gives them, got {got}")
    places = [ORDER.index(step.kind) for step in expert]
    return tuple(StepMatch(own=step, expert=sum(place <= ORDER.index(step.kind) for place in places) - 1) for step in own)


def find_match(matches: Sequence[StepMatch], time_s: float) -> StepMatch:
    """The match of a moment of the trainee's attempt, s: that of the last step that has begun; the first before all.

    Parameters
    ----------
    matches : sequence of StepMatch
        As `match_steps` gives them.
    time_s : float
    """
    return next((item for item in reversed(matches) if item.own.start_s <= time_s), matches[0])


def _first(attempt: AttemptStates, *kinds: type[do.Action], after_s: float = 0.0) -> float | None:
    return next((item.start_s for item in attempt.find_actions(*kinds) if item.start_s >= after_s), None)


def _find_first_view(attempt: AttemptStates) -> float | None:
    return next((shot.time_s for shot in attempt.last.shots), None)


def _find_depth_view(attempt: AttemptStates) -> float | None:
    """The first image with the needle in place that looks from elsewhere than the one before it."""
    for before, shot in pairwise(attempt.last.shots):
        turns = (shot.pose.oblique_deg - before.pose.oblique_deg, shot.pose.tilt_deg - before.pose.tilt_deg)
        if shot.tip is not None and max(map(abs, turns)) >= TURNED_DEG:
            return shot.time_s
    return None


def _find_loss(attempt: AttemptStates) -> float | None:
    """The syringe that feels for the loss, or a loss without it."""
    put_on = ((item.start_s, item.action) for item in attempt.find_actions(do.Attach))
    tried = [time_s for time_s, action in put_on if isinstance(action, do.Attach) and action.what in SYRINGES]
    felt = [event.time_s for event in attempt.last.events if event.kind is EventKind.LOSS]
    return min([*tried, *felt], default=None)


def _find_contrast(attempt: AttemptStates) -> float | None:
    return None if attempt.first_contrast is None else attempt.first_contrast.start_s


def _find_drug(attempt: AttemptStates) -> float | None:
    return attempt.drugs[0].start_s if attempt.drugs else None


def _find_after(attempt: AttemptStates) -> float | None:
    """What is asked, examined and advised once the last injection is over; advice alone where nothing was injected."""
    given = attempt.last.injections
    return _first(attempt, *FOLLOWS_UP, after_s=given[-1].end_s) if given else _first(attempt, do.Advise)


BEGINS: dict[StepKind, Callable[[AttemptStates], float | None]] = {
    StepKind.PREPARATION: lambda attempt: _first(attempt, *PREPARES),
    StepKind.VIEW: _find_first_view,
    StepKind.ENTRY: lambda attempt: _first(attempt, do.PlaceNeedle),
    StepKind.DEPTH_VIEW: _find_depth_view,
    StepKind.LOSS: _find_loss,
    StepKind.CONTRAST: _find_contrast,
    StepKind.DRUG: _find_drug,
    StepKind.AFTER: _find_after,
}
"""When a step began, s; None where it never did."""
