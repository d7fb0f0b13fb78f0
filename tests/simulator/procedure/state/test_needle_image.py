"""Steel in the beam: a thinned shaft casts the shadow of the whole one."""

import numpy as np
import pytest

from simulator.geometry.carm import project_points
from simulator.geometry.polyline import simplify
from simulator.procedure.state.carm_state import Pose
from simulator.procedure.state.needle_image import STRAIGHT_MM, needle_steel_mm, pointer_steel_mm
from simulator.xray.overlays.needle_shadow import Needle, needle_mm
from tests.simulator.procedure.toy import WINDOW_Z, begin_toy, place_in_epidural

BEVEL_PIXELS = 6  # of 0.8 mm
SAME_MM = 0.03  # of steel 1.27 mm thick, for a shaft that is off by 0.02 mm at most


def test_a_thinned_line_stays_within_the_tolerance() -> None:
    angle = np.linspace(0, 0.6, 80)
    arc = 100.0 * np.column_stack((np.cos(angle), np.sin(angle), np.zeros(80)))
    few = simplify(arc, 0.05)
    assert 4 < len(few) < 20
    assert (few[[0, -1]] == arc[[0, -1]]).all()
    share = np.linspace(0, 1, 50)[:, None, None]
    drawn = (few[:-1] + share * np.diff(few, axis=0)).reshape(-1, 3)
    assert max(np.linalg.norm(drawn - point, axis=1).min() for point in arc) < 0.05 + 0.15  # drawn points lie 0.3 mm apart at most


def test_a_thinned_needle_casts_the_same_shadow() -> None:
    held = place_in_epidural(begin_toy()).needle
    assert held is not None
    carm = Pose(oblique_deg=60.0, isocentre=(0.0, 40.0, WINDOW_Z)).carm(256)
    whole = needle_mm(Needle(shaft=held.tube(), bore_radius_mm=held.kit.inner_mm / 2, notch=held.notch, stylet=False, hub=True), carm)
    tip_column = int(project_points(carm, held.tip)[0][0, 0])
    behind = slice(tip_column + BEVEL_PIXELS, None)  # the bevel is cut off the last stretch only, which is longer in the thinned shaft
    assert needle_steel_mm(held, carm)[:, behind] == pytest.approx(whole[:, behind], abs=SAME_MM)
    assert len(simplify(held.tube().axis, STRAIGHT_MM)) < len(held.tube().axis)


def test_the_pointer_ends_at_the_mark() -> None:
    carm = Pose().carm(256)
    lit = np.flatnonzero(pointer_steel_mm((0.0, 90.0, 0.0), carm).any(axis=0))
    assert lit.max() == pytest.approx(127.5, abs=1.5)  # the patient's left is at the image's left
    assert lit.min() < 60
