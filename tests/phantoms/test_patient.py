"""The patient: landmarks, tissues and parameters say the same; a clinician's needle meets the layers in their order."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms.field.compartments import walk
from phantoms.patient import build
from phantoms.population.defaults import default_parameters
from phantoms.population.population import sample
from phantoms.soft_tissue.interspaces import exit_point
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import Sex
from phantoms.terms.regions import LUMBOSACRAL
from phantoms.terms.tissues import Tissue

INTERSPACES = tuple(LUMBOSACRAL.vertebrae)
EPIDURAL = {Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL, Tissue.EPIDURAL_FORAMINAL}
BONE = {Tissue.CORTICAL_BONE, Tissue.TRABECULAR_BONE, Tissue.ENDPLATE}


def tissues_along(patient, start, end, step_mm=0.05):
    """Tissues met from start to end, each once."""
    count = int(np.linalg.norm(end - start) / step_mm)
    labels = patient.tissue(start + np.linspace(0, 1, count)[:, None] * (end - start))
    return [Tissue(int(label)) for label in labels[np.flatnonzero(np.diff(labels, prepend=255))]]


def test_points_outside_are_air_and_bad_points_are_refused(patient):
    assert patient.tissue([[0.0, 500.0, 0.0]]).tolist() == [Tissue.AIR]
    assert patient.tissue(np.zeros((0, 3))).shape == (0,)
    with pytest.raises(ValueError, match=r"shape \(n, 3\), got \(3,\)"):
        patient.tissue([0.0, 0.0, 0.0])
    with pytest.raises(ValueError, match="finite"):
        patient.tissue([[np.nan, 0.0, 0.0]])


SPONGY_PER_MM, FAT_PER_MM, CORTEX_PER_MM, SOFT_PER_MM = 0.02810, 0.01875, 0.06044, 0.02171  # at 60 keV, FACTS 2.4


def test_lost_mineral_leaves_marrow_behind():
    """However thin the bone, spongiosa attenuates more than the fat that filled it, and a cortex more than soft tissue."""
    attenuation = {}
    for mineral in (0.3, 0.7, 1.0):
        patient = build(replace(default_parameters(), bone_density=mineral))
        nodes = {node.name: node for node, _ in walk(patient.compartments)}
        names = ("L4", "sacrum", "hip bone left")
        attenuation[mineral] = [nodes[f"{name} trabecular"].density * SPONGY_PER_MM for name in names]
        assert min(attenuation[mineral]) > 1.05 * FAT_PER_MM
        assert nodes["L4 cortex"].density * CORTEX_PER_MM > 1.3 * SOFT_PER_MM
    assert (np.diff([attenuation[mineral] for mineral in (0.3, 0.7, 1.0)], axis=0) > 0).all()
    assert attenuation[1.0][0] == pytest.approx(SPONGY_PER_MM)  # a young adult's lumbar body is spongiosa as tabulated
    assert attenuation[1.0][0] > attenuation[1.0][1] > attenuation[1.0][2]


def midline_path(patient, level, angle):
    """From 2 mm outside the skin to 1.5 mm inside the dura, at an angle cephalad from the perpendicular in the midline plane, radians."""
    marks, curve = patient.landmarks.interspaces[level], patient.anatomy.curve
    t = patient.anatomy.window_middle(level)
    outward = np.cos(angle) * curve.axis(t, 1) + np.sin(angle) * curve.axis(t, 2)
    start = exit_point(patient.compartments.shape, marks.flavum_dorsal, outward)
    return start + 2 * outward, marks.dura_dorsal - 1.5 * outward


@pytest.mark.parametrize("level", INTERSPACES)
def test_a_midline_needle_finds_a_way_and_meets_the_layers_in_order(patient, level):
    """Somewhere between perpendicular and 50 degrees cephalad (steeper is thoracic) a needle passes between the spinous processes."""
    order = [Tissue.AIR, Tissue.SKIN, Tissue.SUBCUTANEOUS_FAT, Tissue.INTERSPINOUS_LIGAMENT, Tissue.LIGAMENTUM_FLAVUM]
    order += [Tissue.EPIDURAL_DORSAL, Tissue.DURA, Tissue.CSF]
    paths = [tissues_along(patient, *midline_path(patient, level, np.radians(angle)), step_mm=0.1) for angle in range(0, 55, 5)]
    free = [met for met in paths if not BONE & set(met)]
    assert free
    places = [free[0].index(tissue) for tissue in order]
    assert places == sorted(places)


@pytest.mark.parametrize("level", INTERSPACES)
def test_landmarks_lie_in_the_tissues_they_name(patient, level):
    marks = patient.landmarks.interspaces[level]
    dorsal = (marks.flavum_dorsal - marks.flavum_ventral) / np.linalg.norm(marks.flavum_dorsal - marks.flavum_ventral)
    points = np.array([marks.flavum_ventral + 0.2 * dorsal, marks.flavum_dorsal - 0.2 * dorsal, marks.epidural_target, marks.disc_centre])
    assert patient.tissue(points).tolist() == [Tissue.LIGAMENTUM_FLAVUM] * 2 + [Tissue.EPIDURAL_DORSAL, Tissue.NUCLEUS]
    for side in Side:
        ganglion, foramen = patient.tissue(np.array([marks.dorsal_root_ganglion[side], marks.foramen[side]]))
        assert ganglion == Tissue.DORSAL_ROOT_GANGLION
        assert foramen in {*EPIDURAL, Tissue.NERVE_ROOT}


@pytest.mark.parametrize("level", INTERSPACES)
def test_flavum_and_epidural_depth_are_the_parameters(patient, level):
    marks, disc = patient.landmarks.interspaces[level], patient.params.discs[level]
    # The flavum's thickness is told along its normal; at the midline apex that is the dorsal axis to within a few degrees.
    assert np.linalg.norm(marks.flavum_dorsal - marks.flavum_ventral) == pytest.approx(disc.flavum_thickness_mm, abs=0.15)
    assert np.linalg.norm(marks.flavum_ventral - marks.dura_dorsal) == pytest.approx(disc.epidural_depth_mm, abs=0.5)


@pytest.mark.parametrize(("sex", "bmi"), [(Sex.MALE, 26.6), (Sex.FEMALE, 22.0), (Sex.FEMALE, 40.0)])
def test_skin_to_epidural_depth_is_the_parameter(sex, bmi):
    subject = build(default_parameters(sex, bmi=bmi))
    marks = subject.landmarks.interspaces[Level.L3]
    assert np.linalg.norm(marks.skin - marks.flavum_ventral) == pytest.approx(subject.params.skin_to_epidural_mm, abs=1.0)


def test_trunk_has_its_depth_and_width_at_l3(patient):
    reach = np.arange(-260.0, 260.0, 0.25)
    zero = np.zeros_like(reach)
    rows = [np.ptp(reach[patient.tissue(np.stack([reach, zero + y, zero], axis=1)) != Tissue.AIR]) for y in range(-60, 40, 10)]
    across = max(rows)
    through = np.ptp(reach[patient.tissue(np.stack([zero, reach, zero], axis=1)) != Tissue.AIR])
    assert across == pytest.approx(patient.params.trunk_width_mm, rel=0.05)
    assert through == pytest.approx(patient.params.trunk_depth_mm, rel=0.03)


def test_roots_leave_under_their_pedicles(patient):
    """Ganglia L1-L5 lie below the pedicle, above the foramen's middle, on their own side."""
    for level in (Level.L1, Level.L2, Level.L3, Level.L4, Level.L5):
        marks, bone = patient.landmarks.interspaces[level], patient.landmarks.vertebrae[level]
        for side in Side:
            up = bone.axes[:, 2]
            ganglion = marks.dorsal_root_ganglion[side]
            drop = float((bone.pedicle[side] - ganglion) @ up)
            height = patient.params.vertebrae[level].pedicle_height_mm
            assert height / 2 < drop < height / 2 + 7.0
            assert float((ganglion - marks.foramen[side]) @ up) > 0
            assert np.sign(ganglion[0]) == side.sign


def test_cord_above_the_conus_cauda_equina_below(patient):
    curve, profile, conus = patient.anatomy.curve, patient.anatomy.profile, patient.anatomy.conus_mm

    def met(t):
        grid = np.stack(np.meshgrid(np.linspace(-7, 7, 29), np.linspace(-6, 6, 25)), axis=-1).reshape(-1, 2)
        local = np.column_stack([grid[:, 0], grid[:, 1] + profile.at("sac_centre", t), np.full(len(grid), t)])
        return {Tissue(int(label)) for label in patient.tissue(curve.world(local))}

    assert Tissue.CORD in met(conus - 15)
    below = met(conus + 40)
    assert Tissue.CAUDA_EQUINA in below
    assert Tissue.CORD not in below


def test_sac_ends_where_the_parameter_says(patient):
    curve, end = patient.anatomy.curve, patient.anatomy.sac_end_mm
    centre = [[0.0, patient.anatomy.profile.at("sac_centre", end + offset), end + offset] for offset in (-6.0, 2.0)]
    above, below = patient.tissue(curve.world(np.array(centre)))
    assert above in {Tissue.CSF, Tissue.CAUDA_EQUINA}
    assert below in EPIDURAL


def test_hiatus_is_closed_by_its_membrane_only(patient):
    """From the skin to the sacral canal through the hiatus a needle meets the membrane, then epidural fat, and no bone."""
    marks = patient.landmarks.sacrum
    inside = marks.canal[-4]
    dorsal = np.cross(marks.axes[:, 0], marks.canal[-1] - marks.canal[-5])
    dorsal /= np.linalg.norm(dorsal)
    met = tissues_along(patient, inside + 14 * dorsal, inside)
    assert Tissue.SACROCOCCYGEAL_LIGAMENT in met
    assert met[-1] in EPIDURAL
    assert not BONE & set(met)


def test_artery_runs_through_the_upper_third_of_one_foramen(patient):
    low, high = (patient.landmarks.vertebrae[level].pedicle[Side.LEFT] for level in (Level.T12, Level.L1))
    grid = np.stack(np.meshgrid(*(np.linspace(-1, 1, 41) * reach for reach in (3.0, 12.0, 20.0)), indexing="ij"), axis=-1).reshape(-1, 3)
    labels = patient.tissue((low + high) / 2 + grid)
    found = ((low + high) / 2 + grid)[labels == Tissue.RADICULAR_ARTERY]
    share = (low[2] - found[:, 2].mean()) / (low[2] - high[2])
    assert len(found) > 0
    assert 0.15 < share < 0.5


def test_equal_parameters_give_equal_labels(rng):
    params = default_parameters()
    points = rng.uniform([-60, -40, -120], [60, 80, 120], (3000, 3))
    assert np.array_equal(build(params).tissue(points), build(replace(params)).tissue(points))


def test_a_flavum_gap_is_filled_without_ligament():
    params = default_parameters()
    level = Level.L4
    gapped = replace(params, discs=dict(params.discs) | {level: replace(params.discs[level], flavum_gap=True)})
    subject = build(gapped)
    low, high = subject.anatomy.windows[level]
    t = low + 0.75 * (high - low)
    roof, flavum = subject.anatomy.profile.at("roof", t), subject.anatomy.profile.at("flavum", t)
    v = np.linspace(roof - 0.5, roof + flavum + 0.5, 60)
    labels = subject.tissue(subject.anatomy.curve.world(np.column_stack([np.zeros(60), v, np.full(60, t)])))
    assert Tissue.LIGAMENTUM_FLAVUM not in labels


@pytest.mark.parametrize("seed", [1, 2, 3, 5])
def test_sampled_patients_keep_their_landmarks_in_their_tissues(seed):
    subject = build(sample(seed))
    for marks in subject.landmarks.interspaces.values():
        ganglia = list(marks.dorsal_root_ganglion.values())
        found = subject.tissue(np.array([marks.epidural_target, marks.disc_centre, marks.skin, *ganglia]))
        assert found[0] == Tissue.EPIDURAL_DORSAL
        assert found[1] in {Tissue.NUCLEUS, Tissue.ANNULUS}
        assert found[2] in {Tissue.SKIN, Tissue.AIR}
        assert (found[3:] == Tissue.DORSAL_ROOT_GANGLION).all()
