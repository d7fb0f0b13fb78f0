"""Landmarks of each interspace, read off the same shapes that make the tissues."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.facet_joints import joint_plane
from phantoms.shapes.implicit import Shape
from phantoms.soft_tissue.nerve_roots import Root
from phantoms.soft_tissue.soft_tissue_frame import Anatomy
from phantoms.terms.landmarks import InterspaceLandmarks, Landmarks, Plane
from phantoms.terms.levels import Level, Side

Array = NDArray[np.float64]

OUTLINE_POINTS = 24
OUTLINE_REACH_MM = 18.0
BEHIND_MM = np.array([0.0, 3.0, 6.0])
"""Depths dorsal to the flavum at which bone may hide the window from behind, mm."""


def find_landmarks(body: Anatomy, roots: tuple[Root, ...], skin: Shape) -> Landmarks:
    """All landmarks of a patient.

    Parameters
    ----------
    body : Anatomy
    roots : tuple of Root
        As in the tree of compartments.
    skin : Shape
        Outer surface of the skin.
    """
    levels = body.skeleton.levels
    sacrum = body.skeleton.sacrum
    ganglia = {(root.level, root.side): root.ganglion_centre for root in roots}
    return Landmarks(
        vertebrae={level: body.skeleton.vertebrae[level].landmarks for level in levels},
        interspaces={level: _interspace(body, level, ganglia, skin) for level in levels},
        sacrum=sacrum.landmarks,
        conus_tip=body.curve.world(np.array([[0.0, body.profile.at("sac_centre", body.conus_mm) - 0.6, body.conus_mm]]))[0],
        iliac_crest=body.skeleton.iliac_crest,
    )


def _interspace(body: Anatomy, level: Level, ganglia: Mapping[tuple[Level, Side], Array], skin: Shape) -> InterspaceLandmarks:
    above, below = body.endplates(level)
    t = body.window_middle(level)
    profile = body.profile
    roof, flavum = profile.at("roof", t), profile.at("flavum", t)
    dura = profile.at("sac_centre", t) + profile.at("sac_half_depth", t)
    ventral, dorsal, dural, target = body.curve.world(
        np.array([[0.0, roof, t], [0.0, roof + flavum, t], [0.0, dura, t], [0.0, (roof + dura) / 2, t]])
    )
    return InterspaceLandmarks(
        disc_centre=(above.point + below.point) / 2,
        interlaminar_window=_window(body, level),
        ventral_interlaminar_line=_ventral_line(body, level),
        facet_joint={side: _facet(body, level, side) for side in Side},
        foramen=_foramina(body, level),
        foramen_roof=_roofs(body, level),
        dorsal_root_ganglion={side: ganglia[level, side] for side in Side},
        flavum_dorsal=dorsal,
        flavum_ventral=ventral,
        dura_dorsal=dural,
        epidural_target=target,
        skin=exit_point(skin, dorsal, body.curve.axis(t, 1)),
    )


def exit_point(shape: Shape, start: Array, direction: Array) -> Array:
    """Where a ray from a point inside leaves a shape, shape (3,), mm; to 0.001 mm."""
    low, high = 0.0, 400.0
    for _ in range(4):
        reach = np.linspace(low, high, 33)
        outside = shape(start + reach[:, None] * direction) >= 0
        first = int(np.argmax(outside)) if outside.any() else len(reach) - 1
        low, high = float(reach[max(first - 1, 0)]), float(reach[first])
    return start + (low + high) / 2 * direction


def _facet(body: Anatomy, level: Level, side: Side) -> Plane:
    item = body.skeleton.vertebrae[level]
    return joint_plane(
        body.superior_articular(level), item.inferior_articular, side, item.landmarks.axes[:, 0], item.landmarks.spinolaminar
    )


def _foramina(body: Anatomy, level: Level) -> dict[Side, Array]:
    """Middles of both foramina, between the pedicles, at their middle from side to side."""
    u = np.array([float(body.stations[level].pedicle[side][0]) for side in Side])
    t = np.full(len(u), np.mean(body.foramen_range(level)))
    v, _ = body.clearest_v(level, u, t, (-1.0, 9.0))
    places = body.curve.world(np.column_stack([u, v, t]))
    return dict(zip(Side, places, strict=True))


def _roofs(body: Anatomy, level: Level) -> dict[Side, Array]:
    """Lower border of both pedicles above the foramina, straight below their middles."""
    bone = body.skeleton.vertebrae[level]
    return {side: exit_point(bone.outer, bone.landmarks.pedicle[side], -bone.landmarks.axes[:, 2]) for side in Side}


def _ventral_line(body: Anatomy, level: Level) -> Array:
    """Ventral margins of the laminae in the midline: along the upper lamina, across the window, along the lower lamina."""
    station = body.stations[level]
    low, high = body.windows[level]
    places = [station.t_upper, low, high, high + 8.0]
    heights = [station.v_upper, station.v_lower, body.profile.at("roof", high), _lamina_v(body, level, high + 8.0)]
    t = np.unique(np.concatenate([places, np.linspace(places[0], places[-1], 20)]))
    return body.curve.world(np.stack([np.zeros_like(t), np.interp(t, places, heights), t], axis=1))


def _lamina_v(body: Anatomy, level: Level, t: float) -> float:
    """Height v of the lower lamina's ventral face at t."""
    if level is body.region.last_mobile:
        return body.profile.at("roof", t)
    below = body.stations[body.region.below(level)]
    return float(np.interp(t, [below.t_upper, below.t_lower], [below.v_upper, below.v_lower]))


def _window(body: Anatomy, level: Level) -> Array:
    """Outline of the gap between the laminae as seen from behind, on the flavum, shape (OUTLINE_POINTS, 3)."""
    low, high = body.windows[level]
    angle = np.arange(OUTLINE_POINTS) * (2 * np.pi / OUTLINE_POINTS)
    reach = np.arange(1.0, OUTLINE_REACH_MM, 1.5)
    u = np.cos(angle)[:, None] * reach
    t = (low + high) / 2 + np.sin(angle)[:, None] * reach
    sheet = np.stack([u, _on_flavum(body, u, t), t], axis=2)
    free = _clearance(body, level, sheet + BEHIND_MM[:, None, None, None] * [0.0, 1.0, 0.0]).min(axis=0)
    edge = np.array([_first_below(reach, row) for row in free])
    u, t = np.cos(angle) * edge, (low + high) / 2 + np.sin(angle) * edge
    return body.curve.world(np.stack([u, _on_flavum(body, u, t), t], axis=1))


def _on_flavum(body: Anatomy, u: Array, t: Array) -> Array:
    p = body.profile
    roof, flavum, slope = (np.interp(t, p.t_mm, table) for table in (p.roof, p.flavum, p.slope))
    return roof + flavum / 2 - slope * np.maximum(np.abs(u) - 1.5, 0.0)


def _clearance(body: Anatomy, level: Level, local: Array) -> Array:
    """Distance from points (u, v, t), shape (..., 3), to the two bones beside an interspace, shape (...,), mm."""
    points = body.curve.world(local.reshape(-1, 3))
    return np.minimum(body.skeleton.vertebrae[level].outer(points), body.bone_below(level)(points)).reshape(local.shape[:-1])


def _first_below(reach: Array, values: Array) -> float:
    hit = np.flatnonzero(values < 0)
    if len(hit) == 0:
        return float(reach[-1])
    i = int(hit[0])
    if i == 0:
        return float(reach[0])
    return float(reach[i - 1] + (reach[i] - reach[i - 1]) * values[i - 1] / (values[i - 1] - values[i]))
