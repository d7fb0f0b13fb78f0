"""The commands on the default patient, from building to file."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phantoms.io.patient_file import write
from phantoms.patient import build
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level
from simulator.cli import main
from simulator.cli.images import commands
from simulator.cli.images.needles import read_needle_path
from simulator.cli.images.subjects import Choice, ImagingSubject, build_subject
from simulator.geometry.carm import project_points
from simulator.geometry.views import View, square_view
from simulator.imaging import AttenuationModel, prepare

pytestmark = pytest.mark.slow

SIZE = 256
NEEDLE_DEPTH = 12.0  # grey levels by which an 18 G needle darkens its surroundings, at least


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Build the patient once for all commands."""
    monkeypatch.setattr(commands, "build_subject", default_subject)
    monkeypatch.setattr(commands, "prepare", lambda *_: prepare_default())


@cache
def default_subject(choice: Choice) -> ImagingSubject:
    assert choice == Choice()
    return build_subject(choice)


@cache
def prepare_default() -> AttenuationModel:
    who = default_subject(Choice())
    return prepare(who.surfaces, who.texture)


def run(*words: str | Path) -> None:
    assert main([str(word) for word in words]) == 0


def grey(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image).astype(float)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("view", list(View))
def test_every_view_is_one_command_away(view: View, tmp_path: Path) -> None:
    run("render", "--view", view, "--size", "128", "--output", tmp_path / "view.png")
    frame = grey(tmp_path / "view.png")
    assert frame.std() > 20.0  # a picture, not a flat field
    assert 20.0 < np.median(frame) < 250.0


@pytest.mark.usefixtures("kept")
def test_a_needle_is_drawn_where_the_geometry_says(tmp_path: Path) -> None:
    words = ("--view", "lateral-left", "--size", str(SIZE), "--kvp", "100")
    run("render", *words, "--output", tmp_path / "without.png")
    run("render", *words, "--needle-target", "interlaminar", "--output", tmp_path / "with.png")
    difference = grey(tmp_path / "without.png") - grey(tmp_path / "with.png")
    patient = build(default_parameters())
    course = read_needle_path(None, "interlaminar", patient.landmarks, Level.L4, patient.tissue)
    carm = square_view("lateral-left", patient.landmarks, Level.L4, size=SIZE)
    share = np.linspace(0.1, 0.9, 30)[:, None]
    pixels, _ = project_points(carm, course.tip + share * (course.entry - course.tip))
    columns, rows = np.round(pixels).astype(int).T
    on = np.max([difference[rows + shift, columns] for shift in (-1, 0, 1)], axis=0)
    assert np.median(on) > NEEDLE_DEPTH
    assert abs(np.median(difference)) < 3.0


def test_a_patient_file_of_the_default_patient_gives_the_default_picture(tmp_path: Path) -> None:
    write(tmp_path / "mine.yaml", default_parameters())
    run("render", "--size", "96", "--output", tmp_path / "default.png")
    run("render", "--size", "96", "--patient", tmp_path / "mine.yaml", "--output", tmp_path / "mine.png")
    assert (grey(tmp_path / "default.png") == grey(tmp_path / "mine.png")).all()


@pytest.mark.usefixtures("kept")
def test_a_source_inside_the_patient_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "--isocentre", "0,60,0", "--sod", "80", "--output", str(tmp_path / "view.png")]) == 2
    assert "lies inside the body" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
