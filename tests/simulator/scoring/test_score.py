"""Laws of scoring: monotone credit, the gate, efficiency only with the safety views, and a reason for every lost point."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios.criteria import catalogue, merge
from scenarios.names.enums import Axis
from scenarios.names.quantities import Quantity, unit
from scenarios.schema.criterion import Criterion
from simulator.scoring.measured import Measured
from simulator.scoring.score import CAP, Score, score
from simulator.scoring.tolerance import AT_MARGIN, tolerance
from simulator.scoring.verdict import explain_verdict

EPS = 1e-9


def criterion(name: str = "distance", **changes: object) -> Criterion:
    fields = {
        "name": name,
        "axis": "placement",
        "quantity": "tip-to-target-mm",
        "high": 2.0,
        "margin": 3.0,
        "weight": 2.0,
        "grade": "C",
        "source": "a test",
        "lost": "The tip was {value} {unit} off; {high} is right.",
    }
    return Criterion.model_validate(fields | changes)


def score_values(*criteria: Criterion, pass_mark: float = 0.5, **values: float) -> Score:
    measured = {name.replace("_", "-"): Measured(value=value, time_s=3.0, pulse=7) for name, value in values.items()}
    return score(criteria, measured, pass_mark)


def test_tolerance_at_inside_and_just_outside_the_bounds() -> None:
    assert [tolerance(value, (1.0, 2.0)) for value in (1.0, 1.5, 2.0)] == [1.0, 1.0, 1.0]
    assert tolerance(1.0 - EPS, (1.0, 2.0)) == tolerance(2.0 + EPS, (1.0, 2.0)) == 0.0
    assert tolerance(3.0, (1.0, 2.0), margin=1.0) == pytest.approx(AT_MARGIN)
    assert tolerance(inf, (1.0, 2.0), margin=1.0) == 0.0


@given(st.floats(-50, 50), st.floats(-50, 50), st.floats(0.1, 20))
def test_credit_never_rises_with_distance(first: float, second: float, margin: float) -> None:
    near, far = sorted((first, second), key=lambda value: max(0.0 - value, value - 1.0, 0.0))
    assert tolerance(near, (0.0, 1.0), margin) >= tolerance(far, (0.0, 1.0), margin)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [((nan, (0, 1)), "nan"), ((0.0, (1, 0)), "crossed"), ((0.0, (0, 1), -1.0), "below 0"), ((0.0, (0, 1), inf), "finite")],
)
def test_tolerance_refuses_what_makes_no_sense(arguments: tuple, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tolerance(*arguments)


def test_axes_and_grade_are_shares_of_points() -> None:
    result = score_values(
        criterion(), criterion("bones", quantity="bone-contacts", high=0, margin=0, weight=6), tip_to_target_mm=1.0, bone_contacts=1.0
    )
    assert result.axes == {Axis.PLACEMENT: pytest.approx(0.25)}
    assert result.grade == pytest.approx(0.25)
    assert not result.passed


def test_a_critical_error_caps_the_grade_and_fails() -> None:
    gate = criterion("dura", axis="safety", quantity="dural-breach-unrecognised", high=0, margin=0, critical=True, weight=0.01)
    result = score_values(criterion(), gate, tip_to_target_mm=0.0, dural_breach_unrecognised=1.0, pass_mark=0.1)
    assert result.grade == CAP
    assert not result.passed
    assert [lost.criterion.name for lost in result.critical] == ["dura"]
    assert result.losses[0].criterion.name == "dura"


def test_an_excuse_lifts_the_gate_and_loses_nothing() -> None:
    gate = criterion("contrast", axis="safety", quantity="contrast-before-drug", high=None, low=1, critical=True, unless="decision-right")
    excused = score_values(criterion(), gate, tip_to_target_mm=0.0, contrast_before_drug=0.0, decision_right=1.0)
    assert excused.critical == excused.losses == ()
    assert excused.grade == 1.0
    refused = score_values(criterion(), gate, tip_to_target_mm=0.0, contrast_before_drug=0.0, decision_right=0.0)
    assert refused.critical


def test_efficiency_counts_only_with_the_safety_views() -> None:
    view = criterion("view", axis="safety", quantity="depth-view-before-flavum", high=None, low=1, margin=0, opens_efficiency=True)
    quick = criterion("quick", axis="efficiency", quantity="exposures", high=5, margin=1)
    with_view = score_values(view, quick, depth_view_before_flavum=1.0, exposures=2.0)
    without = score_values(view, quick, depth_view_before_flavum=0.0, exposures=2.0)
    assert with_view.axes[Axis.EFFICIENCY] == 1.0
    assert without.axes[Axis.EFFICIENCY] == 0.0
    assert "does not count" in next(lost.sentence for lost in without.losses if lost.criterion.name == "quick")


def test_every_lost_point_has_a_sentence_with_the_value() -> None:
    result = score_values(criterion(), tip_to_target_mm=5.25)
    assert result.losses[0].sentence == "The tip was 5.2 mm off; 2 mm is right."
    assert result.losses[0].measured is not None
    assert (result.losses[0].measured.time_s, result.losses[0].measured.pulse) == (3.0, 7)


def test_what_was_not_measured_gives_nothing_and_says_so() -> None:
    result = score_values(criterion(critical=True))
    assert result.critical == ()
    assert result.grade == 0.0
    assert result.losses[0].sentence.startswith("Nothing was injected")


@given(st.lists(st.floats(0, 100), min_size=2, max_size=6), st.floats(0, 1))
def test_points_add_up(values: list[float], pass_mark: float) -> None:
    names = list(Quantity)[: len(values)]
    criteria = [
        Criterion(
            name=f"c{i}",
            axis=Axis.SAFETY,
            quantity=Quantity.BONE_CONTACTS,
            high=1,
            margin=5,
            weight=i + 1,
            grade="D",
            source="test",
            lost="Lost.",
        )
        for i in range(len(names))
    ]
    result = score(criteria, {"bone-contacts": Measured(value=values[0])}, pass_mark)
    assert sum(item.points + item.lost for item in result.results) == pytest.approx(sum(c.weight for c in criteria))
    assert 0 <= result.grade <= 1


def test_catalogue_is_whole_and_its_bounds_are_in_its_units() -> None:
    criteria = [Criterion.model_validate(merge({"use": name})) for name in catalogue()]
    assert len({item.name for item in criteria}) == len(criteria)
    for item in criteria:
        if unit(item.quantity) == "yes/no":
            assert {item.low, item.high} <= {None, 0.0, 1.0}, item.name


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"use": "tip-to-targt"}, "did you mean 'tip-to-target'"),
        ({"use": "decision", "low": 2, "high": 1}, "above"),
        ({"use": "medication", "of": "medicatoin"}, "did you mean 'medication'"),
        ({"use": "decision", "of": "history"}, "not of anything"),
        ({"use": "decision", "lost": "lost {nothing}"}, "may use"),
        ({"use": "decision", "weigth": 1}, "weigth"),
    ],
)
def test_a_wrong_criterion_is_refused(entry: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Criterion.model_validate(merge(entry))


def test_the_gate_must_have_something_to_gate() -> None:
    with pytest.raises(ValueError, match="at least one criterion"):
        score([], {}, 0.5)
    with pytest.raises(ValueError, match="two criteria"):
        score([criterion(), criterion()], {}, 0.5)
    with pytest.raises(ValueError, match="finite"):
        Measured(value=nan)


def test_an_axis_below_its_minimum_fails_whatever_the_sum() -> None:
    poor, good = criterion(), criterion("view", axis="imaging", quantity="view-quality", of="ap", high=None, low=0.8, margin=0, weight=50)
    values = {"tip-to-target-mm": Measured(value=9.0), "view-quality:ap": Measured(value=1.0)}
    found = score((poor, good), values, 0.5, {Axis.PLACEMENT: 0.6, Axis.SAFETY: 0.8})
    assert found.grade > 0.9
    assert found.failed_axes == (Axis.PLACEMENT,)
    assert not found.passed
    assert not found.capped
    assert "Placement came to 0 %; at least 60 % is asked" in explain_verdict(found)[0]
    assert score((poor, good), values, 0.5).passed
    with pytest.raises(ValueError, match=r"minima\[safety\] must be from 0 to 1"):
        score((poor, good), values, 0.5, {Axis.SAFETY: 80})


def test_the_sum_is_told_beside_the_cap() -> None:
    gate = criterion("dura", axis="safety", quantity="dural-breach-unrecognised", high=0, margin=0, critical=True, weight=0.01)
    found = score_values(criterion(), gate, tip_to_target_mm=0.0, dural_breach_unrecognised=1.0)
    assert (found.grade, found.uncapped) == (CAP, pytest.approx(2.0 / 2.01))
    assert explain_verdict(found) == ("The sum was 99 of 100; after a critical error the grade is 40 at most.",)


def test_what_rightly_never_came_up_is_not_at_stake() -> None:
    """An attempt that was rightly put off loses nothing for the needle that it never placed, and wins nothing for it either."""
    needle, decision = criterion(), criterion("decision", axis="safety", quantity="decision-right", high=None, low=1, margin=0)
    deferred = score_values(needle, decision, decision_right=1.0, rightly_deferred=1.0)
    assert (deferred.grade, set(deferred.axes)) == (1.0, {Axis.SAFETY})
    assert [item.at_stake for item in deferred.results] == [0.0, 2.0]
    idle = score_values(needle, decision, decision_right=1.0, rightly_deferred=0.0)
    assert (idle.grade, idle.axes[Axis.PLACEMENT]) == (0.5, 0.0)
