"""Compartments: who lies in whom, who yields to whom, and the same answer from labels and effective shapes."""

import numpy as np
import pytest

from phantoms.field.compartments import GAP_MM, Deeper, Effective, TissueCompartment, label, list_regions, walk
from phantoms.shapes.implicit import Ellipsoid
from phantoms.terms.tissues import Tissue


def ball(centre, radius):
    return Ellipsoid(np.asarray(centre, dtype=float), np.full(3, float(radius)))


@pytest.fixture
def nested():
    """A ball of fat with balls of bone and muscle in it that overlap: bone comes first, muscle reaches out of the fat."""
    outer = ball([4, 0, 0], 5)
    inner = Deeper(shape=outer, thickness_mm=lambda points: np.full(len(points), 1.0))
    marrow = TissueCompartment(name="marrow", tissue=Tissue.TRABECULAR_BONE, shape=inner, clipped=False)
    bone = TissueCompartment(name="bone", tissue=Tissue.CORTICAL_BONE, shape=outer, children=(marrow,))
    muscle = TissueCompartment(name="muscle", tissue=Tissue.MUSCLE, shape=ball([-5, 0, 0], 6.5))
    return TissueCompartment(name="fat", tissue=Tissue.SUBCUTANEOUS_FAT, shape=ball([0, 0, 0], 10), children=(bone, muscle))


def test_label_puts_points_in_the_first_sibling_inside_the_parent_only(nested):
    points = np.array([[1.0, 0, 0], [-0.5, 0, 0], [-3, 0, 0], [8.5, 0, 0], [0, 9, 0], [-11, 0, 0], [20, 0, 0]])
    bone = [Tissue.TRABECULAR_BONE, Tissue.CORTICAL_BONE, Tissue.MUSCLE, Tissue.CORTICAL_BONE]
    expected = [*bone, Tissue.SUBCUTANEOUS_FAT, Tissue.AIR, Tissue.AIR]
    assert label(nested, points).tolist() == expected


def test_label_and_effective_shapes_agree_away_from_the_gap(nested, rng):
    points = rng.uniform(-12, 12, (4000, 3))
    labels = label(nested, points)
    found = {region.compartment.name: region for region in list_regions(nested)}
    for name, region in found.items():
        distance = region.shape(points)
        inside = {node.tissue for node, _ in walk(region.compartment)}
        clear = np.abs(distance) > 2 * GAP_MM
        assert np.array_equal((distance < 0)[clear], np.isin(labels, list(inside))[clear]), name


def test_effective_shapes_of_siblings_keep_their_gap(nested, rng):
    found = {region.compartment.name: region.shape for region in list_regions(nested)}
    points = rng.uniform(-6, 12, (20000, 3))
    both = np.maximum(found["bone"](points), found["muscle"](points))
    assert both.min() > 0.4 * GAP_MM  # half the gap, less where the surfaces meet at an angle


def test_regions_name_parents(nested):
    assert [(r.compartment.name, r.parent) for r in list_regions(nested)] == [
        ("fat", None),
        ("bone", "fat"),
        ("marrow", "bone"),
        ("muscle", "fat"),
    ]


def test_effective_reports_no_more_than_the_distance_to_a_thin_cutter(rng):
    shape = Effective(shape=ball([0, 0, 0], 20), cutters=(ball([0, 0, 0], 0.5),), gap_mm=0.0)
    points = rng.uniform(-5, 5, (500, 3))
    assert (-shape(points) <= np.linalg.norm(points, axis=1) - 0.5 + 1e-9).all()


def test_zones_label_the_parts_of_one_compartment():
    zones = TissueCompartment(
        name="fat",
        tissue=Tissue.EPIDURAL_DORSAL,
        shape=ball([0, 0, 0], 3),
        zones=lambda p: np.where(p[:, 1] > 0, Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_VENTRAL).astype(np.uint8),
    )
    assert label(zones, np.array([[0.0, 1, 0], [0, -1, 0]])).tolist() == [Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_VENTRAL]
