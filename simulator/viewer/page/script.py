"""The page's script as it is served: the words of the messages first, then ``suite.js``, which knows none of its own."""

import json
from functools import cache
from importlib import resources

from simulator.viewer.common.drives import DRIVES, PAD
from simulator.viewer.common.messages import HAND_REQUESTS, LET_GO, BlankNotice, MonitorKind, Role, RoleNotice, Trigger
from simulator.viewer.common.wire import find_first_field


@cache
def build_page_script() -> str:
    """JavaScript of the page."""
    file = resources.files("simulator.viewer.page").joinpath("static", "suite.js")
    return f"{name_messages()}\n{file.read_text(encoding='utf-8')}"


def name_messages() -> str:
    """One line of JavaScript: ``window.suiteMessages``, from which the script takes every word that it shares with the server.

    Returns
    -------
    str
        ``SEND`` makes a message of each kind that a browser may send; ``ROLE``, ``MONITOR`` and ``TRIGGER`` hold words by name, ``NOTICE``
        the kinds that come, and ``STILL`` what is held when nothing is. ``DRIVES`` says what a key holds, ``PAD`` what a gamepad's axes do.
    """
    parts = {
        "SEND": "{" + ", ".join(f"{kind}: {_write_maker(kind)}" for kind in HAND_REQUESTS) + "}",
        "ROLE": _write_words({role.name: role for role in Role}),
        "MONITOR": _write_words({monitor.name: monitor for monitor in MonitorKind}),
        "TRIGGER": _write_words({trigger.name: trigger for trigger in Trigger}),
        "NOTICE": _write_words({"ROLE": RoleNotice.kind, "BLANK": BlankNotice.kind}),
        "STILL": json.dumps(LET_GO.hands.changes),
        "DRIVES": json.dumps({drive.key: drive.hands for drive in DRIVES if drive.key}),
        "PAD": json.dumps(PAD),
    }
    return f"window.suiteMessages = {{{', '.join(f'{name}: {value}' for name, value in parts.items())}}};"


def _write_maker(kind: str) -> str:
    """A function of JavaScript that makes a message of a kind."""
    bare = find_first_field(HAND_REQUESTS[kind]) is None
    return f"() => ({{{kind}: true}})" if bare else f"value => ({{{kind}: value}})"


def _write_words(named: dict[str, str]) -> str:
    return json.dumps({name: str(word) for name, word in named.items()})
