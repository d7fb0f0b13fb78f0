"""The drives of C-arm and table: what each one is called, what holds it, and where it goes in the patient.

One rule for all of them, whatever the view and however the monitor is mirrored or turned: *a drive names a direction in the patient; the
C-arm's detector, or the place on which the beam is centred, goes there, and the picture goes the other way.* So after "centre further to
the patient's left" by 5 mm, what lay 5 mm left of the middle is in the middle; where the beam runs along that direction (left and right in
a lateral view), nothing shifts and only the magnification changes. Arrows on buttons, arrow keys and sticks are those of an AP picture as
it comes, with the head on top and the patient's left on the left: left is the patient's left, up is cranial.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Three = tuple[float, float, float]

LEFT, RIGHT = (1.0, 0.0, 0.0), (-1.0, 0.0, 0.0)
DORSAL, VENTRAL = (0.0, 1.0, 0.0), (0.0, -1.0, 0.0)
CRANIAL, CAUDAL = (0.0, 0.0, 1.0), (0.0, 0.0, -1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drive:
    """One way of one drive.

    Attributes
    ----------
    name : str
        Of its words, ``carm.<name>``, with an underscore for the hyphen; and its ``data-testid``.
    sign : str
        On its button.
    part : "carm" or "table"
        Of `simulator.viewer.common.messages.Hands`.
    speeds : (float, float, float)
        Of the part's three drives.
    towards : (float, float, float)
        Where it goes, world frame: the detector of an AP view, of a swivel the arc's end at the patient's left, of the table the isocentre.
    key : str
        Of the keyboard, as the page's script names it; empty where there is none.
    """

    name: str
    sign: str
    part: Literal["carm", "table"]
    speeds: Three
    towards: Three
    key: str = ""

    @property
    def hands(self) -> dict[str, Any]:
        """What is held meanwhile, as `simulator.viewer.common.messages.Hands` takes it."""
        return {self.part: [int(speed) for speed in self.speeds]}


ORBITAL = (
    Drive(name="orbital-more", sign="\u25c0", part="carm", speeds=(1, 0, 0), towards=LEFT, key="ArrowLeft"),
    Drive(name="orbital-less", sign="\u25b6", part="carm", speeds=(-1, 0, 0), towards=RIGHT, key="ArrowRight"),
)
TILT = (
    Drive(name="tilt-less", sign="\u25bc", part="carm", speeds=(0, -1, 0), towards=CAUDAL, key="ArrowDown"),
    Drive(name="tilt-more", sign="\u25b2", part="carm", speeds=(0, 1, 0), towards=CRANIAL, key="ArrowUp"),
)
SWIVEL = (
    Drive(name="swivel-less", sign="\u21ba", part="carm", speeds=(0, 0, -1), towards=CAUDAL),
    Drive(name="swivel-more", sign="\u21bb", part="carm", speeds=(0, 0, 1), towards=CRANIAL),
)
TABLE = (
    Drive(name="table-left", sign="\u25c0", part="table", speeds=(1, 0, 0), towards=LEFT, key="Shift+ArrowLeft"),
    Drive(name="table-right", sign="\u25b6", part="table", speeds=(-1, 0, 0), towards=RIGHT, key="Shift+ArrowRight"),
    Drive(name="table-cranial", sign="\u25b2", part="table", speeds=(0, 0, 1), towards=CRANIAL, key="Shift+ArrowUp"),
    Drive(name="table-caudal", sign="\u25bc", part="table", speeds=(0, 0, -1), towards=CAUDAL, key="Shift+ArrowDown"),
    Drive(name="table-up", sign="\u2912", part="table", speeds=(0, 1, 0), towards=DORSAL, key="Shift+PageUp"),
    Drive(name="table-down", sign="\u2913", part="table", speeds=(0, -1, 0), towards=VENTRAL, key="Shift+PageDown"),
)
DRIVES = (*ORBITAL, *TILT, *SWIVEL, *TABLE)

PAD: Mapping[str, tuple[tuple[int, int] | None, ...]] = {"carm": ((0, -1), (1, -1), None), "table": ((2, -1), None, (3, -1))}
"""What a gamepad's sticks hold: of each drive the number of the axis and its sign; a stick to the left or forward reads below 0."""
