"""Six patients unlike the default one: thin, obese, old, scoliotic, female, male. All of them have the signs that views are squared by."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from phantoms.mesh.topology import is_closed, volume_mm3
from phantoms.patient import Patient, build
from phantoms.population.population import sample
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import PatientParameters, Scoliosis, Sex
from phantoms.terms.regions import LUMBOSACRAL
from phantoms.terms.tissues import Tissue
from simulator.cli.images.needles import read_needle_path
from simulator.geometry.approaches import APPROACHES, NAMED
from simulator.geometry.carm import project_points
from simulator.geometry.clearance import check_clear
from simulator.geometry.views import View, square_view
from tests.acceptance.looking import BONE, LUMBAR

pytestmark = pytest.mark.slow


def scoliotic() -> PatientParameters:
    return replace(
        sample(32, age=67, sex=Sex.FEMALE), scoliosis=Scoliosis(cobb_deg=28.0, apex=Level.L2, convex=Side.LEFT, axial_rotation_deg=15.0)
    )


PATIENTS: dict[str, Callable[[], PatientParameters]] = {
    "thin": lambda: sample(11, age=34, sex=Sex.FEMALE, bmi=18.5),
    "obese": lambda: sample(12, age=52, sex=Sex.MALE, bmi=42.0),
    "old": lambda: sample(13, age=86, sex=Sex.FEMALE, bmi=24.0),
    "scoliotic": scoliotic,
    "female": lambda: sample(15, age=45, sex=Sex.FEMALE),
    "male": lambda: sample(16, age=45, sex=Sex.MALE),
}
REGION = (Level.L4,)  # one case's region is built; the whole of one patient too
WHOLE = "scoliotic"


@pytest.fixture(scope="module", params=PATIENTS)
def who(request: pytest.FixtureRequest) -> tuple[str, Patient]:
    return request.param, build(PATIENTS[request.param]())


def test_landmarks_are_in_order(who: tuple[str, Patient]) -> None:
    """From above downwards, left at the left, dorsal behind ventral."""
    marks = who[1].landmarks
    for level in LUMBOSACRAL.vertebrae:
        bone, gap = marks.vertebrae[level], marks.interspaces[level]
        up, back, left = bone.axes[:, 2], bone.axes[:, 1], bone.axes[:, 0]
        assert (bone.upper_endplate.point - bone.body_centre) @ up > 5 > -5 > (bone.lower_endplate.point - bone.body_centre) @ up
        assert (bone.body_centre - gap.disc_centre) @ up > 8
        assert (bone.pedicle[Side.LEFT] - bone.pedicle[Side.RIGHT]) @ left > 15
        assert (bone.spinous_tip - bone.spinolaminar) @ back > 10
        assert (bone.spinolaminar - bone.body_centre) @ back > 20
        assert (bone.lamina_upper - bone.lamina_lower) @ up > 5
        depth = [point @ back for point in (gap.skin, gap.flavum_dorsal, gap.flavum_ventral, gap.epidural_target, gap.dura_dorsal)]
        assert depth == sorted(depth, reverse=True)
        for side in Side:
            assert (bone.pedicle[side] - gap.foramen[side]) @ up > 5
            assert side.sign * ((bone.transverse_tip[side] - bone.pedicle[side]) @ left) > 3
    sacrum = marks.sacrum
    assert sacrum.promontory[2] > sacrum.dural_sac_end[2] > sacrum.hiatus_apex[2] > sacrum.coccyx_tip[2]
    assert marks.conus_tip[2] > sacrum.promontory[2]


def test_views_are_squared(who: tuple[str, Patient]) -> None:
    """Endplates edge-on and spinous process between the pedicles in AP; pedicles superimposed in lateral; all views clear of the body."""
    marks = who[1].landmarks
    for level in LUMBAR:
        bone = marks.vertebrae[level]
        ap, lateral = square_view("ap", marks, level), square_view("lateral-left", marks, level)
        beam = (ap.detector - ap.source) / ap.source_to_image_mm
        assert abs(np.rad2deg(np.arcsin(beam @ bone.lower_endplate.normal))) < 12  # half a disc's wedge
        left, right, spinous = project_points(ap, [bone.pedicle[Side.LEFT], bone.pedicle[Side.RIGHT], bone.spinous_tip])[0]
        share = (spinous - left) @ (right - left) / ((right - left) @ (right - left))  # along the line of the pedicles, however it leans
        assert left[0] < right[0]
        assert 0.45 < share < 0.55
        across = (lateral.detector - lateral.source) / lateral.source_to_image_mm
        between = bone.pedicle[Side.LEFT] - bone.pedicle[Side.RIGHT]
        assert np.linalg.norm(between - (between @ across) * across) < 4.0
    skin = who[1].compartments.shape
    for view in View:
        carm = square_view(view, marks)
        assert skin(carm.source[None])[0] > 50
        assert skin(carm.detector[None])[0] > 0


def test_needles_reach_their_targets(who: tuple[str, Patient]) -> None:
    """Each textbook needle ends in a tissue that its approach is meant for, and needles through the window meet no bone."""
    name, patient = who
    for target in NAMED:
        found = read_needle_path(None, target, patient.landmarks, Level.L4, patient.tissue)
        assert Tissue(int(patient.tissue(found.tip[None])[0])) in APPROACHES[NAMED[target].approach].search.goal, f"{name}: {target}"
        if target.startswith("interlaminar"):
            way = found.entry + np.linspace(0, 1, 300)[:, None] * (found.tip - found.entry)
            assert not np.isin(patient.tissue(way), BONE).any(), f"{name}: {target}"


def test_surfaces_are_closed(who: tuple[str, Patient]) -> None:
    _check(who[1], None if who[0] == WHOLE else REGION)


def test_a_crooked_patient_stays_clear_of_the_c_arm() -> None:
    patient = build(PATIENTS[WHOLE]())
    body = next(surface for surface in patient.surfaces() if surface.parent is None)
    for view in (View.AP, View.LATERAL_LEFT, View.CLO_RIGHT, View.SACRUM_LATERAL):
        check_clear(square_view(view, patient.landmarks), body.vertices, body.faces)


def _check(patient: Patient, levels: tuple[Level, ...] | None) -> None:
    surfaces = patient.surfaces(levels)
    names = [surface.name for surface in surfaces]
    assert len(set(names)) == len(names)
    assert {"L4 cortex", "L4 trabecular", "skin", "epidural fat"} <= set(names)
    for surface in surfaces:
        assert surface.parent is None or surface.parent in names
        assert is_closed(surface.vertices, surface.faces), surface.name
        assert volume_mm3(surface.vertices, surface.faces) > 0, surface.name
