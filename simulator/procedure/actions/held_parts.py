"""What hands and feet held, in words."""

from collections.abc import Sequence

from scenarios.names.enums import HeldPart


def describe_held(held: Sequence[HeldPart]) -> str:
    """What was held, with its verb.

    Examples
    --------
    >>> describe_held([HeldPart.PEDAL, HeldPart.PLUNGER])
    'pedal and plunger were'
    >>> describe_held([HeldPart.CARM])
    'C-arm was'
    """
    names = ["C-arm" if part is HeldPart.CARM else str(part) for part in held]
    listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
    return f"{listed} {'were' if len(names) > 1 else 'was'}"
