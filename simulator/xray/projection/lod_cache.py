"""Levels of detail of many surfaces at once, with the meshes that decimation left kept on disk."""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from phantoms.io import cache
from phantoms.io.code_hash import hash_code
from phantoms.terms.surface import Surface
from simulator.xray.projection.edges import EdgeMesh, build_edge_mesh
from simulator.xray.projection.level_of_detail import lighten, longest_edge_mm

WORTH_KEEPING = 50_000  # faces in all: fewer are decimated sooner than they are looked up
KEPT = 40
FOLDER = "detail"
SOURCES = ("simulator.xray.projection.level_of_detail", "simulator.xray.projection.edges")
"""Modules on which a decimated mesh depends besides those of `phantoms`, which `cache.make_key` counts in."""


def load_meshes(surfaces: Sequence[Surface], importance: Sequence[float], chosen: int) -> list[EdgeMesh]:
    """Every surface at a level of detail, in order; the same, to the bit, whether decimated now or read from disk.

    Parameters
    ----------
    surfaces : sequence of Surface
        Closed surfaces.
    importance : sequence of float
        Of each, as `simulator.xray.projection.level_of_detail.decimate_to_level` takes it.
    chosen : int
        The level.
    """
    every = list(zip(surfaces, importance, strict=True))
    if not chosen or sum(len(surface.faces) for surface in surfaces) < WORTH_KEEPING:
        return [lighten(surface, chosen, share)[0] for surface, share in every]
    fresh: list[EdgeMesh] = []

    def build() -> dict[str, NDArray]:
        found: dict[str, NDArray] = {}
        for number, (surface, share) in enumerate(every):
            mesh, left = lighten(surface, chosen, share)
            fresh.append(mesh)
            if left is not None:
                found[f"vertices {number}"], found[f"faces {number}"] = left
        return found

    kept = cache.load_arrays(_name(every, chosen), build, where=cache.find_folder() / FOLDER, kept=KEPT)
    return fresh or [
        _make_edge_mesh(surface, longest_edge_mm(share, chosen), kept, number) for number, (surface, share) in enumerate(every)
    ]


def _make_edge_mesh(surface: Surface, longest_mm: float, kept: dict[str, NDArray], number: int) -> EdgeMesh:
    vertices = kept.get(f"vertices {number}", surface.vertices)
    return build_edge_mesh(vertices, kept.get(f"faces {number}", surface.faces), surface.name, longest_mm)


def _name(every: Sequence[tuple[Surface, float]], chosen: int) -> str:
    """Of an entry: everything that a decimated mesh depends on."""
    content = sha256(hash_code(*SOURCES).encode())
    for surface, share in every:
        content.update(f"{surface.name} {surface.vertices.shape} {surface.faces.shape} {share.hex()}".encode())
        content.update(np.ascontiguousarray(surface.vertices).tobytes())
        content.update(np.ascontiguousarray(surface.faces).tobytes())
    return cache.make_key(content.hexdigest(), chosen)
