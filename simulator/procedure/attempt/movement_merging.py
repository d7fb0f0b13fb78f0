"""Movements that came in pieces, told as the wholes that they are."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

from simulator.procedure.actions import actions as do
from simulator.procedure.state.state import Done

SUMMED = ("distance_mm", "angle_deg", "volume_ml", "duration_s", "left_mm", "dorsal_mm", "cranial_mm")
"""Sizes of pieces that add up; what else a later piece says counts instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Whole:
    """A movement as a whole: what it comes to, and the numbers of its first and last piece among all actions."""

    done: Done
    first: int
    last: int


def join_pieces(done: Sequence[Done]) -> list[Whole]:
    """Actions with the pieces of each movement joined, and waiting that was not broken by anything.

    Parameters
    ----------
    done : sequence of Done
        In order.

    Returns
    -------
    list of Whole
        Every action belongs to one of them. Waiting between two pieces of a movement belongs to the movement.
    """
    found: list[Whole] = []
    for number, item in enumerate(done):
        back = _goes_on(found, item)
        if back == 0:
            found.append(Whole(done=item, first=number, last=number))
            continue
        before = found[-back]
        joint = Done(action=_join(before.done.action, item.action), start_s=before.done.start_s, end_s=item.end_s)
        found[-back:] = [Whole(done=joint, first=before.first, last=number)]
    return found


def _goes_on(found: Sequence[Whole], item: Done) -> int:
    """How many wholes back the one lies that an action is a piece of; 0 where there is none."""
    kind = type(item.action)
    if not found or not (do.continues(item.action) or kind is do.Wait):
        return 0
    if type(found[-1].done.action) is kind:
        return 1
    waited = do.continues(item.action) and isinstance(found[-1].done.action, do.Wait) and len(found) > 1
    return 2 if waited and type(found[-2].done.action) is kind else 0


def _join(first: do.Action, second: do.Action) -> do.Action:
    values = {item.name: getattr(second, item.name) for item in fields(second) if getattr(second, item.name) is not None}
    sums = {name: getattr(first, name) + values[name] for name in SUMMED if name in values}
    begun = {"continued": do.continues(first)} if isinstance(first, do.Movement) else {}
    return replace(first, **values | sums | begun)
