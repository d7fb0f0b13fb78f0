"""What no attempt passes without: preparation at the first puncture, a place that was known, and a drug that is epidural."""

from dataclasses import replace

import pytest

from scenarios.names.quantities import Quantity
from simulator.procedure.measuring import measure, score_attempt
from simulator.procedure.measuring.attempt import attempt_of
from simulator.procedure.measuring.contrast_runs import Pattern, list_runs, read_pattern
from simulator.procedure.state.case import Case
from simulator.scoring.score import Score
from tests.simulator.procedure.measuring.graded import (
    AFTER,
    DRUG,
    NUMB,
    WAY,
    Attempt,
    contrast,
    desk,
    expert,
    play,
    room,
    take,
)
from tests.simulator.procedure.toy import PLACED, case_with, change_scenario, toy_case

IN_SAC: Attempt = ({"advance": {"distance_mm": 66}}, {"stylet": {"inserted": False}})
IN_MUSCLE: Attempt = ({"advance": {"distance_mm": 30}}, {"stylet": {"inserted": False}})
BLOCK: Attempt = (
    {"attach": {"what": "syringe", "contents_ml": [["lidocaine", 3.0]]}},
    {"inject": {"volume_ml": 3.0, "rate_ml_s": 0.3}},
)


def find_critical(*said: Attempt, case: Case | None = None, **parts: Attempt) -> set[str]:
    """Names of the critical errors of an expert's attempt with parts replaced, or of what is said."""
    attempt = tuple(item for part in said for item in part) if said else expert(**parts)
    return name_critical(score_attempt(play(attempt, case)))


def name_critical(found: Score) -> set[str]:
    return {result.criterion.name for result in found.critical}


@pytest.mark.parametrize(
    ("left_out", "named"),
    [("consent", "consent-given"), ("time-out", "time-out"), ("prepare", "sterility"), ("protect", "sterility")],
)
def test_what_is_lacking_at_the_first_puncture_is_critical(left_out: str, named: str) -> None:
    assert find_critical(room=room(without=left_out)) == {named}


def test_lead_is_scored_and_never_critical() -> None:
    sterile_only: Attempt = (*room(without="protect"), {"protect": {"items": ["mask", "sterile-gloves"]}})
    found = score_attempt(play(expert(room=sterile_only)))
    assert found.passed
    assert [item.criterion.name for item in found.results if item.lost > 0.5 and item.criterion.name == "lead"] == ["lead"]


@pytest.mark.parametrize("late", ["prepare", "protect", "consent", "time-out"])
def test_a_lapse_that_is_mended_before_the_first_needle_is_free_and_after_it_is_not(late: str) -> None:
    """The local anaesthetic's needle is one."""
    missing = tuple(item for item in room() if item not in room(without=late))
    before = (*NUMB_PLACE, *missing, *NUMB)
    after = (*NUMB_PLACE, *NUMB, *missing)
    assert find_critical(room=room(without=late), take=(), numb=before) == set()
    assert find_critical(room=room(without=late), take=(), numb=after) != set()


NUMB_PLACE: Attempt = take()


def test_a_consent_that_was_recorded_in_the_clinic_needs_only_confirming() -> None:
    record = toy_case().scenario.record.model_dump(mode="json", exclude_unset=True) | {"consent_recorded": True}
    recorded = case_with(change_scenario(record=record))
    confirmed: Attempt = ({"consent": {"risks": []}}, *room(without="consent"))
    assert find_critical(room=confirmed, case=recorded) == set()
    assert find_critical(room=confirmed) == {"consent-given"}
    assert find_critical(room=room(without="consent"), case=recorded) == {"consent-given"}


def test_a_spinal_block_without_time_out_or_preparation() -> None:
    found = score_attempt(play((*desk(), PLACED[0], *take(), *IN_SAC, *BLOCK, *AFTER)))
    assert {"sterility", "consent-given", "time-out", "drug-intrathecal", "drug-epidural", "contrast-first", "blind-dura"} <= name_critical(
        found
    )
    assert not found.passed


@pytest.mark.parametrize("way", [IN_MUSCLE, IN_SAC])
def test_drug_that_is_not_epidural_is_critical_whatever_was_believed(way: Attempt) -> None:
    found = score_attempt(play(expert(way=way)))
    assert {"drug-epidural", "run-heeded"} <= name_critical(found)
    assert found.capped
    assert not found.passed


def test_drug_after_a_run_that_was_not_seen_or_at_another_tip_is_critical() -> None:
    blind = expert(contrast=contrast(live=False), belief=(), drug=DRUG)
    assert find_critical(blind) == {"contrast-first"}
    dark: Attempt = ({"collimate": {"left_mm": -40, "right_mm": 75}}, *contrast())  # the tip is out of the picture
    assert find_critical(contrast=dark, belief=()) == {"contrast-first"}
    moved: Attempt = (*contrast(), {"withdraw": {"distance_mm": 2.2}})
    assert "contrast-first" in find_critical(contrast=moved, belief=())
    back: Attempt = (*contrast(), {"withdraw": {"distance_mm": 4}}, {"advance": {"distance_mm": 4}})
    assert "contrast-first" in find_critical(contrast=back, belief=())
    still: Attempt = (*contrast(), {"withdraw": {"distance_mm": 1}})
    assert "contrast-first" not in find_critical(contrast=still, belief=())


def test_the_last_run_at_the_final_tip_decides() -> None:
    """Drug after an uptake is critical, even where it goes well; after a later run that shows none it is not."""
    states = play(expert())
    run = list_runs(attempt_of(states))[0]
    for vessel in ("venous", "arterial"):
        nicked = [
            replace(state, injections=tuple(replace(item, vessel=vessel) if item.end_s == run.end_s else item for item in state.injections))
            for state in states
        ]
        assert name_critical(score_attempt(nicked)) == {"run-heeded"}
    twice = play(expert(contrast=(*contrast(), *contrast(0.5))))
    first = list_runs(attempt_of(twice))[0]
    flash = [
        replace(state, injections=tuple(replace(item, vessel="venous") if item.end_s == first.end_s else item for item in state.injections))
        for state in twice
    ]
    assert name_critical(score_attempt(flash)) == set()


def test_a_pattern_is_read_from_where_the_fluid_went() -> None:
    for way, pattern in ((WAY, Pattern.EPIDURAL), (IN_MUSCLE, Pattern.ELSEWHERE), (IN_SAC, Pattern.INTRATHECAL)):
        states = play((*take(), *way, *contrast()))
        assert [read_pattern(run) for run in list_runs(attempt_of(states))] == [pattern]


def test_deposits_of_a_push_in_pieces_are_those_of_a_whole_one() -> None:
    whole = play((*take(), *WAY, *contrast(1.0)))[-1].injections[-1]
    parts = play(
        (
            *take(),
            *WAY,
            *contrast(1.0)[:-3],
            {"inject": {"volume_ml": 0.4, "rate_ml_s": 0.3}},
            {"inject": {"volume_ml": 0.6, "rate_ml_s": 0.3, "continued": True}},
        )
    )[-1].injections[-1]
    first, second = ({(place, agent): volume for place, agent, volume in item.deposits} for item in (whole, parts))
    assert set(first) == set(second)
    assert all(first[key] == pytest.approx(second[key], abs=0.01) for key in first)
    assert sum(first.values()) == pytest.approx(1.0, abs=0.03)  # what blood took


def test_a_procedure_without_its_drug_fails_unless_it_was_rightly_withheld() -> None:
    assert find_critical(contrast=(), drug=()) == {"completed"}
    assert find_critical(drug=()) == {"completed"}
    stopped = play(expert(way=(*WAY[:-2], {"advance": {"distance_mm": 23}}, WAY[-1]), drug=()))
    found = score_attempt(stopped)
    assert measure(stopped)[Quantity.DRUG_RIGHTLY_WITHHELD].value == 1.0
    assert name_critical(found) == set()
    assert {item.criterion.name for item in found.results if item.at_stake == 0 and item.criterion.weight > 0} >= {
        "drug-epidural",
        "contrast-first",
        "steroid-dose",
    }


def test_small_pushes_of_a_drug_count_together() -> None:
    drops: Attempt = (*DRUG[:3], *({"inject": {"volume_ml": 0.06, "rate_ml_s": 0.3}}, {"aspirate": {}}) * 3)
    found = score_attempt(play(expert(way=IN_MUSCLE, drug=drops)))
    assert "drug-epidural" in name_critical(found)


def test_the_side_must_be_right_and_the_level_within_what_is_tolerated() -> None:
    right_side = score_attempt(play(expert(take=take(entry=(-6.0, 90.0, -60.0)))))
    assert "level-and-side" in name_critical(right_side)
