"""Where every movable mesh of the room stands, worked out from what is seen of it alone: pure functions, plain numbers out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scenarios.names.enums import Attachment
from simulator.geometry.carm import CArm, world_from_carm
from simulator.geometry.polyline import simplify
from simulator.observation import OperatingRoom, Pose
from simulator.observation.operating_room import NeedleOutside, Point
from simulator.viewer.room.euler_angles import orientation_deg, upright
from simulator.viewer.room.meshes.carm import centre_mm
from simulator.viewer.room.meshes.hands import HUB_MM, LOR_MM, SYRINGE_MM, SYRINGE_WAY, TUBING_END
from simulator.viewer.room.names import INSIDE, SHAFT_NAMES, SHAFT_PIECES

Floats = NDArray[np.float64]

SHAFT_WITHIN_MM = 0.05, 1.0  # how far the drawn shaft may lie from the true one: tried first, and at most
DRAWN_RADIUS_MM = 0.6  # a 22 G needle would be a line of less than a pixel: no shaft is drawn thinner
ML_MM = 3.4  # how far a plunger stands out for each mL of a 10 mL syringe (radius 9.7 mm inside; recalled, unverified)
FROM_HUB_MM = 22.0  # how far over the hub's foot a nozzle sits in it
LOSS_OF_RESISTANCE = (Attachment.LOR_SALINE, Attachment.LOR_AIR)
NOWHERE = (0.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where a mesh stands.

    Attributes
    ----------
    position : (float, float, float)
        Of its origin, world frame, mm.
    orientation : (float, float, float)
        About x, y and z, degrees, applied as VTK does: R_z R_x R_y.
    visible : bool
        Whether it is drawn.
    scale : (float, float, float)
        Along its own axes.
    """

    position: Point = NOWHERE
    orientation: Point = NOWHERE
    visible: bool = True
    scale: Point = (1.0, 1.0, 1.0)

    def plain(self) -> dict[str, object]:
        """As the browser's renderer takes it, rounded to what the eye can tell."""
        return {
            "position": [round(value, 2) for value in self.position],
            "orientation": [round(value, 3) for value in self.orientation],
            "scale": [round(value, 3) for value in self.scale],
            "visibility": self.visible,
        }


HIDDEN = Placement(visible=False)


def carm_placements(pose: Pose, *, floor_mm: float, beam_on: bool) -> dict[str, Placement]:
    """C-arm, its holder, column and base, and the beam.

    The arc turns about the isocentre as the joints do; column and base follow the arc's centre, as an operator re-centres them.

    Parameters
    ----------
    pose : Pose
        Where C-arm and table stand.
    floor_mm : float
        Height of the floor, world frame, mm.
    beam_on : bool
        Whether the pedal is down.
    """
    turn = world_from_carm(pose.oblique_deg, pose.tilt_deg, pose.swivel_deg)
    arm, stand = world_from_carm(0.0, pose.tilt_deg, pose.swivel_deg), world_from_carm(0.0, 0.0, pose.swivel_deg)
    isocentre = np.array(pose.isocentre)
    centre = isocentre + centre_mm(pose.sid_mm, pose.sod_mm) * turn[:, 1]
    detector = isocentre + (pose.sid_mm - pose.sod_mm) * turn[:, 1]
    return {
        "carm": _make_placement(isocentre, turn),
        "beam": _make_placement(detector, turn, visible=beam_on),
        "holder": _make_placement(centre, arm),
        "column": _make_placement(centre, stand),
        "base": _make_placement(np.array([centre[0], floor_mm, centre[2]]), stand),
    }


def beam_frame(carm: CArm) -> tuple[Floats, Floats]:
    """Where the beam's mesh must stand to run from the source to the detector: origin, shape (3,), mm, and rotation, shape (3, 3).

    Parameters
    ----------
    carm : CArm
        The view.
    """
    return carm.detector, np.stack((-carm.right, carm.normal, -carm.down), axis=1)


def needle_placements(seen: OperatingRoom, *, shaft: Floats | None = None) -> dict[str, Placement]:
    """Shaft, hub, stylet, syringe and hands; while the beam is on, hands keep out of it.

    Parameters
    ----------
    seen : OperatingRoom
        The needle, what is on its hub, and the operator's side.
    shaft : ndarray, shape (n, 3), optional
        The needle's course from hub to tip where the part under the skin may be shown, mm; else the shaft ends at its entry, and nothing
        tells where the tip is.
    """
    held = seen.needle
    if held is None:
        return dict.fromkeys(
            (*SHAFT_NAMES, "hub", "stylet", "syringe", "plunger", "lor", "lor-plunger", "tubing", "right-hand", "left-hand"), HIDDEN
        )
    turn = upright(held.outward, np.array([seen.side, 0.0, 0.0]))
    notch = _notch_frame(held)
    return {
        **shaft_placements(held, shaft=shaft),
        "hub": _make_placement(held.hub, notch),
        "stylet": _make_placement(held.hub, notch, visible=held.stylet),
        **_place_attached(held, turn, seen),
        **_hands(held, turn, seen),
    }


def shaft_placements(held: NeedleOutside, *, shaft: Floats | None = None) -> dict[str, Placement]:
    """The shaft as a few straight rods that stay within a millimetre of it.

    Parameters
    ----------
    held : NeedleOutside
        What stands out of the skin.
    shaft : ndarray, shape (n, 3), optional
        As `needle_placements` takes it, mm.
    """
    line = np.stack((held.hub, held.entry)) if shaft is None else simplify_shaft(shaft)
    radius_mm = max(held.outer_mm / 2, DRAWN_RADIUS_MM)
    found = dict.fromkeys(SHAFT_NAMES, HIDDEN)
    for name, start, end in zip(SHAFT_NAMES, line[:-1], line[1:], strict=False):
        length_mm = float(np.linalg.norm(end - start))
        way = (end - start) / length_mm
        found[name] = _make_placement(start, upright(way, np.array([1.0, 0.0, 0.0])), scale=(radius_mm, length_mm, radius_mm))
    return found


def simplify_shaft(axis: Floats) -> Floats:
    """Polyline of at most `SHAFT_PIECES` pieces from the hub to the tip, shape (k, 3), mm.

    Parameters
    ----------
    axis : ndarray, shape (n, 3)
        The shaft's course, mm.
    """
    least, most = SHAFT_WITHIN_MM
    for tolerance_mm in np.geomspace(least, most, 8):
        line = simplify(axis, float(tolerance_mm))
        if len(line) <= SHAFT_PIECES + 1:
            return line
    return axis[np.linspace(0, len(axis) - 1, SHAFT_PIECES + 1).round().astype(int)]


def room_placements(seen: OperatingRoom, *, floor_mm: float, inside: bool, shaft: Floats | None = None) -> dict[str, Placement]:
    """Everything that can move or come and go.

    Parameters
    ----------
    seen : OperatingRoom
        The room now.
    floor_mm : float
        Height of the floor, world frame, mm.
    inside : bool
        Whether anatomy under the skin may be shown.
    shaft : ndarray, shape (n, 3), optional
        As `needle_placements` takes it, mm.
    """
    mark = HIDDEN if seen.mark is None or seen.needle is not None else Placement(position=seen.mark)
    return {
        **carm_placements(seen.pose, floor_mm=floor_mm, beam_on=seen.beam_on),
        **needle_placements(seen, shaft=shaft),
        "drape": Placement(visible=seen.draped),
        "pillow": Placement(visible=seen.pillow),
        "mark": mark,
        **dict.fromkeys(INSIDE, Placement(visible=inside)),
    }


def _place_attached(held: NeedleOutside, turn: Floats, seen: OperatingRoom) -> dict[str, Placement]:
    """Syringe, plunger and tubing as they stand on the hub, or at the end of the tubing."""
    at, lor, other = held.hub, seen.attached in LOSS_OF_RESISTANCE, seen.attached is Attachment.SYRINGE
    foot, way = _syringe_at(at, turn, tubing=seen.tubing)
    stand = upright(way, turn[:, 1]) if seen.tubing else turn
    drawn = foot + ML_MM * seen.held_ml * way
    return {
        "syringe": _make_placement(foot, stand, visible=other),
        "plunger": _make_placement(drawn, stand, visible=other),
        "lor": _make_placement(at, turn, visible=lor),
        "lor-plunger": _make_placement(drawn, turn, visible=lor),
        "tubing": _make_placement(at, turn, visible=other and seen.tubing),
    }


def _syringe_at(at: Floats, turn: Floats, *, tubing: bool) -> tuple[Floats, Floats]:
    """Origin, mm, and direction of the syringe, unit vector, shape (3,) each: on the hub, or held beside the beam at the tubing's end."""
    if not tubing:
        return at, turn[:, 1]
    way = turn @ (SYRINGE_WAY / np.linalg.norm(SYRINGE_WAY))
    return at + turn @ TUBING_END - FROM_HUB_MM * way, way


def _hands(held: NeedleOutside, turn: Floats, seen: OperatingRoom) -> dict[str, Placement]:
    """The right hand at the hub, or on the syringe's plunger, the left steadying the shaft at the skin.

    Forearms come from where the operator stands. While the beam is on no hand is in it: only one that holds a syringe on tubing stays.
    """
    outward = turn[:, 1]
    foot, way = _syringe_at(held.hub, turn, tubing=seen.tubing)
    length_mm = (LOR_MM if seen.attached in LOSS_OF_RESISTANCE else SYRINGE_MM)[0]
    holds = seen.attached is not Attachment.NOTHING
    right_at = foot + way * (FROM_HUB_MM + 12.0 + length_mm) if holds else held.hub + outward * HUB_MM * 0.6
    left_at = held.entry + outward * min(14.0, held.outside_mm * 0.5)
    apart = np.deg2rad(28.0)
    beside = seen.attached is Attachment.SYRINGE and seen.tubing
    return {
        "right-hand": _make_placement(right_at, turn @ _about_y(apart), visible=beside or not seen.beam_on),
        "left-hand": _make_placement(left_at, turn @ _about_y(-apart), visible=not seen.beam_on),
    }


def _about_y(angle: float) -> Floats:
    return np.array([[np.cos(angle), 0.0, np.sin(angle)], [0.0, 1.0, 0.0], [-np.sin(angle), 0.0, np.cos(angle)]])


def _notch_frame(held: NeedleOutside) -> Floats:
    """The hub's frame: +y outward, +z towards the notch."""
    outward = held.outward
    across = held.notch - (held.notch @ outward) * outward
    across = across / np.linalg.norm(across)
    return np.stack((np.cross(outward, across), outward, across), axis=1)


def _make_placement(at: Floats, turn: Floats, *, visible: bool = True, scale: Point = (1.0, 1.0, 1.0)) -> Placement:
    x, y, z = (float(value) for value in at)
    return Placement(position=(x, y, z), orientation=orientation_deg(turn), visible=visible, scale=scale)
