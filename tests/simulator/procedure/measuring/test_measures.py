"""What an attempt is measured by: known answers on a patient of slabs, and laws of the whole table."""

from collections.abc import Mapping

import numpy as np
import pytest

from scenarios.names.enums import Axis, Evidence
from scenarios.names.quantities import NEEDS_OF, OCCASIONS, Quantity
from scenarios.schema.criterion import Criterion
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import Action
from simulator.procedure.measuring import measure
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.state import ProcedureState
from simulator.scoring.measured import Measured
from tests.simulator.procedure.toy import PLACED, WINDOW_Z, begin_toy

CONTRAST = (
    {"attach": {"what": "syringe", "contents_ml": [["iohexol 240", 3.0]]}},
    "aspirate",
    {"pedal": {"down": True}},
    {"inject": {"volume_ml": 1.0, "rate_ml_s": 0.5}},
    {"pedal": {"down": False}},
)
DRUG = (
    {"attach": {"what": "nothing"}},
    {"attach": {"what": "syringe", "contents_ml": [["dexamethasone", 1.0], ["saline", 1.0]]}},
    "aspirate",
)
PUNCTURED = (*PLACED, {"advance": {"distance_mm": 10}})
INTO_EPIDURAL = (*PLACED, {"advance": {"distance_mm": 53.5}}, {"stylet": {"inserted": False}})
GIVE = {"inject": {"volume_ml": 2.0, "rate_ml_s": 0.5}}


def play(*said: object, seed: int = 1) -> list[ProcedureState]:
    states = [begin_toy(seed)]
    for item in said:
        states.append(step(states[-1], item if isinstance(item, Action) else parse_action(item)))
    return states


def measure_quantities(*said: object) -> Mapping[str, Measured]:
    return measure(play(*said))


def values(measured: Mapping[str, Measured], *names: str) -> list[float]:
    return [measured[name].value for name in names]


def test_keys_are_those_that_criteria_may_name() -> None:
    for key in measure_quantities(*INTO_EPIDURAL, *CONTRAST, *DRUG, GIVE, {"commit-belief": {"level": "L4-L5"}}):
        name, _, kind = key.partition(":")
        allowed = NEEDS_OF.get(Quantity(name))
        assert (allowed is None) == (kind == "")
        Criterion(
            name="x", axis=Axis.SAFETY, quantity=Quantity(name), of=kind or None, low=0, grade=Evidence.D, source="test", lost="Lost."
        )


def test_nothing_done_is_no_error_and_no_credit() -> None:
    found = measure_quantities()
    assert values(found, "decision-right", "completed", "reviewed:history", "advised:driver") == [0.0] * 4
    assert set(OCCASIONS).isdisjoint(Quantity(key.partition(":")[0]) for key in found)
    assert "drug-stopped-unasked" not in found


def test_the_record_counts_only_before_the_skin() -> None:
    early = measure_quantities({"review": {"item": "medication"}}, *PLACED, {"advance": {"distance_mm": 10}})
    late = measure_quantities(*PLACED, {"advance": {"distance_mm": 10}}, {"review": {"item": "medication"}})
    assert values(early, "reviewed:medication") == [1.0]
    assert values(late, "reviewed:medication") == [0.0]


def test_time_out_must_say_the_right_side() -> None:
    scenario = begin_toy().case.scenario
    right = {"patient": scenario.subject.name, "level": scenario.task.interspace, "side": str(scenario.task.side)}
    assert values(measure_quantities({"time-out": right}, *PUNCTURED), "time-out-right") == [1.0]
    wrong = measure_quantities({"time-out": right | {"side": "right"}}, *PUNCTURED)["time-out-right"]
    assert wrong.value == 0.0
    assert "right: " in wrong.note


def test_a_drug_may_not_be_stopped_before_its_prescriber_was_asked() -> None:
    drug = begin_toy().case.scenario.record.medication[0].name
    assert values(measure_quantities({"stop-drug": {"drug": drug}}), "drug-stopped-unasked") == [1.0]
    allowed = measure_quantities({"contact": {"party": "prescriber"}}, {"stop-drug": {"drug": drug}})
    expected = float(drug in begin_toy().case.scenario.expected.never_stop)
    assert values(allowed, "drug-stopped-unasked") == [expected]


def test_contrast_then_drug_at_one_site() -> None:
    found = measure_quantities(*INTO_EPIDURAL, *CONTRAST, *DRUG, GIVE)
    assert values(found, "contrast-before-drug", "aspirated-before-injection", "live-contrast", "compartment-right") == [1.0] * 4
    assert found["contrast-ml"].value == pytest.approx(1.0, abs=1e-6)
    assert values(found, "drug-intrathecal-ml", "vascular-uptake-missed", "dural-breach-unrecognised") == [0.0] * 3


def test_contrast_elsewhere_does_not_clear_the_drug() -> None:
    found = measure_quantities(
        *INTO_EPIDURAL, *CONTRAST, {"attach": {"what": "nothing"}}, {"withdraw": {"distance_mm": 6}}, *DRUG[1:], GIVE
    )
    assert values(found, "contrast-before-drug") == [0.0]
    assert found["contrast-before-drug"].time_s is not None


def test_drug_without_contrast_or_aspiration() -> None:
    found = measure_quantities(*INTO_EPIDURAL, DRUG[1], GIVE)
    assert values(found, "contrast-before-drug", "aspirated-before-injection") == [0.0, 0.0]
    assert not {"live-contrast", "last-run-heeded", "contrast-ml"} & set(found)


def test_drug_in_the_sac_is_a_breach() -> None:
    found = measure_quantities(*PLACED, {"advance": {"distance_mm": 66.0}}, {"stylet": {"inserted": False}}, DRUG[1], GIVE)
    assert values(found, "dural-punctures", "dural-breach-unrecognised") == [1.0, 1.0]
    assert found["drug-intrathecal-ml"].value == pytest.approx(1.0, abs=0.01)  # a mL of dexamethasone in two
    assert found["compartment-right"].value == 0.0


def test_punctures_and_ways_are_counted() -> None:
    straight = measure_quantities(*PLACED, {"advance": {"distance_mm": 40}})
    assert values(straight, "punctures", "redirections", "path-inefficiency-percent") == [1.0, 0.0, 0.0]
    back = measure_quantities(
        *PLACED, {"advance": {"distance_mm": 40}}, {"withdraw": {"distance_mm": 20}}, {"advance": {"distance_mm": 20}}
    )
    assert back["path-inefficiency-percent"].value == pytest.approx(100.0)
    again = measure_quantities(*PLACED, {"advance": {"distance_mm": 10}}, "remove-needle", *PLACED[1:], {"advance": {"distance_mm": 10}})
    assert values(again, "punctures") == [2.0]
    assert again["path-inefficiency-percent"].value == pytest.approx(0.0)


def test_a_tilt_under_the_skin_is_a_redirection() -> None:
    found = measure_quantities(
        *PLACED, {"advance": {"distance_mm": 6}}, {"aim-needle": {"oblique_deg": 8, "tilt_deg": 0}}, {"advance": {"distance_mm": 20}}
    )
    assert values(found, "redirections") == [1.0]


def test_views_by_task_and_the_field() -> None:
    nothing = measure_quantities(*PLACED, {"advance": {"distance_mm": 30}})
    assert "view-quality:ap" not in nothing
    ap = measure_quantities(*PLACED, {"advance": {"distance_mm": 30}}, {"move-carm": {"oblique_deg": 0, "tilt_deg": 0}}, "shoot")
    turned = measure_quantities(*PLACED, {"advance": {"distance_mm": 30}}, {"move-carm": {"oblique_deg": 40, "tilt_deg": 0}}, "shoot")
    assert ap["view-quality:ap"].value > turned["view-quality:ap"].value
    assert ap["view-quality:ap"].pulse == 0
    assert values(ap, "exposures", "tip-in-field-share", "field-share") == [1.0, 1.0, pytest.approx(1.0, abs=1e-3)]
    leaves = {"collimate": {"left_mm": 75, "right_mm": 75, "top_mm": 75, "bottom_mm": 75}}
    small = measure_quantities(*PLACED, {"advance": {"distance_mm": 30}}, leaves, {"move-carm": {"oblique_deg": 0, "tilt_deg": 0}}, "shoot")
    assert small["field-share"].value == pytest.approx(0.25, abs=1e-3)


def test_a_hand_on_the_hub_is_seen_only_with_the_beam_on() -> None:
    dark = measure_quantities(*PLACED, {"advance": {"distance_mm": 30}}, "shoot")
    lit = measure_quantities(*PLACED, {"pedal": {"down": True}}, {"advance": {"distance_mm": 30}}, {"pedal": {"down": False}})
    assert values(dark, "hand-in-beam") == [0.0]
    assert lit["hand-in-beam"].value > 0


def test_brier_scores_reward_being_right_and_sure() -> None:
    def brier(word: str, confidence: float) -> float:
        return measure_quantities(*INTO_EPIDURAL, {"commit-belief": {"compartment": word, "confidence": confidence}})[
            "brier:compartment"
        ].value

    assert brier("epidural-dorsal", 0.9) == pytest.approx(0.01)
    assert brier("intrathecal", 0.9) == pytest.approx(0.81)
    assert brier("intrathecal", 0.2) < brier("intrathecal", 0.9)


@pytest.mark.parametrize("said", ["L4-L5", "L4-5", "l4-l5"])
def test_levels_are_read_as_clinicians_write_them(said: str) -> None:
    found = measure_quantities(*INTO_EPIDURAL, {"commit-belief": {"level": said, "confidence": 1.0}})
    assert found["brier:level"].value == 0.0


def test_distance_to_the_target_has_an_along_and_an_across() -> None:
    found = measure_quantities(*INTO_EPIDURAL, *CONTRAST)
    along, across, whole = values(found, "tip-along-mm", "tip-across-mm", "tip-to-target-mm")
    assert np.hypot(along, across) == pytest.approx(whole)


def test_states_must_be_one_attempt_in_order() -> None:
    states = play({"wait": {"duration_s": 5}}, {"wait": {"duration_s": 5}})
    with pytest.raises(ValueError, match="none left out"):
        measure([states[0], states[2]])
    with pytest.raises(ValueError, match="at least the state"):
        measure([])


def test_wrong_level_is_told_with_its_place() -> None:
    away = {"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89.0, "entry": [2.0, 90.0, WINDOW_Z + 45.0]}}
    found = measure_quantities(PLACED[0], away, PLACED[2], {"advance": {"distance_mm": 20}}, {"stylet": {"inserted": False}}, DRUG[1], GIVE)
    other = found["named-site"]
    assert other.value == 0.0
    assert "instead of L4-L5" in other.note
    assert found["wrong-level-or-side"].value == 0.0  # one level off is a miss, and within what endangers nobody
