"""The coccyx: four segments that curve ventrally below the sacrum's apex, in the sacral local frame."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.pelvis.sacral_profile import SacralProfile, sacral_profile
from phantoms.shapes.implicit import Array, Ellipsoid, Shape, Tube, Union
from phantoms.shapes.primitives import FlatTube, Folded
from phantoms.terms.parameters import SacrumParameters

SACROCOCCYGEAL_GAP_MM = 2.0
JOINT_MM = 1.2
CORTEX_MM = 0.7

# Height, half-width at the top, half-depth at the top of Co1 to Co4, mm (recalled, unverified).
SEGMENTS = np.array([[11.0, 9.0, 4.6], [9.0, 7.2, 4.0], [7.5, 5.4, 3.4], [6.5, 4.0, 2.8]])
FLEXION = np.deg2rad([0.0, 8.0, 10.0, 12.0])
"""Ventral turn of each segment on the one above."""

WAIST = np.array([1.0, 0.72, 0.95, 0.7, 0.95, 0.72, 0.95, 0.75])
"""Top and bottom of each segment relative to its width: the segments show as beads."""


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class CoccyxShape:
    """Coccyx in the sacral local frame: `outer` bone, `tip` its lowest point, shape (3,), mm."""

    outer: Shape
    tip: NDArray[np.float64]

    def cortex_mm(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Thickness of the cortex near points, shape (n, 3) -> (n,), mm."""
        return np.full(len(points), CORTEX_MM)


def coccyx(params: SacrumParameters) -> CoccyxShape:
    """Coccyx below a sacrum.

    Parameters
    ----------
    params : SacrumParameters
        Sacrum whose apex it hangs from.

    Returns
    -------
    CoccyxShape
        One piece in the sacral local frame, mm.
    """
    profile = sacral_profile(params)
    path, backs = _axis(profile)
    sizes = np.repeat(SEGMENTS, 2, axis=0)
    column = FlatTube(path, backs, sizes[:, 2] * WAIST, sizes[:, 1] * WAIST)
    shape = Folded(Union((column, *_processes(path, backs, params)), (1.5, 1.5)))
    return CoccyxShape(outer=shape, tip=path[-1] + _unit(path[-1] - path[-2]) * column.thin_mm[-1])


def _axis(profile: SacralProfile) -> tuple[Array, Array]:
    """Points at the top and bottom of each segment, and the dorsal direction there, shapes (8, 3)."""
    angles = profile.axis.angles[-1] + np.cumsum(FLEXION)
    downs = np.column_stack([np.zeros(4), -np.sin(angles), -np.cos(angles)])
    backs = np.column_stack([np.zeros(4), np.cos(angles), -np.sin(angles)])
    place = profile.axis.bend(np.array([[0.0, 0.0, -profile.length_mm - SACROCOCCYGEAL_GAP_MM]]))[0] + downs[0] * SEGMENTS[0, 2]
    path = []
    for height, down in zip(SEGMENTS[:, 0], downs, strict=True):
        path += [place, place + (height - JOINT_MM) * down]
        place = path[-1] + JOINT_MM * down
    return np.array(path), np.repeat(backs, 2, axis=0)


def _processes(path: Array, backs: Array, params: SacrumParameters) -> tuple[Shape, Shape]:
    """Left transverse process and cornu of Co1."""
    down = _unit(path[1] - path[0])
    across = np.array([1.0, 0.0, 0.0])
    wing = Ellipsoid(path[0] + 8.0 * across + 1.5 * down, np.array([6.0, 3.0, 3.2]))
    foot = path[0] + min(params.intercornual_mm / 2 - 0.5, 7.5) * across + 3.0 * backs[0] + 2.0 * down
    horn = Tube(np.array([foot, foot + 4.0 * backs[0] - 3.0 * down]), np.array([2.2, 1.5]))
    return wing, horn


def _unit(vector: Array) -> Array:
    return vector / np.linalg.norm(vector)
