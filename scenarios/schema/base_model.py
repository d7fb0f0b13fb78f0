"""What all parts of a case share: frozen pydantic models that know no surprises, and the kinds of their fields."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from phantoms.terms.levels import Level
from phantoms.terms.regions import DEFAULT_REGION, all_vertebrae

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Part(BaseModel):
    """A part of a case: frozen, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
Share = Annotated[float, Field(strict=True, ge=0.0, le=1.0, allow_inf_nan=False)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=6000, strict=True)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300, strict=True)]
Slug = Annotated[str, StringConstraints(pattern=SLUG, max_length=80, strict=True)]


def upper_level(said: Any) -> Any:  # noqa: ANN401, whatever a file holds
    """``L4-L5``, ``L4-5`` and ``L5-S1`` go by their upper vertebra."""
    if not isinstance(said, str) or isinstance(said, Level):
        return said
    upper, _, lower = said.partition("-")
    below = Level(upper).below if upper in list(Level) else None
    if lower and (below is None or lower not in (below.value, below.value[1:])):
        raise ValueError(f"no interspace {said!r}; write the two neighbours, upper first, such as {interspace_name(DEFAULT_REGION.usual)}")
    return upper


def _above_disc(level: Level) -> Level:
    known = all_vertebrae()
    if level not in known:
        raise ValueError(f"an interspace is named from {interspace_name(known[0])} to {interspace_name(known[-1])}, got {level}")
    return level


Interspace = Annotated[Level, BeforeValidator(upper_level), AfterValidator(_above_disc)]
"""The upper vertebra of an interspace that a file calls ``L4-L5``."""


def interspace_name(level: Level) -> str:
    """What clinicians call the interspace below a vertebra.

    Examples
    --------
    >>> interspace_name(Level.L5)
    'L5-S1'
    """
    return level.interspace


def join_lines(text: str) -> str:
    """Text of a YAML block on single lines: line breaks within a paragraph become spaces."""
    return "\n".join(re.sub(r"\s*\n\s*", " ", paragraph.strip()) for paragraph in re.split(r"\n\s*\n", text.strip()))
