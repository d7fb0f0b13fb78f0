"""Why an attempt failed although its points would have done: the cap of a critical error, and axes below their minimum."""

from scenarios.names.enums import Axis
from simulator.scoring.percent import percent
from simulator.scoring.score import CAP, Score


def explain_verdict(found: Score) -> tuple[str, ...]:
    """Return a sentence for the sum and the cap, after a critical error, and one for each axis that fails the attempt."""
    capped = f"The sum was {percent(found.uncapped)} of 100; after a critical error the grade is {percent(CAP)} at most."
    return (*([capped] if found.critical else []), *(_explain_axis(found, axis) for axis in found.failed_axes))


def _explain_axis(found: Score, axis: Axis) -> str:
    share, least = percent(found.axes[axis]), percent(found.minima[axis])
    return f"{str(axis).capitalize()} came to {share} %; at least {least} % is asked, whatever the sum, and so the attempt fails."
