"""Does the C-arm fit around the patient: focal spot outside the body, detector beyond it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.geometry.carm import CArm, depths_mm, project_points
from simulator.geometry.validate import as_points

SOLID_ANGLE_INSIDE = 2 * np.pi  # a closed surface fills 4 pi seen from inside, 0 from outside


def check_clear(carm: CArm, vertices: ArrayLike, faces: ArrayLike) -> None:
    """Refuse a view whose source is inside the body or whose detector has body behind it.

    Parameters
    ----------
    carm : CArm
        The view.
    vertices : array_like, shape (n, 3)
        Of the closed skin, world frame, mm.
    faces : array_like, shape (m, 3)
        Vertex indices of its triangles.

    Raises
    ------
    ValueError
        If the source is inside the skin, or part of the skin within the field lies on the far side of the detector.
    """
    points, triangles = as_points(vertices, "vertices"), np.asarray(faces)
    lowest, highest = points.min(axis=0), points.max(axis=0)
    if _within(carm.source, lowest, highest) and abs(solid_angle(carm.source, points[triangles])) > SOLID_ANGLE_INSIDE:
        raise ValueError(f"the source at {_place(carm.source)} lies inside the body: move it away, raise sod_mm, or check the isocentre")
    beyond_mm = _beyond_mm(carm, points) if _farthest_mm(carm, lowest, highest) > carm.source_to_image_mm else 0.0
    if beyond_mm > 0:
        raise ValueError(f"the body reaches {beyond_mm:.0f} mm behind the detector: raise sid_mm, or move the isocentre towards the source")


def solid_angle(viewpoint: NDArray[np.float64], triangles: NDArray[np.float64]) -> float:
    """Return the signed solid angle of a surface, sr, by the formula of Van Oosterom and Strackee (1983).

    Parameters
    ----------
    viewpoint : ndarray, shape (3,)
        World frame, mm.
    triangles : ndarray, shape (m, 3, 3)
        Corners, world frame, mm.
    """
    a, b, c = np.moveaxis(triangles - viewpoint, 1, 0)
    length_a, length_b, length_c = (np.linalg.norm(side, axis=1) for side in (a, b, c))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c))
    closeness = (
        length_a * length_b * length_c
        + np.einsum("ij,ij->i", a, b) * length_c
        + np.einsum("ij,ij->i", b, c) * length_a
        + np.einsum("ij,ij->i", c, a) * length_b
    )
    return float(2 * np.arctan2(volume, closeness).sum())


def _within(point: NDArray[np.float64], lowest: NDArray[np.float64], highest: NDArray[np.float64]) -> bool:
    """Whether a point lies in a box: only then can it lie in the body that the box holds."""
    return bool(((point >= lowest) & (point <= highest)).all())


def _farthest_mm(carm: CArm, lowest: NDArray[np.float64], highest: NDArray[np.float64]) -> float:
    """Depth of the farthest corner of a box, mm."""
    return float(np.where(carm.normal > 0, highest, lowest) @ carm.normal - carm.source @ carm.normal)


def _beyond_mm(carm: CArm, points: NDArray[np.float64]) -> float:
    """How far behind the detector the body reaches within the field, mm; 0 if it does not."""
    beyond_mm = depths_mm(carm, points) - carm.source_to_image_mm
    behind = points[beyond_mm > 0]
    if len(behind) == 0:
        return 0.0
    pixels, _ = project_points(carm, behind)
    in_field = ((pixels >= -0.5) & (pixels <= np.array(carm.shape[::-1]) - 0.5)).all(axis=1)
    return float(beyond_mm[beyond_mm > 0][in_field].max(initial=0.0))


def _place(point: NDArray[np.float64]) -> str:
    return "(" + ", ".join(f"{value:.0f}" for value in point) + ") mm"
