"""Words for needles and loss-of-resistance syringes, shared by case files and the simulator."""

from enum import StrEnum


class Bevel(StrEnum):
    """How a needle's tip is ground."""

    TUOHY = "tuohy"
    QUINCKE = "quincke"
    WHITACRE = "whitacre"


class LorMedium(StrEnum):
    """What the loss-of-resistance syringe holds."""

    AIR = "air"
    SALINE = "saline"
