"""Reading an image at the places where landmarks project."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import map_coordinates

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue
from simulator.geometry.carm import CArm, project_points
from simulator.geometry.views import square_view
from simulator.imaging import attenuation_change, prepare, shoot
from simulator.xray.overlays.needle_shadow import Needle
from simulator.xray.projection.projection import Projector

Floats = NDArray[np.float64]

LUMBAR = (Level.L1, Level.L2, Level.L3, Level.L4, Level.L5)
BONE = (Tissue.CORTICAL_BONE, Tissue.TRABECULAR_BONE)


@dataclass(frozen=True, kw_only=True, eq=False)
class ProjectedView:
    """One view and the line integral at 60 keV of what was projected in it, dimensionless."""

    carm: CArm
    image: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Looking:
    """Call it with a view or C-arm, a level, and what to show: "skeleton", "everything" or one bone's name; it remembers."""

    landmarks: Landmarks
    surfaces: Sequence[Surface]
    kept: dict = field(default_factory=dict)

    def __call__(self, view: str | CArm, level: Level = Level.L4, only: str = "skeleton") -> ProjectedView:
        key = (view, level, only)
        if key not in self.kept:
            carm = self.carm(view, level)
            self.kept[key] = ProjectedView(carm=carm, image=self._projector(only).project(carm)[0].astype(np.float64))
        return self.kept[key]

    def carm(self, view: str | CArm, level: Level = Level.L4) -> CArm:
        return view if isinstance(view, CArm) else square_view(view, self.landmarks, level)

    def frame(self, view: str | CArm, level: Level = Level.L4, needle: Needle | None = None) -> Floats:
        """Grey levels of a frame of everything, automatic exposure, a spot of eight pulses."""
        if "anatomy" not in self.kept:
            self.kept["anatomy"] = prepare(self.surfaces)
        return shoot(self.kept["anatomy"], self.carm(view, level), needle=needle).pixels.astype(np.float64)

    def _projector(self, only: str) -> Projector:
        if only not in self.kept:
            chosen = [surface for surface in self.surfaces if _is_wanted(surface, only)]
            weights = [[attenuation_change(surface, self.surfaces).sum()] for surface in chosen]
            self.kept[only] = Projector(chosen, weights, full_detail=True)
        return self.kept[only]


def _is_wanted(surface: Surface, only: str) -> bool:
    if only == "everything":
        return True
    return surface.tissue in BONE and (only == "skeleton" or surface.name.startswith(f"{only} "))


def pixels(look: ProjectedView, points: ArrayLike) -> Floats:
    """Columns and rows of world points, shape (n, 2)."""
    return project_points(look.carm, np.atleast_2d(points))[0]


def mm_per_pixel(look: ProjectedView, point: ArrayLike) -> float:
    """Size of a pixel at a point's depth, mm."""
    return float(look.carm.pixel_mm / look.carm.magnification(np.atleast_2d(point))[0])


def read(look: ProjectedView, places: ArrayLike) -> Floats:
    """The image at (column, row), shape (..., 2), linearly between pixels."""
    column, row = np.moveaxis(np.asarray(places, dtype=float), -1, 0)
    return map_coordinates(look.image, [row, column], order=1, mode="nearest")


def at(look: ProjectedView, points: ArrayLike) -> Floats:
    """The image where world points project, shape (n,)."""
    return read(look, pixels(look, points))


def spokes(look: ProjectedView, centre: ArrayLike, reach_mm: float, directions: int = 24, step_mm: float = 0.25) -> tuple[Floats, Floats]:
    """Distances, mm, shape (k,), and the image along rays from a projected point, shape (directions, k)."""
    turn = np.arange(directions) * 2 * np.pi / directions
    away = np.arange(0.0, reach_mm, step_mm)
    offsets = away[:, None] * np.stack((np.cos(turn), np.sin(turn)), axis=1)[:, None] / mm_per_pixel(look, centre)
    return away, read(look, pixels(look, centre)[0] + offsets)


def across(look: ProjectedView, centre: ArrayLike, direction: ArrayLike, reach_mm: float, step_mm: float = 0.1) -> tuple[Floats, Floats]:
    """Distances, mm, shape (k,), and the image along a world direction's projection through a projected point."""
    middle, towards = pixels(look, [centre, np.asarray(centre) + np.asarray(direction)])
    unit = (towards - middle) / np.linalg.norm(towards - middle)
    away = np.arange(-reach_mm, reach_mm + step_mm / 2, step_mm)
    return away, read(look, middle + away[:, None] / mm_per_pixel(look, centre) * unit)
