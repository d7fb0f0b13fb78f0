"""Levels of detail kept on disk: the same meshes to the bit, made once, and made anew where a surface changes."""

from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest

from phantoms.io.cache import FOLDER_VARIABLE
from phantoms.terms.surface import Surface
from simulator.xray.projection import lod_cache
from simulator.xray.projection.edges import EdgeMesh
from simulator.xray.projection.level_of_detail import decimate_to_level
from tests.simulator.solids import box, sphere

IMPORTANCE = [1.0, 0.3]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(lod_cache, "WORTH_KEEPING", 0)


def solids() -> list[Surface]:
    return [sphere(20.0, number=8000), box((10.0, 20.0, 30.0))]


def same(first: list[EdgeMesh], second: list[EdgeMesh]) -> bool:
    return all(
        np.array_equal(a, b) for one, other in zip(first, second, strict=True) for a, b in zip(astuple(one), astuple(other), strict=True)
    )


def entries(tmp_path: Path) -> int:
    return len(list((tmp_path / lod_cache.FOLDER).glob("*.npz")))


@pytest.mark.parametrize("chosen", [1, 2])
def test_what_is_read_is_what_was_made(chosen: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = lod_cache.load_meshes(solids(), IMPORTANCE, chosen)
    assert same(made, [decimate_to_level(solid, chosen, share) for solid, share in zip(solids(), IMPORTANCE, strict=True)])
    assert entries(tmp_path) == 1
    monkeypatch.setattr(lod_cache, "lighten", None)  # nothing is decimated again
    assert same(lod_cache.load_meshes(solids(), IMPORTANCE, chosen), made)


def test_every_face_is_drawn_from_memory(tmp_path: Path) -> None:
    assert same(lod_cache.load_meshes(solids(), IMPORTANCE, 0), [decimate_to_level(solid, 0) for solid in solids()])
    assert not (tmp_path / lod_cache.FOLDER).exists()


def test_another_surface_weight_or_level_is_another_entry(tmp_path: Path) -> None:
    first, second = solids()
    lod_cache.load_meshes([first, second], IMPORTANCE, 2)
    lod_cache.load_meshes([replace(first, vertices=first.vertices * 1.01), second], IMPORTANCE, 2)
    lod_cache.load_meshes([first, second], [1.0, 0.2], 2)
    lod_cache.load_meshes([first, second], IMPORTANCE, 1)
    assert entries(tmp_path) == 4


def test_a_damaged_entry_is_made_again(tmp_path: Path) -> None:
    made = lod_cache.load_meshes(solids(), IMPORTANCE, 2)
    (entry,) = (tmp_path / lod_cache.FOLDER).glob("*.npz")
    entry.write_bytes(entry.read_bytes()[:200])
    assert same(lod_cache.load_meshes(solids(), IMPORTANCE, 2), made)
