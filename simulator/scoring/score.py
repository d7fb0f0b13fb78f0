"""Gate, axes and lost points.

Why a gate first: counts of errors alone did not tell experts from novices, while steps and errors that matter did (PEERS.md section 0). A
critical error therefore caps the grade whatever else went well; efficiency counts only where the views that safety asks for were taken, for
the fewest images are a novice's (DESIGN.md section 8).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from scenarios.names.enums import Axis
from scenarios.schema.criterion import Criterion
from simulator.scoring.measured import Measured
from simulator.scoring.quantity_text import tell_quantity
from simulator.scoring.sentences import tell_loss, tell_uncounted, tell_undone
from simulator.scoring.tolerance import tolerance

CAP = 0.4  # most that is left of a grade with a critical error in it


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What one criterion gave.

    Attributes
    ----------
    criterion : Criterion
        The criterion.
    measured : Measured or None
        What it read; None where it was not measured, which gives no credit.
    credit : float
        From 0 to 1.
    excused : bool
        Whether the criterion's `unless` excuses it: an accepted alternative was chosen, and nothing is lost.
    counts : bool
        False for efficiency that does not count because a safety view is missing: its points are lost whatever was measured.
    """

    criterion: Criterion
    measured: Measured | None
    credit: float
    excused: bool = False
    counts: bool = True

    def __repr__(self) -> str:
        value = "not measured" if self.measured is None else tell_quantity(self.criterion.quantity, self.measured.value)
        return f"<Result {self.criterion.name}: {value}, {self.points:g} of {self.criterion.weight:g} points>"

    @property
    def points(self) -> float:
        """Points won."""
        credit = 1.0 if self.excused else self.credit
        return self.criterion.weight * (credit if self.counts else 0.0)

    @property
    def lost(self) -> float:
        """Points lost."""
        return self.criterion.weight - self.points

    @property
    def breached(self) -> bool:
        """Whether it is a critical error; what it never came to is none, though its points are lost."""
        return self.criterion.critical and not self.excused and self.measured is not None and self.credit < 1.0

    @property
    def sentence(self) -> str:
        """Why points were lost, in one sentence; empty where none were."""
        if self.lost <= 0 and not self.breached:
            return ""
        if not self.counts:
            return tell_uncounted(self.criterion)
        if self.measured is None:
            return tell_undone(self.criterion)
        return tell_loss(self.criterion, self.measured.value, self.measured.note)


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """The score of an attempt.

    Attributes
    ----------
    results : tuple of Result
        Every criterion, in the case's order.
    axes : mapping of Axis to float
        Share of its points that each axis won, 0 to 1; an axis without criteria is left out.
    grade : float
        Mean of the axes weighted by their points, capped by critical errors, 0 to 1. Never to be shown without the axes.
    pass_mark : float
        The case's.
    """

    results: tuple[Result, ...]
    axes: Mapping[Axis, float]
    grade: float
    pass_mark: float

    def __repr__(self) -> str:
        passed = "passed" if self.passed else "not passed"
        counts = f"critical errors {len(self.critical)}, criteria {len(self.results)}"
        return f"<Score grade {self.grade:.3f}, {passed} (pass mark {self.pass_mark:g}), {counts}>"

    @property
    def critical(self) -> tuple[Result, ...]:
        """The critical errors."""
        return tuple(result for result in self.results if result.breached)

    @property
    def passed(self) -> bool:
        """Whether no critical error was made and the pass mark was reached."""
        return not self.critical and self.grade >= self.pass_mark

    @property
    def losses(self) -> tuple[Result, ...]:
        """Results that lost points or were critical, the gravest first."""
        lost = [result for result in self.results if result.sentence]
        return tuple(sorted(lost, key=lambda result: (not result.breached, -result.lost)))


def score(criteria: Sequence[Criterion], measured: Mapping[str, Measured], pass_mark: float) -> Score:
    """Score an attempt.

    Parameters
    ----------
    criteria : sequence of Criterion
        The case's.
    measured : mapping of str to Measured
        By `Criterion.key`. What is not there gives no credit.
    pass_mark : float
        Grade from which an attempt without critical error passes, 0 to 1.

    Raises
    ------
    ValueError
        If there is no criterion with weight, two have one name, or the pass mark is not from 0 to 1.
    """
    _check(criteria, pass_mark)
    results = [_result(criterion, measured) for criterion in criteria]
    open_ = all(result.credit == 1.0 for result in results if result.criterion.opens_efficiency)
    if not open_:
        results = [_shut(result) for result in results]
    axes = {axis: _share(results, axis) for axis in Axis if any(_weighs(result, axis) for result in results)}
    total = sum(result.criterion.weight for result in results)
    grade = sum(result.points for result in results) / total
    capped = min(grade, CAP) if any(result.breached for result in results) else grade
    return Score(results=tuple(results), axes=axes, grade=capped, pass_mark=pass_mark)


def _result(criterion: Criterion, measured: Mapping[str, Measured]) -> Result:
    found = measured.get(criterion.key)
    bounds = (-inf if criterion.low is None else criterion.low, inf if criterion.high is None else criterion.high)
    credit = 0.0 if found is None else tolerance(found.value, bounds, criterion.margin)
    excuse = None if criterion.unless is None else measured.get(str(criterion.unless))
    return Result(criterion=criterion, measured=found, credit=credit, excused=excuse is not None and excuse.value >= 1.0)


def _shut(result: Result) -> Result:
    """Efficiency taken off the count."""
    if result.criterion.axis is not Axis.EFFICIENCY:
        return result
    return Result(criterion=result.criterion, measured=result.measured, credit=result.credit, excused=result.excused, counts=False)


def _weighs(result: Result, axis: Axis) -> bool:
    return result.criterion.axis is axis and result.criterion.weight > 0


def _share(results: Iterable[Result], axis: Axis) -> float:
    own = [result for result in results if _weighs(result, axis)]
    return sum(result.points for result in own) / sum(result.criterion.weight for result in own)


def _check(criteria: Sequence[Criterion], pass_mark: float) -> None:
    if not 0 <= pass_mark <= 1:
        raise ValueError(f"pass_mark must be from 0 to 1, got {pass_mark:g}")
    if not sum(criterion.weight for criterion in criteria) > 0:
        raise ValueError("a score needs at least one criterion with a weight above 0")
    names = [criterion.name for criterion in criteria]
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise ValueError(f"two criteria are named {twice!r}; each needs its own name")
