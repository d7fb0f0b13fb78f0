"""What of a C-arm takes room: the housings of detector and tube, and whether boxes meet."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.geometry.carm import CArm
from simulator.geometry.validate import as_positive

Floats = NDArray[np.float64]

DETECTOR_MM = (400.0, 400.0, 80.0)  # across, along and behind the image plane (recalled, unverified)
TUBE_MM = 250.0  # diameter of the tube's housing, and its length along the beam (recalled, unverified)
CLEARANCE_MM = 10.0  # that is kept from anything
PARALLEL = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class OrientedBox:
    """A box in any attitude.

    Attributes
    ----------
    centre : ndarray, shape (3,)
        World frame, mm.
    axes : ndarray, shape (3, 3)
        Unit vectors along its edges, one a row.
    half_mm : ndarray, shape (3,)
        Half of each edge, mm.
    """

    centre: Floats
    axes: Floats
    half_mm: Floats


def box_between(low: ArrayLike, high: ArrayLike) -> OrientedBox:
    """A box along the world's axes, by two opposite corners, shape (3,), mm."""
    first, last = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    return OrientedBox(centre=(first + last) / 2, axes=np.eye(3), half_mm=(last - first) / 2)


def housings(carm: CArm) -> dict[str, OrientedBox]:
    """The housings of a C-arm by name, each with the clearance that is kept round it.

    Parameters
    ----------
    carm : CArm
        The view.

    Returns
    -------
    dict of str to OrientedBox
        "detector", a slab behind the image plane, and "tube", about the focal spot.
    """
    axes = np.stack((carm.right, carm.down, carm.normal))
    behind = DETECTOR_MM[2] / 2
    return {
        "detector": OrientedBox(centre=carm.detector + behind * carm.normal, axes=axes, half_mm=np.array(DETECTOR_MM) / 2 + CLEARANCE_MM),
        "tube": OrientedBox(centre=carm.source, axes=axes, half_mm=np.full(3, TUBE_MM / 2 + CLEARANCE_MM)),
    }


def meet(first: OrientedBox, second: OrientedBox) -> bool:
    """Whether two boxes share any room (separating axes: Gottschalk, Lin and Manocha 1996).

    Parameters
    ----------
    first, second : OrientedBox

    Examples
    --------
    >>> meet(box_between((0, 0, 0), (2, 2, 2)), box_between((1, 1, 1), (3, 3, 3)))
    True
    >>> meet(box_between((0, 0, 0), (2, 2, 2)), box_between((1, 1, 2.5), (3, 3, 3)))
    False
    """
    crossed = np.cross(first.axes[:, None], second.axes[None]).reshape(9, 3)
    length = np.linalg.norm(crossed, axis=1)
    tried = np.concatenate((first.axes, second.axes, crossed[length > PARALLEL] / length[length > PARALLEL, None]))
    apart = np.abs(tried @ (second.centre - first.centre))
    reach = np.abs(tried @ first.axes.T) @ first.half_mm + np.abs(tried @ second.axes.T) @ second.half_mm
    return bool((apart <= reach).all())


def surface_points(box: OrientedBox, spacing_mm: float) -> Floats:
    """Points all over a box's faces, edges and corners among them, shape (n, 3), mm.

    Parameters
    ----------
    box : OrientedBox
    spacing_mm : float
        Most distance between neighbours, above 0.

    Raises
    ------
    ValueError
        If the spacing is not above 0.
    """
    spacing = as_positive(spacing_mm, "spacing_mm")
    counts = np.ceil(2 * box.half_mm / spacing).astype(int) + 1
    steps = [np.linspace(-1.0, 1.0, max(int(count), 2)) for count in counts]
    shares = np.array(list(product(*steps)))
    return box.centre + (shares[(np.abs(shares) == 1.0).any(axis=1)] * box.half_mm) @ box.axes
