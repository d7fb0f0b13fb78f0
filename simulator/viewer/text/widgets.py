"""Buttons and fields of the page: what they say to the engine is an expression that the page's script sends over the socket."""

from collections.abc import Sequence
from html import escape
from typing import Any

from trame.widgets import html

from simulator.viewer.text.expressions import express_hold
from simulator.viewer.text.strings import text


def button(
    words: str,
    *,
    says: str = "",
    hold: dict[str, Any] | None = None,
    test: str = "",
    disabled: str = "",
    pressed: str = "",
    classes: str = "",
    title: str = "",
    click: str = "",
    v_if: str = "",
) -> html.Button:
    """A button.

    Parameters
    ----------
    words : str
        On it.
    says : str
        JavaScript expression of the message that a click sends to the engine, as `simulator.viewer.text.expressions` makes it.
    hold : dict, optional
        What is held as long as it is down, by the names of `simulator.viewer.common.messages.Hands`;
        ``{"plunger": true}`` takes the rate set.
    test : str
        Its ``data-testid``.
    disabled, pressed : str
        JavaScript expressions: whether it is off, and whether it shows as pressed in.
    classes, title : str
        CSS classes; what a screen reader says and a pointer that rests on it is told, where the words alone are too short.
    click, v_if : str
        JavaScript: what a click does on the page itself; whether there is the button at all.
    """
    raw = ['type="button"', *make_test_id(test)]
    if says:
        raw.append(f'@click="{escape(say(says))}"')
    if hold is not None:
        raw.append(f'data-hold="{escape(express_hold(hold))}"')
    if disabled:
        raw.append(f':disabled="{escape(disabled)}"')
    if pressed:
        raw += [f':aria-pressed="{escape(f"!!({pressed})")}"', f':class="{escape(f"{{on: {pressed}}}")}"']
    if title:
        raw += [f'title="{escape(title)}"', f'aria-label="{escape(title)}"']
    if click:
        raw.append(f'@click="{escape(click)}"')
    if v_if:
        raw.append(f'v-if="{escape(v_if)}"')
    return html.Button(words, classes=f"key {classes}".strip(), raw_attrs=raw)


def select(label: str, *, options: str, value: str, says: str, test: str, shown: str = "it", classes: str = "") -> None:
    """A list to choose from that sends a message at once.

    Parameters
    ----------
    label : str
        Beside it.
    options : str
        JavaScript expression of the list; ``it`` is one of its items in `shown`.
    value : str
        JavaScript expression of the present choice.
    says : str
        Message, in which ``it`` is the item chosen.
    test, classes : str
        As for `button`.
    shown : str
        JavaScript expression of an item's words.
    """
    with html.Label(label, classes=f"field {classes}".strip()):
        picked = say(f"(it => ({says}))(({options})[$event.target.selectedIndex])")
        with html.Select(raw_attrs=[*make_test_id(test), f':value="{escape(value)}"', f'@change="{escape(picked)}"']):
            html.Option(f"{{{{ {shown} }}}}", raw_attrs=[f'v-for="it in {escape(options)}"', ':key="String(it)"', ':value="it"'])


def choose(label: str, model: str, *, options: str, test: str, shown: str = "it", item: str = "it") -> None:
    """A list to choose from that only sets a variable of the page.

    Parameters
    ----------
    label, options, test, shown
        As for `select`.
    model : str
        Name of the variable.
    item : str
        JavaScript expression of the value that an item stands for.
    """
    with html.Label(label, classes="field"), html.Select(raw_attrs=[*make_test_id(test), f'v-model="{model}"']):
        html.Option(text("choose"), raw_attrs=['value="" disabled hidden'])
        html.Option(f"{{{{ {shown} }}}}", raw_attrs=[f'v-for="it in {escape(options)}"', ':key="String(it)"', f':value="{escape(item)}"'])


def number(label: str, model: str, *, low: float, high: float, step: float, test: str) -> None:
    """A number that only sets a variable of the page."""
    with html.Label(label, classes="field"):
        html.Input(
            raw_attrs=['type="number"', *make_test_id(test), f'min="{low:g}" max="{high:g}" step="{step:g}"', f'v-model.number="{model}"']
        )


def slider(label: str, *, value: str, says: str, low: float, high: float, step: float, test: str) -> None:
    """A slider that sends a message; ``it`` in it is the number."""
    sent = say(f"(it => ({says}))(Number($event.target.value))")
    span = f'min="{low:g}" max="{high:g}" step="{step:g}"'
    with html.Label(label, classes="field"):
        html.Input(raw_attrs=['type="range"', *make_test_id(test), span, f':value="{escape(value)}"', f'@input="{escape(sent)}"'])


def say(message: str) -> str:
    """The statement of JavaScript that sends a message, itself an expression."""
    return f"utils.suite.say({message})"


def make_test_id(name: str) -> Sequence[str]:
    """The attribute by which tests find an element; nothing without a name."""
    return [f'data-testid="{name}"'] if name else []
