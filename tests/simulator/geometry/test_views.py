"""Named views: known answers on a toy spine, and signs seen in the image of a turned one."""

import numpy as np
import pytest

from phantoms.terms.levels import Level, Side
from simulator.geometry.carm import CArm, project_points
from simulator.geometry.views import (
    NOMINAL,
    Angles,
    View,
    aim,
    angles_of,
    describe_beyond,
    find_angles,
    lateral_angles,
    nominal_angles,
    square_view,
)
from tests.simulator.synthetic import FACET_DEG, LAMINA_DEG, toy_landmarks, turn

EXACT_DEG = 1e-9  # closed forms and float algebra
ROLL = turn("z", 8.0) @ turn("x", -14.0) @ turn("y", 5.0)


def reads(carm: CArm) -> tuple[float, float]:
    """Oblique and tilt of a view's beam, degrees."""
    beam = carm.detector - carm.source
    angles = angles_of(beam / np.linalg.norm(beam))
    return angles.oblique_deg, angles.tilt_deg


def columns(carm: CArm, *points: np.ndarray) -> np.ndarray:
    return project_points(carm, np.array(points))[0][:, 0]


@pytest.mark.parametrize("name", list(View))
def test_every_view_has_a_nominal_and_a_squared_form(name: View) -> None:
    carm = square_view(name, toy_landmarks(), Level.L4, size=64)
    assert carm.shape == (64, 64)
    assert {abs(nominal_angles(name).oblique_deg), nominal_angles(name).tilt_deg} <= {0.0, 25.0, 45.0, 90.0}


@pytest.mark.parametrize(
    ("name", "oblique_deg", "tilt_deg"),
    [
        ("ap", 0.0, 0.0),
        ("oblique-left", 30.0, 0.0),
        ("oblique-right", -30.0, 0.0),
        ("clo-left", -LAMINA_DEG, 0.0),
        ("clo-right", LAMINA_DEG, 0.0),
        ("sacrum-ap", 0.0, 40.0),
        ("s1-left", 0.0, 40.0),
    ],
)
def test_an_upright_spine_gives_round_angles(name: str, oblique_deg: float, tilt_deg: float) -> None:
    assert reads(square_view(name, toy_landmarks())) == pytest.approx((oblique_deg, tilt_deg), abs=EXACT_DEG)


def test_the_oblique_follows_the_facet_within_25_to_30_degrees() -> None:
    assert FACET_DEG > 30.0
    assert reads(square_view("oblique-left", toy_landmarks()))[0] == pytest.approx(30.0)


@pytest.mark.parametrize(("name", "side"), [("lateral-left", 1.0), ("lateral-right", -1.0), ("sacrum-lateral", 1.0)])
def test_laterals_look_from_side_to_side(name: str, side: float) -> None:
    carm = square_view(name, toy_landmarks())
    beam = (carm.detector - carm.source) / carm.source_to_image_mm
    assert beam == pytest.approx([side, 0.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("name", ["ap", "oblique-left", "oblique-right", "clo-left", "clo-right"])
def test_a_turned_spine_turns_the_beam_with_it(name: str) -> None:
    turned = aim(name, toy_landmarks(ROLL))
    assert turned.beam == pytest.approx(ROLL @ aim(name, toy_landmarks()).beam, abs=1e-12)
    assert turned.isocentre == pytest.approx(ROLL @ aim(name, toy_landmarks()).isocentre, abs=1e-12)


@pytest.mark.parametrize("side", list(Side))
def test_a_lateral_turns_with_the_spine(side: Side) -> None:
    assert aim(f"lateral-{side}", toy_landmarks(ROLL)).beam == pytest.approx(side.sign * ROLL[:, 0], abs=1e-12)


@pytest.mark.parametrize("name", list(View))
def test_the_carm_points_where_the_aim_says(name: View) -> None:
    landmarks = toy_landmarks(ROLL)
    carm, wanted = square_view(name, landmarks, Level.L3), aim(name, landmarks, Level.L3)
    assert (carm.detector - carm.source) / 1000.0 == pytest.approx(wanted.beam, abs=1e-12)
    assert carm.source + 700.0 * wanted.beam == pytest.approx(wanted.isocentre, abs=1e-9)


def test_squared_ap_sees_the_disc_edge_on_and_the_spinous_process_in_the_middle() -> None:
    landmarks = toy_landmarks(turn("x", -18.0))
    carm, vertebra = square_view("ap", landmarks, Level.L4), landmarks.vertebrae[Level.L4]
    assert (carm.detector - carm.source) @ vertebra.lower_endplate.normal == pytest.approx(0.0, abs=1e-9)
    left, right, spinous = columns(carm, vertebra.pedicle[Side.LEFT], vertebra.pedicle[Side.RIGHT], vertebra.spinous_tip)
    assert spinous == pytest.approx((left + right) / 2, abs=0.1)
    assert left < right  # the patient's left on the left of the monitor


def test_a_lordotic_lower_disc_asks_for_cranial_tilt() -> None:
    tilted = toy_landmarks(turn("x", 15.0))  # endplates face backwards and up, as at L5-S1 of a prone patient
    assert reads(square_view("ap", tilted, Level.L5))[1] == pytest.approx(15.0, abs=EXACT_DEG)


@pytest.mark.parametrize("side", list(Side))
def test_clo_sees_the_lamina_of_the_needles_side_end_on_with_the_detector_opposite(side: Side) -> None:
    landmarks = toy_landmarks(ROLL)
    carm = square_view(f"clo-{side}", landmarks)
    beam = (carm.detector - carm.source) / carm.source_to_image_mm
    assert beam @ landmarks.vertebrae[Level.L4].lamina[side].normal == pytest.approx(0.0, abs=1e-12)
    assert side.sign * beam @ ROLL[:, 0] < 0


@pytest.mark.parametrize("side", list(Side))
def test_s1_looks_down_the_foramen_wherever_it_points(side: Side) -> None:
    sacrum = toy_landmarks(ROLL).sacrum
    through = sacrum.dorsal_foramen[Level.S1, side] - sacrum.ventral_foramen[Level.S1, side]
    assert np.cross(aim(f"s1-{side}", toy_landmarks(ROLL)).beam, through) == pytest.approx(np.zeros(3), abs=1e-9)


def test_a_view_beyond_the_carm_is_told_with_what_it_needs_and_what_there_is(rng: np.random.Generator) -> None:
    sacral = find_angles(View.SACRUM_AP, aim("sacrum-ap", toy_landmarks()).beam)
    assert describe_beyond(sacral) == "needs 40 degrees of cranial tilt, the C-arm reaches 25"
    for oblique_deg, tilt_deg, swivel_deg in rng.uniform(-130, 130, (100, 3)):
        told = describe_beyond(Angles(oblique_deg=oblique_deg, tilt_deg=tilt_deg, swivel_deg=swivel_deg))
        beyond = [abs(angle) > limit + 0.5 for angle, limit in ((oblique_deg, 100), (tilt_deg, 25), (swivel_deg, 12))]
        assert told.count("needs") == sum(beyond)
        assert ("caudal tilt" in told) == (tilt_deg < -25.5)
        assert ("right oblique" in told) == (oblique_deg < -100.5)


def test_angles_invert_the_carm(rng: np.random.Generator) -> None:
    for oblique_deg, other_deg in rng.uniform(-30, 30, size=(20, 2)):
        assert reads(CArm.from_angles(oblique_deg=oblique_deg, tilt_deg=other_deg)) == pytest.approx((oblique_deg, other_deg))
        carm = CArm.from_angles(oblique_deg=90 + oblique_deg, swivel_deg=other_deg)
        found = lateral_angles((carm.detector - carm.source) / carm.source_to_image_mm)
        assert (found.oblique_deg, found.swivel_deg) == pytest.approx((90 + oblique_deg, other_deg))


def test_unknown_views_and_levels_are_refused_with_a_way_out() -> None:
    with pytest.raises(ValueError, match="no view 'oblique-lft'; did you mean 'oblique-left'"):
        square_view("oblique-lft", toy_landmarks())
    with pytest.raises(ValueError, match="got S1; for the sacrum ask for sacrum-ap"):
        square_view("ap", toy_landmarks(), Level.S1)
    with pytest.raises(ValueError, match="this patient has L3, L4, L5"):
        square_view("ap", toy_landmarks(), Level.L1)


def test_presets_cover_all_views() -> None:
    assert set(NOMINAL) == set(View)
