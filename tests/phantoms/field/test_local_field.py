"""The tissue field prepared for a box: the labels of the whole field, and distances that agree with them."""

import numpy as np
import pytest

from phantoms.field.compartments import Deeper, TissueCompartment, walk
from phantoms.field.local_field import TRUE_MM, prepare_local_field
from phantoms.field.shape_culling import narrow
from phantoms.shapes.implicit import Carved, Ellipsoid, Offset, Placed, Union
from phantoms.terms.levels import Level
from phantoms.terms.tissues import EPIDURAL, Tissue

SIZE_MM = np.array([56.0, 90.0, 50.0])
POINTS = 40_000
NEAR_MM = 0.5
ROUNDING_MM = 1e-9
CROSSING_MM = 0.01  # a first-order distance, interpolated over 0.1 mm


def ball(radius, centre=(0.0, 0.0, 0.0)):
    return Ellipsoid(np.asarray(centre, dtype=float), np.full(3, float(radius)))


@pytest.fixture(scope="module")
def onion():
    """Balls in each other with a thin shell, and a thread thinner than a cell; distances are known."""
    core = Deeper(shape=ball(8.0), thickness_mm=lambda points: np.full(len(points), 0.3))
    fluid = TissueCompartment(name="fluid", tissue=Tissue.CSF, shape=core, clipped=False)
    sac = TissueCompartment(name="sac", tissue=Tissue.DURA, shape=ball(8.0), children=(fluid,))
    thread = TissueCompartment(
        name="thread", tissue=Tissue.NERVE_ROOT, shape=Ellipsoid(np.array([0.0, 11.0, 0.0]), np.array([9.0, 0.4, 0.4]))
    )
    return TissueCompartment(name="muscle", tissue=Tissue.MUSCLE, shape=ball(16.0), children=(sac, thread))


@pytest.fixture(scope="module", params=[Level.T12, Level.L4, Level.L5])
def near(request, patient):
    middle = patient.landmarks.interspaces[request.param].epidural_target
    return patient.near([middle - SIZE_MM / 2, middle + SIZE_MM / 2])


def test_labels_are_those_of_the_whole_field(patient, near, rng):
    points = rng.uniform(*near.box, (POINTS, 3))
    assert np.array_equal(near.tissue(points), patient.tissue(points))


@pytest.mark.parametrize("cell_mm", [0.5, 1.0])
def test_finer_cells_give_the_same_labels(patient, cell_mm, rng):
    """A slim box around a midline needle's way at L4, 4 mm inside the sac to the muscle."""
    middle = patient.landmarks.interspaces[Level.L4].epidural_target
    near = patient.near([middle - [4, 6, 8], middle + [4, 30, 8]], cell_mm)
    points = rng.uniform(*near.box, (POINTS, 3))
    assert np.array_equal(near.tissue(points), patient.tissue(points))


def test_labels_close_to_thin_layers_are_those_of_the_whole_field(patient, near, rng):
    """Where a cell's decision could go wrong: about the points whose neighbours are of another tissue."""
    points = rng.uniform(near.box[0] + 1, near.box[1] - 1, (POINTS, 3))
    beside = points + rng.normal(0, 0.3, points.shape)
    edge = patient.tissue(points) != patient.tissue(beside)
    close = points[edge].repeat(8, axis=0) + rng.uniform(-0.9, 0.9, (8 * edge.sum(), 3))
    assert len(close) > POINTS / 4
    assert np.array_equal(near.tissue(close), patient.tissue(close))


def test_the_sign_of_a_depth_is_that_of_the_label(patient, near, rng):
    points = rng.uniform(*near.box, (POINTS // 4, 3))
    labels = patient.tissue(points)
    for tissue in Tissue:
        among = EPIDURAL if tissue in EPIDURAL else {tissue}
        assert np.array_equal(near.depths(points, tissue) < 0, np.isin(labels, list(among))), tissue


def test_depths_of_balls_are_their_distances(onion, rng):
    radius, direction = rng.uniform(0.1, 9.9, 2000), rng.normal(size=(2000, 3))
    points = radius[:, None] * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    box = prepare_local_field(onion, [[-10.0] * 3, [10.0] * 3])
    shell, fluid = np.abs(radius - 7.85) - 0.15, radius - 7.7
    for tissue, expected in ((Tissue.DURA, shell), (Tissue.CSF, fluid)):
        found = box.depths(points, tissue)
        true = expected < TRUE_MM
        assert np.allclose(found[true], expected[true], atol=ROUNDING_MM)
        assert (found[~true] >= TRUE_MM - ROUNDING_MM).all()


def test_a_thread_thinner_than_a_cell_is_found(onion, rng):
    box = prepare_local_field(onion, [[-9.3, 6.1, -5.7], [9.1, 14.2, 4.4]])
    points = np.array([0.0, 11.0, 0.0]) + rng.uniform(-1, 1, (4000, 3)) * [9.0, 0.4, 0.4]
    inside = (((points - [0.0, 11.0, 0.0]) / [9.0, 0.4, 0.4]) ** 2).sum(axis=1) < 1
    assert np.array_equal(box.tissue(points) == Tissue.NERVE_ROOT, inside)


def test_depths_tell_where_a_needle_crosses_the_flavum_and_the_dura(patient):
    marks = patient.landmarks.interspaces[Level.L4]
    way = marks.dura_dorsal - marks.flavum_dorsal
    start, end = marks.flavum_dorsal - 0.2 * way, marks.dura_dorsal + 0.2 * way
    near = patient.near([np.minimum(start, end) - 2, np.maximum(start, end) + 2])
    reach = np.arange(0.0, np.linalg.norm(end - start), 0.1)
    path = start + reach[:, None] * (end - start) / np.linalg.norm(end - start)
    fine = np.arange(0.0, reach[-1], 0.002)
    labels = patient.tissue(start + fine[:, None] * (end - start) / np.linalg.norm(end - start))
    for tissue in (Tissue.LIGAMENTUM_FLAVUM, Tissue.DURA):
        depth = near.depths(path, tissue)
        i = int(np.argmax(depth < 0))
        crossing = reach[i - 1] + 0.1 * depth[i - 1] / (depth[i - 1] - depth[i])
        assert crossing == pytest.approx(fine[np.argmax(labels == tissue)], abs=CROSSING_MM)


def test_a_tissue_that_the_box_does_not_hold_is_infinitely_far(onion):
    box = prepare_local_field(onion, [[-2.0] * 3, [2.0] * 3])
    assert np.isinf(box.depths(np.zeros((1, 3)), Tissue.NUCLEUS)).all()
    assert box.depths(np.zeros((1, 3)), Tissue.AIR) == pytest.approx(16.0)


def test_points_outside_the_box_and_bad_boxes_are_refused(patient, onion):
    box = prepare_local_field(onion, [[-2.0] * 3, [2.0] * 3])
    assert box.tissue(np.zeros((0, 3))).shape == (0,)
    with pytest.raises(ValueError, match="points must lie in the box"):
        box.tissue([[0.0, 3.0, 0.0]])
    with pytest.raises(ValueError, match=r"shape \(n, 3\)"):
        box.depths([0.0, 3.0, 0.0], Tissue.CSF)
    with pytest.raises(ValueError, match="lower and upper corner"):
        patient.near([[0.0] * 3, [0.0, 1.0, 1.0]])
    with pytest.raises(ValueError, match="cell_mm must be above 0 and at most 2, got 3"):
        patient.near([[0.0] * 3, [1.0] * 3], 3.0)
    with pytest.raises(ValueError, match="too large to prepare"):
        patient.near([[-300.0] * 3, [300.0] * 3])


def test_narrowed_shapes_are_the_same_near_their_surface_in_the_box(patient, near, rng):
    points = rng.uniform(*near.box, (1000, 3))
    for item, _ in walk(patient.compartments):
        if item.shape.bounds[0][2] < near.box[1, 2] and item.shape.bounds[1][2] > near.box[0, 2]:
            whole, part = item.shape(points), narrow(item.shape, near.box)(points)
            assert np.array_equal(whole < 0, part < 0), item.name
            close = np.abs(whole) < NEAR_MM
            assert np.allclose(whole[close], part[close], rtol=0, atol=ROUNDING_MM), item.name


def test_narrowing_leaves_out_what_the_box_cannot_see():
    far, here = ball(3.0, (50.0, 0.0, 0.0)), ball(3.0)
    frame = np.eye(4)
    frame[:3, 3] = [0.0, 0.0, 5.0]
    shape = Offset(Placed(Carved(Union((here, far), (1.0,)), (far,), gap_mm=0.5), frame), 0.2)
    found = narrow(shape, np.array([[-4.0, -4.0, 1.0], [4.0, 4.0, 9.0]]))
    assert found.shape.shape.cutters == ()
    assert found.shape.shape.shape.shapes == (here,)
