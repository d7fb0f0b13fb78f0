"""Rotations as the browser's renderer wants them: three angles in degrees about x, y and z, applied as R_z R_x R_y (VTK's order)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.geometry.validate import as_vector

Floats = NDArray[np.float64]
LOCKED = 1 - 1e-12


def orientation_deg(turn: Floats) -> tuple[float, float, float]:
    """Angles about x, y and z of a rotation, degrees.

    Parameters
    ----------
    turn : ndarray, shape (3, 3)
        A rotation matrix.

    Examples
    --------
    >>> orientation_deg(np.eye(3))
    (0.0, 0.0, 0.0)
    """
    sine = float(np.clip(turn[2, 1], -1, 1))
    if abs(sine) > LOCKED:  # about y and about z are then the same turn
        angles = (np.arcsin(sine), 0.0, np.arctan2(turn[1, 0], turn[0, 0]))
    else:
        angles = (np.arcsin(sine), np.arctan2(-turn[2, 0], turn[2, 2]), np.arctan2(-turn[0, 1], turn[1, 1]))
    x, y, z = (float(np.rad2deg(angle)) + 0.0 for angle in angles)
    return x, y, z


def rotation(orientation: ArrayLike) -> Floats:
    """The rotation matrix, shape (3, 3), of angles about x, y and z, degrees: `orientation_deg` undone.

    Parameters
    ----------
    orientation : array_like, shape (3,)
        Degrees.
    """
    x, y, z = np.deg2rad(as_vector(orientation, "orientation"))
    (cx, cy, cz), (sx, sy, sz) = np.cos((x, y, z)), np.sin((x, y, z))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_x @ about_y)


def upright(outward: Floats, towards: Floats) -> Floats:
    """The rotation that brings +y onto a unit vector and +x as near as can be to another direction, shape (3, 3).

    Parameters
    ----------
    outward, towards : ndarray, shape (3,)
        Unit vectors; where they are nearly parallel another sideways direction is taken.
    """
    aside = towards if abs(outward @ towards) < 0.95 else np.array([0.0, 0.0, 1.0])
    aside = aside - (aside @ outward) * outward
    aside = aside / np.linalg.norm(aside)
    return np.stack((aside, outward, np.cross(aside, outward)), axis=1)
