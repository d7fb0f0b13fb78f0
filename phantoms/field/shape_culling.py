"""Shapes without the parts that a box cannot see: the same sign inside the box, and the same value near the surface, for less asking."""

from dataclasses import replace
from functools import singledispatch

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.surface_roughness import Rough
from phantoms.shapes.implicit import Carved, Offset, Placed, Shape, Union

Array = NDArray[np.float64]

MARGIN_MM = 4.0  # beyond what a combinator itself asks for


@singledispatch
def narrow(shape: Shape, box: Array) -> Shape:  # noqa: ARG001, for the kinds below
    """The shape as it looks from inside a box.

    Parameters
    ----------
    shape : Shape
        Of any kind; kinds that are not made of parts come back as they are.
    box : ndarray, shape (2, 3)
        Lower and upper corner, in the shape's frame, mm.

    Returns
    -------
    Shape
        Inside the box of the same sign everywhere and of the same value up to `MARGIN_MM` from the surface.
    """
    return shape


@narrow.register
def _(shape: Union, box: Array) -> Shape:
    blends = shape.blends_mm or (0.0,) * (len(shape.shapes) - 1)
    reach = max(blends, default=0.0) + MARGIN_MM
    seen = [
        (narrow(part, box), blend) for part, blend in zip(shape.shapes, (0.0, *blends), strict=True) if _overlap(part.bounds, box, reach)
    ]
    if not seen:
        return shape
    parts, kept = zip(*seen, strict=True)
    return Union(parts, kept[1:])


@narrow.register
def _(shape: Carved, box: Array) -> Shape:
    reach = shape.gap_mm + shape.blend_mm + MARGIN_MM
    cutters = tuple(narrow(cutter, box) for cutter in shape.cutters if _overlap(cutter.bounds, box, reach))
    return replace(shape, shape=narrow(shape.shape, box), cutters=cutters)


@narrow.register
def _(shape: Placed, box: Array) -> Shape:
    corners = np.array(np.meshgrid(*box.T)).reshape(3, -1)
    local = shape.world_from_local[:3, :3].T @ (corners - shape.world_from_local[:3, 3:])
    return replace(shape, shape=narrow(shape.shape, np.array([local.min(axis=1), local.max(axis=1)])))


@narrow.register
def _(shape: Rough, box: Array) -> Shape:
    return replace(shape, shape=narrow(shape.shape, box))


@narrow.register
def _(shape: Offset, box: Array) -> Shape:
    return replace(shape, shape=narrow(shape.shape, box))


def _overlap(bounds: Array, box: Array, reach_mm: float) -> bool:
    return bool((bounds[0] - reach_mm <= box[1]).all() and (bounds[1] + reach_mm >= box[0]).all())
