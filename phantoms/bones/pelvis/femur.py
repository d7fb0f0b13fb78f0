"""The upper end of the femur: head, neck, trochanters and a stump of shaft, so that hips are not empty on a radiograph."""

import numpy as np

from phantoms.shapes.implicit import Array, Ellipsoid, Shape, Tube, Union

HEAD_RADIUS_MM = 24.0

# From the centre of the left head, mm: neck, intertrochanteric middle, end of the stump (recalled, unverified).
NECK = np.array([[6.0, 0.0, -4.0], [44.0, 8.0, -34.0]])
SHAFT = np.array([[46.0, 9.0, -36.0], [44.0, 6.0, -62.0], [38.0, 4.0, -130.0]])
GREATER_TROCHANTER = np.array([[56.0, 14.0, -10.0], [56.0, 12.0, -36.0]])
LESSER_TROCHANTER = np.array([28.0, 20.0, -58.0])


def femur(head_centre: Array) -> Shape:
    """Left femur's upper end, 150 mm long, about the centre of its head, shape (3,), mm."""
    head = Ellipsoid(head_centre, np.full(3, HEAD_RADIUS_MM))
    neck = Tube(NECK + head_centre, np.array([15.0, 17.0]))
    shaft = Tube(SHAFT + head_centre, np.array([20.0, 17.0, 14.5]))
    trochanters = (
        Tube(GREATER_TROCHANTER + head_centre, np.array([9.0, 14.0])),
        Ellipsoid(LESSER_TROCHANTER + head_centre, np.full(3, 9.0)),
    )
    return Union((head, neck, shaft, *trochanters), (4.0, 8.0, 8.0, 8.0))
