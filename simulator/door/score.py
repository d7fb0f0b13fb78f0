"""What became of an attempt: its score, and the report that explains it."""

from collections.abc import Sequence
from pathlib import Path

from phantoms.terms.value_text import describe_value
from phantoms.threads import limit_blas
from scenarios.schema.scenario import Scenario
from simulator.door.words import MONITOR_SIZES, check_size
from simulator.observation import Monitor, watch_all
from simulator.procedure.measuring import score_attempt
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState
from simulator.reporting.build import build_report
from simulator.reporting.report import Report
from simulator.scoring.score import Score


@limit_blas()
def score(states: Sequence[ProcedureState]) -> Score:
    """Score an attempt by its case's own criteria.

    Parameters
    ----------
    states : sequence of ProcedureState
        From `play`, or collected: the one from `begin` first, then the one after each `step`.

    Returns
    -------
    Score
        `grade` from 0 to 1, `passed`, `axes`, `critical` errors, `losses` each with a sentence.

    Raises
    ------
    TypeError
        If that is no sequence of states, or an empty one.
    ValueError
        If the states are not one attempt in order.

    Examples
    --------
    >>> import simulator as ef
    >>> found = ef.score(ef.play("lumbar-interlaminar-l4-l5", "idle"))
    >>> found.passed, found.grade < 0.4
    (False, True)
    """
    return score_attempt(_check_states(states))


@limit_blas()
def report(states: Sequence[ProcedureState], *, size: int = 512, images: bool = True) -> Report:
    """Report on an attempt: score, timeline, images, curves, what was believed and what was so.

    Parameters
    ----------
    states : sequence of ProcedureState
        As for `score`.
    size : int
        Pixels each way of the images, 64 to 2048.
    images : bool
        Whether to develop them; a report in JSON holds none.

    Returns
    -------
    Report
        ``save("report.html")`` writes one page without addresses or scripts, ``save("report.json")`` numbers with their units.

    Raises
    ------
    TypeError, ValueError
        As `score` does, or if the size is out of range.

    Examples
    --------
    >>> import simulator as ef
    >>> found = ef.report(ef.play("lumbar-interlaminar-l4-l5", "idle"), images=False)
    >>> found.title
    'Lumbar interlaminar injection L4-L5, left paramedian'
    """
    check_size(size, sizes=MONITOR_SIZES)
    known = _check_states(states)
    return build_report(known, watch_all(known, Monitor(size=size)).album.pictures if images else ())


def _check_states(states: Sequence[ProcedureState]) -> Sequence[ProcedureState]:
    """Return the states of an attempt; raises TypeError for what is no sequence of states, or an empty one."""
    if isinstance(states, ProcedureState):
        raise TypeError("expected all states of an attempt, got one; collect them from begin on, or take those of play")
    if isinstance(states, str | Path | Case | Scenario):
        raise TypeError(f"expected the states of an attempt, got {describe_value(states)}; play it first: score(play(case))")
    if not isinstance(states, Sequence):
        raise TypeError(
            f"expected the states of an attempt, as play gives them, got {describe_value(states)}; give a list or tuple of states"
        )
    if not states:
        raise TypeError("expected the states of an attempt, got none; the one from begin comes first")
    strange = next((number for number, state in enumerate(states) if not isinstance(state, ProcedureState)), None)
    if strange is not None:
        found = describe_value(states[strange])
        raise TypeError(f"expected the states of an attempt, got {found} at index {strange}; give only what begin and step gave")
    other = next((n for n, state in enumerate(states) if state.case is not states[0].case or state.seed != states[0].seed), None)
    if other is not None:
        raise ValueError(f"expected the states of one attempt, got one of another case or seed at index {other}; score each by itself")
    return states
