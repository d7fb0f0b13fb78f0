"""Vertebral levels, the words for them, and who is whose neighbour."""

from enum import StrEnum


class Level(StrEnum):
    """A vertebra, or a segment of the sacrum, named as in a radiology report."""

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
    def below(self) -> "Level | None":
        """The next level caudad, or None below S5."""
        order = list(Level)
        index = order.index(self) + 1
        return order[index] if index < len(order) else None

    @property
    def above(self) -> "Level | None":
        """The next level cephalad, or None above T11."""
        index = list(Level).index(self) - 1
        return list(Level)[index] if index >= 0 else None


PRESACRAL: tuple[Level, ...] = (Level.T11, Level.T12, Level.L1, Level.L2, Level.L3, Level.L4, Level.L5)
SACRAL: tuple[Level, ...] = (Level.S1, Level.S2, Level.S3, Level.S4, Level.S5)


class Side(StrEnum):
    """The patient's side."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def sign(self) -> int:
        """Sign of the world x axis on this side: +1 left, -1 right."""
        return 1 if self is Side.LEFT else -1
