"""The steel in the beam: the needle in hand, or the pointer at the mark before there is one."""

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.geometry.polyline import simplify
from simulator.geometry.tube import PolylineTube
from simulator.needle import NeedleState
from simulator.procedure.state.carm_state import Point
from simulator.xray.overlays.needle_shadow import Needle, needle_mm, rod_mm

Floats = NDArray[np.float64]

POINTER_MM, POINTER_RADIUS_MM = 80.0, 1.0  # a steel rod laid on the skin with its end at the mark
STRAIGHT_MM = 0.02  # a tenth of the finest pixel at the patient: points of the shaft nearer to a straight line are not drawn


def needle_steel_mm(held: NeedleState, carm: CArm) -> NDArray[np.float32]:
    """Steel of a needle along each pixel's rays, shape (rows, columns), mm.

    Parameters
    ----------
    held : NeedleState
        On or in the body.
    carm : CArm
        The view.
    """
    tube = held.tube()
    shaft = PolylineTube(axis=simplify(tube.axis, STRAIGHT_MM), radius_mm=tube.radius_mm)
    return needle_mm(Needle(shaft=shaft, bore_radius_mm=held.kit.inner_mm / 2, notch=held.notch, stylet=held.stylet_in, hub=True), carm)


def pointer_steel_mm(mark: Point, carm: CArm) -> NDArray[np.float32]:
    """Steel of a rod on the skin, from the patient's left to the mark, along each pixel's rays, shape (rows, columns), mm.

    Parameters
    ----------
    mark : (float, float, float)
        World frame, mm.
    carm : CArm
        The view.
    """
    end = np.array(mark) + (0.0, POINTER_RADIUS_MM, 0.0)
    return rod_mm(PolylineTube(axis=np.stack((end + (POINTER_MM, 0.0, 0.0), end)), radius_mm=POINTER_RADIUS_MM), carm)
