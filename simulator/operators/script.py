"""A scripted operator as a YAML file beside its case: plain actions, and macros that an expert's eye carries out while it runs.

A file names its `operator`, says in `about` what it does and why, and lists `steps`. A step is an action in plain form
(:mod:`simulator.procedure.actions.action_codec`) or a macro (:mod:`simulator.operators.macros`)::

    operator: expert
    about: Does it by the book.
    steps:
      - review: {item: history}
      - see: {view: clo-left}
      - shoot
      - advance-until: {event: loss, step_mm: 1, most_mm: 60}
      - routine: {name: recovery}
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

from phantoms.terms.serialization import refuse_unknown
from scenarios.errors import Problem, ScenarioError, advise_nearest
from scenarios.loader import ROOT, locate
from scenarios.safe_yaml import Document, Place, load
from simulator.operators.macros import MACROS, Macro, Repeat, read_macro
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import ACTIONS, Action

ROUTINE, ROUTINES = "routine", ROOT / "routines.yaml"
OPERATORS = ("expert", "idle", "unsafe", "wrong-level")
"""Scripts that every case of the library brings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScriptStep:
    """One step of a script, with the line it stands in."""

    line: int
    what: Action | Macro


@dataclass(frozen=True, kw_only=True, slots=True)
class Script:
    """A scripted operator.

    Attributes
    ----------
    file : str
        For messages.
    operator : str
        Who acts.
    about : str
        What they do, and why it passes or fails.
    steps : tuple of ScriptStep
        In order.
    fails_by : tuple of str
        Criteria and axes that a bad script is meant to fail by; empty for one that passes.
    """

    file: str
    operator: str
    about: str
    steps: tuple[ScriptStep, ...]
    fails_by: tuple[str, ...] = ()


def list_scripts(case: str | Path) -> tuple[str, ...]:
    """Names of the scripts beside a case, in alphabetical order."""
    path = locate(case)
    return tuple(sorted(found.stem for found in path.parent.glob("*.yaml") if found.name != path.name))


def load_script(case: str | Path, name: str) -> Script:
    """Script of a name beside a case.

    Raises
    ------
    ScenarioError
        Where there is none of that name, or it cannot be read: with file, line and what to do.
    """
    known = list_scripts(case)
    if name not in known:
        raise ScenarioError([Problem(file=str(locate(case).parent), what=f"no script {name!r}", mend=advise_nearest(name, known))])
    return read(locate(case).parent / f"{name}.yaml")


def read(path: Path) -> Script:
    """Script from a file; raises `ScenarioError` where it cannot be read."""
    return parse_script(load(path))


def parse_script(document: Document) -> Script:
    """Script from a parsed file; raises `ScenarioError` with everything that is wrong."""
    value = document.value
    if not isinstance(value, dict):
        raise ScenarioError([document.problem((), "expected operator, about and steps", "see CONTRIBUTING.md, add a case")])
    problems = [*_check_heads(document, value)]
    steps, bad = _parse_steps(document, value.get("steps"), ("steps",))
    problems += bad
    if problems:
        raise ScenarioError(problems)
    return Script(
        file=document.file,
        operator=value["operator"],
        about=value["about"],
        steps=steps,
        fails_by=tuple(map(str, value.get("fails_by", ()))),
    )


def _check_heads(document: Document, value: Mapping[str, Any]) -> list[Problem]:
    known = [item.name for item in fields(Script) if item.name != "file"]
    problems = [document.problem((key,), "unknown key", advise_nearest(key, known)) for key in value if key not in known]
    problems += [document.problem((), f"{key} is missing", f"add {key}") for key in ("operator", "about", "steps") if key not in value]
    wrong = [key for key in ("operator", "about") if key in value and not isinstance(value[key], str)]
    problems += [document.problem((key,), f"expected text, got {value[key]!r}", "write it as text") for key in wrong]
    if not isinstance(value.get("fails_by", []), list):
        problems.append(document.problem(("fails_by",), f"expected a list, got {value['fails_by']!r}", "write [name, name]"))
    return problems


def _parse_steps(document: Document, said: Any, place: Place) -> tuple[tuple[ScriptStep, ...], list[Problem]]:  # noqa: ANN401, what a file holds
    if not isinstance(said, list):
        return (), [document.problem(place, f"expected a list of steps, got {said!r}", "write one step a line, each after '- '")]
    steps: list[ScriptStep] = []
    problems: list[Problem] = []
    for number, item in enumerate(said):
        here = (*place, number)
        try:
            steps.append(ScriptStep(line=document.line(here), what=_parse_step(document, item, here)))
        except ScenarioError as error:
            problems += error.problems
        except ValueError as error:
            problems.append(document.problem(here, str(error), "mend this step; CONTRIBUTING.md lists actions and macros"))
    return tuple(steps), problems


def _parse_step(document: Document, item: Any, place: Place) -> Action | Macro:  # noqa: ANN401, what a file holds
    word = next(iter(item), None) if isinstance(item, dict) and len(item) == 1 else item
    if word == ROUTINE:
        return _parse_routine(item[word] if isinstance(item, dict) else None, document.line(place))
    if word in MACROS:
        values = item[word] if isinstance(item, dict) and item[word] is not None else {}
        if not isinstance(values, dict):
            raise ValueError(f"{word}: expected keys and values, got {values!r}")
        blocks = {key: _block(document, values[key], (*place, word, key)) for key in ("do", "otherwise") if key in values}
        return read_macro(str(word), values | blocks)
    if isinstance(word, str) and word not in ACTIONS:
        refuse_unknown([word], [*ACTIONS, *MACROS, ROUTINE], "")
    return parse_action(item)


def _parse_routine(said: Any, line: int) -> Macro:  # noqa: ANN401, what a file holds
    """The steps of a routine, as if they stood where it is named."""
    if not isinstance(said, dict) or set(said) != {"name"}:
        raise ValueError(f"{ROUTINE}: expected {{name: ...}}, got {said!r}")
    refuse_unknown([said["name"]], load_routines(), f"{ROUTINE}.name: ")
    return Repeat(most=1, do=tuple(replace(step, line=line) for step in load_routines()[said["name"]]))


@cache
def load_routines() -> Mapping[str, tuple[ScriptStep, ...]]:
    """Steps that scripts share, by name, from ``scenarios/routines.yaml``."""
    document = load(ROUTINES)
    return {name: _block(document, said, (name,)) for name, said in document.value.items()}


def _block(document: Document, said: Any, place: Place) -> tuple[ScriptStep, ...]:  # noqa: ANN401, what a file holds
    steps, problems = _parse_steps(document, said, place)
    if problems:
        raise ScenarioError(problems)
    return steps
