"""Mesh files: what goes in comes out, and what cannot be read is one clear line."""

from pathlib import Path

import pytest

from simulator.formats.meshes import read_mesh

pyvista = pytest.importorskip("pyvista")

STL_ATOL_MM = 1e-4  # files hold 32-bit floats


@pytest.mark.parametrize("suffix", ["stl", "ply", "vtp", "obj"])
def test_a_cube_survives_each_format(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"cube.{suffix}"
    cube = pyvista.Cube(center=(10.0, 20.0, 30.0), x_length=4.0).triangulate().clean()
    if suffix == "obj":
        path.write_text(wavefront(cube))
    else:
        cube.save(path)
    vertices, faces = read_mesh(path)
    assert vertices.shape == (8, 3)
    assert faces.shape == (12, 3)
    assert vertices.mean(axis=0) == pytest.approx([10.0, 20.0, 30.0], abs=STL_ATOL_MM)


def wavefront(surface: object) -> str:
    points = "".join(f"v {x} {y} {z}\n" for x, y, z in surface.points)
    return points + "".join(f"f {a + 1} {b + 1} {c + 1}\n" for _, a, b, c in surface.faces.reshape(-1, 4))


def test_polygons_become_triangles(tmp_path: Path) -> None:
    path = tmp_path / "square.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3 4\n")
    assert read_mesh(path)[1].shape == (2, 3)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bone.stl", "not a mesh", "holds no triangles; is it a whole STL file"),
        ("bone.ply", "", "holds no triangles; is it a whole PLY file"),
        ("bone.obj", "v 0 0 0\n", "holds no triangles"),
        ("bone.vtp", "<VTKFile>", "bone.vtp: (holds no triangles|cannot be read)"),
        ("bone.stp", "", "a mesh file must end in .stl, .ply, .obj, .vtp"),
        ("bone", "", "a mesh file must end in"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: str, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_mesh(path)
    assert capfd.readouterr().err == ""


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"gone\.stl: no such file"):
        read_mesh(tmp_path / "gone.stl")
