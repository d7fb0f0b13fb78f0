"""Picture files: values come back, files appear whole or not at all, and each says what it is."""

from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from simulator.formats.atomic import replace_atomically
from simulator.formats.images import NOTICE, encode_png, read_png, write_gif, write_png, write_tiff


def test_png_keeps_values_and_says_what_it_is(tmp_path: Path, rng: np.random.Generator) -> None:
    frame = rng.integers(0, 256, size=(20, 30), dtype=np.uint8)
    write_png(tmp_path / "frame.png", frame, "ap L4")
    with Image.open(tmp_path / "frame.png") as read:
        assert (np.asarray(read) == frame).all()
        assert read.text["Disclaimer"] == NOTICE
        assert read.text["Description"] == "ap L4"


def test_png_is_read_back_with_its_comment(rng: np.random.Generator) -> None:
    frame = rng.integers(0, 256, size=(20, 30), dtype=np.uint8)
    pixels, comment = read_png(encode_png(frame, "oblique 20"))
    assert (pixels == frame).all()
    assert comment == "oblique 20"


@pytest.mark.parametrize("data", [b"", b"no picture", encode_png(np.zeros((4, 4), dtype=np.uint8))[:40]])
def test_what_is_no_png_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="expected a PNG"):
        read_png(data)


def test_tiff_keeps_values_and_pitch(tmp_path: Path, rng: np.random.Generator) -> None:
    frame = rng.integers(0, 65536, size=(20, 30), dtype=np.uint16)
    write_tiff(tmp_path / "frame.tif", frame, 0.5)
    with tifffile.TiffFile(tmp_path / "frame.tif") as read:
        page = read.pages[0]
        assert (page.asarray() == frame).all()
        numerator, denominator = page.tags["XResolution"].value
        assert numerator / denominator == pytest.approx(20.0)
        assert NOTICE in page.description


def test_gif_holds_every_frame(tmp_path: Path) -> None:
    frames = [np.full((8, 8), grey, dtype=np.uint8) for grey in (0, 100, 200)]
    write_gif(tmp_path / "sweep.gif", frames, 0.1)
    with Image.open(tmp_path / "sweep.gif") as read:
        assert read.n_frames == 3
        assert read.info["duration"] == 100
    with pytest.raises(ValueError, match="at least one frame"):
        write_gif(tmp_path / "none.gif", [], 0.1)


def test_frames_of_another_depth_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="must be uint8, got float64"):
        write_png(tmp_path / "a.png", np.zeros((2, 2)))
    with pytest.raises(TypeError, match="must be uint16, got uint8"):
        write_tiff(tmp_path / "a.tif", np.zeros((2, 2), dtype=np.uint8), 0.5)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "view.png"
    path.write_text("before")
    with pytest.raises(RuntimeError):
        fail_half_way(path)
    assert path.read_text() == "before"
    with replace_atomically(path) as temporary:
        temporary.write_text("after")
    assert path.read_text() == "after"
    assert [found.name for found in tmp_path.iterdir()] == ["view.png"]


def fail_half_way(path: Path) -> None:
    with replace_atomically(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, unwritable: Path) -> None:
    with (
        pytest.raises(ValueError, match="cannot write in that folder .* choose another --output"),
        replace_atomically(unwritable / "view.png"),
    ):
        pass
    with pytest.raises(ValueError, match="choose another --attempts"), replace_atomically(unwritable / "attempt.json", "--attempts"):
        pass
    with pytest.raises(ValueError, match="is a folder"), replace_atomically(tmp_path):
        pass
