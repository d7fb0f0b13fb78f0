"""One criterion of a score, as a case file writes it."""

from difflib import get_close_matches
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scenarios.names.enums import Axis, Evidence
from scenarios.names.quantities import NEEDS_OF, Quantity, unit


class Criterion(BaseModel):
    """A measured quantity with the bounds in which it is right.

    Attributes
    ----------
    name : str
        Id, unique in its case.
    axis : Axis
        What it counts towards.
    quantity : Quantity
        What is measured, in that quantity's unit.
    of : str, optional
        Of what, for the quantities of something (`NEEDS_OF`).
    low, high : float, optional
        Bounds in the quantity's unit, inclusive; None is unbounded.
    margin : float
        Distance outside the bounds at which the credit has fallen to a tenth; 0 gives none outside.
    weight : float
        Points at stake.
    critical : bool
        A critical error: outside the bounds the grade is capped, and the attempt fails.
    unless : Quantity, optional
        Yes/no quantity that, where it is yes, excuses the criterion: an accepted alternative was chosen.
    opens_efficiency : bool
        Whether efficiency counts only where this criterion is met in full, as for a view that safety asks for.
    grade : Evidence
        How well it is supported.
    source : str
        Where bounds and meaning come from.
    lost : str
        One sentence for the report; ``{value}``, ``{low}``, ``{high}`` and ``{unit}`` are filled in.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    axis: Axis
    quantity: Quantity
    of: str | None = None
    low: float | None = None
    high: float | None = None
    margin: Annotated[float, Field(ge=0)] = 0.0
    weight: Annotated[float, Field(ge=0, le=100)] = 1.0
    critical: bool = False
    unless: Quantity | None = None
    opens_efficiency: bool = False
    grade: Evidence
    source: Annotated[str, Field(min_length=3, max_length=300)]
    lost: Annotated[str, Field(min_length=3, max_length=400)]

    @property
    def key(self) -> str:
        """Name of the measurement it reads: ``quantity`` or ``quantity:of``."""
        return str(self.quantity) if self.of is None else f"{self.quantity}:{self.of}"

    @property
    def unit(self) -> str:
        """Unit of value and bounds."""
        return unit(self.quantity)

    @model_validator(mode="after")
    def _check(self) -> "Criterion":
        if self.low is None and self.high is None:
            raise ValueError(f"criterion {self.name}: give low or high, or both, or nothing could be lost")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"criterion {self.name}: low {self.low:g} is above high {self.high:g}")
        self._check_of()
        try:
            self.lost.format(value="0", low="0", high="0", unit="")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(f"criterion {self.name}: lost may use {{value}}, {{low}}, {{high}} and {{unit}} only ({error})") from error
        return self

    def _check_of(self) -> None:
        allowed = NEEDS_OF.get(self.quantity)
        if allowed is None and self.of is not None:
            raise ValueError(f"criterion {self.name}: {self.quantity} is not of anything; leave 'of' out")
        if allowed is not None and self.of is None:
            raise ValueError(f"criterion {self.name}: {self.quantity} needs 'of'" + (f": one of {', '.join(allowed)}" if allowed else ""))
        if allowed and self.of not in allowed:
            close = get_close_matches(str(self.of), allowed, n=1)
            raise ValueError(
                f"criterion {self.name}: of must be one of {', '.join(allowed)}, got {self.of!r}"
                + (f"; did you mean {str(close[0])!r}?" if close else "")
            )
