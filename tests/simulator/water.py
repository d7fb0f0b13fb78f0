"""Scenes of water and views for the tests of the imaging chain: their answers are known."""

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.image.scene import Scene
from simulator.xray.physics.materials import basis_coefficients


def view(size: int = 256, field_mm: float = 300.0) -> CArm:
    """Neutral view, source to image 1 m."""
    return CArm.from_angles(size=size, field_mm=field_mm)


def slab(carm: CArm, thickness_cm: float = 20.0, material: str = "soft tissue") -> NDArray[np.float32]:
    """Line integrals (2, rows, columns) of a plate that covers the detector."""
    lines = np.ones((2, *carm.shape)) * (basis_coefficients(material) * thickness_cm * 10)[:, None, None]
    return lines.astype(np.float32)


def slab_scene(carm: CArm, thickness_cm: float = 20.0) -> Scene:
    """A plate alone."""
    return Scene(anatomy=slab(carm, thickness_cm))


def wedge_scene(carm: CArm) -> Scene:
    """A plate whose thickness rises from 5 to 25 cm along the columns."""
    thickness = np.linspace(0.25, 1.25, carm.shape[1], dtype=np.float32)
    return Scene(anatomy=slab(carm) * thickness)
