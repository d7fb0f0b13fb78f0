"""Built surfaces kept on disk, under a hash of the parameters and of the code and kernels that built them.

An entry appears whole or not at all (written beside and moved into place), so that two processes may build the same patient at once; one
that is truncated or damaged is built again. Arrays are stored as they are, without pickle, so that an entry cannot run code and the
surfaces read are those built, bit for bit. Only the `KEPT` entries used last are kept.
"""

import hashlib
import json
import os
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from phantoms.io.atomic_file import PART, replace_file
from phantoms.io.code_hash import hash_code
from phantoms.io.computed_on import describe_processor
from phantoms.terms.serialization import to_plain
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue

R = TypeVar("R")
FOLDER_VARIABLE = "EPIFLUORO_CACHE"
KEPT = 40
STALE_S = 3600.0
"""Age after which an unfinished file is taken for the remains of a killed process."""

LIBRARIES = ("numpy", "scipy", "scikit-image", "fast-simplification")
ARRAYS_KEY = "name of the entry"
DAMAGED = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error)


def find_folder() -> Path:
    """Where entries live: the folder that ``EPIFLUORO_CACHE`` names, else the user's cache folder of this system."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named).expanduser() if named else user_cache_path("epifluoro")


def check_writable(path: Path) -> None:
    """Refuse a folder that a user named and that cannot be made or written.

    Parameters
    ----------
    path : Path
        The folder; it is made where it is missing.

    Raises
    ------
    ValueError
        In one line, with what to do.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise ValueError(f"{path}: cannot be used as the cache folder ({reason}); name another in {FOLDER_VARIABLE}") from error


def make_key(*parts: object) -> str:
    """Name of an entry: SHA-256 of records or plain values (parameters, a region), and of the code, libraries and kernels that use them.

    Kernels count, for a folder may be shared by machines of different processors, whose meshes differ in their last bits.
    """
    text = json.dumps([describe_processor(), *(to_plain(part) for part in parts)], sort_keys=True, allow_nan=False)
    return hashlib.sha256(f"{code_version()}\n{text}".encode()).hexdigest()


def load_surfaces(name: str, build: Callable[[], Sequence[Surface]], *, where: Path | None = None) -> tuple[Surface, ...]:
    """Surfaces read from the cache, or built and stored there.

    Where the folder cannot be written they are built and not stored: a cache is a convenience.

    Parameters
    ----------
    name : str
        From `make_key`.
    build : callable
        Makes the surfaces where there is no sound entry.
    where : Path, optional
        Folder; by default `find_folder()`.

    Returns
    -------
    tuple of Surface
    """
    path = (find_folder() if where is None else where) / f"{name}.npz"
    found = _load(path, name)
    if found is not None:
        return found
    built = tuple(build())
    _store(path, name, built)
    return built


def load_arrays(name: str, build: Callable[[], dict[str, NDArray]], *, where: Path | None = None, kept: int = KEPT) -> dict[str, NDArray]:
    """Named arrays read from the cache, or built and stored there; read-only.

    Parameters
    ----------
    name : str
        From `make_key`.
    build : callable
        Makes the arrays where there is no sound entry.
    where : Path, optional
        Folder; by default `find_folder()`.
    kept : int
        How many entries of the folder are kept.
    """
    path = (find_folder() if where is None else where) / f"{name}.npz"
    found = _load_arrays(path, name)
    if found is None:
        found = dict(build())
        _write(path, {ARRAYS_KEY: np.frombuffer(name.encode(), dtype=np.uint8), **found}, np.savez_compressed, kept)
    for array in found.values():
        array.setflags(write=False)
    return found


def load_record(name: str, build: Callable[[], R], read: Callable[[dict[str, Any]], R], *, where: Path) -> R:
    """A small record read from the cache as JSON, or built and stored there.

    Parameters
    ----------
    name : str
        From `make_key`.
    build : callable
        Makes the dataclass instance where there is no sound entry.
    read : callable
        Makes it of the plain values of its fields; an entry that it refuses is built again.
    where : Path
        Folder.
    """
    path = where / f"{name}.json"
    with suppress(*DAMAGED):
        return read(json.loads(path.read_text(encoding="utf-8")))
    built = build()
    with suppress(OSError):
        where.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as temporary:
            temporary.write_text(json.dumps(asdict(cast(Any, built))), encoding="utf-8")
    return built


@cache
def code_version() -> str:
    """SHA-256 over the sources and tables of `phantoms` and the versions of the libraries that shape a mesh."""
    libraries = " ".join(f"{library} {version(library)}" for library in LIBRARIES)
    return hashlib.sha256(f"{libraries}\n{hash_code('phantoms')}".encode()).hexdigest()


def _load(path: Path, name: str) -> tuple[Surface, ...] | None:
    """Surfaces of a sound entry, or None where there is none; the archive's own checksums betray damage."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            header = json.loads(archive["header"].tobytes())
            vertices, faces = archive["vertices"], archive["faces"]
        if header["key"] != name:
            return None
        found = tuple(_surfaces_of(header["surfaces"], vertices, faces))
        os.utime(path)
    except DAMAGED:
        return None
    return found


def _load_arrays(path: Path, name: str) -> dict[str, NDArray] | None:
    try:
        with np.load(path, allow_pickle=False) as archive:
            found = {item: archive[item] for item in archive.files}
        if found.pop(ARRAYS_KEY).tobytes().decode() != name:
            return None
        os.utime(path)
    except DAMAGED:
        return None
    return found


def _surfaces_of(rows: list[list[Any]], vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> Iterator[Surface]:
    first_vertex = first_face = 0
    for name, tissue, parent, density, n_vertices, n_faces in rows:
        points = vertices[first_vertex : first_vertex + n_vertices]
        triangles = faces[first_face : first_face + n_faces].astype(np.intp)
        yield Surface(name=name, vertices=points, faces=triangles, tissue=Tissue(tissue), parent=parent, density=density)
        first_vertex, first_face = first_vertex + n_vertices, first_face + n_faces


def _store(path: Path, name: str, built: Sequence[Surface]) -> None:
    rows = [[s.name, int(s.tissue), s.parent, float(s.density), len(s.vertices), len(s.faces)] for s in built]
    header = np.frombuffer(json.dumps({"key": name, "surfaces": rows}).encode(), dtype=np.uint8)
    vertices = np.concatenate([s.vertices for s in built]) if built else np.zeros((0, 3))
    faces = np.concatenate([s.faces for s in built]).astype(np.int32) if built else np.zeros((0, 3), dtype=np.int32)
    _write(path, {"header": header, "vertices": vertices, "faces": faces}, np.savez, KEPT)


def _write(path: Path, content: dict[str, NDArray], save: Callable[..., None], kept: int) -> None:
    with suppress(OSError):  # a full or read-only disk: work without the cache
        path.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(path) as temporary, temporary.open("wb") as stream:
            save(stream, **content)
        _prune(path.parent, kept)


def _prune(where: Path, kept: int) -> None:
    """Remove the entries used longest ago beyond those kept, and what killed processes left."""
    entries = sorted(where.glob("[0-9a-f]*.npz"), key=_last_use, reverse=True)
    stale = [part for part in where.glob(f"{PART}*") if time.time() - _last_use(part) > STALE_S]
    for path in (*entries[kept:], *stale):
        _remove(path)


def _last_use(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # removed by another process meanwhile
        return 0.0


def _remove(path: Path) -> None:
    with suppress(OSError):  # in use elsewhere, on systems that lock open files
        path.unlink(missing_ok=True)
