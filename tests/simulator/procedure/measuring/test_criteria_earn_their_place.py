"""A criterion earns its place: it moves with its own error and leaves the others alone, and is no copy of another."""

from collections.abc import Callable

import numpy as np
import pytest

from scenarios.loader import criteria_sets
from simulator.procedure.measuring import score_attempt
from simulator.procedure.state.case import Case
from simulator.scoring.score import Score
from tests.simulator.procedure.measuring.graded import (
    BELIEF,
    NUMB,
    VIEWS,
    WAY,
    Attempt,
    allergic_case,
    contrast,
    expert,
    nerve_case,
    play,
    score_expert,
    take,
)

MOVED = 0.25  # of a criterion's credit, by which an error must move it
COPY = 0.95  # correlation from which two criteria are one
TWICE: Attempt = tuple(item for _ in range(4) for item in ({"withdraw": {"distance_mm": 30}}, {"advance": {"distance_mm": 30}}))
PLACED_AGAIN: Attempt = (*take(), {"advance": {"distance_mm": 20}}, "remove-needle")
TURNED: Attempt = tuple(
    item
    for tilt in (7, -7, 7, -7, 0)
    for item in (
        {"aim-needle": {"oblique_deg": 0, "tilt_deg": tilt}},
        {"advance": {"distance_mm": 0.5}},
        {"withdraw": {"distance_mm": 0.5}},
    )
)
LEVERED: Attempt = ({"advance": {"distance_mm": 35}}, *({"aim-needle": {"tilt_deg": tilt}} for tilt in (4, -4, 4, -4, 0)), *WAY[1:])
LIT: Attempt = (
    {"pedal": {"down": True}},
    {"wait": {"duration_s": 0.5}},
    {"advance": {"distance_mm": 35}},
    {"pedal": {"down": False}},
    *WAY[1:],
)
ON_BONE: Attempt = (
    *take(entry=(14.0, 90.0, -60.0)),
    {"advance": {"distance_mm": 36}},
    *({"advance": {"distance_mm": 8}}, {"withdraw": {"distance_mm": 8}}) * 6,
    "remove-needle",
    *take(),
)
SHOTS: Attempt = ("shoot",) * 20
LONG: Attempt = ({"pedal": {"down": True}}, {"wait": {"duration_s": 60}}, {"pedal": {"down": False}})
OPEN: Attempt = ({"collimate": {}}, {"set-technique": {"dose_level": "high", "pulses_per_s": 15.0}})
SLOW: Attempt = ({"wait": {"duration_s": 1500}},)
HINTS: Attempt = tuple({"hint": {"step": step}} for step in ("entry", "loss", "drug"))

# name of the criterion -> the attempt that errs in it, the case, and what may move besides because it follows from the same error
ERRORS: dict[str, tuple[Attempt, Callable[[], Case] | None, set[str]]] = {
    "dura": (
        expert(way=(*WAY[:-2], {"advance": {"distance_mm": 23}}, {"withdraw": {"distance_mm": 12.5}}, WAY[-1])),
        None,
        {"path-inefficiency"},
    ),
    "nerve-contacts": (
        expert(way=(*WAY[:-2], {"advance": {"distance_mm": 6}}, {"advance": {"distance_mm": 4.5}}, WAY[-1])),
        nerve_case,
        set(),
    ),
    "nerve-unrecognised": (expert(), nerve_case, {"nerve-contacts"}),
    "hands": (expert(way=LIT), None, set()),
    "path-inefficiency": (expert(way=(WAY[0], *TWICE, *WAY[1:])), None, set()),
    "punctures": (expert(take=(*PLACED_AGAIN, *PLACED_AGAIN, *take())), None, set()),
    "redirections": (expert(way=({"advance": {"distance_mm": 5}}, *TURNED, {"advance": {"distance_mm": 30}}, *WAY[1:])), None, set()),
    "tissue-damage": (expert(way=LEVERED), None, {"redirections"}),
    "bone-contacts": (expert(take=ON_BONE), None, {"path-inefficiency", "punctures"}),
    "allergen": (expert(), allergic_case, set()),
    "gadolinium": (expert(contrast=(*contrast(), *contrast(0.5, agent="gadolinium"))), allergic_case, {"allergen"}),
    "fluoro-time": (expert(views=(*VIEWS, *LONG)), None, {"dap"}),
    "exposures": (expert(views=(*VIEWS, *SHOTS)), None, {"dap"}),
    "dap": (expert(views=(*OPEN, *VIEWS, *LONG)), None, {"fluoro-time", "collimation"}),
    "duration": (expert(numb=(*NUMB, *SLOW)), None, set()),
    "contrast-volume": (expert(contrast=contrast(1.5) * 3), None, {"fluoro-time"}),
    "hints": (expert(belief=(*HINTS, *BELIEF)), None, set()),
}


KEPT: dict[str, Score] = {}


def score_said(said: Attempt, make_case: Callable[[], Case] | None = None) -> Score:
    """Score of an attempt on the patient of slabs; of equal ones the same."""
    key = repr((said, make_case))
    if key not in KEPT:
        KEPT[key] = score_attempt(play(said, None if make_case is None else make_case()))
    return KEPT[key]


def list_credits(found: Score) -> dict[str, float]:
    return {result.criterion.name: result.credit for result in found.results}


@pytest.mark.parametrize("name", ERRORS)
def test_a_criterion_moves_with_its_own_error_and_by_no_other(name: str) -> None:
    said, make_case, besides = ERRORS[name]
    before = list_credits(score_expert())
    after = list_credits(score_said(said, make_case))
    assert before.get(name, 1.0) - after[name] > MOVED
    fell = {other for other, credit in after.items() if before.get(other, 1.0) - credit > MOVED}
    assert fell <= {name} | besides


def test_no_criterion_of_efficiency_is_a_copy_of_another() -> None:
    """Over graded attempts: an expert's, slow ones, and such as waste beam, field, images, contrast medium or hints, alone and together."""
    names = criteria_sets()["efficiency"]
    attempts = [
        *(expert(), *(ERRORS[name][0] for name in names)),
        expert(views=(*VIEWS, *SHOTS[:10])),
        expert(views=(*VIEWS, *LONG[:1], {"wait": {"duration_s": 35}}, LONG[2])),
        expert(views=(*OPEN, *VIEWS), numb=(*NUMB, *SLOW)),
        expert(views=(*VIEWS, *SHOTS), numb=(*NUMB, *SLOW), belief=(*HINTS, *BELIEF)),
        expert(numb=(*NUMB, {"wait": {"duration_s": 1200}}), belief=(*HINTS, *BELIEF)),
    ]
    found = np.array([[list_credits(score_said(said))[name] for name in names] for said in attempts])
    spread = found.std(axis=0)
    assert (spread > 0.05).all(), dict(zip(names, spread, strict=True))
    alike = np.corrcoef(found.T) - np.eye(len(names))
    worst = np.unravel_index(np.abs(alike).argmax(), alike.shape)
    assert np.abs(alike).max() < COPY, [names[index] for index in worst]


def test_expert_slow_and_wasteful_attempts_differ_in_efficiency() -> None:
    slow = score_attempt(play(expert(numb=(*NUMB, *SLOW))))
    wasteful = score_attempt(play(expert(views=(*OPEN, *VIEWS, *LONG, *SHOTS), belief=(*HINTS, *BELIEF))))
    best, middle, worst = (found.axes["efficiency"] for found in (score_expert(), slow, wasteful))  # type: ignore[index]
    assert best > middle > worst
    assert best > 0.95
    assert worst < 0.5


def test_the_expert_wins_nearly_all() -> None:
    assert score_expert().passed
    assert score_expert().grade > 0.95
