"""Needles at the textbook's targets show where the textbook shows them, and clear bone on their way."""

import numpy as np
import pytest

from phantoms.patient import Patient
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue
from simulator.cli.images.needles import read_needle_path
from simulator.geometry.carm import CArm, project_points
from simulator.geometry.clear_path import Course
from simulator.geometry.views import aim
from simulator.xray.overlays.needle_shadow import FLANGE_RADIUS_MM, gauge_needle, needle_mm
from tests.acceptance.looking import BONE, LUMBAR, Floats, Looking, at, mm_per_pixel, pixels

pytestmark = pytest.mark.slow

PAST_LINE_MM = (0.0, 5.0)  # interlaminar: at or just past the ventral interlaminar line
EPIDURAL = (Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL, Tissue.EPIDURAL_FORAMINAL)
LEVELS_WITHOUT_CREST = LUMBAR[:-1]  # at L5-S1 crest and ala may stand in the way of a straight needle

by_side = pytest.mark.parametrize("side", list(Side))
by_level = pytest.mark.parametrize("level", LUMBAR)


def course(patient: Patient, target: str, level: Level = Level.L4) -> Course:
    return read_needle_path(None, target, patient.landmarks, level, patient.tissue)


def find_met(patient: Patient, found: Course) -> Floats:
    """Tissues along a needle, every quarter of a millimetre."""
    steps = np.linspace(0, 1, int(found.depth_mm * 4))[:, None]
    return patient.tissue(found.entry + steps * (found.tip - found.entry))


def tissue_at(patient: Patient, point: Floats) -> Tissue:
    return Tissue(int(patient.tissue(point[None])[0]))


def inside_polygon(outline: Floats, place: Floats) -> bool:
    """Whether a place, shape (2,), lies in a closed outline, shape (n, 2): the angles it is seen under add up to a full turn."""
    towards = outline - place
    angle = np.unwrap(np.arctan2(*np.concatenate((towards, towards[:1])).T))
    return bool(abs(angle[-1] - angle[0]) > np.pi)


@by_side
@by_level
def test_interlaminar_tip_is_just_past_the_ventral_interlaminar_line_in_clo(
    patient: Patient, looking: Looking, level: Level, side: Side
) -> None:
    found, look = course(patient, f"interlaminar-{side}", level), looking(f"clo-{side}", level)
    line = pixels(look, patient.landmarks.interspaces[level].ventral_interlaminar_line)
    tip = pixels(look, found.tip)[0]
    on_line = np.interp(tip[1], line[:, 1], line[:, 0])
    past_mm = side.sign * (tip[0] - on_line) * mm_per_pixel(look, found.tip)
    assert PAST_LINE_MM[0] <= past_mm <= PAST_LINE_MM[1]
    assert tissue_at(patient, found.tip) is Tissue.EPIDURAL_DORSAL


@pytest.mark.parametrize("target", ["interlaminar", "interlaminar-left", "interlaminar-right"])
@by_level
def test_interlaminar_tip_is_in_the_window_in_ap(patient: Patient, looking: Looking, level: Level, target: str) -> None:
    found, look = course(patient, target, level), looking("ap", level)
    window = pixels(look, patient.landmarks.interspaces[level].interlaminar_window)
    assert inside_polygon(window, pixels(look, found.tip)[0])
    assert not np.isin(find_met(patient, found), BONE).any()
    assert Tissue.LIGAMENTUM_FLAVUM in find_met(patient, found)


@by_side
@by_level
def test_transforaminal_tip_is_under_the_eye_at_six_o_clock(patient: Patient, looking: Looking, level: Level, side: Side) -> None:
    found, look = course(patient, f"transforaminal-{side}", level), looking(f"oblique-{side}", level)
    eye = patient.landmarks.vertebrae[level].pedicle[side]
    right, down = (pixels(look, found.tip)[0] - pixels(look, eye)[0]) * mm_per_pixel(look, eye)
    lower_edge_mm = patient.params.vertebrae[level].pedicle_height_mm / 2
    assert abs(right) < 3.0
    assert lower_edge_mm < down < lower_edge_mm + 8.0
    assert tissue_at(patient, found.tip) is Tissue.EPIDURAL_FORAMINAL


@by_side
@by_level
def test_transforaminal_tip_is_between_lateral_border_and_middle_of_the_pedicle_in_ap(
    patient: Patient, looking: Looking, level: Level, side: Side
) -> None:
    found, look, bone = course(patient, f"transforaminal-{side}", level), looking("ap", level), patient.landmarks.vertebrae[level]
    outward_mm = -side.sign * (pixels(look, found.tip)[0] - pixels(look, bone.pedicle[side])[0])[0] * mm_per_pixel(look, found.tip)
    assert -1.0 < outward_mm < patient.params.vertebrae[level].pedicle_width_mm / 2


@by_side
@pytest.mark.parametrize("level", LEVELS_WITHOUT_CREST)
def test_transforaminal_tip_is_in_the_dorsal_half_of_the_foramen_in_lateral(
    patient: Patient, looking: Looking, level: Level, side: Side
) -> None:
    """The foramen at the tip's height: what is lucent, from body to joint, in the image of the bones."""
    found, look, bone = course(patient, f"transforaminal-{side}", level), looking("lateral-left", level), patient.landmarks.vertebrae[level]
    reach = np.arange(-20.0, 20.0, 0.25)
    lucent = at(look, found.tip + reach[:, None] * bone.axes[:, 1]) < 0.5 * at(look, bone.pedicle[side])[0]
    middle = len(reach) // 2
    assert lucent[middle]
    front, back = reach[_run(lucent, middle)][[0, -1]]
    assert (0.0 - front) / (back - front) >= 0.5
    assert not np.isin(find_met(patient, found), BONE).any()


def _run(flags: Floats, start: int) -> slice:
    """The run of True around an index."""
    below, above = np.flatnonzero(~flags[:start]), np.flatnonzero(~flags[start:])
    return slice(int(below[-1]) + 1 if len(below) else 0, start + int(above[0]) if len(above) else len(flags))


def test_caudal_tip_is_in_the_sacral_canal_below_s3(patient: Patient, looking: Looking) -> None:
    found, sacrum, look = course(patient, "caudal"), patient.landmarks.sacrum, looking("sacrum-lateral")
    assert sacrum.s2_s3.normal @ (found.tip - sacrum.s2_s3.point) < 0
    assert tissue_at(patient, found.tip) in EPIDURAL
    canal, tip = pixels(look, sacrum.canal), pixels(look, found.tip)[0]
    assert np.linalg.norm(canal - tip, axis=1).min() * mm_per_pixel(look, found.tip) < 4.0
    assert not np.isin(find_met(patient, found), BONE).any()
    assert Tissue.SACROCOCCYGEAL_LIGAMENT in find_met(patient, found)
    assert found.length_mm <= 127.0  # a needle that is on the shelf
    assert abs(pixels(looking("sacrum-ap"), found.tip)[0, 0] - 255.5) * mm_per_pixel(look, found.tip) < 3.0  # in the midline


@by_side
def test_s1_tip_is_within_the_sacral_canal_in_lateral(patient: Patient, looking: Looking, side: Side) -> None:
    """At least 3 mm dorsal to the ventral mouth of its foramen, beyond which the pelvis begins, and not dorsal to the sacrum."""
    found, sacrum, look = course(patient, f"s1-{side}"), patient.landmarks.sacrum, looking("sacrum-lateral")
    tip, front, back = (
        pixels(look, point)[0, 0] * mm_per_pixel(look, point)
        for point in (found.tip, sacrum.ventral_foramen[Level.S1, side], sacrum.dorsal_foramen[Level.S1, side])
    )
    assert front + 3.0 < tip < back  # dorsal is at the right
    assert tissue_at(patient, found.tip) in EPIDURAL
    assert not np.isin(find_met(patient, found), BONE).any()


@pytest.mark.parametrize("off_deg", [0.0, 1.0, 2.0])
def test_a_coaxial_needle_is_a_dot_inside_its_hub(patient: Patient, looking: Looking, off_deg: float) -> None:
    """Within 2 degrees of the beam the tip lies inside the flange's shadow and the shaft's steel within its barrel."""
    found, aimed = course(patient, "transforaminal-left"), aim("oblique-left", patient.landmarks, Level.L4)
    look = looking("oblique-left", Level.L4)
    carm = look.carm
    towards = (carm.source - found.tip) / np.linalg.norm(carm.source - found.tip)
    back = np.cos(np.deg2rad(off_deg)) * -towards + np.sin(np.deg2rad(off_deg)) * _aside(towards)
    axis = np.array([found.tip + found.length_mm * back, found.tip])
    steel = needle_mm(gauge_needle(22, axis, hub=False), carm)
    tip, end = project_points(carm, axis[::-1])[0]
    flange_px = FLANGE_RADIUS_MM * carm.magnification(axis[:1])[0] / carm.pixel_mm
    assert np.linalg.norm(tip - end) < flange_px
    rows, columns = np.nonzero(steel > 0.05)
    assert np.hypot(columns - end[0], rows - end[1]).max() < flange_px
    assert steel.max() > 5.0 if off_deg == 0 else steel.max() > 1.0  # a whole shaft in one dot, or nearly
    assert np.rad2deg(np.arccos(np.clip(back @ aimed.beam, -1, 1))) < 2.0 + 3.0  # the cone is 2.9 degrees wide at the tip


def test_a_needle_across_the_beam_is_a_line_outside_its_hub(patient: Patient, looking: Looking) -> None:
    found, look = course(patient, "transforaminal-left"), looking("lateral-left", Level.L4)
    tip, hub = project_points(look.carm, np.array([found.tip, found.hub]))[0]
    assert np.linalg.norm(tip - hub) * mm_per_pixel(look, found.tip) > 40.0


@by_side
def test_a_named_needle_down_the_barrel_is_a_dot_in_the_frame(patient: Patient, looking: Looking, side: Side) -> None:
    """The frame is darker where the needle's steel is, and nowhere else than within the hub."""
    found = course(patient, f"transforaminal-{side}")
    carm: CArm = looking.carm(f"oblique-{side}", Level.L4)
    needle = gauge_needle(22, np.array([found.hub, found.tip]))
    change = looking.frame(f"oblique-{side}", Level.L4, needle) - looking.frame(f"oblique-{side}", Level.L4)
    tip, hub = project_points(carm, np.array([found.tip, found.hub]))[0]
    assert change[int(tip[1]) - 2 : int(tip[1]) + 3, int(tip[0]) - 2 : int(tip[0]) + 3].min() < -20
    rows, columns = np.nonzero(change < -40)
    assert np.hypot(columns - hub[0], rows - hub[1]).max() < 2 * FLANGE_RADIUS_MM * carm.magnification(found.hub[None])[0] / carm.pixel_mm


def _aside(direction: Floats) -> Floats:
    other = np.cross(direction, [0.0, 0.0, 1.0])
    return other / np.linalg.norm(other)
