"""Landmarks of a straight, symmetric toy spine, each vertebra turned by a rotation of the test's choosing."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from phantoms.terms.landmarks import InterspaceLandmarks, Landmarks, Plane, SacrumLandmarks, VertebraLandmarks
from phantoms.terms.levels import Level, Side

Array = NDArray[np.float64]
LEVELS = (Level.L3, Level.L4, Level.L5)
PITCH_MM = 40.0
LAMINA_DEG = 45.0
FACET_DEG = 40.0


def turn(axis: str, angle_deg: float) -> Array:
    """Right-handed rotation about a world axis."""
    return Rotation.from_euler(axis, angle_deg, degrees=True).as_matrix()


def toy_landmarks(rotation: Array | None = None, canal_slope_deg: float = 40.0) -> Landmarks:
    """L3 to L5, one above the other and all turned alike, over a sacrum whose canal slopes back by an angle."""
    matrix = np.eye(3) if rotation is None else rotation
    return Landmarks(
        vertebrae={level: vertebra(matrix @ [0.0, 0.0, -PITCH_MM * i], matrix) for i, level in enumerate(LEVELS)},
        interspaces={level: interspace(matrix @ [0.0, 0.0, -PITCH_MM * (i + 0.5)], matrix) for i, level in enumerate(LEVELS)},
        sacrum=sacrum(matrix @ [0.0, 0.0, -PITCH_MM * len(LEVELS)], matrix, canal_slope_deg),
        conus_tip=matrix @ [0.0, 25.0, 60.0],
        iliac_crest={side: matrix @ [side.sign * 120.0, 20.0, -40.0] for side in Side},
    )


def vertebra(centre: Array, axes: Array) -> VertebraLandmarks:
    def at(x: float, y: float, z: float) -> Array:
        return centre + axes @ [x, y, z]

    def pair(x: float, y: float, z: float) -> Mapping[Side, Array]:
        return {side: at(side.sign * x, y, z) for side in Side}

    up = axes[:, 2]
    lamina = np.deg2rad(LAMINA_DEG)
    across = {side: axes @ [side.sign * np.cos(lamina), np.sin(lamina), 0.0] for side in Side}
    return VertebraLandmarks(
        body_centre=centre,
        axes=axes,
        upper_endplate=Plane(point=at(0, 0, 13), normal=up),
        lower_endplate=Plane(point=at(0, 0, -13), normal=up),
        pedicle=pair(14, 20, 5),
        pedicle_axis={side: axes @ [0.0, 1.0, 0.0] for side in Side},
        lamina={side: Plane(point=at(side.sign * 8, 38, -5), normal=across[side]) for side in Side},
        pars=pair(14, 32, -5),
        superior_articular_tip=pair(18, 34, 16),
        inferior_articular_tip=pair(15, 40, -25),
        transverse_tip=pair(42, 26, 0),
        spinous_tip=at(0, 72, -10),
        spinolaminar=at(0, 42, -6),
        lamina_upper=at(0, 40, 2),
        lamina_lower=at(0, 42, -12),
    )


def interspace(centre: Array, axes: Array) -> InterspaceLandmarks:
    def at(x: float, y: float, z: float) -> Array:
        return centre + axes @ [x, y, z]

    facet = np.deg2rad(FACET_DEG)
    normals = {side: axes @ [np.cos(facet), -side.sign * np.sin(facet), 0.0] for side in Side}
    window = np.array([at(x, 42, z) for x, z in ((-8, 0), (0, 6), (8, 0), (0, -6))])
    return InterspaceLandmarks(
        disc_centre=centre,
        interlaminar_window=window,
        ventral_interlaminar_line=np.array([at(0, 42, 6), at(0, 42, -6)]),
        facet_joint={side: Plane(point=at(side.sign * 17, 36, 0), normal=normals[side]) for side in Side},
        foramen={side: at(side.sign * 16, 24, 4) for side in Side},
        foramen_roof={side: at(side.sign * 16, 24, 14) for side in Side},
        dorsal_root_ganglion={side: at(side.sign * 17, 26, 6) for side in Side},
        flavum_dorsal=at(0, 42, 0),
        flavum_ventral=at(0, 39, 0),
        dura_dorsal=at(0, 34, 0),
        epidural_target=at(0, 36.5, 0),
        skin=at(0, 90, 0),
    )


def sacrum(top: Array, axes: Array, canal_slope_deg: float) -> SacrumLandmarks:
    slope = np.deg2rad(canal_slope_deg)
    along = axes @ [0.0, np.sin(slope), -np.cos(slope)]
    back = axes @ [0.0, np.cos(slope), np.sin(slope)]
    left = axes[:, 0]
    canal = np.array([top + 20 * back + t * along for t in np.linspace(0, 100, 11)])
    foramina = {(Level.S1, side): top + side.sign * 20 * left + 25 * along for side in Side}
    return SacrumLandmarks(
        promontory=top - 16 * axes[:, 1],
        s1_endplate=Plane(point=top, normal=axes[:, 2]),
        axes=axes,
        dorsal_foramen={key: point + 30 * back for key, point in foramina.items()},
        ventral_foramen=foramina,
        hiatus_apex=canal[-2],
        hiatus_floor=canal[-1],
        cornu={side: canal[-1] + side.sign * 6 * left for side in Side},
        canal=canal,
        coccyx_tip=canal[-1] + 30 * along,
        dural_sac_end=canal[4],
        s2_s3=Plane(point=canal[5], normal=-along),
    )
