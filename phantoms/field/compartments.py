"""Compartments of a patient: which structure lies in which, who yields to whom, and the label of any point.

A compartment's *effective* shape is its own shape, inside its parent, less the siblings that come before it. `label` walks the tree
point by point; `effective` gives the same region as one implicit shape for the mesher, pulled back by a small gap so that meshes of
neighbours stay disjoint.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.shapes.implicit import Shape, Tube, evaluate_near, take_points
from phantoms.terms.levels import Level
from phantoms.terms.tissues import Tissue

Array = NDArray[np.float64]
Labels = NDArray[np.uint8]

GAP_MM = 0.12  # between the meshes of neighbours: above their decimation error together, below what an image shows
REACH_MM = 2.0
RESOLVED = 0.7  # radius of the thinnest channel that a grid resolves, over its pitch
FAR_MM = 9.0  # beyond the cells of the coarsest grid that a mesher starts from: a cutter that far away tells it nothing


@dataclass(frozen=True, kw_only=True, eq=False)
class TissueCompartment:
    """One structure, its tissue and what lies inside it.

    Attributes
    ----------
    name : str
        Unique in its patient, e.g. ``"L4 cortex"``.
    tissue : Tissue
        Label inside, where no child is; its material is the mesh's.
    shape : Shape
        Implicit shape in the world frame; it may reach beyond the parent or into siblings.
    children : tuple of TissueCompartment
        What lies inside; the earlier take precedence.
    levels : frozenset of Level
        Where along the spine it lies; empty for what every region needs (skin, muscle).
    pitch_mm : float
        Grid spacing at which its surface is meshed.
    density : float
        Factor on the material's mass density.
    zones : callable, optional
        Points, shape (n, 3) -> labels, shape (n,), uint8, where the compartment is more than one tissue of the same material.
    clipped : bool
        False where the shape lies inside its parent by construction, so that the parent need not be asked.
    cut : bool
        Whether it runs all along the spine, so that a case needs only its stretch beside the case's bones.
    """

    name: str
    tissue: Tissue
    shape: Shape
    children: "tuple[TissueCompartment, ...]" = ()
    levels: frozenset[Level] = frozenset()
    pitch_mm: float = 1.0
    density: float = 1.0
    zones: Callable[[Array], Labels] | None = None
    clipped: bool = True
    cut: bool = False

    @cached_property
    def child_boxes(self) -> Array:
        """Boxes of the children, shape (k, 2, 3), mm."""
        return np.array([child.shape.bounds for child in self.children]).reshape(-1, 2, 3)


@dataclass(frozen=True, kw_only=True, eq=False)
class Effective:
    """A shape inside another, less its cutters, with a gap all around."""

    shape: Shape
    within: Shape | None = None
    cutters: tuple[Shape, ...] = ()
    gap_mm: float = GAP_MM

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        if self.within is None:
            return self.shape.bounds
        low, high = np.maximum(self.shape.bounds[0], self.within.bounds[0]), np.minimum(self.shape.bounds[1], self.within.bounds[1])
        return np.array([low, np.maximum(low, high)])

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        result = np.array(self.shape(points))
        near = np.flatnonzero(result < REACH_MM)
        near = near[np.argsort(points[near, 2], kind="stable")]
        inner, values = points[near], result[near]
        if self.within is not None:
            np.maximum(values, evaluate_near(self.within, inner, REACH_MM) + self.gap_mm, out=values)
        for cutter in self.cutters:
            # In order of height, so that each cutter is asked on its own stretch only.
            first, last = np.searchsorted(inner[:, 2], cutter.bounds[:, 2] + [-FAR_MM, FAR_MM])
            here = values[first:last]
            np.maximum(here, self.gap_mm - evaluate_near(cutter, inner[first:last], REACH_MM), out=here)
        result[near] = values
        return result


@dataclass(frozen=True, kw_only=True, eq=False)
class Deeper:
    """What lies deeper under a shape's surface than a thickness that varies from place to place."""

    shape: Shape
    thickness_mm: Callable[[Array], Array]

    @property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        return self.shape.bounds

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        return self.shape(points) + self.thickness_mm(points)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stretch:
    """A shape between two heights."""

    shape: Shape
    z_range_mm: tuple[float, float]

    @cached_property
    def bounds(self) -> Array:
        """Box around the inside, shape (2, 3), mm."""
        box = self.shape.bounds.copy()
        box[:, 2] = np.clip(box[:, 2], *self.z_range_mm)
        return box

    def __call__(self, points: Array) -> Array:
        """Signed distance at points, shape (n, 3) -> (n,), mm."""
        low, high = self.z_range_mm
        return np.maximum(self.shape(points), np.maximum(low - points[:, 2], points[:, 2] - high))


@dataclass(frozen=True, kw_only=True, eq=False)
class CarvedCompartment:
    """A compartment with its effective shape, its parent's name and tissue, and how deep in the tree it is."""

    compartment: TissueCompartment
    shape: Shape
    parent: str | None
    parent_tissue: Tissue | None
    depth: int


def is_spinal(compartment: TissueCompartment) -> bool:
    """Whether it is a vertebra's or the sacrum's bone."""
    return compartment.name.split()[0] in {*Level, "sacrum"}


def walk(root: TissueCompartment) -> Iterator[tuple[TissueCompartment, TissueCompartment | None]]:
    """Every compartment with its parent, parents first."""
    stack: list[tuple[TissueCompartment, TissueCompartment | None]] = [(root, None)]
    while stack:
        node, parent = stack.pop()
        yield node, parent
        stack.extend((child, node) for child in reversed(node.children))


def list_regions(root: TissueCompartment) -> Iterator[CarvedCompartment]:
    """Every compartment of the tree with its effective shape, parents first."""
    yield from _regions(root, None, ())


def _regions(
    node: TissueCompartment, parent: CarvedCompartment | None, before: tuple[TissueCompartment, ...]
) -> Iterator[CarvedCompartment]:
    outside = parent.compartment if parent else None
    region = CarvedCompartment(
        compartment=node,
        shape=_effective(node, parent, before),
        parent=outside.name if outside else None,
        parent_tissue=outside.tissue if outside else None,
        depth=parent.depth + 1 if parent else 0,
    )
    yield region
    for index, child in enumerate(node.children):
        yield from _regions(child, region, node.children[:index])


def _effective(node: TissueCompartment, parent: CarvedCompartment | None, before: tuple[TissueCompartment, ...]) -> Shape:
    if parent is not None and isinstance(node.shape, Deeper) and node.shape.shape is parent.compartment.shape:
        return Deeper(shape=parent.shape, thickness_mm=node.shape.thickness_mm)
    cutters = tuple(
        _resolve_cutter(sibling.shape, node.pitch_mm) for sibling in before if _overlap(sibling.shape.bounds, node.shape.bounds)
    )
    within = _beside(parent.shape, node.shape.bounds) if parent is not None and node.clipped else None
    if within is None and not cutters:
        return node.shape
    return Effective(shape=node.shape, within=within, cutters=cutters)


def _resolve_cutter(cutter: Shape, pitch_mm: float) -> Shape:
    """A cutter as a grid of a pitch can see it: a vessel thinner than the pitch would slip between the nodes, and lie in what it cuts."""
    if not isinstance(cutter, Tube) or np.max(cutter.radius_mm) >= RESOLVED * pitch_mm:
        return cutter
    return Tube(cutter.path, RESOLVED * pitch_mm)


def _beside(shape: Shape, box: Array) -> Shape:
    """An effective shape with those of its cutters, and of its parents', that come near a box: the rest tell nothing there."""
    if not isinstance(shape, Effective):
        return shape
    reached = box + np.array([[-FAR_MM], [FAR_MM]])
    cutters = tuple(cutter for cutter in shape.cutters if _overlap(cutter.bounds, reached))
    within = None if shape.within is None else _beside(shape.within, box)
    return Effective(shape=shape.shape, within=within, cutters=cutters, gap_mm=shape.gap_mm)


def _overlap(a: Array, b: Array) -> bool:
    return bool((a[0] - GAP_MM < b[1]).all() and (b[0] - GAP_MM < a[1]).all())


def as_points(points: ArrayLike) -> Array:
    """Points as an array of floats, shape (n, 3), mm.

    Raises
    ------
    ValueError
        Where they are not finite or not of shape (n, 3).
    """
    places = np.asarray(points, dtype=float)
    if places.ndim != 2 or places.shape[1] != 3:
        raise ValueError(f"points must have shape (n, 3), got {places.shape}")
    if not np.isfinite(places).all():
        raise ValueError("points must be finite; found nan or infinity")
    return places


def label(root: TissueCompartment, points: Array) -> Labels:
    """Tissue at points.

    Parameters
    ----------
    root : TissueCompartment
        The tree; outside it is air.
    points : ndarray, shape (n, 3)
        World frame, mm.

    Returns
    -------
    ndarray, shape (n,), uint8
        Values of `Tissue`.
    """
    places = np.asarray(points, dtype=float)
    # In order of height, so that each compartment is asked on its own stretch only; column by column, which is how shapes compute.
    order = np.argsort(places[:, 2], kind="stable")
    found = np.full(len(places), Tissue.AIR, dtype=np.uint8)
    _fill(root, places.T.take(order, axis=1).T, np.arange(len(places)), found, None)
    labels = np.empty_like(found)
    labels[order] = found
    return labels


def _fill(
    node: TissueCompartment, points: Array, candidates: NDArray[np.intp], labels: Labels, above: tuple[Shape, Array] | None
) -> NDArray[np.bool_]:
    """Label the candidates, sorted by height, that lie in a compartment; which of them do, shape as candidates.

    `above` is the parent's shape with its values at the candidates, which spare asking it again for what lies deeper inside it.
    """
    values = _values(node.shape, points, candidates, above)
    taken = values < 0
    inside = candidates[taken]
    places = take_points(points, inside)
    labels[inside] = node.tissue if node.zones is None else node.zones(places)
    left = np.ones(len(inside), dtype=bool)
    deep = values[taken]
    for child, box in zip(node.children, node.child_boxes, strict=True):
        near = _in_box(places, left, box)
        if len(near):
            left[near] = ~_fill(child, points, inside[near], labels, (node.shape, deep[near]))
    return taken


def _values(shape: Shape, points: Array, candidates: NDArray[np.intp], above: tuple[Shape, Array] | None) -> Array:
    if above is not None and isinstance(shape, Deeper) and shape.shape is above[0]:
        return above[1] + shape.thickness_mm(take_points(points, candidates))
    return shape(take_points(points, candidates))


def _in_box(points: Array, left: NDArray[np.bool_], box: Array) -> NDArray[np.intp]:
    """Which of the points, sorted by height and still left, lie in a box."""
    x, y, z = points.T
    first, last = np.searchsorted(z, box[0, 2]), np.searchsorted(z, box[1, 2], side="right")
    here = slice(first, last)
    inside = left[here] & (x[here] >= box[0, 0]) & (x[here] <= box[1, 0]) & (y[here] >= box[0, 1]) & (y[here] <= box[1, 1])
    return np.flatnonzero(inside) + first
