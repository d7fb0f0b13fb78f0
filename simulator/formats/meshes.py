"""Triangle meshes from STL, PLY, OBJ and VTP files, as bare arrays; what is wrong with a mesh is judged in `phantoms`.

Needs the extra ``viewer`` (PyVista).
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SUFFIXES = (".stl", ".ply", ".obj", ".vtp")


def read_mesh(path: Path) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Read a surface as the file gives it; `phantoms.io.imported_meshes` turns its axes.

    Parameters
    ----------
    path : Path
        STL, PLY, OBJ or VTP file, mm.

    Returns
    -------
    vertices : ndarray, shape (n, 3)
        The file's own axes, mm.
    faces : ndarray, shape (m, 3)
        Vertex indices of triangles; polygons are cut into triangles.

    Raises
    ------
    ValueError
        If PyVista is missing, or the file is missing, of another kind, unreadable or empty.
    """
    _check_file(path)
    vertices, faces = _read_quietly(path)
    if len(vertices) == 0 or len(faces) == 0:
        raise ValueError(f"{path}: holds no triangles; is it a whole {path.suffix[1:].upper()} file?")
    return vertices, faces


def _check_file(path: Path) -> None:
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: a mesh file must end in {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise ValueError(f"{path}: no such file")


def _read_quietly(path: Path) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Points and triangles; VTK's own complaints stay off the terminal, for they come again as one line."""
    try:
        import pyvista
    except ImportError as error:
        raise ValueError("mesh files need PyVista: pip install 'epifluoro[viewer]'") from error
    with _silence(), pyvista.vtk_verbosity("off"):
        try:
            surface = pyvista.read(path).triangulate()
            faces = np.asarray(surface.faces, dtype=np.intp).reshape(-1, 4)[:, 1:]
        except (OSError, ValueError, RuntimeError, AttributeError, TypeError) as error:
            raise ValueError(f"{path}: cannot be read as {path.suffix[1:].upper()} ({error})") from error
    return np.array(surface.points, dtype=np.float64), np.ascontiguousarray(faces)


@contextmanager
def _silence() -> Iterator[None]:
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
