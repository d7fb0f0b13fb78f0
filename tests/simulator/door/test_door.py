"""The door: every name explained with an example that runs, the guide, refusals that say what to do, the command line's own results."""

import doctest
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pytest

import simulator as ef
from simulator.cli import main
from simulator.observation import Monitor, watch_all
from simulator.procedure.attempt.digest import digest
from simulator.procedure.attempt.log import read
from simulator.procedure.attempt.replay import replay
from simulator.procedure.attempt.replay import replay_states as replay_states

CASE = "lumbar-interlaminar-l4-l5"
ROOT = Path(__file__).resolve().parents[3]
SIZE = 64
IMAGED = {"render", "expose", "develop", "shoot"}
"""Names whose example builds the surfaces of a patient, which takes half a minute where they are not cached."""


def examples(name: str) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(inspect.getdoc(getattr(ef, name)) or "")


def test_the_door_lists_about_twenty_names() -> None:
    assert dir(ef) == sorted(ef.__all__)
    assert 18 <= len(ef.__all__) <= 25


@pytest.mark.parametrize("name", ef.__all__)
def test_every_name_resolves_and_has_an_example(name: str) -> None:
    assert examples(name), f"{name}: add an example"


@pytest.mark.parametrize("name", [pytest.param(name, marks=pytest.mark.slow) if name in IMAGED else name for name in ef.__all__])
def test_the_examples_run(name: str) -> None:
    own = vars(getattr(ef, name)) if inspect.ismodule(getattr(ef, name)) else {name: getattr(ef, name)}
    test = doctest.DocTestParser().get_doctest(inspect.getdoc(getattr(ef, name)) or "", dict(own), name, None, 0)
    said: list[str] = []
    found = doctest.DocTestRunner().run(test, out=said.append)
    assert found.attempted > 0
    assert found.failed == 0, "".join(said)


def test_the_guide_names_everything_at_the_door() -> None:
    guide = ef.__doc__ or ""
    assert "never for guiding a real needle" in guide
    assert not [name for name in ef.__all__ if f"`{name}`" not in guide]


def test_the_guide_begins_with_the_lines_that_the_readme_runs() -> None:
    """Each statement of the guide stands in the README's session, where a test runs it."""
    guide = (ef.__doc__ or "").split("::\n", 1)[1].split("\nNames\n")[0]
    lines = [line.split("  #")[0].strip() for line in guide.splitlines()]
    session = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len([line for line in lines if line]) >= 10
    assert not [line for line in lines if line and f">>> {line}" not in session]


def test_an_unknown_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match="no 'loadcase'; did you mean 'load_case'"):
        _ = ef.loadcase
    with pytest.raises(AttributeError, match="there are .*list_cases"):
        _ = ef.xyzzy


@pytest.fixture(scope="module")
def case() -> object:
    return ef.load_case(CASE)


@pytest.fixture(scope="module")
def idle(case: object) -> tuple:
    return ef.play(case, "idle", seed=3)


REFUSALS = {
    "case by number": (lambda: ef.load_case(4), TypeError, "expected the name of a case.*got 4.*list_cases"),
    "case unknown": (lambda: ef.load_case("lumbar-interlaminar-l4"), ValueError, f"did you mean '{CASE}'"),
    "script unknown": (lambda: ef.play(CASE, "exprt"), ValueError, "did you mean 'expert'"),
    "script by number": (lambda: ef.play(CASE, 3), TypeError, "script: expected a word such as 'expert', got 3"),
    "seed negative": (lambda: ef.begin(CASE, seed=-1), ValueError, "whole number from 0.*got -1"),
    "no state": (lambda: ef.step(None, ef.actions.Shoot()), TypeError, "expected a state.*got NoneType"),
    "class of an action": (lambda: ef.step(ef.begin(CASE), ef.actions.Shoot), TypeError, r"expected an action such as actions.Shoot\(\)"),
    "no image yet": (lambda: ef.render(ef.begin(CASE)), ValueError, r"take one with actions.Shoot\(\)"),
    "image too small": (lambda: ef.render(ef.begin(CASE), size=8), ValueError, "from 64 to 2048 pixels, got 8"),
    "size of half a pixel": (lambda: ef.observe(ef.begin(CASE), size=64.5), TypeError, "whole number of pixels, got 64.5"),
    "no pulse": (lambda: ef.expose(ef.begin(CASE)), ValueError, "no pulse"),
    "no exposure": (lambda: ef.develop(None, 1), TypeError, "expected an exposure from expose, got int"),
    "score of one state": (lambda: ef.score(ef.begin(CASE)), TypeError, "expected all states of an attempt, got one"),
    "score of nothing": (lambda: ef.score([]), TypeError, "expected the states of an attempt"),
    "report too large": (lambda: ef.report([], size=9999), ValueError, "from 64 to 2048 pixels, got 9999"),
    "view unknown": (lambda: ef.shoot(ef.Patient.mean(), view="clo-lft"), ValueError, "view: no 'clo-lft'; did you mean 'clo-left'"),
    "level unknown": (lambda: ef.aim(ef.Patient.mean(), "ap", level="L6"), ValueError, "level: no 'L6'; there are T11, .*L5"),
    "level by number": (lambda: ef.aim(ef.Patient.mean(), "ap", level=4), TypeError, "level: expected a word such as 'T11', got 4"),
    "no patient": (lambda: ef.shoot(CASE), TypeError, "expected a Patient.*got str"),
    "needle unknown": (lambda: ef.make_needle(ef.Patient.mean(), "caudall"), ValueError, "did you mean 'caudal'"),
    "needle without entry": (lambda: ef.make_needle(ef.Patient.mean(), (0, 0, 0)), ValueError, "give entry="),
    "gauge unknown": (lambda: ef.make_needle(ef.Patient.mean(), "caudal", gauge=30), ValueError, "gauge must be one of 16.*got 30"),
    "voltage out of range": (lambda: ef.shoot(ef.Patient.mean(), kvp=300), ValueError, "300"),
    "sex unknown": (lambda: ef.Patient.sample(1, sex="m"), ValueError, 'must be "female" or "male", got \'m\''),
    "body-mass index out of range": (lambda: ef.Patient.sample(1, bmi=400), ValueError, "bmi.*400"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_say_what_was_expected_and_what_came(name: str) -> None:
    act, kind, said = REFUSALS[name]
    with pytest.raises(kind, match=said) as caught:
        act()
    assert len(str(caught.value).splitlines()) == 1


def test_a_report_is_saved_as_a_page_or_as_numbers(idle: tuple, tmp_path: Path) -> None:
    report = ef.report(idle, size=SIZE)
    report.save(tmp_path / "report.html")
    report.save(str(tmp_path / "report.json"))
    assert "never for guiding a real needle" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["grade"] == round(ef.score(idle).grade, 6)
    with pytest.raises(ValueError, match=r"\.html or \.json, got '\.pdf'"):
        report.save(tmp_path / "report.pdf")
    with pytest.raises(ValueError, match="cannot be written"):
        report.save(tmp_path / "missing" / "report.html")


@pytest.mark.parametrize("script", ["idle", pytest.param("expert", marks=pytest.mark.slow)])
def test_the_command_line_plays_the_same_attempt(script: str, tmp_path: Path) -> None:
    folder = tmp_path / script
    assert main(["run", CASE, "--script", script, "--seed", "3", "--size", str(SIZE), "--output", str(folder)]) == 0
    states, log = ef.play(CASE, script, seed=3), read(folder / "attempt.jsonl")
    assert [state.time_s for state in states[1:]] == [entry.time_s for entry in log.entries]
    recorded = {number: entry.digest for number, entry in enumerate(log.entries, start=1) if entry.digest is not None}
    assert recorded == {number: digest(states[number]) for number in recorded}
    assert digest(replay(folder / "attempt.jsonl", states[0].case)) == digest(states[-1])
    plain = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert plain["grade"] == round(ef.score(states).grade, 6)


@pytest.mark.slow
def test_the_monitor_shows_what_a_replay_of_the_log_shows(case: object, tmp_path: Path) -> None:
    """Live pulses with the needle in the beam: the unit's filter remembers, so the order of the pulses counts."""
    from simulator.procedure.attempt import attempt

    log = tmp_path / "attempt.jsonl"
    under_way = attempt.start(case, 5, log)
    for action in (ef.actions.Shoot(), ef.actions.Pedal(down=True), ef.actions.Wait(duration_s=1.0), ef.actions.Pedal(down=False)):
        under_way = attempt.act(under_way, action)
    under_way = attempt.act(under_way, ef.actions.Review(item="history"))  # no pulse: the last image is held
    attempt.close(under_way)
    last = watch_all(replay_states(log, case), Monitor(size=SIZE, every=1)).frames[-1]
    np.testing.assert_array_equal(ef.render(under_way.state, size=SIZE), last.pixels)
    assert ef.observe(under_way.state, size=SIZE).image.index == last.index


@pytest.mark.slow
def test_the_monitor_does_not_depend_on_what_was_rendered_before(case: object) -> None:
    """Step by step, from elsewhere, backwards, and another way from the same state."""
    first = ef.begin(case, seed=2)
    live = ef.step(ef.step(first, ef.actions.Pedal(down=True)), ef.actions.Wait(duration_s=0.5))
    turned = ef.step(live, ef.actions.MoveCArm(oblique_deg=20.0))
    other = ef.step(live, ef.actions.Wait(duration_s=0.5))
    fresh = {id(state): ef.render(_again(state), size=SIZE) for state in (live, turned, other)}
    for state in (live, turned, other, turned, live):
        np.testing.assert_array_equal(ef.render(state, size=SIZE), fresh[id(state)])
    assert (fresh[id(turned)] != fresh[id(other)]).any()


def _again(state: object) -> object:
    """The same state in a case that has rendered nothing."""
    fresh = ef.begin(CASE, seed=state.seed)
    for done in state.done:
        fresh = ef.step(fresh, done.action)
    return fresh


@pytest.mark.slow
def test_a_radiograph_shows_its_needle_and_equal_seeds_give_equal_bits() -> None:
    patient = ef.Patient.mean()
    carm = ef.aim(patient, "clo-left", level="L4", size=SIZE)
    bare, again, other = (ef.shoot(patient, carm, seed=seed).counts for seed in (1, 1, 2))
    np.testing.assert_array_equal(bare, again)
    assert (bare != other).any()
    by_word = ef.shoot(patient, "clo-left", level="L4", needle="interlaminar-left", size=SIZE, seed=1)
    by_hand = ef.shoot(patient, carm, needle=ef.make_needle(patient, "interlaminar-left"), seed=1)
    np.testing.assert_array_equal(by_word.pixels, by_hand.pixels)
    assert (by_word.counts != bare).mean() > 0.001


def test_the_stub_ships_with_the_package() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^simulator = \[.*"py\.typed".*"\*\.pyi"', text, re.MULTILINE)
    assert (ROOT / "simulator" / "__init__.pyi").is_file()
