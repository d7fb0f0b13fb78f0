"""Bad input: one clear line on stderr, exit code 2, nothing written, no traceback."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from simulator.cli import main

pyvista = pytest.importorskip("pyvista")


@pytest.fixture(scope="module")
def meshes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a good ball and what can be wrong with a mesh."""
    folder = tmp_path_factory.mktemp("meshes")
    ball = pyvista.Sphere(radius=30.0)
    ball.save(folder / "ball.stl")
    ball.extract_cells(range(0, ball.n_cells // 2)).extract_surface(algorithm=None).save(folder / "open.stl")
    (folder / "empty.stl").write_text("solid empty\nendsolid empty\n")
    (folder / "garbage.ply").write_bytes(b"\x00garbage")
    points = np.array(ball.points)
    points[5] = np.nan
    pyvista.PolyData(points, ball.faces).save(folder / "nan.ply")
    return folder


def run_refused(words: Sequence[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must be refused; return its one line."""
    before = sorted(folder.iterdir())
    assert main(words) == 2
    assert sorted(folder.iterdir()) == before
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("epifluoro: ")
    assert err.count("\n") == 1
    return err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("rendr", "did you mean 'render'"),
        ("render --viw ap", "no such option"),
        ("render --view clo-lft", "no view 'clo-lft'; did you mean 'clo-left'?"),
        ("render --level L9", "there are T11, T12"),
        ("render --level L4-S1", "below L4 lies L5"),
        ("render --tilt 120", "tilt_deg must be from -90 to 90, got 120"),
        ("render --oblique 500", "oblique_deg must be from -180 to 180, got 500"),
        ("render --oblique nan", "oblique_deg must be from -180 to 180, got nan"),
        ("render --swivel -91", "swivel_deg must be from -90 to 90"),
        ("render --kvp 500", "kvp must lie within 40 and 120 kv, got 500"),
        ("render --kvp hot", "expected a number of kv or auto, got 'hot'"),
        ("render --size 0", "--size must be from 16 to 4096 pixels, got 0"),
        ("render --size -5", "--size must be from 16"),
        ("render --size many", "invalid value for '--size'"),
        ("render --field 0", "--field must be from 50 to 430 mm, got 0"),
        ("render --sid 0", "sid_mm must be a finite number above 0"),
        ("render --sod 1000", "sod_mm must be below sid_mm"),
        ("render --isocentre 1,2", "expected x,y,z in mm"),
        ("render --isocentre 1,2,nan", "expected x,y,z in mm"),
        ("render --output view.jpg", "must end in .png, .tif, .tiff, .dcm"),
        ("render --output no-such-folder/view.png", "no folder no-such-folder"),
        ("render --gauge 99", "gauge"),
        ("render --needle-entry 1,2,3", "--needle-entry needs --needle-target"),
        ("render --needle-target 1,2,3", "needs --needle-entry"),
        ("render --needle-target interlaminr", "did you mean 'interlaminar'"),
        ("render --seed -1", "--seed"),
        ("render --seed 1 --patient p.yaml", "exclude each other"),
        ("render --patient no-such.yaml", "no-such.yaml"),
        ("render --bmi 3", "bmi must be between 12 and 70, got 3"),
        ("render --age 3", "age_years must be between 16 and 110, got 3"),
        ("render --sex femal", "did you mean 'female'"),
        ("render --material bone", "--material says what a --mesh is made of"),
        ("render --surround muscle", "--surround says what a --mesh is made of or lies in"),
        ("sheet --output sheet.gif", "must end in .png"),
        ("sheet --needle-target txtbook", "did you mean 'textbook'"),
        ("cine --frames 1", "--frames must be from 2 to 500, got 1"),
        ("cine --rate 0", "--rate must be from 1 to 50"),
        ("cine --to 200", "oblique_deg must be from -180 to 180, got 200"),
    ],
)
def test_words_and_numbers(
    words: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message.lower() in run_refused(words.split(), tmp_path, capsys).lower()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--mesh", "gone.stl"], "gone.stl: no such file"),
        (["--mesh", "open.stl"], "open.stl"),
        (["--mesh", "empty.stl"], "empty.stl: holds no triangles"),
        (["--mesh", "garbage.ply"], "garbage.ply: holds no triangles"),
        (["--mesh", "nan.ply"], "nan.ply: vertices must be finite"),
        (["--mesh", "ball.stl", "--material", "bnoe"], "did you mean 'bone'"),
        (["--mesh", "ball.stl", "--material", "bone", "--material", "muscle"], "one --material for all meshes or one each"),
        (["--mesh", "ball.stl", "--axes", "lsp"], "did you mean 'lps'"),
        (["--mesh", "ball.stl", "--seed", "1"], "exclude each other"),
        (["--mesh", "ball.stl", "--mesh", "./ball.stl"], "two files have the same name"),
        (["--mesh", "ball.stl", "--sidecar", "gone.yaml"], "gone.yaml: cannot be read"),
        (["--mesh", "ball.stl", "--sidecar", "x.yaml", "--material", "bone"], "--material and --sidecar exclude each other"),
        (["--mesh", "ball.stl", "--bmi", "30"], "--bmi describes a default or drawn patient"),
        (["--mesh", "ball.stl", "--isocentre", "0,700,0"], "lies inside the body"),
        (["--mesh", "ball.stl", "--isocentre", "0,-300,0"], "behind the detector"),
        (["--mesh", "ball.stl", "--needle-target", "interlaminar"], "has no landmarks"),
        (["--mesh", "ball.stl", "--needle-entry", "0,0,0", "--needle-target", "0,0,0"], "more than 1 mm apart"),
    ],
)
def test_meshes(
    words: list[str], message: str, meshes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(meshes)
    assert message in run_refused(["render", "--size", "64", *words, "--output", str(tmp_path / "view.png")], tmp_path, capsys)


def test_a_folder_that_cannot_be_written(meshes: Path, unwritable: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["render", "--size", "64", "--mesh", str(meshes / "ball.stl"), "--output", str(unwritable / "view.png")]
    assert "no folder" in run_refused(words, unwritable.parent.parent, capsys)


def test_a_cache_folder_that_cannot_be_written(
    unwritable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EPIFLUORO_CACHE", str(unwritable))
    message = run_refused(["render", "--output", str(tmp_path / "view.png")], tmp_path, capsys)
    assert "cannot be used as the cache folder" in message
    assert "EPIFLUORO_CACHE" in message


def test_the_program_itself_exits_with_2_and_no_traceback(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from simulator.cli import main; sys.exit(main())", "render", "--view", "app"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr == "epifluoro: no view 'app'; did you mean 'ap'?\n"
    assert list(tmp_path.iterdir()) == []


def test_a_failing_writer_leaves_what_was_there(meshes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "view.png"
    path.write_bytes(b"before")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("simulator.cli.images.commands.write", fail)
    assert main(["render", "--size", "64", "--mesh", str(meshes / "ball.stl"), "--output", str(path)]) == 2
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
