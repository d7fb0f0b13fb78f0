"""Names of the room's meshes, and of the page's state about them."""

SHAFT_PIECES = 8
SHAFT_NAMES = tuple(f"shaft-{number}" for number in range(1, SHAFT_PIECES + 1))
INSIDE = ("bones", "discs", "flavum", "dura", "roots", "target", "corridor")
STANDING = ("floor", "suite", "table", "limbs", "clothes", "skin", "track", "expert-track")
MOVING = (
    *("carm", "holder", "column", "base", "beam"),
    *("pillow", "drape", "mark"),
    *SHAFT_NAMES,
    *("hub", "stylet", "plunger", "lor-plunger", "syringe", "lor", "tubing", "right-hand", "left-hand"),
    *INSIDE,
)
COVERING = ("corridor", "skin", "drape")
"""What can be translucent is drawn last."""
MESHES = (*(name for name in (*STANDING, *MOVING) if name not in COVERING), *COVERING)


def key(what: str, name: str) -> str:
    """Name of a state variable of the page about a mesh: ``mesh``, ``at`` or ``look``.

    Examples
    --------
    >>> key("at", "right-hand")
    'room_at_right_hand'
    """
    return f"room_{what}_{name.replace('-', '_')}"
