"""Expressions of JavaScript by which the page sends messages, built from the classes of the messages: no other name can be written."""

import json
from collections.abc import Mapping
from typing import Any

from simulator.viewer.common.messages import ActRequest, HandRequest, Hands, Trigger
from simulator.viewer.common.wire import find_first_field


def express(kind: type[HandRequest], value: str = "") -> str:
    """A message as an expression.

    Parameters
    ----------
    kind : type
        Class of the message.
    value : str
        Expression of what the message says; nothing for one that says nothing.

    Raises
    ------
    ValueError
        If a value is missing, or given to a message that takes none.

    Examples
    --------
    >>> from simulator.viewer.common.messages import PauseRequest
    >>> express(PauseRequest, "!paused")
    '{pause: !paused}'
    """
    if (find_first_field(kind) is None) is bool(value):
        raise ValueError(f"{kind.kind}: expected {'no value' if value else 'a value'}; {kind.__name__} says what it takes")
    return f"{{{kind.kind}: {value or 'true'}}}"


def express_action(word: str, values: Mapping[str, str] | None = None) -> str:
    """The message that takes an action.

    Parameters
    ----------
    word : str
        Of the action, e.g. ``"move-carm"``.
    values : mapping of str to str, optional
        Expressions of its fields.

    Examples
    --------
    >>> express_action("shoot")
    "{act: 'shoot'}"
    >>> express_action("stylet", {"inserted": "!needle.stylet"})
    '{act: {stylet: {inserted: !needle.stylet}}}'
    """
    if not values:
        return express(ActRequest, f"'{word}'")
    name = f"'{word}'" if "-" in word else word
    return express(ActRequest, f"{{{name}: {{{', '.join(f'{field}: {value}' for field, value in values.items())}}}}}")


def express_settings(kind: type[HandRequest], name: str, value: str) -> str:
    """A message that sets one value of a group by its name.

    Raises
    ------
    ValueError
        If the group has no value of that name.

    Examples
    --------
    >>> from simulator.viewer.common.messages import ScreenRequest
    >>> express_settings(ScreenRequest, "inverted", "!display.inverted")
    '{screen: {inverted: !display.inverted}}'
    """
    group = kind.model_fields[str(find_first_field(kind))].annotation
    known = list(getattr(group, "model_fields", ()))
    if name not in known:
        raise ValueError(f"{kind.kind}.{name}: unknown; expected one of {', '.join(known)}")
    return express(kind, f"{{{name}: {value}}}")


def express_call(trigger: Trigger, *values: str) -> str:
    """A call of the page's server.

    Examples
    --------
    >>> express_call(Trigger.BEGIN, "it.case")
    "trigger('begin', [it.case])"
    >>> express_call(Trigger.LEAVE)
    "trigger('leave')"
    """
    return f"trigger('{trigger}', [{', '.join(values)}])" if values else f"trigger('{trigger}')"


def express_hold(hands: dict[str, Any]) -> str:
    """What is held, as the JSON of an element's ``data-hold``; ``{"plunger": True}`` takes the rate that is set.

    Raises
    ------
    ValueError
        If hands cannot hold that.

    Examples
    --------
    >>> express_hold({"pedal": True})
    '{"pedal": true}'
    """
    if hands != {"plunger": True}:
        try:
            Hands.model_validate(hands)
        except ValueError as error:
            raise ValueError(f"hold: expected what hands can hold, got {hands!r}; Hands names it") from error
    return json.dumps(hands)
