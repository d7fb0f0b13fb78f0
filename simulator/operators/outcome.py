"""Whether a script came out as it says: by what it fails, or that it passes."""

from collections.abc import Iterable

from scenarios.names.enums import Axis
from simulator.operators.script import Script
from simulator.scoring.score import Score

AXES = tuple(str(axis) for axis in Axis)


def list_failures(found: Score) -> tuple[str, ...]:
    """Names of all that fails an attempt: criteria of its critical errors, and axes below their minimum."""
    return (*(result.criterion.name for result in found.critical), *map(str, found.failed_axes))


def describe_surprise(script: Script, found: Score) -> str:
    """What of an attempt is not as its script says, in words; empty where all is.

    Parameters
    ----------
    script : Script
        Its `fails_by` names criteria and axes; a script without is meant to pass.
    found : Score
        Of the attempt that it played.
    """
    named, failures = script.fails_by, list_failures(found)
    if found.passed:
        return f"it passes, and is meant to fail by {_join(named)}" if named else ""
    because = _join(failures) or f"the pass mark ({100 * found.grade:.0f} of 100, {100 * found.pass_mark:.0f} asked)"
    if not named:
        return f"it fails by {because}, and names nothing in fails_by"
    lost = {result.criterion.name for result in found.losses}
    missing = [name for name in named if name not in failures and name not in lost]
    if missing:
        return f"it is meant to fail by {_join(missing)}, and loses nothing there; it fails by {because}"
    if not set(named).intersection(failures):
        return f"it is meant to fail by {_join(named)}, which alone fails no attempt; it fails by {because}"
    return ""


def _join(names: Iterable[str]) -> str:
    return ", ".join(names)
