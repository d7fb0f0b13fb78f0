"""What is on the hub: stylet, syringe and tubing, and what comes out of the needle when the plunger moves."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from scenarios.names.agents import Agent
from scenarios.names.enums import Attachment
from scenarios.names.strengths import Amounts, describe_volumes
from simulator.contrast.plunger_pressure import PLUNGER_MM, choose_syringe_ml
from simulator.procedure.actions.actions import Attach

Volumes = Amounts

TUBING_ML = 0.7  # dead space of extension tubing: 0.5 to 1 mL (recalled, unverified)
LOR_ML = 5.0  # what a loss-of-resistance syringe is filled with (recalled, unverified)
LOR_SIZE_ML = 10.0  # of a loss-of-resistance syringe (FACTS.md 4.1)
SYRINGE_ML = max(PLUNGER_MM)  # the largest syringe on the tray
ROUNDING_ML = 1e-9

LOR_AGENT = {Attachment.LOR_SALINE: Agent.SALINE, Attachment.LOR_AIR: Agent.AIR}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tray:
    """What is on the hub.

    Attributes
    ----------
    stylet : bool
        Whether the stylet is in.
    attached : Attachment
        What is on the hub.
    syringe_ml : tuple of (Agent, float)
        Left in the syringe, mL of each agent.
    tubing_ml : tuple of volumes, or None
        Plugs in the tubing, the one next to the needle first, mL of each agent; None without tubing.
    peak_kpa : float
        Highest pressure of the loss-of-resistance push under way, kPa; 0 where there is none.
    size_ml : float
        Of the syringe on the hub, mL; 0 where there is none.
    """

    stylet: bool = True
    attached: Attachment = Attachment.NOTHING
    syringe_ml: Volumes = ()
    tubing_ml: tuple[Volumes, ...] | None = None
    peak_kpa: float = 0.0
    size_ml: float = 0.0

    @property
    def left_ml(self) -> float:
        """Volume left in the syringe, mL."""
        return total_ml(self.syringe_ml)

    @property
    def in_tubing(self) -> Volumes:
        """What the tubing holds, mL of each agent."""
        found: Volumes = ()
        for plug in self.tubing_ml or ():
            found = add_volumes(found, plug)
        return found


def attach(tray: Tray, action: Attach, allowed: Iterable[Agent], describe: Callable[[Agent], str] = str) -> Tray:
    """The tray with something put on the hub, or taken off it.

    Parameters
    ----------
    tray : Tray
    action : Attach
    allowed : iterable of Agent
        On the tray.
    describe : callable
        An agent -> its name with its strength, for messages.

    Raises
    ------
    ValueError
        If the stylet is in, contents and size do not suit what is attached, or an agent is not on the tray.
    """
    if action.what is Attachment.NOTHING:
        return Tray(stylet=tray.stylet)
    if tray.stylet:
        raise ValueError(f"attach: the stylet is in; take it out before the {action.what} goes on")
    if action.what is not Attachment.SYRINGE:
        _check_bare(action)
        filling = ((LOR_AGENT[action.what], LOR_ML),)
        return Tray(attached=action.what, stylet=tray.stylet, syringe_ml=filling, tubing_ml=None, size_ml=LOR_SIZE_ML)
    contents = _check_contents(action, tuple(allowed), describe)
    size_ml = _check_size(action, total_ml(contents))
    if not action.tubing:
        return Tray(attached=action.what, stylet=tray.stylet, syringe_ml=contents, tubing_ml=None, size_ml=size_ml)
    syringe, tubing = _fill_tubing(contents, action.primed)
    return Tray(attached=action.what, stylet=tray.stylet, syringe_ml=syringe, tubing_ml=(tubing,), size_ml=size_ml)


def check_volume(tray: Tray, volume_ml: float, strengths: Amounts = ()) -> None:
    """Refuse a push of more than the syringe holds, or of nothing; raises ValueError with what it holds, by the case's strengths."""
    if not 0 < volume_ml <= tray.left_ml + ROUNDING_ML:
        holds = f" ({describe_volumes(tray.syringe_ml, strengths)})" if tray.syringe_ml else ""
        raise ValueError(f"inject.volume_ml: the syringe holds {tray.left_ml:.2f} mL, got {volume_ml:g}{holds}")


def push_plunger(tray: Tray, volume_ml: float) -> tuple[Tray, Volumes]:
    """The tray after the plunger has moved by a volume, mL, and what has come out at the hub.

    Raises
    ------
    ValueError
        If the syringe holds less.
    """
    if volume_ml > tray.left_ml + ROUNDING_ML:
        check_volume(tray, volume_ml)
    portion, rest = split(tray.syringe_ml, min(volume_ml, tray.left_ml))
    if tray.tubing_ml is None:
        return replace(tray, syringe_ml=rest), portion
    out, plugs = _push_through((*tray.tubing_ml, portion), volume_ml)
    return replace(tray, syringe_ml=rest, tubing_ml=plugs), out


def push_in_steps(tray: Tray, volume_ml: float, steps: int) -> tuple[Tray, tuple[Volumes, ...], Volumes]:
    """Push the plunger by a volume in equal steps.

    Parameters
    ----------
    tray : Tray
    volume_ml : float
        Of all steps together, mL.
    steps : int
        At least 1.

    Returns
    -------
    tray : Tray
        After the last step.
    parts : tuple of Volumes, one a step
        Volumes that came out at the hub, mL.
    out : Volumes
        Sum of the parts, mL.

    Raises
    ------
    ValueError
        If the syringe holds less.
    """
    parts: list[Volumes] = []
    out: Volumes = ()
    for _ in range(steps):
        tray, part = push_plunger(tray, volume_ml / steps)
        parts.append(part)
        out = add_volumes(out, part)
    return tray, tuple(parts), out


def total_ml(volumes: Volumes) -> float:
    """Sum of volumes, mL."""
    return sum(volume for _, volume in volumes)


def split(volumes: Volumes, volume_ml: float) -> tuple[Volumes, Volumes]:
    """A well-mixed portion of a volume, mL, and the rest.

    Examples
    --------
    >>> split(((Agent.SALINE, 2.0),), 0.5)
    (((<Agent.SALINE: 'saline'>, 0.5),), ((<Agent.SALINE: 'saline'>, 1.5),))
    """
    whole = total_ml(volumes)
    share = volume_ml / whole if whole > 0 else 0.0
    portion = tuple((agent, volume * share) for agent, volume in volumes)
    rest = tuple((agent, volume - taken) for (agent, volume), (_, taken) in zip(volumes, portion, strict=True))
    return portion, rest if share < 1 else ()


def add_volumes(first: Volumes, second: Volumes) -> Volumes:
    """Both volumes together, agents in order of name."""
    sums = dict.fromkeys(sorted({agent for agent, _ in (*first, *second)}), 0.0)
    for agent, volume in (*first, *second):
        sums[agent] += volume
    return tuple((agent, volume) for agent, volume in sums.items() if volume > 0)


def _push_through(plugs: tuple[Volumes, ...], volume_ml: float) -> tuple[Volumes, tuple[Volumes, ...]]:
    """What the first millilitres of a row of plugs are, and the plugs that stay."""
    out: Volumes = ()
    left_ml = volume_ml
    for number, plug in enumerate(plugs):
        size_ml = total_ml(plug)
        if size_ml > left_ml + ROUNDING_ML:
            portion, rest = split(plug, left_ml)
            return add_volumes(out, portion), (rest, *plugs[number + 1 :])
        out, left_ml = add_volumes(out, plug), left_ml - size_ml
    return out, ()


def _fill_tubing(contents: Volumes, primed: bool) -> tuple[Volumes, Volumes]:
    """Syringe and tubing: primed tubing is filled from the syringe; else it holds air."""
    if not primed:
        return contents, ((Agent.AIR, TUBING_ML),)
    if total_ml(contents) <= TUBING_ML:
        raise ValueError(f"attach.contents_ml: priming the tubing takes {TUBING_ML:g} mL; draw up more than {total_ml(contents):g}")
    filling, rest = split(contents, TUBING_ML)
    return rest, filling


def _check_bare(action: Attach) -> None:
    if action.contents_ml or action.tubing:
        raise ValueError(f"attach: a {action.what} syringe goes straight on the hub with its own filling; leave contents_ml and tubing out")
    if action.size_ml not in (None, LOR_SIZE_ML):
        raise ValueError(f"attach.size_ml: a {action.what} syringe has {LOR_SIZE_ML:g} mL, got {action.size_ml:g}; leave size_ml out")


def _check_size(action: Attach, volume_ml: float) -> float:
    """The size of the syringe, mL: the one that is asked for, or the one that suits a volume."""
    if action.size_ml is None:
        return choose_syringe_ml(volume_ml)
    if action.size_ml not in PLUNGER_MM:
        raise ValueError(f"attach.size_ml: there are syringes of {', '.join(f'{one:g}' for one in PLUNGER_MM)} mL, got {action.size_ml:g}")
    if volume_ml > action.size_ml + ROUNDING_ML:
        raise ValueError(f"attach.size_ml: {volume_ml:g} mL do not go into a syringe of {action.size_ml:g} mL; take a larger one")
    return action.size_ml


def _check_contents(action: Attach, allowed: tuple[Agent, ...], describe: Callable[[Agent], str]) -> Volumes:
    contents = add_volumes(action.contents_ml, ())
    wrong = next((volume for _, volume in action.contents_ml if not 0 < volume <= SYRINGE_ML), None)
    if wrong is not None or not contents or total_ml(contents) > SYRINGE_ML:
        got = wrong if wrong is not None else total_ml(contents)
        raise ValueError(f"attach.contents_ml: a syringe holds more than 0 and at most {SYRINGE_ML:g} mL, got {got:g}")
    missing = next((agent for agent, _ in contents if agent not in allowed), None)
    if missing is not None:
        raise ValueError(f"attach.contents_ml: {missing} is not on the tray; there are {'; '.join(map(describe, allowed))}")
    return contents
