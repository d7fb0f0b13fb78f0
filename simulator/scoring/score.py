"""Gate, axes and lost points.

Why a gate first: counts of errors alone did not tell experts from novices, while steps and errors that matter did (PEERS.md section 0). A
critical error therefore caps the grade whatever else went well; efficiency counts only where the views that safety asks for were taken, for
the fewest images are a novice's (DESIGN.md section 8). An axis may have a minimum, below which the attempt fails whatever the sum: or good
views would outweigh a needle in the wrong place. A point is won for something done, or rightly left undone when the choice came up: what
never came up wins nothing, and is not at stake where it rightly never came up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from scenarios.names.enums import Axis
from scenarios.names.quantities import list_excuses
from scenarios.schema.criterion import Criterion
from simulator.scoring.measured import Measured
from simulator.scoring.quantity_text import tell_quantity
from simulator.scoring.sentences import tell_loss, tell_uncounted, tell_undone
from simulator.scoring.tolerance import tolerance

CAP = 0.4  # most that is left of a grade with a critical error in it
ROUNDING = 1e-9


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
        Whether nothing is lost: the criterion's `unless` is yes (an accepted alternative was chosen), or what it measures rightly never
        came up.
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
    def at_stake(self) -> float:
        """Points that could be won or lost; none where nothing may be lost and not all is won."""
        return 0.0 if self.excused and self.credit < 1.0 else self.criterion.weight

    @property
    def points(self) -> float:
        """Points won."""
        return self.at_stake * (self.credit if self.counts else 0.0)

    @property
    def lost(self) -> float:
        """Points lost."""
        return self.at_stake - self.points

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
        Share of its points that each axis won, 0 to 1; an axis without points at stake is left out.
    grade : float
        Mean of the axes weighted by their points, capped by critical errors, 0 to 1. Never to be shown without the axes.
    pass_mark : float
        The case's.
    uncapped : float
        The grade before critical errors capped it, 0 to 1.
    minima : mapping of Axis to float
        Share of its points below which an axis fails the attempt, 0 to 1; an axis that is left out has none.
    """

    results: tuple[Result, ...]
    axes: Mapping[Axis, float]
    grade: float
    pass_mark: float
    uncapped: float
    minima: Mapping[Axis, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        passed = "passed" if self.passed else "not passed"
        counts = f"critical errors {len(self.critical)}, criteria {len(self.results)}"
        return f"<Score grade {self.grade:.3f}, {passed} (pass mark {self.pass_mark:g}), {counts}>"

    @property
    def critical(self) -> tuple[Result, ...]:
        """The critical errors."""
        return tuple(result for result in self.results if result.breached)

    @property
    def failed_axes(self) -> tuple[Axis, ...]:
        """Axes below their minimum; one that had no occasion is not counted."""
        return tuple(axis for axis, share in self.axes.items() if share < self.minima.get(axis, 0.0) - ROUNDING)

    @property
    def capped(self) -> bool:
        """Whether critical errors took something off the grade."""
        return self.grade < self.uncapped

    @property
    def passed(self) -> bool:
        """Whether no critical error was made, every axis came to its minimum, and the pass mark was reached."""
        return not self.critical and not self.failed_axes and self.grade >= self.pass_mark

    @property
    def losses(self) -> tuple[Result, ...]:
        """Results that lost points or were critical, the gravest first."""
        lost = [result for result in self.results if result.sentence]
        return tuple(sorted(lost, key=lambda result: (not result.breached, -result.lost)))


def score(
    criteria: Sequence[Criterion], measured: Mapping[str, Measured], pass_mark: float, minima: Mapping[Axis, float] | None = None
) -> Score:
    """Score an attempt.

    Parameters
    ----------
    criteria : sequence of Criterion
        The case's.
    measured : mapping of str to Measured
        By `Criterion.key`. What is not there gives no credit.
    pass_mark : float
        Grade from which an attempt without critical error passes, 0 to 1.
    minima : mapping of Axis to float, optional
        Share of its points below which an axis fails the attempt, 0 to 1; none where left out.

    Raises
    ------
    ValueError
        If there is no criterion with weight, two have one name, or the pass mark or a minimum is not from 0 to 1.
    """
    least = dict(minima or {})
    _check(criteria, {"pass_mark": pass_mark, **{f"minima[{axis}]": share for axis, share in least.items()}})
    results = [_result(criterion, measured) for criterion in criteria]
    open_ = all(result.credit == 1.0 or result.excused for result in results if result.criterion.opens_efficiency)
    if not open_:
        results = [_shut(result) for result in results]
    axes = {axis: _share(results, axis) for axis in Axis if any(_weighs(result, axis) for result in results)}
    total = sum(result.at_stake for result in results)
    sum_ = sum(result.points for result in results) / total if total > 0 else 0.0
    grade = min(sum_, CAP) if any(result.breached for result in results) else sum_
    return Score(results=tuple(results), axes=axes, grade=grade, pass_mark=pass_mark, uncapped=sum_, minima=least)


def _result(criterion: Criterion, measured: Mapping[str, Measured]) -> Result:
    found = measured.get(criterion.key)
    bounds = (-inf if criterion.low is None else criterion.low, inf if criterion.high is None else criterion.high)
    credit = 0.0 if found is None else tolerance(found.value, bounds, criterion.margin)
    excuses = [] if criterion.unless is None else [criterion.unless]
    if found is None:
        excuses += list_excuses(criterion.quantity)
    return Result(criterion=criterion, measured=found, credit=credit, excused=any(_is_yes(measured, name) for name in excuses))


def _is_yes(measured: Mapping[str, Measured], name: str) -> bool:
    found = measured.get(str(name))
    return found is not None and found.value >= 1.0


def _shut(result: Result) -> Result:
    """Efficiency taken off the count."""
    if result.criterion.axis is not Axis.EFFICIENCY:
        return result
    return replace(result, counts=False)


def _weighs(result: Result, axis: Axis) -> bool:
    return result.criterion.axis is axis and result.at_stake > 0


def _share(results: Iterable[Result], axis: Axis) -> float:
    own = [result for result in results if _weighs(result, axis)]
    return sum(result.points for result in own) / sum(result.at_stake for result in own)


def _check(criteria: Sequence[Criterion], shares: Mapping[str, float]) -> None:
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must be from 0 to 1, got {share:g}")
    if not sum(criterion.weight for criterion in criteria) > 0:
        raise ValueError("a score needs at least one criterion with a weight above 0")
    names = [criterion.name for criterion in criteria]
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise ValueError(f"two criteria are named {twice!r}; each needs its own name")
