"""One test plays every case by every script: the expert passes, the others fail, and for the right reason."""

from functools import cache
from pathlib import Path

import pytest

from scenarios.errors import ScenarioError
from scenarios.loader import list_cases as cases
from scenarios.loader import read as read_case
from scenarios.safe_yaml import parse
from simulator.operators.outcome import describe_surprise, list_failures
from simulator.operators.run import play_script, run
from simulator.operators.script import Script, list_scripts, load_script, parse_script, read
from simulator.procedure.actions.action_codec import to_plain
from simulator.procedure.measuring import score_attempt
from simulator.procedure.state.random_streams import RandomStream, happens
from simulator.scoring.score import Score

SEED = 1
FIRST_SITE = 1  # number of the first place at which something is aspirated or injected
AT_DESK = [("clopidogrel", "expert"), ("clopidogrel", "unsafe"), ("contrast-allergy", "refer"), ("pregnancy", "expert")]
IDLE = [(case, "idle") for case in cases()]
QUICK = [*AT_DESK, *IDLE]
SLOW = [(case, name) for case in cases() for name in list_scripts(case) if (case, name) not in QUICK]
DATA = Path(__file__).parent / "data"
IDLE_MOST = 0.02  # of the points that an attempt wins which only begins and finishes
EXPERT_LEAST = 0.85
PASSING = ("expert", "refer")


@cache
def score_script(case: str, script: Script, seed: int = SEED) -> Score:
    start, states = play_script(read_case(case), script, seed)
    return score_attempt([start, *states])


def check(case: str, name: str) -> None:
    """A script passes where it names nothing to fail by; else all that it names was lost, and some of it fails an attempt."""
    script = load_script(case, name)
    found = score_script(case, script)
    assert describe_surprise(script, found) == ""
    assert found.passed == (name in PASSING), list_failures(found)
    if name == "expert":
        assert found.grade >= EXPERT_LEAST
    if name == "idle":
        assert found.uncapped <= IDLE_MOST


@pytest.mark.parametrize(("case", "name"), QUICK)
def test_what_is_settled_at_the_desk(case: str, name: str) -> None:
    check(case, name)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "name"), SLOW)
def test_the_expert_passes_and_the_others_fail_for_the_right_reason(case: str, name: str) -> None:
    check(case, name)


@pytest.mark.parametrize("case", cases())
def test_beginning_and_finishing_wins_nothing(case: str) -> None:
    """Nor does reading nothing and deciding: what never came up earns nothing."""
    steps = "steps:\n  - decide: {decision: proceed}\n  - finish\n"
    decided = parse_script(parse(f"operator: idler\nabout: Decides.\n{steps}", "idler.yaml"))
    found = score_script(case, decided)
    assert not found.passed
    assert "completed" in list_failures(found)
    rest = sum(item.points for item in found.results if item.criterion.name not in ("decision", "drug-stopped"))
    assert rest == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(("case", "file"), [("lumbar-interlaminar-l4-l5", "il-muscle"), ("caudal", "caudal-lat")])
def test_an_attempt_whose_drug_is_not_epidural_fails(case: str, file: str) -> None:
    """All drug in muscle, 20 mm short; and beside the sacrum, after a needle taken in a lateral view."""
    found = score_script(case, read(DATA / f"{file}.yaml"))
    share = next(item.measured for item in found.results if item.criterion.name == "drug-epidural")
    assert share is not None
    if share.value < 0.5:
        assert "drug-epidural" in list_failures(found)
    assert found.passed == (share.value >= 0.5 and not list_failures(found))
    if file == "il-muscle":
        assert share.value == 0.0
        assert not found.passed
        assert found.capped


def test_a_script_that_does_not_come_out_as_it_says_is_told() -> None:
    idle = load_script("clopidogrel", "idle")
    found = score_script("clopidogrel", idle)
    named = Script(file="x", operator="x", about="x", steps=(), fails_by=("advice-red-flags",))
    assert "alone fails no attempt; it fails by decision" in describe_surprise(named, found)
    assert "names nothing in fails_by" in describe_surprise(Script(file="x", operator="x", about="x", steps=()), found)
    passed = score_script("clopidogrel", load_script("clopidogrel", "expert"))
    assert describe_surprise(idle, passed) == "it passes, and is meant to fail by decision, completed"
    other = Script(file="x", operator="x", about="x", steps=(), fails_by=("placement",))
    assert "loses nothing there" in describe_surprise(other, found)


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
    start, states = play_script(scenario, load_script(case, "expert"), seed)
    assert bool(states[-1].injections[0].vessel) is wanted
    assert not states[-1].injections[-1].vessel
    assert score_attempt([start, *states]).passed


def test_what_cannot_be_done_is_told_with_the_scripts_line() -> None:
    text = "operator: x\nabout: Injects with no needle.\nsteps:\n  - review: {item: history}\n  - inject: {volume_ml: 1}\n"
    steps = parse_script(parse(text, "script.yaml"))
    with pytest.raises(ScenarioError, match=r"script\.yaml:5: inject: there is no needle"):
        list(run(read_case("clopidogrel"), steps, 0))
