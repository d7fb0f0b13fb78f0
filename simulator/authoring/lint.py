"""Everything that is wrong with a case file, each with file, line, key and how to mend it.

In order: what the reader refuses; what contradicts itself or cannot be scored; what is missing beside it (scripts, translations, meshes);
what this patient's anatomy does not allow. Nothing here raises for what a file says.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from phantoms.terms.parameters import Sex
from scenarios.errors import Problem, ScenarioError, advise_nearest
from scenarios.loader import CASE, LIBRARY, locate, validate
from scenarios.loader import read as read_case
from scenarios.names.strengths import STRENGTHS
from scenarios.safe_yaml import Document, load
from scenarios.schema.another_patient import NOT_APPLICABLE
from scenarios.schema.retelling import describe_person, find_contradictions
from scenarios.schema.scenario import Scenario
from scenarios.scored_criteria import list_criteria
from scenarios.translation import find_missing
from simulator.authoring.criteria_checks import check_scorable
from simulator.authoring.task_anatomy import Site, find_site
from simulator.geometry.views import SACRAL_VIEWS, Angles, View, describe_beyond
from simulator.operators.outcome import AXES, describe_surprise
from simulator.operators.run import play_script
from simulator.operators.script import OPERATORS, Script, list_scripts, read
from simulator.procedure.measuring import score_attempt
from simulator.procedure.state.case import Case, case_of

PLAYED_SEED = 1
ANGLES = ("oblique_deg", "tilt_deg", "swivel_deg")
HUB_MM = 5.0  # of the needle that must stay outside
STRANGE_FACTOR = 2.0  # below the weakest or above the strongest preparation that is sold: no pharmacy is so different


def lint(name: str | Path) -> tuple[Problem, ...]:
    """Problems of a case: by path, folder, or name of the library.

    Parameters
    ----------
    name : str or Path
        As `scenarios.loader.locate` takes it.

    Returns
    -------
    tuple of Problem
        Empty where all is well; in the order of the lines within each kind.
    """
    try:
        path = locate(name)
        document = load(path, str(path) if not path.is_relative_to(LIBRARY) else str(path.relative_to(LIBRARY.parent)))
        scenario = validate(document, path.parent)
    except ScenarioError as error:
        return error.problems
    content = (_lint_content(document, scenario, path), _lint_person(document, scenario))
    parts = (*content, check_scorable(document, scenario), _lint_neighbours(document, scenario, path))
    return tuple(problem for part in (*parts, _lint_anatomy(document, scenario)) for problem in part)


def _lint_content(document: Document, scenario: Scenario, path: Path) -> Iterator[Problem]:
    yield from _lint_strengths(document, scenario)
    if path.name == CASE and scenario.id != path.parent.name:
        yield document.problem(("id",), f"is {scenario.id!r} in the folder {path.parent.name!r}", "give both one name")
    for number, view in enumerate(scenario.views):
        if view not in list(View):
            yield document.problem(("views", number), f"no view {view!r}", advise_nearest(view, View))
    for number, view in enumerate(scenario.views):
        if view in SACRAL_VIEWS and scenario.task.level is not scenario.region.last_mobile:
            yield document.problem(
                ("views", number), f"{view} shows the sacrum, the task is at {scenario.task.interspace}", "choose another"
            )


def _lint_strengths(document: Document, scenario: Scenario) -> Iterator[Problem]:
    """Strengths far from all that are sold: most likely a slip of the decimal point, or per vial instead of per mL."""
    for agent, mg_ml in scenario.equipment.set_strengths:
        sold = STRENGTHS[agent].sold_per_ml
        if not min(sold) / STRANGE_FACTOR <= mg_ml <= max(sold) * STRANGE_FACTOR:
            what = f"{mg_ml:g} mg/mL is far from what is sold ({', '.join(f'{one:g}' for one in sold)} mg/mL)"
            yield document.problem(("equipment", "strengths", str(agent), "mg_ml"), what, "give the strength in mg of one mL")


def _lint_person(document: Document, scenario: Scenario) -> Iterator[Problem]:
    """What the texts say of the patient that the anatomy says otherwise: title, age, BMI, a pregnancy of a man."""
    if scenario.subject.mesh:
        return
    params = scenario.subject.parameters
    person = describe_person(scenario.subject.name, params)
    texts = {("subject", "name"): scenario.subject.name, ("record", "history"): scenario.record.history, ("title",): scenario.title}
    for place, text in (texts | {("summary",): scenario.summary, ("expected", "why"): scenario.expected.why}).items():
        for said in find_contradictions(text, person):
            what = f"says {said!r}, the anatomy is {params.describe()}"
            yield document.problem(place, what, "change the text, or subject.anatomy")
    if params.sex is Sex.MALE and (scenario.subject.truth.pregnant or scenario.record.pregnancy != NOT_APPLICABLE):
        place = ("subject", "truth") if scenario.subject.truth.pregnant else ("record", "pregnancy")
        yield document.problem(place, "speaks of a man's pregnancy", f"write {NOT_APPLICABLE!r}, or make the patient a woman")


def _lint_neighbours(document: Document, scenario: Scenario, path: Path) -> Iterator[Problem]:
    """Scripts, translations and meshes in the case's folder."""
    if scenario.subject.mesh:
        yield from _lint_mesh(document, scenario.subject.mesh, path.parent)
    for language in scenario.translations:
        yield from find_missing(scenario, language, path.parent, document)
    if path.name != CASE:
        return
    there = list_scripts(path.parent)
    for wanted in OPERATORS:
        if wanted not in there:
            yield document.problem((), f"has no script {wanted}.yaml beside it", f"write one; see CONTRIBUTING.md and {LIBRARY.name}/*")
    criteria = [*(criterion.name for criterion in list_criteria(scenario)), *AXES]
    for script in there:
        yield from _lint_script(path.parent / f"{script}.yaml", criteria)


def _lint_script(path: Path, criteria: Sequence[str]) -> Iterator[Problem]:
    try:
        found = read(path)
    except ScenarioError as error:
        yield from error.problems
        return
    for name in found.fails_by:
        if name not in criteria:
            yield Problem(
                file=found.file,
                line=1,
                key="fails_by",
                what=f"no criterion or axis {name!r} in the case",
                mend=advise_nearest(name, criteria),
            )


def lint_played(name: str | Path) -> tuple[Problem, ...]:
    """Play every script beside a case, and return those that do not come out as they say; raises nothing for what a file says.

    Parameters
    ----------
    name : str or Path
        As `scenarios.loader.locate` takes it. A file that is not called ``case.yaml`` has no scripts.
    """
    try:
        path = locate(name)
        scenario = read_case(path)
        scripts = [read(path.parent / f"{script}.yaml") for script in list_scripts(path.parent)] if path.name == CASE else []
        case = case_of(scenario) if scripts else None
    except ValueError:
        return ()  # lint has told it
    return tuple(problem for script in scripts for problem in _lint_play(case, script))


def _lint_play(case: Case | None, script: Script) -> Iterator[Problem]:
    if case is None:
        return
    try:
        start, states = play_script(case, script, PLAYED_SEED)
    except ScenarioError as error:
        yield from error.problems
        return
    surprise = describe_surprise(script, score_attempt([start, *states]))
    if surprise:
        yield Problem(file=script.file, line=1, key="fails_by", what=surprise, mend="mend the script, the criteria, or what it names")


def _lint_mesh(document: Document, said: str, folder: Path) -> Iterator[Problem]:
    place = ("subject", "mesh")
    wanted = (folder / said).resolve()
    if not wanted.is_relative_to(folder.resolve()):
        yield document.problem(place, f"{said!r} leaves the case's folder", "put the file beside the case")
    elif not wanted.is_file():
        yield document.problem(place, f"no file {said!r} beside the case", "put it there, or describe an anatomy")


def _lint_anatomy(document: Document, scenario: Scenario) -> Iterator[Problem]:
    if scenario.subject.mesh:
        return
    views = [View(view) for view in scenario.views if view in list(View)]
    views = [view for view in views if view not in SACRAL_VIEWS or scenario.task.level is scenario.region.last_mobile]
    try:
        found = find_site(scenario, views)
    except ValueError as error:
        yield document.problem(("task",), str(error), "choose a level and an approach that this patient has")
        return
    yield from _lint_target(document, scenario, found)
    yield from _lint_views(document, scenario, views, found)


def _lint_target(document: Document, scenario: Scenario, found: Site) -> Iterator[Problem]:
    place: tuple[Any, ...] = ("target",) if ("target",) in document.lines else ("task",)
    if not found.wanted:
        yield document.problem(
            place, f"the target lies in {found.tissue}", "move it (left_mm, dorsal_mm, cranial_mm), or change the anatomy"
        )
    elif found.met:
        mend = "choose another approach or side, or change the anatomy"
        yield document.problem(place, f"a straight needle to the target meets {', '.join(found.met)}", mend)
    longest_mm = max(needle.length_mm for needle in scenario.equipment.needles)
    if found.depth_mm > longest_mm - HUB_MM:
        what = f"the target lies {found.depth_mm:.0f} mm deep, the longest needle on the tray has {longest_mm:g} mm"
        yield document.problem(("equipment", "needles"), what, f"add one of {found.depth_mm + HUB_MM:.0f} mm or more")
    if scenario.complications.false_loss_of_resistance and not found.gap:
        what = "the needle's course meets no gap between the interspinous ligaments"
        yield document.problem(("complications", "false_loss_of_resistance"), what, "aim in the midline, or leave this out")


def _lint_views(document: Document, scenario: Scenario, views: Sequence[View], found: Site) -> Iterator[Problem]:
    for number, view in enumerate(scenario.views):
        if view in views:
            angles = Angles(**dict(zip(ANGLES, found.angles_deg[views.index(View(view))], strict=True)))
            beyond = describe_beyond(angles, scenario.equipment.carm.reach_deg)
            if beyond:
                yield document.problem(("views", number), f"{view} {beyond}", "widen equipment.carm or leave the view out")
