"""`epifluoro render`, `sheet` and `cine` on a small mesh: what is written, and that equal commands give equal bits."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from simulator.cli import main

pyvista = pytest.importorskip("pyvista")
pydicom = pytest.importorskip("pydicom")


@pytest.fixture(scope="module")
def ball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("mesh") / "ball.stl"
    pyvista.Sphere(radius=30.0, theta_resolution=40, phi_resolution=40).save(path)
    return path


def run(words: Sequence[str | Path]) -> None:
    assert main([str(word) for word in words]) == 0


def grey(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_png_shows_the_ball_dark_in_the_middle(ball: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["render", "--mesh", ball, "--size", "96", "--output", tmp_path / "view.png"])
    frame = grey(tmp_path / "view.png")
    assert frame.shape == (96, 96)
    assert frame[40:56, 40:56].mean() < frame[:10, :10].mean()
    out, err = capsys.readouterr()
    assert "view.png: ap, ball, oblique 0\u00b0, tilt 0\u00b0" in out
    assert err.strip() == "For education and research only, never for guiding a real needle."


def test_equal_commands_give_equal_bits(ball: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        run(["render", "--mesh", ball, "--size", "64", "--noise-seed", "3", "--output", tmp_path / name])
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_tiff_holds_16_bit_counts(ball: Path, tmp_path: Path) -> None:
    run(["render", "--mesh", ball, "--size", "64", "--output", tmp_path / "view.tif"])
    counts = tifffile.imread(tmp_path / "view.tif")
    assert counts.dtype == np.uint16
    assert counts[28:36, 28:36].mean() < counts[:4, :4].mean()


def test_dicom_says_where_the_carm_stood(ball: Path, tmp_path: Path) -> None:
    words = ["--oblique", "30", "--tilt", "-10", "--kvp", "80", "--sid", "1100", "--sod", "750"]
    run(["render", "--mesh", ball, "--size", "64", *words, "--output", tmp_path / "view.dcm"])
    read = pydicom.dcmread(tmp_path / "view.dcm")
    beam = np.array(
        [np.sin(np.deg2rad(30)), np.cos(np.deg2rad(30)) * np.cos(np.deg2rad(-10)), np.cos(np.deg2rad(30)) * np.sin(np.deg2rad(-10))]
    )
    assert float(read.PositionerPrimaryAngle) == pytest.approx(np.rad2deg(np.arctan2(beam[0], -beam[1])), abs=1e-6)
    assert float(read.PositionerSecondaryAngle) == pytest.approx(np.rad2deg(np.arcsin(beam[2])), abs=1e-6)
    assert (float(read.KVP), float(read.DistanceSourceToDetector), float(read.DistanceSourceToPatient)) == (80.0, 1100.0, 750.0)
    assert read.pixel_array.shape == (64, 64)


def test_ras_axes_turn_the_image(tmp_path: Path) -> None:
    path = tmp_path / "left.stl"
    pyvista.Sphere(radius=10.0, center=(40.0, 0.0, 0.0)).save(path)
    run(["render", "--mesh", path, "--isocentre", "0,0,0", "--size", "64", "--output", tmp_path / "lps.png"])
    run(["render", "--mesh", path, "--isocentre", "0,0,0", "--size", "64", "--axes", "ras", "--output", tmp_path / "ras.png"])
    lps, ras = (int(np.argmin(grey(tmp_path / f"{axes}.png").astype(float).mean(axis=0))) for axes in ("lps", "ras"))
    assert lps < 32 < ras  # the patient's left is at the left of the monitor


def test_a_needle_is_seen(ball: Path, tmp_path: Path) -> None:
    needle = ["--needle-entry", "40,60,20", "--needle-target", "0,0,0"]
    run(["render", "--mesh", ball, "--size", "256", "--kvp", "70", "--output", tmp_path / "without.png"])
    run(["render", "--mesh", ball, "--size", "256", "--kvp", "70", *needle, "--output", tmp_path / "with.png"])
    changed = np.abs(grey(tmp_path / "with.png").astype(int) - grey(tmp_path / "without.png")) > 25
    assert changed.sum() > 20
    assert changed[:, 132:].sum() == 0  # it comes from the patient's left


def test_sheet_holds_every_view(ball: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["sheet", "--mesh", ball, "--size", "48", "--output", tmp_path / "sheet.png"])
    assert grey(tmp_path / "sheet.png").shape[0] > 2 * 48
    assert str(tmp_path / "sheet.png") in capsys.readouterr().out


def test_cine_turns_the_carm(ball: Path, tmp_path: Path) -> None:
    run(["cine", "--mesh", ball, "--size", "48", "--frames", "4", "--from", "-30", "--to", "30", "--output", tmp_path / "sweep.gif"])
    with Image.open(tmp_path / "sweep.gif") as film:
        assert film.n_frames == 4


def test_two_meshes_of_two_materials(ball: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.ply"
    pyvista.Sphere(radius=10.0, center=(50.0, 0.0, 0.0)).save(other)
    run(
        [
            "render",
            "--mesh",
            ball,
            "--mesh",
            other,
            "--material",
            "muscle",
            "--material",
            "bone",
            "--size",
            "64",
            "--output",
            tmp_path / "two.png",
        ]
    )
    assert (tmp_path / "two.png").exists()


def test_a_sidecar_nests_meshes(ball: Path, tmp_path: Path) -> None:
    bone = tmp_path / "bone.stl"
    pyvista.Sphere(radius=10.0).save(bone)
    sidecar = tmp_path / "case.yaml"
    sidecar.write_text(
        "axes: ras\nmeshes:\n  ball.stl: {tissue: muscle}\n  bone.stl: {tissue: cortical_bone, parent: ball.stl, density: 0.65}\n"
    )
    run(["render", "--mesh", bone, "--mesh", ball, "--sidecar", sidecar, "--size", "96", "--output", tmp_path / "nested.png"])
    frame = grey(tmp_path / "nested.png").astype(float)
    assert frame[46:50, 46:50].mean() < frame[46:50, 36:39].mean() < frame[:8, :8].mean()


def test_a_trunk_around_a_mesh_hardens_the_beam(ball: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("--surround", "muscle")):
        run(["render", "--mesh", ball, *words, "--size", "64", "--output", tmp_path / "view.png"])
    bare, clad = (float(line.split(" kV")[0].split()[-1]) for line in capsys.readouterr().out.splitlines())
    assert clad > bare + 10.0


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--version"])
    assert capsys.readouterr().out.startswith("epifluoro 0.")
    run([])
    assert "never for guiding a real needle" in " ".join(capsys.readouterr().out.split())
