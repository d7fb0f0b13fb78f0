"""The C-arm: one fluoroscopic view as a value, made of world points rather than angles."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simulator.geometry.validate import as_between, as_points, as_positive, as_shape, as_vector

UNIT_ATOL = 1e-6  # how far right and down may be from unit length and a right angle; they are then made exact
DEFAULT_SID_MM = 1000.0  # source to image, DESIGN.md section 2
DEFAULT_SOD_MM = 700.0  # source to isocentre
DEFAULT_FIELD_MM = 300.0  # side of the flat panel


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class CArm:
    """Cone-beam geometry of one view, in the world frame.

    Attributes
    ----------
    source : ndarray, shape (3,)
        Focal spot, mm.
    detector : ndarray, shape (3,)
        Centre of the detector, mm.
    right, down : ndarray, shape (3,)
        Unit vectors along increasing column and increasing row, at a right angle.
    pixel_mm : float
        Pixel pitch on the detector, mm.
    shape : tuple of int
        Detector (rows, columns).

    Raises
    ------
    ValueError
        If a vector is not three finite numbers, right and down are no unit vectors at a right angle, the pixel pitch is not above 0, the
        shape is below 1 pixel, or the source lies in the detector's plane.

    Examples
    --------
    >>> ap = CArm(source=(0, -700, 0), detector=(0, 300, 0), right=(-1, 0, 0), down=(0, 0, -1), pixel_mm=0.5, shape=(512, 512))
    >>> ap.source_to_image_mm
    1000.0
    >>> CArm(source=(0, 0), detector=(0, 300, 0), right=(-1, 0, 0), down=(0, 0, -1), pixel_mm=0.5, shape=(512, 512))
    Traceback (most recent call last):
    ...
    ValueError: CArm.source must have shape (3,), got (2,)
    """

    source: NDArray[np.float64]
    detector: NDArray[np.float64]
    right: NDArray[np.float64]
    down: NDArray[np.float64]
    pixel_mm: float
    shape: tuple[int, int]

    def __post_init__(self) -> None:
        for name in ("source", "detector", "right", "down"):
            object.__setattr__(self, name, as_vector(getattr(self, name), f"CArm.{name}"))
        object.__setattr__(self, "pixel_mm", as_positive(self.pixel_mm, "CArm.pixel_mm"))
        object.__setattr__(self, "shape", as_shape(self.shape, "CArm.shape"))
        _check_axes(self.right, self.down)
        if not self.source_to_image_mm > 0:
            raise ValueError(f"CArm.source must lie off the detector's plane, got {self.source} for a detector at {self.detector}")

    @classmethod
    def from_angles(
        cls,
        *,
        oblique_deg: float = 0.0,
        tilt_deg: float = 0.0,
        swivel_deg: float = 0.0,
        isocentre: ArrayLike = (0.0, 0.0, 0.0),
        sid_mm: float = DEFAULT_SID_MM,
        sod_mm: float = DEFAULT_SOD_MM,
        field_mm: float = DEFAULT_FIELD_MM,
        size: int | Sequence[int] = 512,
    ) -> "CArm":
        """Turn the angles of a mobile C-arm's joints into a view.

        Parameters
        ----------
        oblique_deg : float
            + brings the detector towards the patient's left, degrees, -180 to 180.
        tilt_deg : float
            + brings the detector cranial, degrees, -90 to 90.
        swivel_deg : float
            + turns the detector's end cranial in a left lateral view, degrees, -90 to 90.
        isocentre : array_like, shape (3,)
            Where the joints' axes meet, world frame, mm.
        sid_mm, sod_mm : float
            Source to image and source to isocentre, mm; the isocentre lies between source and detector.
        field_mm : float
            Longer side of the detector, mm.
        size : int or (int, int)
            Pixels: one number for a square image, or rows and columns.

        Raises
        ------
        ValueError
            If an angle is out of range, a length is not above 0, or sod_mm is not below sid_mm.

        Examples
        --------
        >>> CArm.from_angles(oblique_deg=90).detector.round(9).tolist()
        [300.0, 0.0, 0.0]
        """
        centre, rotation = as_vector(isocentre, "isocentre"), world_from_carm(oblique_deg, tilt_deg, swivel_deg)
        sid_mm, sod_mm = _check_distances(sid_mm, sod_mm)
        shape = as_shape(size, "size")
        towards_detector = rotation[:, 1]
        return cls(
            source=centre - sod_mm * towards_detector,
            detector=centre + (sid_mm - sod_mm) * towards_detector,
            right=-rotation[:, 0],
            down=-rotation[:, 2],
            pixel_mm=as_positive(field_mm, "field_mm") / max(shape),
            shape=shape,
        )

    @property
    def normal(self) -> NDArray[np.float64]:
        """Unit vector across the detector, away from the source, shape (3,)."""
        (a, b, c), (d, e, f) = self.right.tolist(), self.down.tolist()
        across = np.array([b * f - c * e, c * d - a * f, a * e - b * d])  # `numpy.cross` takes a millisecond over a frame's views
        return across if across @ (self.detector - self.source) >= 0 else -across

    @property
    def source_to_image_mm(self) -> float:
        """Distance of the focal spot from the detector's plane, mm."""
        return float(self.normal @ (self.detector - self.source))

    @property
    def principal_pixel(self) -> NDArray[np.float64]:
        """Column and row, shape (2,), where the perpendicular from the source meets the detector; fractions of a pixel."""
        rows, columns = self.shape
        offset = self.source - self.detector
        centre = np.array([(columns - 1) / 2, (rows - 1) / 2])
        return centre + np.array([offset @ self.right, offset @ self.down]) / self.pixel_mm

    @property
    def corner(self) -> NDArray[np.float64]:
        """Centre of pixel (row 0, column 0), shape (3,), mm."""
        rows, columns = self.shape
        return self.detector - self.pixel_mm * ((columns - 1) / 2 * self.right + (rows - 1) / 2 * self.down)

    def at_pixels(self, columns: ArrayLike, rows: ArrayLike) -> NDArray[np.float64]:
        """Return the world points on the detector of (fractional) pixels, shape (..., 3), mm.

        Parameters
        ----------
        columns, rows : array_like, shape (...)
            Whole numbers are pixel centres.
        """
        across = np.asarray(columns, dtype=float)[..., None] * self.right
        along = np.asarray(rows, dtype=float)[..., None] * self.down
        return self.corner + self.pixel_mm * (across + along)

    def magnification(self, points: ArrayLike) -> NDArray[np.float64]:
        """Return how much larger than life a small object at each point is drawn, shape (n,).

        Parameters
        ----------
        points : array_like, shape (n, 3)
            World frame, mm.
        """
        return self.source_to_image_mm / depths_mm(self, points)

    def with_size(self, size: int | Sequence[int]) -> "CArm":
        """Return the same view on the same field with another number of pixels, e.g. `carm.with_size(256)`.

        Parameters
        ----------
        size : int or (int, int)
            Pixels; rows and columns must keep the field's proportions.

        Raises
        ------
        ValueError
            If the proportions change, so that pixels would no longer be square.
        """
        shape = as_shape(size, "size")
        if shape[0] * self.shape[1] != shape[1] * self.shape[0]:
            raise ValueError(f"size must keep the proportions of {self.shape}, got {shape}")
        return replace(self, pixel_mm=self.pixel_mm * self.shape[1] / shape[1], shape=shape)


def world_from_carm(oblique_deg: float, tilt_deg: float, swivel_deg: float) -> NDArray[np.float64]:
    """Return the rotation R_y(swivel) R_x(tilt) R_z(oblique), shape (3, 3), signs as in the conventions.

    Its columns are, for angles 0: minus the image's right, the direction to the detector, minus the image's down.

    Parameters
    ----------
    oblique_deg, tilt_deg, swivel_deg : float
        Degrees, as in `CArm.from_angles`.

    Raises
    ------
    ValueError
        If an angle is out of range.
    """
    oblique = np.deg2rad(as_between(oblique_deg, -180, 180, "oblique_deg"))
    tilt = np.deg2rad(as_between(tilt_deg, -90, 90, "tilt_deg"))
    swivel = np.deg2rad(as_between(swivel_deg, -90, 90, "swivel_deg"))
    return _turn(1, -swivel) @ _turn(0, tilt) @ _turn(2, -oblique)


def project_points(carm: CArm, points: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where points appear: (column, row), shape (n, 2), fractional pixels, and depth from the source, shape (n,), mm.

    Parameters
    ----------
    carm : CArm
        The view.
    points : array_like, shape (n, 3)
        World frame, mm.

    Raises
    ------
    ValueError
        If a point lies at or behind the source, where it has no image.

    Examples
    --------
    >>> pixels, depth_mm = project_points(CArm.from_angles(size=101), (0, 0, 0))
    >>> pixels.tolist(), depth_mm.tolist()
    ([[50.0, 50.0]], [700.0])
    """
    relative = as_points(points, "points") - carm.source
    depth_mm = relative @ carm.normal
    if not (depth_mm > 0).all():
        raise ValueError(f"points must lie in front of the source, got one at depth {depth_mm.min():.1f} mm")
    on_detector = relative @ np.column_stack((carm.right, carm.down)) * (carm.source_to_image_mm / carm.pixel_mm / depth_mm)[:, None]
    return carm.principal_pixel + on_detector, depth_mm


def depths_mm(carm: CArm, points: ArrayLike) -> NDArray[np.float64]:
    """Return the distance of points from the source, measured across the detector's plane, shape (n,), mm.

    Parameters
    ----------
    carm : CArm
        The view.
    points : array_like, shape (n, 3)
        World frame, mm.
    """
    return (as_points(points, "points") - carm.source) @ carm.normal


def ray_directions(carm: CArm) -> NDArray[np.float64]:
    """Return the unit vector from the source to each pixel's centre, shape (rows, columns, 3).

    Parameters
    ----------
    carm : CArm
        The view.
    """
    rows, columns = carm.shape
    towards = carm.at_pixels(np.arange(columns), np.arange(rows)[:, None]) - carm.source
    return towards / np.linalg.norm(towards, axis=-1, keepdims=True)


def dicom_angles(carm: CArm) -> tuple[float, float]:
    """Return PositionerPrimaryAngle and PositionerSecondaryAngle, degrees.

    Parameters
    ----------
    carm : CArm
        The view; prone neutral has 180 and 0.

    Examples
    --------
    >>> dicom_angles(CArm.from_angles())
    (180.0, 0.0)
    """
    x, y, z = (carm.detector - carm.source) / np.linalg.norm(carm.detector - carm.source)
    return float(np.rad2deg(np.arctan2(x, -y))), float(np.rad2deg(np.arcsin(np.clip(z, -1, 1))))


def same_view(a: CArm, b: CArm, *, atol_mm: float = 1e-9) -> bool:
    """Tell whether two views agree in every number.

    Parameters
    ----------
    a, b : CArm
        The views.
    atol_mm : float
        Tolerance on each coordinate, mm (or dimensionless for the unit vectors).
    """
    vectors = all(np.allclose(getattr(a, name), getattr(b, name), rtol=0, atol=atol_mm) for name in ("source", "detector", "right", "down"))
    return vectors and a.shape == b.shape and abs(a.pixel_mm - b.pixel_mm) <= atol_mm


def _turn(axis: int, angle: float) -> NDArray[np.float64]:
    """Right-handed rotation about a world axis, angle in radians, exact at quarter turns."""
    cosine, sine = np.round(np.cos(angle), 15), np.round(np.sin(angle), 15)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    rotation = np.eye(3)
    rotation[[first, second], [first, second]] = cosine
    rotation[second, first], rotation[first, second] = sine, -sine
    return rotation


def _check_axes(right: NDArray[np.float64], down: NDArray[np.float64]) -> None:
    for name, axis in (("right", right), ("down", down)):
        if abs(np.linalg.norm(axis) - 1) > UNIT_ATOL:
            raise ValueError(f"CArm.{name} must be a unit vector, got {axis} of length {np.linalg.norm(axis):.6g}")
    if abs(right @ down) > UNIT_ATOL:
        raise ValueError(f"CArm.right and CArm.down must be at a right angle, got {right} and {down}")


def _check_distances(sid_mm: float, sod_mm: float) -> tuple[float, float]:
    sid_mm, sod_mm = as_positive(sid_mm, "sid_mm"), as_positive(sod_mm, "sod_mm")
    if sod_mm >= sid_mm:
        raise ValueError(f"sod_mm must be below sid_mm, so that the isocentre lies before the detector, got {sod_mm} and {sid_mm}")
    return sid_mm, sod_mm
