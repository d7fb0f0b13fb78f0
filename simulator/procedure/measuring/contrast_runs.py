"""What runs of contrast medium showed before the drug: which one decides, and which pattern its fluid made.

A pattern is read from where the fluid of the run went, never from what was believed. The last run that was seen at the final tip decides:
a flash in a vein counts no more once the tip was moved and a later run showed none.
"""

from collections.abc import Iterable
from enum import StrEnum

import numpy as np

from scenarios.names.agents import Agent
from scenarios.names.compartments import EPIDURAL, Compartment
from simulator.procedure.measuring.attempt import CONTRAST_ML, AttemptStates, contrast_ml, shows_on_xray
from simulator.procedure.measuring.imaging import shows_tip
from simulator.procedure.state.state import Injection

FINAL_TIP_MM = 2.0  # that a tip may have moved since a run at which it decides (this project's own bound)
TAINTED = 0.05  # share of a run in the sac that a reader sees (this project's own bound)
EPIDURAL_SEEN = 0.1  # share of a run that must be epidural, the rest being reflux along the track (this project's own bound)
ENOUGH_VEINS = 2  # places at which a vein filled after which giving up is right


class Pattern(StrEnum):
    """What a run of contrast medium showed."""

    EPIDURAL = "epidural"
    INTRATHECAL = "intrathecal"
    SUBDURAL = "subdural"
    VENOUS = "venous"
    ARTERIAL = "arterial"
    ELSEWHERE = "outside the epidural space"


def list_runs(attempt: AttemptStates) -> list[Injection]:
    """Injections of enough contrast medium to show, in order."""
    return [item for item in attempt.last.injections if contrast_ml(item) >= CONTRAST_ML]


def find_deciding_run(attempt: AttemptStates, drug: Injection) -> Injection | None:
    """The last run that was seen at the tip from which a drug was given; None where there is none."""
    found = (item for item in reversed(list_runs(attempt)) if item.end_s <= drug.start_s and _is_at_tip(attempt, item, drug))
    return next((item for item in found if was_seen(attempt, item, drug.start_s)), None)


def was_seen(attempt: AttemptStates, run: Injection, until_s: float) -> bool:
    """Whether an image with the tip in its field was taken from the beginning of a run until a time, s."""
    return any(run.start_s <= shot.end_s and shot.time_s <= until_s and shows_tip(shot) for shot in attempt.last.shots)


def read_pattern(run: Injection) -> Pattern:
    """What a run showed, by where its contrast medium went."""
    if run.vessel:
        return Pattern(run.vessel)
    shares = share_by_place(run, [agent for agent, _ in run.delivered_ml if shows_on_xray(agent)])
    for place in (Compartment.INTRATHECAL, Compartment.SUBDURAL, Compartment.ARTERIAL, Compartment.VENOUS):
        if shares.get(place, 0.0) > TAINTED:
            return Pattern(place.value)
    return Pattern.EPIDURAL if sum_epidural(shares) >= EPIDURAL_SEEN else Pattern.ELSEWHERE


def share_by_place(given: Injection, agents: Iterable[Agent]) -> dict[Compartment, float]:
    """Share of some agents of an injection that lay in each compartment at its end, over what left the needle."""
    wanted = set(agents)
    total_ml = sum(volume for agent, volume in given.delivered_ml if agent in wanted)
    found: dict[Compartment, float] = {}
    for place, agent, volume_ml in given.deposits:
        if agent in wanted and total_ml > 0:
            found[place] = found.get(place, 0.0) + volume_ml / total_ml
    return found


def sum_epidural(shares: dict[Compartment, float]) -> float:
    """Share in any part of the epidural space, the foramina and the sheaths of the roots."""
    return sum(share for place, share in shares.items() if place in EPIDURAL)


def is_stop_right(attempt: AttemptStates) -> bool:
    """Whether what the runs showed was a reason to give no drug: artery, sac, or a vein wherever the tip was put."""
    patterns = [read_pattern(run) for run in list_runs(attempt) if was_seen(attempt, run, attempt.last.time_s)]
    if not patterns:
        return False
    grave = (Pattern.ARTERIAL, Pattern.INTRATHECAL, Pattern.SUBDURAL)
    return patterns[-1] in grave or (patterns[-1] is Pattern.VENOUS and patterns.count(Pattern.VENOUS) >= ENOUGH_VEINS)


def _is_at_tip(attempt: AttemptStates, run: Injection, drug: Injection) -> bool:
    """Whether the tip lay within `FINAL_TIP_MM` of the drug's from the end of a run until the drug."""
    between = [state for state in attempt.states if run.end_s <= state.time_s <= drug.start_s]
    tips = [run.tip, *(None if state.needle is None else state.needle.tip for state in between)]
    return all(tip is not None and float(np.linalg.norm(np.subtract(tip, drug.tip))) <= FINAL_TIP_MM for tip in tips)
