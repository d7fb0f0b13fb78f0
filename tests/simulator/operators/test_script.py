"""Scripts are read with the line of every mistake, and their macros say what they mean."""

import pytest

from scenarios.errors import ScenarioError
from scenarios.loader import list_cases as cases
from scenarios.loader import read as read_case
from scenarios.safe_yaml import parse
from scenarios.scored_criteria import list_criteria
from simulator.operators.macros import AdvanceUntil, Repeat, See, Seen, When
from simulator.operators.outcome import AXES
from simulator.operators.script import OPERATORS, Script, list_scripts, load_routines, load_script, parse_script
from simulator.procedure.actions.actions import Shoot, Wait

HEAD = "operator: expert\nabout: Tries.\nsteps:\n"


def read(steps: str) -> Script:
    return parse_script(parse(HEAD + steps, "script.yaml"))


def problem(steps: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        read(steps)
    return str(caught.value)


def test_actions_and_macros_are_read_in_order_with_their_lines() -> None:
    found = read("  - shoot\n  - wait: {duration_s: 2}\n  - see: {view: clo-left, level: L4-L5}\n")
    assert [step.line for step in found.steps] == [4, 5, 6]
    assert isinstance(found.steps[0].what, Shoot)
    assert found.steps[1].what == Wait(duration_s=2.0)
    assert isinstance(found.steps[2].what, See)


def test_blocks_nest() -> None:
    found = read(
        "  - repeat:\n      most: 3\n      seen: vessel\n      do:\n        - when: {seen: bone, do: [shoot], otherwise: [aspirate]}\n"
    )
    outer = found.steps[0].what
    assert isinstance(outer, Repeat)
    assert outer.seen is Seen.VESSEL
    inner = outer.do[0].what
    assert isinstance(inner, When)
    assert (len(inner.do), len(inner.otherwise)) == (1, 1)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("  - shot", "did you mean 'shoot'"),
        ("  - sea: {view: ap}", "did you mean"),
        ("  - see: {veiw: ap}", "did you mean 'view'"),
        ("  - see: {view: clo-lft}", "did you mean 'clo-left'"),
        ("  - see", "see.view: is missing"),
        ("  - see: [ap]", "expected keys and values"),
        ("  - advance-until: {event: los}", "did you mean 'loss'"),
        ("  - advance-until: {event: loss, step_mm: 0}", "from 0.1 to 50"),
        ("  - advance: {distance_cm: 5}", "unknown key"),
        ("  - repeat: {most: 1000000, do: [shoot]}", "from 1 to 200"),
        ("  - repeat: {most: 2, do: shoot}", "expected a list of steps"),
        ("  - repeat: {most: 2, do: [shot]}", "did you mean 'shoot'"),
        ("  - routine: {name: recrd}", "did you mean 'record'"),
        ("  - routine", "expected {name: ...}"),
        ("  - needle: {bevel: tuohy, gauge: 18, length_mm: 89, offset_mm: [1, 2]}", "expected [left, dorsal, cranial]"),
        ("  - needle: {bevel: tuohy, gauge: 18, length_mm: 89, level: L9}", "known are"),
        ("  - 3", "expected an action"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_a_way_out(step: str, expected: str) -> None:
    found = problem(f"  - shoot\n{step}\n")
    assert expected in found
    assert found.startswith("script.yaml:5:")
    assert "\n" not in found


def test_a_script_without_its_head_is_refused() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_script(parse("opertor: expert\nsteps: []\n", "script.yaml"))
    said = [str(item) for item in caught.value.problems]
    assert any("did you mean 'operator'" in text for text in said)
    assert any("about is missing" in text for text in said)


def test_an_unknown_script_is_answered_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'expert'"):
        load_script("caudal", "exprt")


def test_routines_are_actions_and_macros() -> None:
    assert {"record", "preparation", "contrast", "recovery", "advice", "haste"} <= set(load_routines())


@pytest.mark.parametrize("case", cases())
def test_every_case_brings_its_four_operators(case: str) -> None:
    assert set(OPERATORS) <= set(list_scripts(case))
    names = {criterion.name for criterion in list_criteria(read_case(case))} | set(AXES)
    for name in list_scripts(case):
        found = load_script(case, name)
        assert found.operator == name
        assert set(found.fails_by) <= names
    assert not load_script(case, "expert").fails_by
    assert all(load_script(case, name).fails_by for name in ("idle", "unsafe", "wrong-level"))


def test_defaults_of_a_macro() -> None:
    macro = read("  - advance-until: {event: loss}\n").steps[0].what
    assert isinstance(macro, AdvanceUntil)
    assert (macro.step_mm, macro.most_mm) == (1.0, 40.0)
