"""Options that several commands share, written once: a command's parameter is made by a function from options of its own."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Any

Command = Callable[..., None]


def share_options(makers: Mapping[str, Callable[..., Any]]) -> Callable[[Command], Command]:
    """Let a command take its named parameters from other functions.

    Parameters
    ----------
    makers : mapping of str to callable
        By the name of a command's parameter: what makes it. Its own parameters become options of the command in place of that one.

    Returns
    -------
    callable
        Decorator of a command, which is then called by keywords, as Typer does. Options of one name are refused, as in any signature.

    Examples
    --------
    >>> def circle(radius: float = 1.0) -> float:
    ...     return 3 * radius**2
    >>> @share_options({"area": circle})
    ... def tell(area: float, unit: str = "mm2") -> None:
    ...     print(area, unit)
    >>> signature(tell)
    <Signature (*, unit: str = 'mm2', radius: float = 1.0)>
    >>> tell(radius=2.0, unit="cm2")
    12.0 cm2
    """

    def wrap(command: Command) -> Command:
        own = [item for item in signature(command).parameters.values() if item.name not in makers]
        items = [*own, *(item for maker in makers.values() for item in signature(maker).parameters.values())]
        options = [item.replace(kind=Parameter.KEYWORD_ONLY) for item in items]
        shown = Signature(options)
        # Whatever it is called with is bound to that signature, so that nothing unnamed passes.
        run = wraps(command)(lambda **words: _call(command, makers, shown.bind(**words).arguments))
        run.__signature__ = shown  # type: ignore[attr-defined]
        run.__annotations__ = {item.name: item.annotation for item in options}
        return run

    return wrap


def _call(command: Command, makers: Mapping[str, Callable[..., Any]], words: Mapping[str, Any]) -> None:
    left, made = dict(words), {}
    for name, maker in makers.items():
        made[name] = maker(**{option: left.pop(option) for option in signature(maker).parameters if option in left})
    command(**left, **made)
