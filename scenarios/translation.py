"""Texts of a case in another language: ``translations/<code>.yaml`` beside it, one text for each id.

Ids are what the file calls things: ``title``, ``summary``, ``teaching.depth-view.text``, ``questions.next-day.choices.wait``.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from scenarios.errors import Problem, ScenarioError, advise_nearest
from scenarios.safe_yaml import Document, load
from scenarios.schema.scenario import Scenario

FOLDER = "translations"


def list_texts(scenario: Scenario) -> Mapping[str, str]:
    """All texts that a trainee reads, by id, in the case's own language."""
    found = {"title": scenario.title, "summary": scenario.summary, "expected.why": scenario.expected.why}
    for step in scenario.teaching:
        found[f"teaching.{step.step}.text"] = step.text
        if step.hint:
            found[f"teaching.{step.step}.hint"] = step.hint
    for question in scenario.questions:
        found[f"questions.{question.id}.text"] = question.text
        found[f"questions.{question.id}.why"] = question.why
        found |= {f"questions.{question.id}.choices.{key}": said for key, said in question.choices.items()}
    return found


def translate(scenario: Scenario, language: str) -> Mapping[str, str]:
    """All texts by id in a language, in the case's own where a translation is missing.

    Raises
    ------
    ScenarioError
        Where the case was not read from a file, or the translation cannot be read.
    """
    if language == scenario.language or scenario.folder is None:
        return list_texts(scenario)
    document = load(scenario.folder / FOLDER / f"{language}.yaml")
    own = list_texts(scenario)
    return {**own, **{key: str(said) for key, said in _entries(document).items() if key in own}}


def find_missing(scenario: Scenario, language: str, folder: Path, case: Document) -> Iterator[Problem]:
    """Problems of a translation: ids without a text, texts without an id."""
    path = folder / FOLDER / f"{language}.yaml"
    try:
        document = load(path)
    except ScenarioError:
        yield case.problem(("translations",), f"no file {FOLDER}/{language}.yaml that can be read", "write it, or leave the language out")
        return
    there, wanted = _entries(document), list_texts(scenario)
    for key in wanted:
        if not isinstance(there.get(key), str):
            yield document.problem((), f"no text for {key}", f"add '{key}: ...'")
    for key in there:
        if key not in wanted:
            yield document.problem((key,), "no such id in the case", advise_nearest(key, wanted))


def _entries(document: Document) -> Mapping[str, object]:
    return document.value if isinstance(document.value, dict) else {}
