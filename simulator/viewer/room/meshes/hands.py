"""What the operator holds: hub, stylet, syringe and tubing in the needle's frame, and two gloved hands.

The needle's frame has its origin where the shaft leaves the hub, +y outward along the shaft, +x towards the operator's side.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.viewer.room.meshes import materials
from simulator.viewer.room.meshes.mesh import Colour, ColouredMesh, join, mirror, paint, transform
from simulator.viewer.room.meshes.solids import ball, block, lathe, rod, sweep

Floats = NDArray[np.float64]

HUB_MM = 24.0  # length of a Luer hub, as the needle's shadow draws it
LOR_MM, SYRINGE_MM = (78.0, 9.0), (92.0, 8.0)  # barrel length and radius
TUBING_END = np.array([235.0, 84.0, -26.0])  # where the tubing ends: beside the beam, at the operator's hand
SYRINGE_WAY = np.array([0.93, 0.36, -0.05])  # along which the syringe then lies


def hub() -> ColouredMesh:
    """A Luer hub with its notched flange; the notch, and so the bevel, is at +z."""
    barrel = lathe([(0, 0), (2.4, 0), (3.6, 8), (3.6, HUB_MM - 3), (5.5, HUB_MM - 3), (5.5, HUB_MM), (0, HUB_MM)], materials.HUB, sides=14)
    return join(barrel, block((-1.6, HUB_MM - 3.4, 4.4), (1.6, HUB_MM + 0.4, 6.4), materials.WHITE))


def stylet() -> ColouredMesh:
    """Its cap, that sits in the hub."""
    return lathe(
        [(0, HUB_MM), (2.0, HUB_MM), (4.6, HUB_MM + 2), (4.6, HUB_MM + 9), (3.0, HUB_MM + 12), (0, HUB_MM + 12)], materials.STYLET, sides=12
    )


def syringe(length_mm: float, radius_mm: float, start_mm: float, colour: Colour = materials.GLASS) -> ColouredMesh:
    """A barrel with its nozzle, from a height above the hub's foot."""
    foot = start_mm
    return join(
        lathe(
            [(1.8, foot - 6), (2.6, foot), (2.6, foot + 4), (radius_mm, foot + 8), (radius_mm, foot + 8 + length_mm)],
            colour,
            sides=16,
        ),
        block((-radius_mm - 9, foot + 6 + length_mm, -radius_mm), (radius_mm + 9, foot + 9 + length_mm, radius_mm), colour),
    )


def plunger(length_mm: float, radius_mm: float, start_mm: float) -> ColouredMesh:
    """A plunger pushed in all the way: it is drawn out along +y by what the syringe holds."""
    foot = start_mm + 9
    return join(
        rod((0, foot, 0), (0, foot + 7, 0), radius_mm - 0.8, materials.RUBBER, sides=14),
        block((-radius_mm * 0.7, foot + 7, -1), (radius_mm * 0.7, foot + length_mm + 14, 1), materials.PLUNGER),
        block((-1, foot + 7, -radius_mm * 0.7), (1, foot + length_mm + 14, radius_mm * 0.7), materials.PLUNGER),
        rod((0, foot + length_mm + 14, 0), (0, foot + length_mm + 17, 0), radius_mm + 2.5, materials.PLUNGER, sides=16),
    )


def tubing(start_mm: float) -> ColouredMesh:
    """An extension line from the hub to a syringe that is held beside the beam: a smooth bow (Bezier)."""
    share = np.linspace(0, 1, 13)[:, None]
    ends = np.array([0.0, start_mm, 0.0]), TUBING_END
    first, second = ends[0] + (0.0, 80.0, 0.0), ends[1] - 90.0 * SYRINGE_WAY
    line = (1 - share) ** 3 * ends[0] + 3 * share * (1 - share) ** 2 * first + 3 * share**2 * (1 - share) * second + share**3 * ends[1]
    return sweep(line, np.full(len(line), 1.7), materials.GLASS, sides=7)


def hand() -> ColouredMesh:
    """A right hand in a sterile glove that pinches something at the origin between thumb and index; forearm towards +x and +y."""
    palm = join(
        ball((62, 22, -8), (40, 19, 34), materials.GLOVE, sides=12),
        ball((88, 26, -2), (30, 18, 28), materials.GLOVE, sides=12),
    )
    fingers = [
        _finger([(44, 30, 18), (22, 32, 20), (4, 6, 6)], 8.6),  # index
        _finger([(42, 26, -2), (18, 30, 0), (2, 2, -9)], 9.0),  # middle
        _finger([(44, 18, -22), (22, 16, -26), (12, -4, -20)], 8.4),  # ring
        _finger([(52, 10, -36), (34, 2, -38), (26, -10, -28)], 7.2),  # little
        _finger([(58, 14, 22), (28, 2, 24), (5, -4, 9)], 9.6),  # thumb
    ]
    cuff = sweep([(104, 27, 0), (130, 33, 0)], [(26, 22), (29, 25)], materials.CUFF, sides=12)
    return join(palm, *fingers, cuff, _sleeve())


def _sleeve() -> ColouredMesh:
    """A gown's sleeve that darkens towards its end, for nobody is drawn behind it."""
    x = np.linspace(122, 330, 7)
    line = np.stack([x, 31 + 0.17 * (x - 122), 0 * x], axis=1)
    sleeve = sweep(line, np.stack([np.linspace(33, 45, 7), np.linspace(29, 42, 7)], axis=1), materials.SLEEVE, sides=12)
    share = np.clip((sleeve.vertices[:, :1] - 190.0) / 130.0, 0, 1)
    return paint(sleeve, (1 - 0.35 * share) * materials.SLEEVE)


def hands() -> tuple[ColouredMesh, ColouredMesh]:
    """Right and left hand, each about its own pinch."""
    right = hand()
    return right, transform(mirror(right), turn=np.diag([-1.0, 1.0, -1.0]))


def marker() -> ColouredMesh:
    """A small cross drawn on the skin."""
    return join(block((-7, -0.6, -1.1), (7, 0.9, 1.1), materials.MARK), block((-1.1, -0.6, -7), (1.1, 0.9, 7), materials.MARK))


def shaft() -> ColouredMesh:
    """A piece of shaft of unit length along +y and unit radius, to be stretched."""
    return rod((0, 0, 0), (0, 1, 0), 1.0, materials.NEEDLE, sides=6)


def _finger(points: list[tuple[float, float, float]], radius_mm: float) -> ColouredMesh:
    """A finger through knuckle, middle joint and tip."""
    line = np.array(points, dtype=float)
    bends = np.array([line[0], (line[0] + line[1]) / 2, line[1], (line[1] + line[2]) / 2, line[2]])
    widths = radius_mm * np.array([1.0, 0.98, 0.95, 0.88, 0.74])
    return join(
        sweep(bends, widths, materials.GLOVE, sides=8, capped=False), ball(line[-1], np.full(3, widths[-1]), materials.GLOVE, sides=8)
    )
