"""Cases are read whole or refused with every mistake, each with its line and a way out."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from phantoms.terms.levels import Level, Side
from scenarios.criteria import catalogue
from scenarios.errors import ScenarioError
from scenarios.loader import LIBRARY, criteria_sets, list_cases, locate, make_schema, read, validate
from scenarios.names.enums import Decision, Party, ReviewItem
from scenarios.names.quantities import Quantity
from scenarios.safe_yaml import parse
from scenarios.translation import find_missing, list_texts, translate

FIRST = "lumbar-interlaminar-l4-l5"
TEXT = (LIBRARY / FIRST / "case.yaml").read_text(encoding="utf-8")


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        validate(parse(text, "case.yaml"), None)
    return [str(problem) for problem in caught.value.problems]


def change(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def line_of(text: str, word: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if word in line)


def test_the_library_has_the_thirteen_cases() -> None:
    assert len(list_cases()) == 13
    assert FIRST in list_cases()


@pytest.mark.parametrize("name", list_cases())
def test_every_case_is_read_and_says_who_it_is(name: str) -> None:
    scenario = read(name)
    assert scenario.id == name
    assert "never for guiding a real needle" in scenario.disclaimer
    assert scenario.folder == LIBRARY / name
    assert all(scenario.record.read(item) for item in ReviewItem)
    assert scenario.criteria[0].weight > 0
    assert scenario.licence


@pytest.mark.parametrize("name", list_cases())
def test_guidelines_carry_a_version_and_are_marked_where_not_checked(name: str) -> None:
    for guideline in read(name).guidelines:
        assert guideline.version
        assert not guideline.verified  # nobody has held the originals beside these files


def test_levels_go_by_their_upper_vertebra() -> None:
    task = read("transforaminal-l5-s1").task
    assert (task.level, task.side.lateral, task.interspace) == (Level.L5, Side.RIGHT, "L5-S1")
    assert read("caudal").task.side.lateral is None


def test_names_and_paths_find_the_same_case() -> None:
    assert locate(FIRST) == locate(LIBRARY / FIRST) == locate(LIBRARY / FIRST / "case.yaml")
    assert read(FIRST).sha256 == read(LIBRARY / FIRST).sha256


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'pregnancy'"):
        read("pregnency")


def test_a_case_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        read(FIRST).title = "another"  # type: ignore[misc]


def test_digests_tell_cases_apart_and_follow_every_word() -> None:
    assert len({read(name).sha256 for name in list_cases()}) == len(list_cases())
    other = validate(parse(change("pass_mark: 0.75", "pass_mark: 0.8"), "x"), None)
    assert other.sha256 != read(FIRST).sha256


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        ("  medication:", "  mediction:", "record.mediction", "did you mean 'medication'"),
        ("weight_kg: 74", "weight_lb: 163", "subject.weight_lb", "did you mean 'weight_kg'"),
        ("size_mm: 5}", "size_cm: 0.5}", "record.imaging.lesions[0].size_cm", "convert from cm and write it as 'size_mm'"),
        ("approach: interlaminar", "approach: interlaminer", "task.approach", "did you mean 'interlaminar'"),
        ("weight_kg: 74", "weight_kg: 7400", "subject.weight_kg", "less than 300"),
        ("weight_kg: 74", "weight_kg: heavy", "subject.weight_kg", "valid number"),
        ("pass_mark: 0.75", "pass_mark: 75", "pass_mark", "less than or equal to 1"),
        ("level: L4-L5, side: left, root", "level: L4-S1, side: left, root", "task.level", "no interspace 'L4-S1'"),
        ("level: L4-L5, side: left, root", "level: L9, side: left, root", "task.level", "known are T11"),
        ("bmi: 27}", "bmj: 27}", "subject.anatomy.bmj", "did you mean 'bmi'"),
        ("bmi: 27}", "bmi: 270}", "subject", "between 12 and 70"),
        ("right: wait", "right: weight", "questions[1]", "did you mean 'wait'"),
        ("{use: depth-view}", "{use: depth-veiw}", "criteria[1].use", "did you mean 'depth-view'"),
        ("efficiency, after", "eficiency, after", "criteria_from[5]", "did you mean 'efficiency'"),
        ("quantity: answer-right", "quantity: answer-rihgt", "criteria[4].quantity", "did you mean 'answer-right'"),
        ("agents: [iohexol 240", "agents: [iohexol 241", "equipment.agents[0]", "did you mean 'iohexol 240'"),
    ],
)
def test_a_mistake_is_told_with_line_key_and_mend(old: str, new: str, key: str, expected: str) -> None:
    text = change(old, new)
    found = next(problem for problem in problems(text) if f": {key}" in problem)
    assert expected in found
    # Errors of a whole part stand at the part's own line, at or above the changed one.
    assert 0 < int(found.split(":")[1]) <= line_of(text, new.strip().split("\n")[0])


def test_all_mistakes_are_told_at_once() -> None:
    text = change("  medication:", "  mediction:").replace("pass_mark: 0.75", "pass_mark: 7").replace("side: left, root", "root")
    assert len(problems(text)) >= 3


def test_a_missing_part_is_named() -> None:
    text = "\n".join(line for line in TEXT.splitlines() if not line.startswith("task:"))
    assert any(": task: is missing; add task" in problem for problem in problems(text))


def test_a_file_of_another_version_says_so() -> None:
    assert "this file is of another epifluoro" in problems(change("format: 1", "format: 2"))[0]


@pytest.mark.parametrize("text", ["", "[]", "just words", "3"])
def test_a_file_that_is_no_case_is_refused(text: str) -> None:
    assert "expected keys and values" in problems(text)[0]


def test_sets_bring_the_catalogues_criteria_and_own_ones_replace_them() -> None:
    criteria = {criterion.name: criterion for criterion in read("diabetes").criteria}
    assert (criteria["steroid-dose"].low, criteria["steroid-dose"].high) == (2, 8)
    assert catalogue()["steroid-dose"]["high"] == 1
    assert criteria["live-contrast"].unless is Quantity.RIGHTLY_DEFERRED
    assert read("aspirin").criteria[0].unless is None


def test_sets_name_criteria_of_the_catalogue() -> None:
    assert {name for chosen in criteria_sets().values() for name in chosen} <= set(catalogue())


def test_what_a_case_expects_of_the_clinician() -> None:
    stent, allergy = read("clopidogrel").expected, read("contrast-allergy").expected
    assert (stent.decision, stent.contact, "clopidogrel" in stent.never_stop) == (Decision.POSTPONE, (Party.PRESCRIBER,), True)
    assert {other.decision for other in allergy.alternatives} == {Decision.PROCEED, Decision.POSTPONE, Decision.REFER}
    assert read("pregnancy").subject.truth.pregnant


def test_the_schema_describes_every_key_of_every_case() -> None:
    """Each key that a case uses is a property where the schema puts it, so that an editor completes it."""
    whole = make_schema()
    for name in list_cases():
        keys = yaml.safe_load((LIBRARY / name / "case.yaml").read_text(encoding="utf-8"))
        assert set(keys) <= set(whole["properties"])
        assert set(whole["required"]) <= set(keys)
    assert "description" in whole["$defs"]["Task"]["properties"]["root"]


def test_translations_are_checked_by_id(tmp_path: Path) -> None:
    scenario = read(FIRST)
    document = parse(TEXT, "case.yaml")
    assert "translations/nl.yaml" in str(next(find_missing(scenario, "nl", tmp_path, document)))
    folder = tmp_path / "translations"
    folder.mkdir()
    wanted = list_texts(scenario)
    lines = [f"{key}: vertaald" for key in wanted if key != "title"] + ["titel: Een titel"]
    (folder / "nl.yaml").write_text("\n".join(lines), encoding="utf-8")
    found = [str(problem) for problem in find_missing(scenario, "nl", tmp_path, document)]
    assert len(found) == 2
    assert "no text for title" in found[0]
    assert "did you mean 'title'" in found[1]


def test_texts_without_a_translation_stay_in_their_own_language(tmp_path: Path) -> None:
    (tmp_path / "translations").mkdir()
    (tmp_path / "translations" / "nl.yaml").write_text("title: Een titel\n", encoding="utf-8")
    scenario = validate(parse(TEXT, "case.yaml"), tmp_path)
    told = translate(scenario, "nl")
    assert told["title"] == "Een titel"
    assert told["summary"] == list_texts(scenario)["summary"]
