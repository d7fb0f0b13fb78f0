"""Imported meshes: one material each, axes turned once, image-only until a sidecar file says more."""

import numpy as np
import pytest

from phantoms.io.imported_meshes import ImportedPatient, import_patient, import_surface
from phantoms.io.sidecar import MeshEntry, Sidecar, read_sidecar, to_lps
from phantoms.mesh.meshing import mesh
from phantoms.mesh.point_in_mesh import prepare_mesh
from phantoms.mesh.topology import Mesh, is_closed, volume_mm3
from phantoms.shapes.implicit import Carved, Ellipsoid, Tube, Union
from phantoms.terms.tissues import Tissue

SIDECAR = """
version: 1
axes: ras
meshes:
  bone.stl: {tissue: cortical_bone, parent: body.stl, density: 0.65}
  body.stl: {tissue: muscle}
landmarks:
  L4.body_centre: [1, 12, -35]
"""


@pytest.fixture(scope="module")
def body() -> Mesh:
    return mesh(Ellipsoid(np.zeros(3), np.array([30.0, 25.0, 20.0])), 1.5)


@pytest.fixture(scope="module")
def bone() -> Mesh:
    return mesh(Ellipsoid(np.array([8.0, 4.0, 0.0]), np.full(3, 9.0)), 1.0)


@pytest.fixture(scope="module")
def scan(body, bone, tmp_path_factory) -> ImportedPatient:
    path = tmp_path_factory.mktemp("scan") / "scan.yaml"
    path.write_text(SIDECAR)
    return import_patient({"bone.stl": bone, "body.stl": body}, read_sidecar(path))


def test_one_mesh_becomes_a_surface_and_a_report(bone):
    surface, report = import_surface(bone[0], bone[1][3:], name="L4.stl", tissue=Tissue.CORTICAL_BONE, density=0.65)
    assert (surface.name, surface.tissue, surface.parent, surface.density) == ("L4.stl", Tissue.CORTICAL_BONE, None, 0.65)
    assert is_closed(surface.vertices, surface.faces)
    assert report.holes


def test_ras_is_turned_half_round_and_not_mirrored(bone):
    np.testing.assert_array_equal(to_lps(np.array([[1.0, 2.0, 3.0]]), "ras"), [[-1, -2, 3]])
    turned = to_lps(bone[0], "ras")
    assert volume_mm3(turned, bone[1]) == pytest.approx(volume_mm3(*bone), rel=1e-12)


def test_strange_axes_are_refused():
    with pytest.raises(ValueError, match="axes must be lps or ras, got 'xyz'"):
        to_lps(np.zeros((1, 3)), "xyz")


def test_without_a_sidecar_meshes_are_bone_to_look_at_only(bone):
    patient_of_one = import_patient({"L4.stl": bone})
    assert patient_of_one.surfaces()[0].tissue is Tissue.CORTICAL_BONE
    with pytest.raises(ValueError, match=r"L4\.stl: image-only, its tissues are not known; name them in a sidecar file"):
        patient_of_one.tissue(np.zeros((1, 3)))
    with pytest.raises(ValueError, match=r"L4\.stl: has no landmark 'conus_tip'; name it in a sidecar file"):
        patient_of_one.landmark("conus_tip")


def test_sidecar_names_tissues_tree_and_landmarks(scan):
    assert [(shell.name, shell.parent) for shell in scan.surfaces()] == [("body.stl", None), ("bone.stl", "body.stl")]
    assert scan.surfaces()[1].density == 0.65
    np.testing.assert_array_equal(scan.landmark("L4.body_centre"), [-1, -12, -35])
    with pytest.raises(ValueError, match=r"no landmark 'L5'; .* it names L4\.body_centre"):
        scan.landmark("L5")


def test_tissue_is_that_of_the_innermost_mesh(scan):
    points = np.array([[-8.0, -4.0, 0.0], [20.0, 0.0, 0.0], [0.0, 0.0, 40.0], [500.0, 0.0, 0.0]])
    assert scan.tissue(points).tolist() == [Tissue.CORTICAL_BONE, Tissue.MUSCLE, Tissue.AIR, Tissue.AIR]
    assert scan.tissue(points).dtype == np.uint8


def test_repairs_are_kept_by_mesh(body, bone):
    found = import_patient({"body.stl": body, "bone.stl": (bone[0], bone[1][1:])})
    assert not list(found.reports["body.stl"])
    assert len(found.reports["bone.stl"].holes) == 1


def test_no_mesh_and_strange_parents_are_refused(bone):
    with pytest.raises(ValueError, match="needs at least one mesh"):
        import_patient({})
    with pytest.raises(ValueError, match=r"b\.stl: its parent 'body\.stl' is no other mesh here; parents are b\.stl"):
        import_patient({"b.stl": bone}, Sidecar(meshes={"b.stl": MeshEntry(parent="body.stl")}))
    with pytest.raises(ValueError, match=r"sidecar: meshes\.c\.stl: unknown key; did you mean 'b\.stl'\?"):
        import_patient({"b.stl": bone}, Sidecar(meshes={"c.stl": MeshEntry()}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("axs: lps", r"s\.yaml: axs: unknown key; did you mean 'axes'\?"),
        ("version: 2", r"s\.yaml: version must be 1, got 2"),
        ("axes: xyz\nlandmarks: {a: [1, 2, 3]}", "axes must be lps or ras, got 'xyz'"),
        ("meshes: {b.stl: {tissue: bone}}", r"s\.yaml: meshes\.b\.stl\.tissue: bone: unknown key; (did you mean|known are)"),
        ("meshes: {b.stl: {densty: 1}}", r"s\.yaml: meshes\.b\.stl\.densty: unknown key; did you mean 'density'\?"),
        ("meshes: {b.stl: {density: heavy}}", r"meshes\.b\.stl\.density must be a number between 0 and 10, got 'heavy'"),
        ("landmarks: {a: [1, 2]}", r"s\.yaml: landmarks\.a must be three numbers x, y, z in mm, got \[1, 2\]"),
        ("landmarks: {a: [1, 2, .inf]}", r"landmarks\.a must be three numbers"),
        ("landmarks: {a: here}", r"landmarks\.a must be three numbers x, y, z in mm, got 'here'"),
        ("meshes: 3", r"s\.yaml: meshes: expected keys and values, got 3"),
        ("- 1", r"s\.yaml: expected keys and values, got \[1\]"),
        ("a: [1", r"s\.yaml: cannot be read as YAML"),
    ],
)
def test_mistakes_in_a_sidecar_are_named(tmp_path, text, message):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(ValueError, match=message) as caught:
        read_sidecar(tmp_path / "s.yaml")
    assert "\n" not in str(caught.value)


def test_missing_sidecar_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"s\.yaml: cannot be read"):
        read_sidecar(tmp_path / "s.yaml")


def test_inside_agrees_with_the_shape():
    shape = Union(
        (
            Carved(Ellipsoid(np.zeros(3), np.full(3, 12.0)), (Ellipsoid(np.zeros(3), np.full(3, 6.0)),)),
            Tube(np.array([[0, 0, 0], [30, 5, 9.0]]), 3.0),
        )
    )
    vertices, faces = mesh(shape, 0.7, max_error_mm=0.0)
    points = np.random.default_rng(2).uniform(-16, 34, (20_000, 3))
    distance = shape(points)
    clear = np.abs(distance) > 0.2  # marching at 0.7 mm rounds by less
    np.testing.assert_array_equal(prepare_mesh(vertices, faces)(points)[clear], distance[clear] < 0)


def test_inside_is_exact_on_a_grid_that_runs_along_the_edges():
    corners = np.array([[x, y, z] for x in (0, 4) for y in (0, 4) for z in (0, 4)], dtype=float)
    sides = np.array(
        [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
    )
    ticks = np.arange(-1.0, 6.0)
    points = np.stack(np.meshgrid(ticks, ticks, ticks + 0.5), axis=-1).reshape(-1, 3)
    expected = ((points[:, :2] >= 0) & (points[:, :2] < 4)).all(axis=1) & (points[:, 2] > 0) & (points[:, 2] < 4)
    np.testing.assert_array_equal(prepare_mesh(corners, sides)(points), expected)
