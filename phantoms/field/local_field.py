"""The tissue field inside a box, for those who ask there again and again: a needle at every step, a block of contrast.

The box is divided into cells. A compartment's values at the corners of a cell tell whether the whole cell lies inside it, outside, or
must be asked point by point; most points need no more than that. What is left asks only the compartments whose surface may run through
the cell, in the tree's own order, so that labels are those of the whole field.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.field.compartments import Deeper, TissueCompartment, as_points
from phantoms.field.shape_culling import narrow
from phantoms.shapes.implicit import Shape, evaluate_near, take_points
from phantoms.shapes.narrow_band import all_corners, corners_of
from phantoms.terms.tissues import EPIDURAL, Tissue

Array = NDArray[np.float64]
Labels = NDArray[np.uint8]
Index = NDArray[np.intp]

COARSEST_MM = 2.0
OUTSIDE, INSIDE = 1.0, 0.8
"""A cell is decided where all its corners lie this share of its side away from a surface. No place in it is farther than 0.87 sides from
a corner: outside, where a thin thread might pass between the corners, that holds up to slopes of 1.15 mm per mm
(`phantoms.shapes.narrow_band` counts on 1.05). Inside, fillets may be steeper, but nothing thin is left out of a shape. In the
coarsest cells both are less than the 3 mm within which every combinator of shapes asks all its parts."""
MOST_CELLS = 200_000
TRUE_MM = 3.0
"""Depths are true (to first order) up to this, a bound beyond."""
OUT, IN, ASK = 0, 1, 2
UNDECIDED = 255


@dataclass(frozen=True, kw_only=True, eq=False)
class Node:
    """A compartment that reaches into the box, its place in the tree, and its shape as far as the box needs it.

    `parent` is the parent's index among the nodes, -1 for none; `deeper` tells that the shape is the deeper part of the parent's.
    """

    compartment: TissueCompartment
    parent: int
    shape: Shape
    deeper: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class LocalField:
    """Tissues inside a box of a patient; made by `Patient.near`.

    Attributes
    ----------
    box : ndarray, shape (2, 3)
        Lower and upper corner, world frame, mm.
    nodes : tuple of Node
        The compartments that reach into the box, parents first.
    cell_mm : float
        Side of its cells.
    counts : ndarray, shape (3,)
        Cells along x, y, z.
    """

    box: Array
    nodes: tuple[Node, ...]
    cell_mm: float
    counts: Index

    def tissue(self, points: ArrayLike) -> Labels:
        """Tissue at points inside the box: the labels that `Patient.tissue` gives, sooner.

        Parameters
        ----------
        points : array_like, shape (n, 3)
            World frame, mm.

        Returns
        -------
        ndarray, shape (n,), uint8
            Values of `Tissue`.

        Raises
        ------
        ValueError
            Where the points are not finite, not of shape (n, 3), or outside the box.
        """
        places = self._inside(points)
        cells = self._cells(places)
        labels = self._decided[cells]
        asked = np.flatnonzero(labels == UNDECIDED)
        if len(asked):
            labels[asked] = self._walk(take_points(places, asked), self._states[cells[asked]])
        return labels

    def depths(self, points: ArrayLike, tissue: Tissue) -> Array:
        """Signed distance of points from a tissue's boundary: negative in the tissue, positive outside it.

        True to first order within `TRUE_MM` of the boundary (as true as the shapes themselves are there: to some hundredths of a
        millimetre at 1 mm); farther away only the sign and a lower bound of the size hold. The sign agrees with `tissue` but for the
        epidural fat, whose zones are one compartment here: asked for any of them, it is the depth in the fat as a whole.

        Parameters
        ----------
        points : array_like, shape (n, 3)
            World frame, mm, inside the box.
        tissue : Tissue
            Which.

        Returns
        -------
        ndarray, shape (n,)
            In mm; inf where the box holds none of the tissue.

        Raises
        ------
        ValueError
            As `tissue` does.
        """
        places = self._inside(points)
        if tissue is Tissue.AIR:
            return -self.nodes[0].shape(places)
        wanted = EPIDURAL if tissue in EPIDURAL else {tissue}
        result = np.full(len(places), np.inf)
        for index, node in enumerate(self.nodes):
            if node.compartment.tissue in wanted:
                np.minimum(result, self._depths_in(index, places), out=result)
        return result

    def _inside(self, points: ArrayLike) -> Array:
        places = np.asfortranarray(as_points(points))
        if len(places) and not ((places >= self.box[0]) & (places <= self.box[1])).all():
            raise ValueError(f"points must lie in the box {self.box.tolist()} mm; ask Patient.tissue, or Patient.near with a larger box")
        return places

    def _cells(self, points: Array) -> Index:
        """Flat index of the cell of each point, shape (n, 3) -> (n,)."""
        x, y, z = points.T
        i, j, k = (
            np.minimum(((along - low) * (1.0 / self.cell_mm)).astype(np.intp), count - 1)
            for along, low, count in zip((x, y, z), self.box[0].tolist(), self.counts.tolist(), strict=True)
        )
        flat: Index = (i * self.counts[1] + j) * self.counts[2] + k
        return flat

    @cached_property
    def _parents(self) -> Index:
        return np.array([node.parent for node in self.nodes])

    @cached_property
    def _deepened(self) -> frozenset[int]:
        """Nodes whose values tell what lies deeper inside them."""
        return frozenset(node.parent for node in self.nodes if node.deeper)

    @cached_property
    def _states(self) -> Labels:
        """For each cell and node `OUT`, `IN` or `ASK`, shape (cells, nodes); `OUT` too where nobody will ask."""
        corners = (self.box[0][:, None] + self.cell_mm * np.indices(tuple((self.counts + 1).tolist())).reshape(3, -1)).T
        states = np.zeros((*self.counts, len(self.nodes)), dtype=np.uint8)
        taken = np.zeros((len(self.nodes) + 1, *self.counts), dtype=bool)  # wholly by a child of the node, the last row for no parent
        values: dict[int, Array] = {}
        for index, node in enumerate(self.nodes):
            cells = ~taken[node.parent] & self._mark_touched(node.shape.bounds)
            if node.parent >= 0:
                cells &= states[..., node.parent] != OUT
            asked = np.flatnonzero(corners_of(cells))
            known = values[node.parent][asked] if node.deeper else None
            values[index] = np.full(len(corners), np.nan)
            values[index][asked] = _values(node, take_points(corners, asked), known)
            grid = values[index].reshape(self.counts + 1)
            inside, outside = all_corners(grid < -INSIDE * self.cell_mm), all_corners(grid > OUTSIDE * self.cell_mm)
            states[..., index] = np.where(~cells | outside, OUT, np.where(inside, IN, ASK))
            taken[node.parent] |= cells & inside
        return states.reshape(-1, len(self.nodes))

    def _mark_touched(self, bounds: Array) -> NDArray[np.bool_]:
        """Cells that reach into a box, shape (nx, ny, nz)."""
        first = np.floor((bounds[0] - self.box[0]) / self.cell_mm)
        last = np.floor((bounds[1] - self.box[0]) / self.cell_mm)
        along = [(np.arange(n) >= a) & (np.arange(n) <= b) for n, a, b in zip(self.counts, first, last, strict=True)]
        touched: NDArray[np.bool_] = along[0][:, None, None] & along[1][:, None] & along[2]
        return touched

    @cached_property
    def _decided(self) -> Labels:
        """The label of each cell, or `UNDECIDED`, shape (cells,)."""
        deepest = np.full(len(self._states), -1)
        open_cells = np.zeros(len(self._states), dtype=bool)
        for index, node in enumerate(self.nodes):
            reached = deepest == node.parent
            open_cells |= reached & (self._states[:, index] == ASK)
            deepest[reached & (self._states[:, index] == IN)] = index
        zoned = np.array([node.compartment.zones is not None for node in self.nodes] + [False])
        return np.where(open_cells | zoned[deepest], UNDECIDED, self._tissues[deepest]).astype(np.uint8)

    @cached_property
    def _tissues(self) -> Labels:
        """Label of each node, the last of air, which index -1 finds; shape (nodes + 1,)."""
        return np.array([*(node.compartment.tissue for node in self.nodes), Tissue.AIR], dtype=np.uint8)

    def _walk(self, points: Array, states: Labels) -> Labels:
        """Labels of points, given the states of their cells, shape (n, nodes)."""
        deepest = np.full(len(points), -1)
        values: dict[int, Array] = {}
        for index in np.flatnonzero((states != OUT).any(axis=0)).tolist():
            node, state = self.nodes[index], states[:, index]
            reached = (deepest == node.parent) & (state != OUT)
            asked = np.flatnonzero(reached & (state == ASK))
            deepest[reached & (state == IN)] = index
            if len(asked):
                known = values[node.parent][asked] if node.deeper and node.parent in values else None
                found = _values(node, take_points(points, asked), known)
                if index in self._deepened:
                    values[index] = np.full(len(points), np.nan)
                    values[index][asked] = found
                deepest[asked[found < 0]] = index
        labels = self._tissues[deepest]
        for index in np.unique(deepest):
            if index >= 0 and (zones := self.nodes[index].compartment.zones) is not None:
                here = np.flatnonzero(deepest == index)
                labels[here] = zones(take_points(points, here))
        return labels

    def _depths_in(self, index: int, points: Array) -> Array:
        """Signed distance from one compartment less what is taken out of it, shape (n, 3) -> (n,), mm."""
        result = self._value(index, points)
        near = np.flatnonzero(result < TRUE_MM)
        places, values = take_points(points, near), result[near]
        for other, sign in self._find_bounding(index):
            np.maximum(values, sign * self._value(other, places), out=values)
        result[near] = values
        return result

    def _find_bounding(self, index: int) -> list[tuple[int, float]]:
        """Nodes that bound a node's region: inside its parents (1), outside its children and what comes before it or them (-1)."""
        found = [(child, -1.0) for child in np.flatnonzero(self._parents == index).tolist()]
        while index >= 0:
            parent = self.nodes[index].parent
            found += [(sibling, -1.0) for sibling in np.flatnonzero(self._parents[:index] == parent).tolist()]
            if parent >= 0:
                found.append((parent, 1.0))
            index = parent
        return found

    def _value(self, index: int, points: Array) -> Array:
        return evaluate_near(self.nodes[index].shape, points, TRUE_MM)


def _values(node: Node, points: Array, known: Array | None) -> Array:
    """A node's values at points; `known` are the parent's, nan where it was not asked, which spare asking it for what lies deeper."""
    if known is None or not isinstance(node.shape, Deeper):
        return node.shape(points)
    unknown = np.flatnonzero(np.isnan(known))
    if len(unknown):
        known[unknown] = node.shape.shape(take_points(points, unknown))
    return known + node.shape.thickness_mm(points)


def prepare_local_field(root: TissueCompartment, box: ArrayLike, cell_mm: float = COARSEST_MM) -> LocalField:
    """Prepare the part of a patient's tree that a box can see.

    Parameters
    ----------
    root : TissueCompartment
        The tree.
    box : array_like, shape (2, 3)
        Lower and upper corner, world frame, mm.
    cell_mm : float
        Side of the cells, at most `COARSEST_MM`: finer ones take longer to prepare and answer sooner.

    Raises
    ------
    ValueError
        Where the box is not a finite lower and upper corner, or the cells are too coarse or too many.
    """
    corners = np.array(box, dtype=float)
    if corners.shape != (2, 3) or not np.isfinite(corners).all() or not (corners[1] > corners[0]).all():
        raise ValueError(f"a box must be a finite lower and upper corner, shape (2, 3), mm; got {np.asarray(box).tolist()}")
    if not 0.0 < cell_mm <= COARSEST_MM:
        raise ValueError(f"cell_mm must be above 0 and at most {COARSEST_MM:g}, got {cell_mm}")
    counts = np.ceil((corners[1] - corners[0]) / cell_mm).astype(np.intp)
    if np.prod(counts, dtype=float) > MOST_CELLS:
        side = (MOST_CELLS * cell_mm**3) ** (1 / 3)
        raise ValueError(
            f"a box of {np.round(corners[1] - corners[0], 1).tolist()} mm is too large to prepare in cells of {cell_mm:g} mm: ask for some "
            f"{side:.0f} mm cubed, or use Patient.tissue"
        )
    corners.setflags(write=False)
    found = LocalField(box=corners, nodes=tuple(_nodes(root, corners)), cell_mm=cell_mm, counts=counts)
    _ = found._decided  # now, so that no later question waits for it
    return found


def _nodes(root: TissueCompartment, box: Array) -> list[Node]:
    found: list[Node] = []

    def visit(item: TissueCompartment, parent: int) -> None:
        bounds = item.shape.bounds
        if parent >= 0 and not ((bounds[0] <= box[1]) & (bounds[1] >= box[0])).all():
            return
        above = found[parent] if parent >= 0 else None
        deeper = above is not None and isinstance(item.shape, Deeper) and item.shape.shape is above.compartment.shape
        shape = Deeper(shape=above.shape, thickness_mm=item.shape.thickness_mm) if deeper else narrow(item.shape, box)  # type: ignore
        found.append(Node(compartment=item, parent=parent, shape=shape, deeper=deeper))
        here = len(found) - 1
        for child in item.children:
            visit(child, here)

    visit(root, -1)
    return found
