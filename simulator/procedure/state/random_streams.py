"""What chance decides, at fixed points of the seed: the same draw whatever was rendered or asked in between."""

from enum import IntEnum

import numpy as np


class RandomStream(IntEnum):
    """What a draw is for; its own stream each, so that one more draw of one kind leaves the others alone."""

    INDIVIDUAL = 1
    VESSEL = 2
    ASPIRATION = 3
    VASOVAGAL = 4
    HEADACHE = 5
    HAEMATOMA = 6
    INFECTION = 7
    EMBOLUS = 8
    FLUID = 9
    FLUSH = 10


def make_generator(seed: int, stream: RandomStream, counter: int = 0) -> np.random.Generator:
    """The generator of one draw."""
    return np.random.default_rng([seed, int(stream), counter])


def happens(chance: float, seed: int, stream: RandomStream, counter: int = 0) -> bool:
    """Whether something of a chance, 0 to 1, happens at this point of the seed."""
    return bool(make_generator(seed, stream, counter).random() < chance)
