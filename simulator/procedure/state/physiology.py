"""The patient's body: what drugs, needle and fright do to pulse, pressure, oxygen, legs and head, as functions of time.

A body is a list of effects, each with an onset; everything measured is worked out from the list and the time, so that nothing has to be
stepped. Every size and time here is recalled, unverified, and meant to be tuned.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from math import exp
from typing import Protocol


class EffectKind(StrEnum):
    """What can come over a patient."""

    VASOVAGAL = "vasovagal reaction"
    ALLERGY = "allergic reaction"
    TOXICITY = "local anaesthetic toxicity"
    INTRATHECAL_BLOCK = "intrathecal block"
    NUMBNESS = "numbness"
    PARAESTHESIA = "paraesthesia"
    CORD_ISCHAEMIA = "cord ischaemia"
    FLUSH = "steroid flush"
    GLUCOSE = "raised glucose"
    RELIEF = "pain relief"
    GADOLINIUM = "gadolinium encephalopathy"


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """Something that comes over the patient.

    Attributes
    ----------
    kind : EffectKind
        What.
    onset_s : float
        When it begins, s.
    size : float
        How strong, 0 to 1.
    push_s : float or None
        When the push on the plunger that brought it began, s; None where something else did.
    """

    kind: EffectKind
    onset_s: float
    size: float
    push_s: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimeCourse:
    """How an effect goes by: it rises over `rise_s` and then fades with `fade_s`, s; infinite where it stays for the session."""

    rise_s: float
    fade_s: float


COURSES = {
    EffectKind.VASOVAGAL: TimeCourse(rise_s=20.0, fade_s=240.0),
    EffectKind.ALLERGY: TimeCourse(rise_s=120.0, fade_s=1800.0),
    EffectKind.TOXICITY: TimeCourse(rise_s=30.0, fade_s=600.0),
    EffectKind.INTRATHECAL_BLOCK: TimeCourse(rise_s=400.0, fade_s=7200.0),
    EffectKind.NUMBNESS: TimeCourse(rise_s=600.0, fade_s=5400.0),
    EffectKind.PARAESTHESIA: TimeCourse(rise_s=0.1, fade_s=60.0),
    EffectKind.CORD_ISCHAEMIA: TimeCourse(rise_s=60.0, fade_s=1e9),
    EffectKind.FLUSH: TimeCourse(rise_s=600.0, fade_s=86400.0),
    EffectKind.GLUCOSE: TimeCourse(rise_s=14400.0, fade_s=172800.0),
    EffectKind.RELIEF: TimeCourse(rise_s=600.0, fade_s=7200.0),
    EffectKind.GADOLINIUM: TimeCourse(rise_s=900.0, fade_s=1e9),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Vitals:
    """What a monitor shows: mmHg, beats per minute, percent."""

    systolic_mmhg: float
    diastolic_mmhg: float
    heart_rate_per_min: float
    oxygen_percent: float


class Baseline(Protocol):
    """Vital signs at rest, as the record has them."""

    @property
    def systolic_mmhg(self) -> float:
        """At rest, mmHg."""

    @property
    def diastolic_mmhg(self) -> float:
        """At rest, mmHg."""

    @property
    def heart_rate_per_min(self) -> float:
        """At rest, 1/min."""

    @property
    def oxygen_percent(self) -> float:
        """At rest, %."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """What has come over the patient.

    Attributes
    ----------
    effects : tuple of Effect
        In the order in which they were brought about.
    numb_at : (float, float, float) or None
        Middle of the skin that local anaesthetic has numbed, world frame, mm.
    numb_mm : float
        How deep.
    pricked : bool
        Whether a needle has gone through the skin.
    """

    effects: tuple[Effect, ...] = ()
    numb_at: tuple[float, float, float] | None = None
    numb_mm: float = 0.0
    pricked: bool = False


def add_effect(body: Body, kind: EffectKind, onset_s: float, size: float, *, push_s: float | None = None) -> Body:
    """The body with one more effect; a size of 0 leaves it as it is."""
    if size <= 0:
        return body
    return replace(body, effects=(*body.effects, Effect(kind=kind, onset_s=onset_s, size=min(size, 1.0), push_s=push_s)))


def without_push(body: Body, push_s: float) -> Body:
    """The body without what a push on the plunger brought so far, by when it began, s: a longer push is weighed anew as one."""
    left = tuple(effect for effect in body.effects if effect.push_s != push_s)
    return body if len(left) == len(body.effects) else replace(body, effects=left)


def strength(body: Body, kind: EffectKind, time_s: float) -> float:
    """How strong an effect is now, 0 to 1: the strongest of its kind.

    Parameters
    ----------
    body : Body
    kind : EffectKind
    time_s : float
        Simulated time, s.
    """
    return max((_now(effect, time_s) for effect in body.effects if effect.kind is kind), default=0.0)


def find_begun(body: Body, since_s: float, until_s: float) -> tuple[Effect, ...]:
    """Effects whose onset lies after one time and not after the other, s."""
    return tuple(effect for effect in body.effects if since_s < effect.onset_s <= until_s)


def vitals(body: Body, baseline: Baseline, time_s: float) -> Vitals:
    """What the monitor shows, from the resting values and what has come over the patient."""
    now: Callable[[EffectKind], float] = lambda kind: strength(body, kind, time_s)  # noqa: E731 - short for the sums below
    faint, allergy, toxic, block = (
        now(kind) for kind in (EffectKind.VASOVAGAL, EffectKind.ALLERGY, EffectKind.TOXICITY, EffectKind.INTRATHECAL_BLOCK)
    )
    fall = min(0.6, 0.40 * faint + 0.40 * allergy + 0.25 * toxic + 0.25 * block)
    rate = baseline.heart_rate_per_min * (1 - 0.40 * faint - 0.10 * block) + 40 * allergy + 25 * toxic
    return Vitals(
        systolic_mmhg=round(baseline.systolic_mmhg * (1 - fall)),
        diastolic_mmhg=round(baseline.diastolic_mmhg * (1 - fall)),
        heart_rate_per_min=round(rate),
        oxygen_percent=round(max(70.0, baseline.oxygen_percent - 10 * allergy - 6 * toxic)),
    )


def weakness(body: Body, time_s: float) -> float:
    """Weakness of the legs, 0 none to 1 complete."""
    return max(strength(body, kind, time_s) for kind in (EffectKind.INTRATHECAL_BLOCK, EffectKind.CORD_ISCHAEMIA))


def pain_score(body: Body, before: int, after: int, time_s: float) -> int:
    """Pain score, 0 to 10: from the score before towards the one after, as far as relief has come."""
    return round(before + (after - before) * strength(body, EffectKind.RELIEF, time_s))


def _now(effect: Effect, time_s: float) -> float:
    since_s = time_s - effect.onset_s
    if since_s < 0:
        return 0.0
    course = COURSES[effect.kind]
    risen = min(1.0, since_s / course.rise_s)
    return effect.size * risen * exp(-max(0.0, since_s - course.rise_s) / course.fade_s)
