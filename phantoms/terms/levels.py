"""The names of vertebral levels and of the patient's sides; which levels a patient has is a region's matter (`phantoms.terms.regions`)."""

from enum import StrEnum


class SpinalPart(StrEnum):
    """Part of the spine, by the letter that its levels begin with."""

    THORACIC = "T"
    LUMBAR = "L"
    SACRAL = "S"


class Level(StrEnum):
    """A vertebra, or a segment of the sacrum, named as in a radiology report; members stand in the order of the spine."""

    T11 = "T11"
    T12 = "T12"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"
    S5 = "S5"

    @property
    def part(self) -> SpinalPart:
        """The part of the spine that the level belongs to."""
        return SpinalPart(self.value[0])

    @property
    def number(self) -> str:
        """Number within its part, as a rib or a root bears it."""
        return self.value[1:]

    @property
    def interspace(self) -> str:
        """What clinicians call the interspace below: ``L4-L5``, ``L5-S1``."""
        return f"{self.value}-{self.below}"

    @property
    def below(self) -> "Level | None":
        """The next level caudad, or None below the last."""
        order = list(Level)
        index = order.index(self) + 1
        return order[index] if index < len(order) else None

    @property
    def above(self) -> "Level | None":
        """The next level cephalad, or None above the first."""
        index = list(Level).index(self) - 1
        return list(Level)[index] if index >= 0 else None


class Side(StrEnum):
    """The patient's side."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def sign(self) -> int:
        """Sign of the world x axis on this side: +1 left, -1 right."""
        return 1 if self is Side.LEFT else -1
