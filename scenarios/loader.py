"""Cases from files: by path, or by name from the library."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from scenarios.criteria import USE, UnknownCriterionError, catalogue, criteria_sets, merge
from scenarios.errors import Problem, ScenarioError, advise_nearest
from scenarios.safe_yaml import Document, load
from scenarios.schema.scenario import FORMAT, Scenario
from scenarios.validation_messages import problem_of

ROOT = Path(__file__).resolve().parent
LIBRARY = ROOT / "library"
CASE = "case.yaml"


def list_cases() -> tuple[str, ...]:
    """Names of the cases in the library, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in LIBRARY.glob(f"*/{CASE}")))


def locate(name: str | Path) -> Path:
    """File of a case: a path to a YAML file or to its folder, or the name of a case in the library.

    Raises
    ------
    ScenarioError
        Where there is none, with the nearest name.
    """
    if isinstance(name, str) and name in list_cases():
        return LIBRARY / name / CASE
    path = Path(name)
    if path.is_dir() and (path / CASE).is_file():
        return path / CASE
    if path.suffix in (".yaml", ".yml") or path.is_file():
        return path
    advice = advise_nearest(name, list_cases())
    mend = f"{advice}{'' if advice.endswith('?') else '.'} Or give a path to a .yaml file."
    raise ScenarioError([Problem(file=str(name) or "''", what="no such case", mend=mend)])


def offer_cases(name: str | Path | None = None) -> tuple[str, ...]:
    """Cases to choose from, each as `read` takes it: the library, the one that is named, or all in the folders of a folder.

    Raises
    ------
    ScenarioError
        Where there is none.
    """
    if name is None or (isinstance(name, str) and name in list_cases()):
        return list_cases() if name is None else (str(name),)
    found = sorted(Path(name).absolute().glob(f"*/{CASE}")) if not (Path(name) / CASE).is_file() else []
    return tuple(map(str, found)) or (str(locate(name).absolute()),)


def read(name: str | Path) -> Scenario:
    """Read a case.

    Parameters
    ----------
    name : str or Path
        As `locate` takes it.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem found, each with file, line, key and how to mend it.
    """
    path = locate(name)
    return validate(load(path, str(name) if isinstance(name, Path) else str(path)), path.parent)


def validate(document: Document, folder: Path | None) -> Scenario:
    """A case of a parsed file; `folder` is where the files beside it lie. Raises as `read` does."""
    value = document.value
    if not isinstance(value, dict):
        raise ScenarioError([document.problem((), "expected keys and values of a case", "see epifluoro schema")])
    if value.get("format", FORMAT) != FORMAT:
        found = f"format must be {FORMAT}, got {value['format']!r}"
        raise ScenarioError([document.problem(("format",), found, "this file is of another epifluoro; use that one, or convert it")])
    whole = value | {"criteria": _merge_criteria(document)}
    try:
        scenario = Scenario.model_validate(whole)
    except ValidationError as error:
        raise ScenarioError([problem_of(Scenario, document, detail) for detail in error.errors(include_url=False)]) from None
    scenario._folder = folder
    return scenario


def _merge_criteria(document: Document) -> Any:  # noqa: ANN401, what the file holds, for pydantic to judge
    """The case's own criteria, merged with the catalogue where they say ``use``, then those of the sets that they leave."""
    own = document.value.get("criteria", [])
    wanted = document.value.get("criteria_from", [])
    if not isinstance(own, list) or not isinstance(wanted, list):
        return own
    merged = [_merge(item, document, number) for number, item in enumerate(own)]
    taken = {item.get("name") for item in merged if isinstance(item, dict)}
    shared = [name for number, chosen in enumerate(wanted) for name in _set(chosen, document, number)]
    excuse = {"unless": document.value["sets_unless"]} if "sets_unless" in document.value else {}
    return merged + [{**catalogue()[name], **excuse} for name in dict.fromkeys(shared) if name not in taken]


def _merge(item: Any, document: Document, number: int) -> Any:  # noqa: ANN401
    if not isinstance(item, dict):
        return item
    try:
        return merge(item)
    except UnknownCriterionError as error:
        raise ScenarioError([document.problem(("criteria", number, USE), error.what, error.mend)]) from None


def _set(chosen: object, document: Document, number: int) -> Sequence[str]:
    found: Sequence[str] | None = criteria_sets().get(str(chosen))
    if found is None:
        problem = document.problem(("criteria_from", number), f"no set of criteria {chosen!r}", advise_nearest(chosen, criteria_sets()))
        raise ScenarioError([problem])
    return found


def make_schema() -> dict[str, Any]:
    """JSON Schema of a case file."""
    found = Scenario.model_json_schema()
    required = [name for name in found.get("required", []) if name != "criteria"]  # shared sets may bring all of them
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": "epifluoro case", "required": required}
