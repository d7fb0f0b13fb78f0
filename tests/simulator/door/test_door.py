"""The door: every name explained with an example that runs, the guide, refusals that say what to do, the command line's own results."""

import doctest
import inspect
import json
import re
from pathlib import Path

import numpy as np
import pydicom
import pytest
import tifffile

import simulator as ef
from simulator.cli import main
from simulator.formats.images import read_png
from simulator.geometry.carm import same_view
from simulator.observation import Monitor, watch_all
from simulator.procedure.attempt import attempt
from simulator.procedure.attempt.digest import digest
from simulator.procedure.attempt.log import read
from simulator.procedure.attempt.replay import replay
from simulator.procedure.attempt.replay import replay_states as replay_states
from simulator.procedure.state.errors import ProcedureOver

CASE = "lumbar-interlaminar-l4-l5"
ROOT = Path(__file__).resolve().parents[3]
SIZE = 64
LONGEST_REFUSAL = 800
"""Characters: room for the names of all cases or actions, and not for a state's text."""
IMAGED = {"render", "expose", "develop", "shoot"}
"""Names whose example builds the surfaces of a patient, which takes half a minute where they are not cached."""


def examples(name: str) -> list[doctest.Example]:
    return doctest.DocTestParser().get_examples(inspect.getdoc(getattr(ef, name)) or "")


def test_the_door_lists_about_twenty_names() -> None:
    assert dir(ef) == sorted([*ef.__all__, "__version__"])
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
    "class of an action, called": (
        lambda: ef.step(ef.begin(CASE), ef.actions.Wait),
        TypeError,
        r"the class Wait; write actions.Wait\(\.\.\.\)",
    ),
    "case from a state": (lambda: ef.begin(ef.begin(CASE)), TypeError, r"name of a case.*got ProcedureState; give its `\.case`"),
    "case from states": (lambda: ef.list_scripts([ef.begin(CASE)] * 9), TypeError, r"got list; give the `\.case` of one of these states"),
    "case unnamed": (lambda: ef.load_case(""), ValueError, r"^'': no such case; .*\. Or give a path to a \.yaml file\.$"),
    "state from a case": (lambda: ef.render(ef.load_case(CASE)), TypeError, r"expected a state.*got Case; begin\(case\)"),
    "state from states": (lambda: ef.observe((ef.begin(CASE),) * 9), TypeError, r"expected a state.*got tuple; give one of these states"),
    "pulse by word": (lambda: ef.expose(ef.begin(CASE), "last"), TypeError, "index must be a whole number, got 'last'"),
    "exposure from a state": (lambda: ef.develop(None, ef.begin(CASE)), TypeError, r"got ProcedureState; expose\(state\) makes one"),
    "score of a case by name": (lambda: ef.score(CASE), TypeError, f"got '{CASE}'; play it first"),
    "score of a case": (lambda: ef.score(ef.load_case(CASE)), TypeError, "got Case; play it first"),
    "score of a number": (lambda: ef.score(3), TypeError, "expected the states of an attempt.*got 3; give a list or tuple"),
    "score of something else": (lambda: ef.score([ef.begin(CASE), 7]), TypeError, "got 7 at index 1; give only what begin and step gave"),
    "score without the first": (
        lambda: ef.score([ef.step(ef.begin(CASE), ef.actions.Wait(duration_s=1))]),
        ValueError,
        "expected 0 actions behind state 0, got 1; give the states in order from begin on",
    ),
    "an action after the end": (
        lambda: ef.step(ef.play(CASE, "idle")[-1], ef.actions.Shoot()),
        ValueError,
        "shoot: the attempt is over .*; begin another",
    ),
    "a number of an action": (
        lambda: ef.step(ef.begin(CASE), ef.actions.Wait(duration_s=ef.begin(CASE))),
        ValueError,
        "wait.duration_s: expected a number, got ProcedureState$",
    ),
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
    "level of the sacrum": (
        lambda: ef.aim(ef.Patient.mean(), "ap", level="S1"),
        ValueError,
        "level: no 'S1'; .*sacrum-ap, sacrum-lateral, s1-left, s1-right .*need no level, so leave it out",
    ),
    "level without a separator": (
        lambda: ef.aim(ef.Patient.mean(), "ap", level="L45"),
        ValueError,
        "no 'L45'; .*interspace as L4-L5 or L4-5$",
    ),
    "level of no neighbours": (lambda: ef.aim(ef.Patient.mean(), "ap", level="L4/S1"), ValueError, "below L4 lies L5, so write L4-L5"),
    "patient from a case": (lambda: ef.aim(ef.load_case(CASE), "ap"), TypeError, r"expected a Patient.*got Case; give its `\.patient`"),
    "patient from a state": (lambda: ef.shoot(ef.begin(CASE)), TypeError, r"got ProcedureState; give its `\.case\.patient`"),
    "patient from parameters": (lambda: ef.shoot(ef.Patient.mean().params), TypeError, r"Patient\(params=\.\.\.\) makes one"),
    "needle of shoot unknown": (
        lambda: ef.shoot(ef.Patient.mean(), needle="caudall"),
        ValueError,
        "^needle: no 'caudall'; did you mean 'caudal'",
    ),
    "needle of shoot by number": (
        lambda: ef.shoot(ef.Patient.mean(), needle=18),
        TypeError,
        r"needle: expected a word.*got 18; list_needles\(\)",
    ),
    "needle by letters": (
        lambda: ef.make_needle(ef.Patient.mean(), (0, 0, "x"), entry=(0, 1, 2)),
        ValueError,
        "target must be numbers, got",
    ),
    "gauge by word": (lambda: ef.make_needle(ef.Patient.mean(), "caudal", gauge=[22]), ValueError, r"gauge must be one of 16.*got \[22\]"),
    "angle by word": (lambda: ef.CArm.from_angles(oblique_deg="25"), TypeError, "oblique_deg must be a number, got '25'"),
    "field by word": (lambda: ef.aim(ef.Patient.mean(), "ap", field_mm="wide"), TypeError, "field_mm must be a number, got 'wide'"),
    "voltage by word": (lambda: ef.shoot(ef.Patient.mean(), kvp="80"), TypeError, "kvp must be a number, got '80'"),
    "voltage on": (lambda: ef.shoot(ef.Patient.mean(), kvp=True), TypeError, "kvp must be a number, got True"),
    "noise by word": (lambda: ef.shoot(ef.Patient.mean(), seed="a"), ValueError, "seed must be a whole number from 0.*got 'a'"),
    "noise by half": (lambda: ef.shoot(ef.Patient.mean(), seed=1.5), ValueError, "seed must be a whole number from 0.*got 1.5"),
    "noise negative": (lambda: ef.shoot(ef.Patient.mean(), seed=-1), ValueError, "seed must be a whole number from 0.*got -1"),
    "age by word": (lambda: ef.Patient.mean(age="60"), TypeError, "age_years must be a number between 16 and 110, got '60'"),
    "patient of a number": (lambda: ef.Patient(params=7), TypeError, "expected PatientParameters, got 7"),
    "patient file by number": (lambda: ef.Patient.read(7), TypeError, "expected the path of a file.*got 7"),
    "action unknown": (lambda: ef.actions.Shot, AttributeError, "no action 'Shot'; did you mean 'Shoot'"),
    "action by its word": (lambda: ef.actions.move_carm, AttributeError, "did you mean 'MoveCArm'"),
    "action far from any": (lambda: ef.actions.xyzzy, AttributeError, "there are .*Shoot"),
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
    assert len(str(caught.value)) < LONGEST_REFUSAL


TAKERS = ("begin", "step", "render", "expose", "observe", "play", "score", "report", "list_scripts", "load_case")
TAKEN = {("observe", "state"), ("begin", "case"), ("play", "case"), ("list_scripts", "case")}
STRANGE = [
    (name, what) for name in TAKERS for what in ("state", "states", "case", "params", "numbers", "class") if (name, what) not in TAKEN
]


@pytest.mark.parametrize(("name", "what"), STRANGE)
def test_whatever_a_function_is_given_its_refusal_is_short(name: str, what: str) -> None:
    """Never the text of the value itself, which for a state was 37,000 characters."""
    state = ef.begin(CASE)
    given = {"state": state, "states": [state] * 50, "case": state.case, "params": state.case.patient.params}
    value = {**given, "numbers": np.zeros((200, 200)), "class": type(state)}[what]
    with pytest.raises((TypeError, ValueError), match="expected|no pulse") as caught:
        getattr(ef, name)(value, *([value] if name == "step" else []))
    assert len(str(caught.value)) < LONGEST_REFUSAL
    assert " at 0x" not in str(caught.value)


def test_the_text_of_every_value_is_one_short_line(idle: tuple) -> None:
    state = ef.step(ef.begin(CASE, seed=1), ef.actions.MoveCArm(oblique_deg=20.0))
    patient = state.case.patient
    values = (state, state.done, state.done[-1], state.case, state.case.scenario, patient, patient.params, ef.observe(state))
    results = (ef.score(idle), ef.score(idle).losses[0], ef.report(idle, images=False), ef.make_needle(patient, "caudal"))
    for value in (*values, *results):
        assert repr(value).startswith(f"<{type(value).__name__} ")
        assert len(repr(value)) < 160
        assert repr(value).isprintable()
        assert " at 0x" not in repr(value)
    assert repr(state) == f"<ProcedureState of {CASE}, seed 1: {state.time_s:.1f} s, actions 1, pulses 0, no needle>"
    assert repr(state.case) == f"<Case {CASE}, version 2, <Patient female, 58 years, BMI 27.0>>"


@pytest.mark.slow
def test_the_text_of_every_image_is_one_short_line(case: object) -> None:
    state = ef.step(ef.begin(case), ef.actions.Shoot())
    exposure = ef.expose(state, size=SIZE)
    carry, frame = ef.develop(None, exposure)
    for value in (exposure, carry, frame, ef.observe(state, size=SIZE), ef.shoot(case.patient, size=SIZE)):
        assert len(repr(value)) < 160
        assert repr(value).isprintable()


def test_a_script_that_goes_on_after_the_end_is_refused_with_its_line(case: object, tmp_path: Path) -> None:
    script = tmp_path / "on.yaml"
    script.write_text("operator: expert\nabout: Goes on.\nsteps:\n  - finish\n  - shoot\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"on\.yaml:5: shoot: the attempt is over"):
        ef.play(case, script)
    state = ef.step(ef.begin(case), ef.actions.Finish())
    with pytest.raises(ProcedureOver, match="begin another"):
        ef.step(state, ef.actions.Shoot())


def test_the_actions_are_listed_alone() -> None:
    assert dir(ef.actions) == sorted(kind.__name__ for kind in ef.actions.ACTIONS.values())
    assert all(issubclass(getattr(ef.actions, name), ef.actions.Action) for name in dir(ef.actions))


@pytest.mark.parametrize("word", ["L4-5", "L4/5", "l4-l5", "L4\u20135", "L4 / L5", "L4"])
def test_an_interspace_may_be_written_with_hyphen_slash_or_dash(word: str) -> None:
    patient = ef.Patient.mean()
    assert same_view(ef.aim(patient, "ap", level=word), ef.aim(patient, "ap", level="L4"))


def test_numbers_of_numpy_make_the_same_attempt(case: object, tmp_path: Path) -> None:
    """To the byte of the log and the bit of the digest, or a notebook's attempt could not be replayed."""
    own = attempt.start(case, 3, tmp_path / "own.jsonl")
    numpys = attempt.start(case, np.int64(3), tmp_path / "numpys.jsonl")
    for oblique, seconds in ((20.5, 1), (0.0, 2)):
        own = attempt.act(own, ef.actions.MoveCArm(oblique_deg=oblique))
        own = attempt.act(own, ef.actions.Wait(duration_s=seconds))
        numpys = attempt.act(numpys, ef.actions.MoveCArm(oblique_deg=np.float32(oblique)))
        numpys = attempt.act(numpys, ef.actions.Wait(duration_s=np.int64(seconds)))
    for under_way in (own, numpys):
        attempt.close(under_way)
    assert digest(own.state) == digest(numpys.state)
    assert (tmp_path / "own.jsonl").read_bytes() == (tmp_path / "numpys.jsonl").read_bytes()
    assert digest(replay(tmp_path / "numpys.jsonl", case)) == digest(own.state)
    assert digest(ef.begin(case, seed=np.uint8(3))) == digest(ef.begin(case, seed=3))
    assert ef.aim(case.patient, "ap", size=np.int64(64)).shape == (64, 64)


@pytest.mark.parametrize("seed", [True, np.True_, np.float64(3), "3", None])
def test_what_is_no_whole_number_is_no_seed(case: object, seed: object) -> None:
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        ef.begin(case, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize("view", ["clo-left", "sacrum-lateral", "by angles"])
def test_a_radiograph_is_saved_as_the_command_line_saves_it(view: str, tmp_path: Path) -> None:
    patient = ef.Patient.mean()
    image = ef.shoot(patient, ef.CArm.from_angles(size=SIZE) if view == "by angles" else view, size=SIZE, seed=4)
    for ending in (".png", ".tif", ".dcm"):
        image.save(tmp_path / f"view{ending}")
    pixels, title = read_png((tmp_path / "view.png").read_bytes())
    np.testing.assert_array_equal(pixels, image.pixels)
    assert "male, 45 years" in title
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "view.tif"), image.counts)
    stored = pydicom.dcmread(tmp_path / "view.dcm")
    np.testing.assert_array_equal(stored.pixel_array, image.pixels)
    assert float(stored.KVP) == pytest.approx(image.technique.kvp)
    with pytest.raises(ValueError, match=r"\.png, \.tif, \.tiff, \.dcm, got '\.jpg'"):
        image.save(str(tmp_path / "view.jpg"))
    with pytest.raises(TypeError, match="expected the path of a file.*got 3"):
        image.save(3)
    with pytest.raises(ValueError, match="cannot write in that folder"):
        image.save(tmp_path / "missing" / "view.png")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["view.dcm", "view.png", "view.tif"]
    if view == "clo-left":
        assert main(["render", "--view", view, "--size", str(SIZE), "--noise-seed", "4", "--output", str(tmp_path / "cli.png")]) == 0
        np.testing.assert_array_equal(read_png((tmp_path / "cli.png").read_bytes())[0], image.pixels)


def test_a_report_is_saved_as_a_page_or_as_numbers(idle: tuple, tmp_path: Path) -> None:
    report = ef.report(idle, size=SIZE)
    report.save(tmp_path / "report.html")
    report.save(str(tmp_path / "report.json"))
    assert "never for guiding a real needle" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["grade"] == round(ef.score(idle).grade, 6)
    with pytest.raises(ValueError, match=r"\.html or \.json, got '\.pdf'"):
        report.save(tmp_path / "report.pdf")
    with pytest.raises(TypeError, match="expected the path of a file.*got 3"):
        report.save(3)
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
