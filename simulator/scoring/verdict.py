"""Pass or fail in words, with every reason: critical errors and the cap that they bring, axes below their minimum, the pass mark."""

from collections.abc import Iterator

from phantoms.terms.number_text import format_count
from scenarios.names.enums import Axis
from simulator.scoring.percent import percent
from simulator.scoring.quantity_text import spell_criterion
from simulator.scoring.score import CAP, Score


def tell_verdict(score: Score) -> str:
    """Pass or fail, and every reason for it, in one sentence.

    Parameters
    ----------
    score : Score
    """
    if score.passed:
        return f"Passed: {percent(score.grade)} of 100 reaches the pass mark of {percent(score.pass_mark)}, and no critical error was made."
    return f"Not passed: {'; '.join(_list_reasons(score))}."


def _list_reasons(score: Score) -> Iterator[str]:
    """What fails an attempt, each by itself."""
    if score.critical:
        named = ", ".join(spell_criterion(result.criterion.name) for result in score.critical)
        yield f"{format_count(len(score.critical), 'critical error')} ({named}), whatever the sum"
    for axis in score.failed_axes:
        yield f"{axis} is below the least that is asked of it"
    if score.grade < score.pass_mark:
        yield f"{percent(score.grade)} of 100 is below the pass mark of {percent(score.pass_mark)}"


def explain_verdict(found: Score) -> tuple[str, ...]:
    """Return a sentence for the sum and the cap, after a critical error, and one for each axis that fails the attempt."""
    capped = f"The sum was {percent(found.uncapped)} of 100; after a critical error the grade is {percent(CAP)} at most."
    return (*([capped] if found.critical else []), *(_explain_axis(found, axis) for axis in found.failed_axes))


def _explain_axis(found: Score, axis: Axis) -> str:
    share, least = percent(found.axes[axis]), percent(found.minima[axis])
    return f"{str(axis).capitalize()} came to {share} %; at least {least} % is asked, whatever the sum, and so the attempt fails."
