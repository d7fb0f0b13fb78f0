"""Cases: their names, a case from its file, and the scripts beside it."""

from collections.abc import Sequence
from pathlib import Path

from phantoms.patient import Patient
from phantoms.terms.value_text import describe_value
from scenarios import loader
from scenarios.schema.scenario import Scenario
from simulator.operators import script as scripts
from simulator.operators.script import Script
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.state import ProcedureState

YAML = (".yaml", ".yml")


def list_cases() -> tuple[str, ...]:
    """Return the names of the cases in the library, in alphabetical order.

    Examples
    --------
    >>> import simulator as ef
    >>> "lumbar-interlaminar-l4-l5" in ef.list_cases()
    True
    """
    return loader.list_cases()


def load_case(name: str | Path, *, patient: Patient | None = None) -> Case:
    """Read a case and its patient; what takes long is worked out when something first needs it.

    Parameters
    ----------
    name : str or Path
        Name of a case in the library, or path of a case file or of its folder.
    patient : Patient, optional
        Who lies on the table instead of the case's own; record, name and texts then tell of this one.

    Returns
    -------
    Case
        `scenario` is what the file holds, `patient` lies on the table. Attempts that begin with one case share its patient.

    Raises
    ------
    TypeError
        If it is neither a name nor a path.
    ValueError
        If there is no such case, its file has errors, or it cannot be played on that patient: names the nearest case, or file, line and
        what to do.

    Examples
    --------
    >>> import simulator as ef
    >>> case = ef.load_case("lumbar-interlaminar-l4-l5")
    >>> case.scenario.task.interspace, str(case.scenario.task.approach)
    ('L4-L5', 'interlaminar')
    >>> other = ef.load_case("lumbar-interlaminar-l4-l5", patient=ef.Patient.mean(sex="male", age=41))
    >>> other.scenario.subject.name
    'Mr A. Berg'
    """
    if not isinstance(name, str | Path):
        raise TypeError(f"expected the name of a case or the path of its file, got {describe_value(name)}; {_advise(name)}")
    scenario = loader.read(name)
    if patient is None:
        return case_of(scenario)
    if not isinstance(patient, Patient):
        raise TypeError(f"patient: expected a Patient, e.g. Patient.sample(seed=7), got {describe_value(patient)}")
    return Case(scenario=scenario, patient=patient)


def list_scripts(case: Case | Scenario | str | Path) -> tuple[str, ...]:
    """Return the names of the scripts that can play a case, in alphabetical order.

    Parameters
    ----------
    case : Case, Scenario, str or Path
        From `load_case`, or as it takes it.

    Raises
    ------
    ValueError
        If there is no such case, or it came from no file and so has no scripts beside it.

    Examples
    --------
    >>> import simulator as ef
    >>> ef.list_scripts("lumbar-interlaminar-l4-l5")
    ('expert', 'idle', 'unsafe', 'wrong-level')
    """
    return scripts.list_scripts(_file_of(case))


def open_case(case: Case | Scenario | str | Path) -> Case:
    """Return a case from whatever names one; raises as `load_case` does."""
    if isinstance(case, Case):
        return case
    return case_of(case) if isinstance(case, Scenario) else load_case(case)


def find_script(case: Case | Scenario | str | Path, script: Script | str | Path, what: str = "script") -> Script:
    """Return a script by its name beside a case, or by its path.

    Parameters
    ----------
    case : Case, Scenario, str or Path
        Which it is to play.
    script : Script, str or Path
        "expert", "idle" ..., or a YAML file.
    what : str
        Name of the parameter or option, for messages.

    Raises
    ------
    TypeError, ValueError
        If there is none, or it cannot be read.
    """
    from simulator.door.words import match_word

    if isinstance(script, Script):
        return script
    if isinstance(script, Path) or str(script).endswith(YAML):
        return scripts.read(Path(script))
    file = _file_of(case)
    return scripts.load_script(file, match_word(script, scripts.list_scripts(file), what))


def _advise(given: object) -> str:
    """What to do about something that is no case."""
    if isinstance(given, ProcedureState):
        return "give its `.case`"
    if isinstance(given, Sequence) and given and isinstance(given[0], ProcedureState):
        return "give the `.case` of one of these states"
    return "list_cases() gives the names"


def _file_of(case: Case | Scenario | str | Path) -> str | Path:
    """Name or path by which the scripts beside a case are found."""
    if isinstance(case, str | Path):
        return case
    scenario = open_case(case).scenario
    if scenario.folder is None:
        raise ValueError(f"{scenario.id}: expected a case from a file, got one made in memory; give the path of a script file")
    return scenario.folder
