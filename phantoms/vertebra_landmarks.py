"""Landmarks of one vertebra in its own frame, read off its constants and its surface."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phantoms.landmarks import Plane, VertebraLandmarks
from phantoms.levels import Side
from phantoms.morphometry import crossing, line, pedicle_isthmus, spinous_size, ventral_line
from phantoms.shapes import Shape
from phantoms.vertebra_body import Endplate
from phantoms.vertebra_constants import BoneConstants

Array = NDArray[np.float64]
MIRROR = np.array([-1.0, 1.0, 1.0])
PEDICLE_AIM_MM = (9.0, -5.0)  # x and y in the front third of the body


def landmarks(constants: BoneConstants, outer: Shape) -> VertebraLandmarks:
    """Landmarks of a bone in its own frame, mm."""
    parts = constants.parts
    pedicle = pedicle_isthmus(outer).centre
    tip, _, _ = spinous_size(outer)
    upper, lower = laminar_edges(outer)
    plate = pair(parts["lamina"].axis(np.array([0.6]))[0])
    normal = pair(_backward(parts["lamina"].frame[0]))
    return VertebraLandmarks(
        body_centre=np.zeros(3),
        axes=np.eye(3),
        upper_endplate=endplate_plane(constants.body.upper_endplate),
        lower_endplate=endplate_plane(constants.body.lower_endplate),
        pedicle=pair(pedicle),
        pedicle_axis=pair(pedicle_axis(pedicle)),
        lamina={side: Plane(point=plate[side], normal=normal[side]) for side in Side},
        pars=pair(deepest(outer, pars_near(constants), 2.0)),
        superior_articular_tip=pair(extreme(outer, parts["superior_articular"], np.array([0.0, 0.0, 1.0]))),
        inferior_articular_tip=pair(extreme(outer, parts["inferior_articular"], np.array([0.0, 0.0, -1.0]))),
        transverse_tip=pair(extreme(outer, parts["transverse"], np.array([1.0, 0.0, 0.0]))),
        spinous_tip=tip,
        spinolaminar=midpoint_on(outer, upper, lower),
        lamina_upper=upper,
        lamina_lower=lower,
    )


def pedicle_axis(centre: Array) -> Array:
    """Unit vector, shape (3,), along the left pedicle, backwards: the line from the front of the body, as a screw is aimed.

    Its transverse angle comes out as 13 degrees at L1 and 28 at L5, where dry bones had 15.6 and 23.7.
    """
    axis = centre - np.array([PEDICLE_AIM_MM[0], PEDICLE_AIM_MM[1], centre[2] - 2.0])
    return axis / np.linalg.norm(axis)


def pars_near(constants: BoneConstants) -> Array:
    """Middle of the left pars interarticularis: the root of the inferior process, under the superior one, shape (3,), mm."""
    root = constants.parts["inferior_articular"].start
    return np.array([(root[0] + constants.parts["superior_articular"].start[0]) / 2, root[1], root[2]])


def pair(left: Array) -> Mapping[Side, Array]:
    """A point or direction of the left side and its mirror image on the right."""
    return {Side.LEFT: left, Side.RIGHT: left * MIRROR}


def endplate_plane(plate: Endplate) -> Plane:
    """Plane through an endplate's rim: least squares over an oval of 18 by 14 mm; the normal points cephalad."""
    angle = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    x, y = 18.0 * np.cos(angle), 14.0 * np.sin(angle)
    z, _ = plate(x, y)
    offset, slope = np.linalg.lstsq(np.stack([np.ones_like(y), y], axis=1), z, rcond=None)[0]
    normal = np.array([0.0, -slope, 1.0]) / np.hypot(1.0, slope)
    return Plane(point=np.array([0.0, 0.0, offset]), normal=normal)


def laminar_edges(outer: Shape) -> tuple[Array, Array]:
    """Ventral midline points of the laminar arch's upper and lower edges, each shape (3,), mm.

    The ventral margin runs down and back from the upper edge; where it turns flatter than 45 degrees it is the spinous process' lower
    border, and the arch has ended.
    """
    margin = ventral_line(outer)
    top = int(np.argmin(margin[:8, 1]))
    slope = np.gradient(margin[:, 1], -margin[:, 2])
    flat = np.flatnonzero((slope > 1.0) & (np.arange(len(margin)) > top + 8))
    end = int(flat[0]) if len(flat) else len(margin) - 1
    return margin[top], margin[end]


def midpoint_on(outer: Shape, upper: Array, lower: Array) -> Array:
    """Point of the ventral margin half-way in height between two of its points, shape (3,), mm."""
    start = line(0.0, upper[1] - 8.0, (upper[2] + lower[2]) / 2)
    return start[0] + np.array([0.0, float(crossing(outer, start, np.array([0.0, 1.0, 0.0]), 30.0)[0]), 0.0])


def deepest(outer: Shape, near: Array, reach_mm: float) -> Array:
    """Point farthest inside the bone within a box of +-reach_mm about `near`, shape (3,), mm."""
    steps = np.arange(-reach_mm, reach_mm + 0.1, 1.0)
    grid = near + np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)
    return grid[int(np.argmin(outer(grid)))]


def extreme(outer: Shape, part: Shape, direction: Array) -> Array:
    """Point of the bone's surface farthest along `direction`, shape (3,), within the box of one part, shape (3,), mm."""
    low, high = part.bounds
    axes = [np.arange(a, b + 0.5, 1.0) for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)
    inside = grid[(part(grid) < 0) & (outer(grid) < 0)]
    far = inside[int(np.argmax(inside @ direction))]
    return far + direction * float(crossing(outer, far[None], direction, 10.0)[0])


def _backward(direction: Array) -> Array:
    return direction if direction[1] >= 0 else -direction
