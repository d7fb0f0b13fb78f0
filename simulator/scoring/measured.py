"""What was measured in an attempt."""

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One quantity of an attempt.

    Attributes
    ----------
    value : float
        In the quantity's unit (`scenarios.names.quantities.unit`); yes is 1, no is 0.
    time_s : float or None
        Simulated time at which it was decided, s: of the worst contact, of the injection, of the missing view's moment.
    pulse : int or None
        Number of the X-ray pulse that shows it.
    note : str
        What happened, as half a sentence for the report, e.g. "the tip was 6 mm past the flavum before any depth view".

    Raises
    ------
    ValueError
        If the value is not finite.
    """

    value: float
    time_s: float | None = None
    pulse: int | None = None
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", float(self.value))
        if not isfinite(self.value):
            raise ValueError(f"a measured value must be finite, got {self.value}: leave out what was not measured")
