"""Pass or fail with the reasons, as the first page of a report says it."""

from collections.abc import Iterator

from phantoms.terms.number_text import format_count
from simulator.scoring.percent import percent
from simulator.scoring.quantity_text import spell_criterion
from simulator.scoring.score import Score


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
