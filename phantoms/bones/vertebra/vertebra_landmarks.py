"""Landmarks of one vertebra in its own frame, read off its constants and its surface."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.vertebra.morphometry import line
from phantoms.bones.vertebra.vertebra_body import Endplate
from phantoms.bones.vertebra.vertebra_constants import BoneConstants
from phantoms.bones.vertebra.vertebra_morph import posterior_wall_mm
from phantoms.shapes.implicit import Shape
from phantoms.shapes.swept import Swept
from phantoms.terms.landmarks import Plane, VertebraLandmarks
from phantoms.terms.levels import Side

Array = NDArray[np.float64]
MIRROR = np.array([-1.0, 1.0, 1.0])
TIPS = (
    ("superior_articular", np.array([0.0, 0.0, 1.0])),
    ("inferior_articular", np.array([0.0, 0.0, -1.0])),
    ("transverse", np.array([1.0, 0.0, 0.0])),
    ("spinous", np.array([0.0, 1.0, 0.0])),
)
TIP_STEPS_MM = np.arange(-6.0, 8.1, 0.25)
WIDEST_PEDICLE_MM = 18.0  # at L5 the transverse process grows out of the pedicle's side: count no more
PEDICLE_AIM_MM = (9.0, -5.0)  # x and y in the front third of the body


def find_landmarks(constants: BoneConstants, outer: Shape) -> VertebraLandmarks:
    """Landmarks of a bone in its own frame, mm; three short searches, a few milliseconds each."""
    parts = constants.parts
    pedicle = pedicle_centre(constants, outer)
    margin = ventral_margin(constants, outer)
    upper, lower = laminar_edges(margin)
    (superior, inferior, transverse, spinous), pars = tips_and_pars(constants, outer)
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
        pars=pair(pars),
        superior_articular_tip=pair(superior),
        inferior_articular_tip=pair(inferior),
        transverse_tip=pair(transverse),
        spinous_tip=spinous,
        spinolaminar=at_height(margin, (upper[2] + lower[2]) / 2),
        lamina_upper=upper,
        lamina_lower=lower,
    )


def pedicle_centre(constants: BoneConstants, outer: Shape) -> Array:
    """Centre of the left pedicle where it is narrowest, shape (3,), mm: read off three coronal planes behind the body."""
    y = posterior_wall_mm(constants) + np.array([4.0, 5.5, 7.0])
    middle = float(constants.parts["pedicle"].axis(np.array([0.6]))[0, 2])
    x, z = np.arange(3.0, 34.0, 0.8), middle + np.arange(-11.0, 11.1, 1.0)
    grid = np.stack(np.meshgrid(y, x, z, indexing="ij"), axis=-1)[..., [1, 0, 2]]
    inside = outer(grid.reshape(-1, 3)).reshape(grid.shape[:3]) < 0
    plane = int(np.argmin(inside.sum(axis=(1, 2))))
    section = inside[plane]
    columns = np.flatnonzero(section.any(axis=1))
    column = columns[min(5, len(columns) // 2)]  # half-way, and no more than 4 mm inside the canal's wall, clear of a transverse process
    height = float(z[section[column]].mean())
    across = section[:, int(np.abs(z - height).argmin())]
    inner = int(np.argmax(across))
    width = 0.8 * int(np.argmin(np.append(across[inner:], False)))
    return np.array([x[inner] - 0.4 + min(width, WIDEST_PEDICLE_MM) / 2, y[plane], height])


def ventral_margin(constants: BoneConstants, outer: Shape) -> Array:
    """Ventral margin of the laminar arch and the spinous process in the midline, cranial to caudal, shape (k, 3), mm."""
    y = posterior_wall_mm(constants) + np.arange(4.0, 36.0, 0.6)
    z = np.arange(12.0, -24.1, -1.0)
    grid = np.stack(np.meshgrid(0.0, y, z, indexing="ij"), axis=-1)[0]
    d = outer(grid.reshape(-1, 3)).reshape(len(y), len(z))
    enters = (d[:-1] > 0) & (d[1:] <= 0)
    found = np.flatnonzero(enters.any(axis=0))
    row = enters.argmax(axis=0)[found]
    before, after = d[row, found], d[row + 1, found]
    return line(0.0, y[row] + 0.6 * before / (before - after), z[found])


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
    """A point, mm, or direction of the left side, shape (3,), and its mirror image on the right."""
    return {Side.LEFT: left, Side.RIGHT: left * MIRROR}


def endplate_plane(plate: Endplate) -> Plane:
    """Plane through an endplate's rim: least squares over an oval of 18 by 14 mm; the normal points cephalad."""
    angle = np.linspace(0.0, 2 * np.pi, 24, endpoint=False)
    x, y = 18.0 * np.cos(angle), 14.0 * np.sin(angle)
    z, _ = plate(x, y)
    offset, slope = np.linalg.lstsq(np.stack([np.ones_like(y), y], axis=1), z, rcond=None)[0]
    normal = np.array([0.0, -slope, 1.0]) / np.hypot(1.0, slope)
    return Plane(point=np.array([0.0, 0.0, offset]), normal=normal)


def laminar_edges(margin: Array) -> tuple[Array, Array]:
    """Upper and lower end of the laminar arch on the ventral margin, each shape (3,), mm.

    The ventral margin runs down and back from the upper edge; where it turns flatter than 45 degrees it is the spinous process' lower
    border, and the arch has ended.
    """
    top = int(np.argmin(margin[:5, 1]))
    slope = np.gradient(margin[:, 1], -margin[:, 2])
    flat = np.flatnonzero((slope > 1.0) & (np.arange(len(margin)) > top + 4))
    return margin[top], margin[int(flat[0]) if len(flat) else len(margin) - 1]


def at_height(margin: Array, z: float) -> Array:
    """Point of the ventral margin at a height, shape (3,), mm."""
    return np.array([0.0, float(np.interp(-z, -margin[:, 2], margin[:, 1])), z])


def tips_and_pars(constants: BoneConstants, outer: Shape) -> tuple[list[Array], Array]:
    """The bone's points farthest out on the parts of `TIPS`, and the deepest inside the left pars, each shape (3,), mm."""
    seeds = [(find_farthest(constants.parts[name], direction), direction) for name, direction in TIPS]
    lines = [seed + TIP_STEPS_MM[:, None] * direction for seed, direction in seeds]
    around = block(pars_near(constants), 2.0)
    # Asked together: so few points cost less than the asking.
    values = outer(np.concatenate([*lines, around]))
    count = len(TIP_STEPS_MM)
    rows = values[: len(lines) * count].reshape(-1, count)
    tips = [seed + direction * find_last_exit(TIP_STEPS_MM, row) for (seed, direction), row in zip(seeds, rows, strict=True)]
    return tips, around[int(np.argmin(values[len(lines) * count :]))]


def block(middle: Array, reach_mm: float) -> Array:
    """Points every mm in a box of +-reach_mm about a point, shape (3,) -> (k, 3), mm."""
    steps = np.arange(-reach_mm, reach_mm + 0.1, 1.0)
    return middle + np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3)


def find_farthest(part: Swept, direction: Array) -> Array:
    """Point of a part's own surface farthest along a unit vector, shape (3,), mm."""
    points = part.surface_points()
    return points[int(np.argmax(points @ direction))]


def find_last_exit(places: Array, values: Array) -> float:
    """Place at which values turn positive for good, linearly interpolated, mm; both shape (k,)."""
    last = int(np.flatnonzero(values < 0)[-1])
    return float(places[last] + (places[last + 1] - places[last]) * values[last] / (values[last] - values[last + 1]))


def _backward(direction: Array) -> Array:
    return direction if direction[1] >= 0 else -direction
