"""The cache gives back what was built, bit for bit, survives damage and company, and never stands in the way."""

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import pytest

from phantoms.io import cache
from phantoms.mesh.meshing import mesh
from phantoms.population.defaults import default_parameters
from phantoms.population.population import sample
from phantoms.shapes.implicit import Ellipsoid
from phantoms.terms.parameters import Sex
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue

KEY = "0" * 64


def balls() -> tuple[Surface, ...]:
    """Two nested balls."""
    outer, inner = (mesh(Ellipsoid(np.zeros(3), np.full(3, radius)), 1.0) for radius in (12.0, 6.0))
    return (
        Surface(name="skin", vertices=outer[0], faces=outer[1], tissue=Tissue.SKIN),
        Surface(name="bone", vertices=inner[0], faces=inner[1], tissue=Tissue.CORTICAL_BONE, parent="skin", density=0.7),
    )


def never() -> tuple[Surface, ...]:
    raise AssertionError("the entry should have been read")


def same(left: tuple[Surface, ...], right: tuple[Surface, ...]) -> bool:
    return len(left) == len(right) and all(
        np.array_equal(a.vertices, b.vertices)
        and np.array_equal(a.faces, b.faces)
        and (a.name, a.tissue, a.parent, a.density) == (b.name, b.tissue, b.parent, b.density)
        for a, b in zip(left, right, strict=True)
    )


def build_slowly(where: Path, barrier) -> None:
    """What one of two processes does: both miss, both build, both store."""

    def build() -> tuple[Surface, ...]:
        barrier.wait(timeout=60)
        return balls()

    assert same(cache.load_surfaces(KEY, build, where=where), balls())


def test_second_time_is_read_bit_for_bit(tmp_path):
    built = cache.load_surfaces(KEY, balls, where=tmp_path)
    assert same(built, balls())
    assert same(cache.load_surfaces(KEY, never, where=tmp_path), built)
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.npz"]


def test_read_surfaces_are_read_only(tmp_path):
    cache.load_surfaces(KEY, balls, where=tmp_path)
    read = cache.load_surfaces(KEY, never, where=tmp_path)
    assert not any(surface.vertices.flags.writeable or surface.faces.flags.writeable for surface in read)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated_entry_is_rebuilt(tmp_path, share):
    cache.load_surfaces(KEY, balls, where=tmp_path)
    path = tmp_path / f"{KEY}.npz"
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    assert same(cache.load_surfaces(KEY, balls, where=tmp_path), balls())
    assert path.stat().st_size == len(whole)
    assert same(cache.load_surfaces(KEY, never, where=tmp_path), balls())


@pytest.mark.parametrize("place", range(8))
def test_one_flipped_bit_is_noticed(tmp_path, place):
    cache.load_surfaces(KEY, balls, where=tmp_path)
    path = tmp_path / f"{KEY}.npz"
    data = bytearray(path.read_bytes())
    data[300 + place * (len(data) - 600) // 8] ^= 0x10
    path.write_bytes(bytes(data))
    assert same(cache.load_surfaces(KEY, balls, where=tmp_path), balls())


def test_entry_of_another_key_or_a_pickle_is_not_believed(tmp_path):
    cache.load_surfaces(KEY, balls, where=tmp_path)
    other = "1" * 64
    (tmp_path / f"{KEY}.npz").rename(tmp_path / f"{other}.npz")
    built = []
    cache.load_surfaces(other, lambda: built.append(1) or balls(), where=tmp_path)
    np.savez(tmp_path / f"{other}.npz", header=np.array([{}], dtype=object), vertices=np.zeros((0, 3)), faces=np.zeros((0, 3)))
    cache.load_surfaces(other, lambda: built.append(2) or balls(), where=tmp_path)
    assert built == [1, 2]


def test_two_processes_building_at_once_are_safe(tmp_path):
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(2)
    workers = [context.Process(target=build_slowly, args=(tmp_path, barrier)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=120)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == [f"{KEY}.npz"]
    assert same(cache.load_surfaces(KEY, never, where=tmp_path), balls())


def test_builder_that_fails_leaves_nothing(tmp_path):
    def fail() -> tuple[Surface, ...]:
        raise ValueError("no such bone")

    with pytest.raises(ValueError, match="no such bone"):
        cache.load_surfaces(KEY, fail, where=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_made_is_done_without(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert same(cache.load_surfaces(KEY, balls, where=tmp_path / "file" / "cache"), balls())


def test_named_folder_that_cannot_be_used_is_refused(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ValueError, match=r"cannot be used as the cache folder \(.*\); name another in EPIFLUORO_CACHE") as caught:
        cache.check_writable(tmp_path / "file" / "cache")
    assert "\n" not in str(caught.value)
    cache.check_writable(tmp_path / "new" / "cache")
    assert list((tmp_path / "new" / "cache").iterdir()) == []


def test_environment_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path / "mine"))
    assert cache.find_folder() == tmp_path / "mine"
    cache.load_surfaces(KEY, balls)
    assert (tmp_path / "mine" / f"{KEY}.npz").is_file()
    monkeypatch.delenv(cache.FOLDER_VARIABLE)
    assert cache.find_folder().name == "epifluoro"


def test_key_follows_every_parameter_and_nothing_else():
    params = default_parameters()
    assert cache.make_key(params, "L4") == cache.make_key(default_parameters(), "L4")
    others = {
        cache.make_key(params, "L5"),
        cache.make_key(default_parameters(Sex.FEMALE), "L4"),
        *(cache.make_key(sample(seed), "L4") for seed in range(5)),
    }
    assert len(others | {cache.make_key(params, "L4")}) == 8
    assert len(cache.make_key(params)) == 64


def test_entries_used_longest_ago_go_first(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "KEPT", 2)
    now = time.time()
    for i, age_s in enumerate((30, 20, 10)):
        name = str(i) * 64
        cache.load_surfaces(name, balls, where=tmp_path)
        os.utime(tmp_path / f"{name}.npz", (now - age_s, now - age_s))
    cache.load_surfaces("1" * 64, never, where=tmp_path)  # used just now
    cache.load_surfaces("3" * 64, balls, where=tmp_path)
    assert {path.name[0] for path in tmp_path.iterdir()} == {"1", "3"}


def test_remains_of_a_killed_process_are_swept(tmp_path):
    old, young = tmp_path / ".part-old.npz", tmp_path / ".part-young.npz"
    old.write_text("x")
    young.write_text("x")
    os.utime(old, (0, 0))
    cache.load_surfaces(KEY, balls, where=tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".part-young.npz", f"{KEY}.npz"}


def test_no_surfaces_are_cached_too(tmp_path):
    assert cache.load_surfaces(KEY, tuple, where=tmp_path) == ()
    assert cache.load_surfaces(KEY, never, where=tmp_path) == ()


def test_arrays_are_read_as_they_were_built_and_a_damaged_entry_is_built_again(tmp_path):
    built = {"labels": np.arange(24, dtype=np.uint8).reshape(2, 3, 4), "low": np.array([-3, 0, 7])}
    first = cache.load_arrays(KEY, lambda: dict(built), where=tmp_path)
    again = cache.load_arrays(KEY, dict, where=tmp_path)
    assert sorted(again) == sorted(first) == ["labels", "low"]
    assert all(np.array_equal(again[name], built[name]) and again[name].dtype == built[name].dtype for name in built)
    assert not any(array.flags.writeable for array in again.values())
    path = tmp_path / f"{KEY}.npz"
    path.write_bytes(path.read_bytes()[:-40])
    assert sorted(cache.load_arrays(KEY, lambda: dict(built), where=tmp_path)) == ["labels", "low"]


def test_arrays_of_another_name_are_not_taken(tmp_path):
    cache.load_arrays("1" * 64, lambda: {"a": np.zeros(3)}, where=tmp_path)
    (tmp_path / f"{'1' * 64}.npz").rename(tmp_path / f"{KEY}.npz")
    assert cache.load_arrays(KEY, lambda: {"a": np.ones(3)}, where=tmp_path)["a"].all()
