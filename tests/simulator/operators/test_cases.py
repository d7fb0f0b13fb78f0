"""One test plays every case by every script: the expert passes, the others fail, and for the right reason."""

import pytest

from scenarios.errors import ScenarioError
from scenarios.loader import list_cases as cases
from scenarios.loader import read as read_case
from scenarios.safe_yaml import parse
from simulator.operators.run import play_script, run
from simulator.operators.script import list_scripts, load_script, parse_script
from simulator.procedure.actions.action_codec import to_plain
from simulator.procedure.measuring.measure import measure
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.scoring.score import Score, score

SEED = 1
FIRST_SITE = 1  # number of the first place at which something is aspirated or injected
AT_DESK = [("clopidogrel", "expert"), ("clopidogrel", "unsafe"), ("contrast-allergy", "refer"), ("pregnancy", "expert")]
IDLE = [(case, "idle") for case in cases()]
QUICK = [*AT_DESK, *IDLE]
SLOW = [(case, name) for case in cases() for name in list_scripts(case) if (case, name) not in QUICK]


def score_script(case: str, name: str, seed: int = SEED) -> Score:
    scenario = read_case(case)
    start, states = play_script(scenario, load_script(case, name), seed)
    return score(scenario.criteria, measure([start, *states]), scenario.pass_mark)


def check(case: str, name: str) -> None:
    """A script passes where it names nothing to fail by; else each named criterion was lost and one of them was critical."""
    fails_by, found = load_script(case, name).fails_by, score_script(case, name)
    lost = {result.criterion.name for result in found.results if result.lost > 0}
    critical = {result.criterion.name for result in found.critical}
    assert found.passed == (not fails_by), f"critical: {sorted(critical)}, grade {found.grade:.2f}"
    assert set(fails_by) <= lost | critical
    assert not fails_by or critical & set(fails_by)


@pytest.mark.parametrize(("case", "name"), QUICK)
def test_what_is_settled_at_the_desk(case: str, name: str) -> None:
    check(case, name)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "name"), SLOW)
def test_the_expert_passes_and_the_others_fail_for_the_right_reason(case: str, name: str) -> None:
    check(case, name)


@pytest.mark.parametrize("case", ["clopidogrel", "pregnancy"])
def test_equal_seeds_give_equal_actions_and_times(case: str) -> None:
    first, second = (
        [(to_plain(action), state.time_s) for action, state in run(read_case(case), load_script(case, "expert"), 3)] for _ in range(2)
    )
    assert first == second


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [True, False])
def test_a_vessel_is_met_by_chance_and_left_by_the_expert(wanted: bool) -> None:
    """Where the seed puts the first tip into a vessel, the expert moves it and tests again, so that no drug goes into it."""
    case = "transforaminal-l5-s1"
    scenario = read_case(case)
    uptake = scenario.complications.vascular_uptake
    assert uptake is not None
    seed = next(number for number in range(100) if happens(uptake.chance, number, RandomStream.VESSEL, FIRST_SITE) is wanted)
    _, states = play_script(scenario, load_script(case, "expert"), seed)
    assert bool(states[-1].injections[0].vessel) is wanted
    assert not states[-1].injections[-1].vessel


def test_what_cannot_be_done_is_told_with_the_scripts_line() -> None:
    text = "operator: x\nabout: Injects with no needle.\nsteps:\n  - review: {item: history}\n  - inject: {volume_ml: 1}\n"
    steps = parse_script(parse(text, "script.yaml"))
    with pytest.raises(ScenarioError, match=r"script\.yaml:5: inject: there is no needle"):
        list(run(read_case("clopidogrel"), steps, 0))
