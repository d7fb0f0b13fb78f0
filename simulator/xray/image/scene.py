"""What lies in the beam, as images of line integrals."""

from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Scene:
    """Line integrals on one view's pixels, float32, read-only; only the anatomy is always there.

    Attributes
    ----------
    anatomy : ndarray, shape (2, rows, columns)
        Photoelectric and Compton line integrals (`simulator.xray.physics.materials`), dimensionless.
    iodine : ndarray, shape (rows, columns), optional
        Iodine, mg/cm2.
    steel : ndarray, shape (rows, columns), optional
        Steel of needles, mm.
    lead : ndarray, shape (rows, columns), optional
        Lead of markers, mm.

    Raises
    ------
    ValueError
        If shapes differ or values are not finite.
    """

    anatomy: NDArray[np.float32]
    iodine: NDArray[np.float32] | None = None
    steel: NDArray[np.float32] | None = None
    lead: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        anatomy = _as_image(self.anatomy, "Scene.anatomy")
        if anatomy.ndim != 3 or len(anatomy) != 2:
            raise ValueError(f"Scene.anatomy must have shape (2, rows, columns), got {anatomy.shape}")
        object.__setattr__(self, "anatomy", anatomy)
        for name in ("iodine", "steel", "lead"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _as_image(getattr(self, name), f"Scene.{name}", anatomy.shape[1:]))

    def with_overlays(
        self,
        *,
        iodine: NDArray[np.float32] | None = None,
        steel: NDArray[np.float32] | None = None,
        lead: NDArray[np.float32] | None = None,
    ) -> "Scene":
        """Return the same anatomy with other overlays; only these are checked anew.

        Parameters
        ----------
        iodine, steel, lead : ndarray, shape (rows, columns), optional
            Contrast medium, mg/cm2; needles, mm; markers, mm.

        Raises
        ------
        ValueError
            If shapes differ or values are not finite.
        """
        scene = copy(self)
        for name, values in (("iodine", iodine), ("steel", steel), ("lead", lead)):
            object.__setattr__(scene, name, None if values is None else _as_image(values, f"Scene.{name}", self.anatomy.shape[1:]))
        return scene

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, pixels."""
        return self.anatomy.shape[1], self.anatomy.shape[2]

    @property
    def channels(self) -> tuple[NDArray[np.float32] | None, ...]:
        """The images in the order of `simulator.xray.physics.detector_response.CHANNELS`; None where there is none."""
        return (self.anatomy[0], self.anatomy[1], self.iodine, self.steel, self.lead)

    def check_shape(self, shape: tuple[int, int]) -> None:
        """Refuse a scene that was made for a view of another shape (rows, columns), pixels.

        Raises
        ------
        ValueError
            If it was.
        """
        if self.shape != tuple(shape):
            raise ValueError(
                f"the scene has {self.shape[0]} x {self.shape[1]} pixels, the C-arm {shape[0]} x {shape[1]}; project it for this C-arm"
            )

    def window(self, rows: slice, columns: slice) -> tuple[NDArray[np.float32] | None, ...]:
        """Channels of a part of the image, empty ones as None."""
        parts = (None if channel is None else channel[rows, columns] for channel in self.channels)
        return tuple(part if number < 2 or (part is not None and part.any()) else None for number, part in enumerate(parts))

    def sample(self, cells: int) -> NDArray[np.float32]:
        """Anatomy at the centres of coarse cells, shape (2, cells, cells), dimensionless."""
        rows, columns = (np.minimum(((np.arange(cells) + 0.5) * count / cells).astype(np.intp), count - 1) for count in self.shape)
        return self.anatomy.take(rows, axis=1).take(columns, axis=2)


def _as_image(values: ArrayLike, name: str, shape: tuple[int, ...] | None = None) -> NDArray[np.float32]:
    image = np.ascontiguousarray(values, dtype=np.float32).view()
    if shape is not None and image.shape != shape:
        raise ValueError(f"{name} must have the anatomy's shape {shape}, got {image.shape}")
    if not np.isfinite(image.sum()):
        raise ValueError(f"{name} must be finite")
    image.setflags(write=False)
    return image
