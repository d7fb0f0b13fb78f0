"""Surfaces: closed, nested as they say, apart from their neighbours, and the same tissue inside as the field says."""

import numpy as np
import pytest

from phantoms.field.compartments import list_regions
from phantoms.mesh.edge_unpinching import unpinch_edges
from phantoms.mesh.topology import euler_number, is_closed, volume_mm3
from phantoms.surfaces import mesh_job, mesh_surfaces, neighbourhood, plan_jobs
from phantoms.terms.levels import Level
from phantoms.terms.tissues import MATERIAL, Tissue

TOLERANCE_MM = 0.35
"""Decimation moves a surface by 0.1 mm or so, more at sharp edges; marching at 0.7-1.2 mm rounds an edge by a third of that."""


COARSE_MM = 4.0
COARSE = [Tissue.ABDOMINAL_FAT, Tissue.VISCERA, Tissue.BOWEL_GAS]
"""The cavity is marched at 9 mm: its corners are off by a millimetre or two, which no image shows."""


def winding(points, surface):
    """Winding number of a closed mesh around points, by solid angles; shape (n,), 1 inside and 0 outside."""
    corners = surface.vertices[surface.faces]
    result = np.empty(len(points))
    for i, point in enumerate(points):
        a, b, c = np.moveaxis(corners - point, 1, 0)
        la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
        volume = np.einsum("ij,ij->i", a, np.cross(b, c))
        dots = la * lb * lc + np.einsum("ij,ij->i", a, b) * lc + np.einsum("ij,ij->i", b, c) * la + np.einsum("ij,ij->i", c, a) * lb
        result[i] = 2 * np.arctan2(volume, dots).sum() / (4 * np.pi)
    return result


def test_neighbourhood_adds_one_level_either_side():
    assert neighbourhood([Level.L4]) == {Level.L3, Level.L4, Level.L5}
    assert neighbourhood([Level.T11]) == {Level.T11, Level.T12}


def test_jobs_of_a_level_leave_out_far_bones(patient):
    names = {job.name for job in plan_jobs(patient.compartments, [Level.L2])}
    assert {"L1 cortex", "L2 cortex", "L3 cortex", "skin", "epidural fat"} <= names
    assert not {"L5 cortex", "sacrum cortex", "T11 cortex"} & names


def test_one_vertebra_is_a_torus_with_marrow_inside(patient):
    job = next(job for job in plan_jobs(patient.compartments) if job.name == "L3 cortex")
    cortex, marrow = mesh_job(job)
    assert is_closed(cortex.vertices, cortex.faces)
    assert euler_number(cortex.faces) == 0
    assert (marrow.parent, marrow.tissue, cortex.parent) == (cortex.name, Tissue.TRABECULAR_BONE, "muscle")
    assert 0.4 < volume_mm3(marrow.vertices, marrow.faces) / volume_mm3(cortex.vertices, cortex.faces) < 0.95
    np.testing.assert_allclose(winding(marrow.vertices[::400], cortex), 1.0, atol=1e-6)


def test_parting_keeps_the_surface_of_touching_solids():
    """Two boxes that share an edge have one edge with four faces; parted, each keeps its volume."""
    box = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float)
    sides = [
        [0, 1, 3],
        [0, 3, 2],
        [4, 6, 7],
        [4, 7, 5],
        [0, 4, 5],
        [0, 5, 1],
        [2, 3, 7],
        [2, 7, 6],
        [0, 2, 6],
        [0, 6, 4],
        [1, 5, 7],
        [1, 7, 3],
    ]
    points = np.concatenate([box, box + [1, 1, 0]])
    unique, index = np.unique(points, axis=0, return_inverse=True)
    faces = index.ravel()[np.concatenate([np.array(sides), np.array(sides) + 8])]
    assert not is_closed(unique, faces)
    vertices, apart = unpinch_edges(unique, faces)
    assert is_closed(vertices, apart)
    assert volume_mm3(vertices, apart) == pytest.approx(2.0)


def test_threads_give_the_bits_of_one(patient):
    """Decimation keeps global state: what runs beside it must not be mixed in."""
    some = [job for job in plan_jobs(patient.compartments) if job.name.startswith(("annulus", "root L"))]
    for alone, beside in zip([surface for job in some for surface in mesh_job(job)], mesh_surfaces(some), strict=True):
        assert alone.name == beside.name
        assert np.array_equal(alone.vertices, beside.vertices)
        assert np.array_equal(alone.faces, beside.faces)


@pytest.fixture(scope="module")
def region(patient):
    """Surfaces of one case, by name."""
    return {surface.name: surface for surface in mesh_surfaces(plan_jobs(patient.compartments, [Level.L4]))}


@pytest.mark.slow
def test_all_are_closed_outward_and_have_their_parent(region):
    for surface in region.values():
        assert is_closed(surface.vertices, surface.faces), surface.name
        assert volume_mm3(surface.vertices, surface.faces) > 0, surface.name
        assert surface.parent is None or surface.parent in region, surface.name


@pytest.mark.slow
def test_children_lie_in_their_parents_and_apart_from_their_siblings(patient, region, rng):
    """By the effective shapes: no vertex lies farther outside its parent, or deeper in a sibling, than marching may err."""
    effective = {found.compartment.name: found for found in list_regions(patient.compartments)}
    for surface in region.values():
        own = effective[surface.name]
        points = surface.vertices[rng.integers(0, len(surface.vertices), 40)]
        for other in region.values():
            there = effective[other.name]
            allowed = 0.35 * max(own.compartment.pitch_mm, there.compartment.pitch_mm)
            if other.name == surface.parent:
                assert np.quantile(there.shape(points), 0.95) < allowed, f"{surface.name} in {other.name}"
            elif other.parent == surface.parent and other is not surface and _boxes_meet(surface, other):
                assert np.quantile(there.shape(points), 0.05) > -allowed, f"{surface.name} and {other.name}"


def _boxes_meet(a, b):
    return bool((a.vertices.min(axis=0) < b.vertices.max(axis=0)).all() and (b.vertices.min(axis=0) < a.vertices.max(axis=0)).all())


@pytest.mark.slow
def test_field_and_surfaces_agree_on_the_material(patient, region, rng):
    """Random points about L4 but for those within the tolerance of a boundary: the innermost surface around each has its material."""
    points = rng.uniform([-45, -20, -55], [45, 85, 5], (400, 3))
    labels = patient.tissue(points)
    clear = np.ones(len(points), dtype=bool)
    material = np.array([MATERIAL[Tissue(label)] if label in MATERIAL_LABELS else "" for label in range(256)])
    for step, tissues in ((TOLERANCE_MM, material), (COARSE_MM, np.isin(np.arange(256), COARSE))):
        around = patient.tissue((points[:, None] + step * np.concatenate([np.eye(3), -np.eye(3)])).reshape(-1, 3)).reshape(len(points), -1)
        clear &= (tissues[around] == tissues[labels][:, None]).all(axis=1)
    found = np.full(len(points), str(MATERIAL[Tissue.AIR]), dtype=object)
    for surface in sorted(region.values(), key=lambda item: _depth(item, region)):
        low, high = surface.vertices.min(axis=0), surface.vertices.max(axis=0)
        near = np.flatnonzero(((points > low) & (points < high)).all(axis=1) & clear)
        found[near[winding(points[near], surface) > 0.5]] = str(surface.material)
    wrong = clear & (found != material[labels])
    assert clear.mean() > 0.5
    told = [(points[i].round(1).tolist(), found[i], str(material[labels[i]])) for i in np.flatnonzero(wrong)]
    assert wrong.sum() <= 0.01 * clear.sum(), told


MATERIAL_LABELS = {int(tissue) for tissue in Tissue}


def _depth(surface, region):
    return 0 if surface.parent is None else 1 + _depth(region[surface.parent], region)
