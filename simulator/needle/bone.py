"""Bone: which way its surface faces where the tip touches it, and whether a glancing needle walks off."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from simulator.needle.constant_curvature import TipFrame, rotate_onto
from simulator.needle.tissue_mechanics import BONE

Floats = NDArray[np.float64]

PROBE_MM = 0.5  # about a contact, where bone is looked for to tell its surface
PROBES = 200
GLANCE_RAD = np.deg2rad(20.0)  # up to this angle to the surface a tip slides; recalled, unverified
WALK_RAD = np.deg2rad(30.0)  # by all contacts together: more and the shaft would have to buckle; recalled, unverified
LIFT_RAD = np.deg2rad(2.0)  # away from the surface that it slid on, so that a flat one is met once
LIFT_MM = 0.05


def face(tissue: Callable[[Floats], NDArray[np.uint8]], point: Floats) -> Floats | None:
    """Outward unit normal of bone at a contact, shape (3,); None where there is as much bone on all sides.

    Parameters
    ----------
    tissue : callable
        Points, shape (n, 3), mm -> labels, shape (n,).
    point : ndarray, shape (3,)
        On the surface, mm.
    """
    rays = _sphere()
    solid = np.isin(tissue(point + PROBE_MM * rays), list(BONE))
    outward = -rays[solid].sum(axis=0)
    size = float(np.linalg.norm(outward))
    return outward / size if size > 0.05 * PROBES else None


def glance(frame: TipFrame, outward: Floats, walked_rad: float) -> tuple[TipFrame, float] | None:
    """Frame of a tip that slides off bone, and how far bone turned it so far, rad; None where it comes too steeply.

    Parameters
    ----------
    frame : TipFrame
        On the surface.
    outward : ndarray, shape (3,)
        The surface's unit normal.
    walked_rad : float
        By how much bone turned the needle before.
    """
    angle = float(np.arcsin(np.clip(-frame.direction @ outward, -1.0, 1.0)))
    turn = max(angle, 0.0) + LIFT_RAD
    if angle > GLANCE_RAD or walked_rad + turn > WALK_RAD:
        return None
    flat = frame.direction - (frame.direction @ outward) * outward
    aside = np.cos(LIFT_RAD) * flat / np.linalg.norm(flat) + np.sin(LIFT_RAD) * outward
    notch = rotate_onto(frame.notch, frame.direction, aside)
    return TipFrame(frame.point + LIFT_MM * outward, aside, notch), walked_rad + turn


@cache
def _sphere() -> Floats:
    """Unit vectors spread evenly, in opposite pairs so that a plane's normal comes out without bias, shape (PROBES, 3)."""
    half = PROBES // 2
    order = np.arange(half) + 0.5
    height, turn = order / half, np.pi * (1 + np.sqrt(5)) * order
    radius = np.sqrt(1 - height**2)
    upper = np.stack((radius * np.cos(turn), radius * np.sin(turn), height), axis=1)
    rays = np.concatenate((upper, -upper))
    rays.setflags(write=False)
    return rays
