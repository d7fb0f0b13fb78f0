"""A patient: parameters, and (built when first asked) tissue field, landmarks, surfaces and texture."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from threadpoolctl import threadpool_limits

from phantoms.field.compartments import Compartment, as_points, label
from phantoms.field.local_field import COARSEST_MM, Vicinity, vicinity
from phantoms.io import cache
from phantoms.soft_tissue.assembly import all_roots, compartments
from phantoms.soft_tissue.interspaces import landmarks
from phantoms.soft_tissue.nerve_roots import Root
from phantoms.soft_tissue.soft_tissue_frame import Anatomy, anatomy
from phantoms.soft_tissue.texture import Texture, texture
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level
from phantoms.terms.parameters import PatientParameters
from phantoms.terms.surface import Surface


@dataclass(frozen=True, kw_only=True, eq=False)
class Patient:
    """A patient in the world frame; everything but the parameters is built when first asked for.

    Attributes
    ----------
    params : PatientParameters
        Everything of which the patient is built.
    """

    params: PatientParameters

    @cached_property
    def anatomy(self) -> Anatomy:
        """Posed skeleton and canal."""
        return anatomy(self.params)

    @cached_property
    def roots(self) -> tuple[Root, ...]:
        """Nerve roots T11 to S2, both sides."""
        return all_roots(self.anatomy)

    @cached_property
    def compartments(self) -> Compartment:
        """Tree of compartments, outermost the skin."""
        return compartments(self.anatomy, self.roots)

    @cached_property
    def landmarks(self) -> Landmarks:
        """Named points, planes and curves of every level."""
        return landmarks(self.anatomy, self.roots, self.compartments.shape)

    @cached_property
    def texture(self) -> Texture:
        """Trabecular pattern and bowel contents too fine for a surface."""
        return texture(self.compartments, self.params.texture_seed)

    def tissue(self, points: ArrayLike) -> NDArray[np.uint8]:
        """Tissue at points.

        Parameters
        ----------
        points : array_like, shape (n, 3)
            World frame, mm.

        Returns
        -------
        ndarray, shape (n,), uint8
            Values of `Tissue`; air outside the skin.

        Raises
        ------
        ValueError
            Where the points are not finite or not of shape (n, 3).
        """
        return label(self.compartments, as_points(points))

    def near(self, box: ArrayLike, cell_mm: float = COARSEST_MM) -> Vicinity:
        """The tissue field inside a box, prepared for many questions there: a needle's steps, a block of contrast.

        Parameters
        ----------
        box : array_like, shape (2, 3)
            Lower and upper corner, world frame, mm.
        cell_mm : float
            Side of the cells that are decided beforehand, at most 2 mm. A slim box around a needle's way deserves 0.5 mm: then hardly any
            of its points needs a shape.

        Returns
        -------
        Vicinity
            Its `tissue` gives the same labels as the patient's at points inside the box; its `depths` the distance from a tissue.

        Raises
        ------
        ValueError
            Where the box is not a finite lower and upper corner, or has more than 200,000 cells (116 mm cubed at 2 mm).
        """
        return vicinity(self.compartments, box, cell_mm)

    def surfaces(self, levels: Iterable[Level] | None = None) -> tuple[Surface, ...]:
        """Closed surfaces of the compartments that an X-ray tells apart, built or read from the cache.

        Parameters
        ----------
        levels : iterable of Level, optional
            A case's levels: their bones, discs, ligaments and roots are built with those of the level above and below, and what runs
            all along (canal, trunk). By default everything.

        Returns
        -------
        tuple of Surface
            Parents before children do not matter: each names its parent. Equal parameters give equal bits.
        """
        chosen = None if levels is None else tuple(sorted(Level(level) for level in set(levels)))
        name = cache.key(self.params, "surfaces", "all" if chosen is None else [str(level) for level in chosen])
        return cache.surfaces(name, lambda: self._meshed(chosen))

    def _meshed(self, levels: tuple[Level, ...] | None) -> tuple[Surface, ...]:
        # Here, so that tissue and landmarks need neither marching cubes nor decimation.
        from phantoms.surfaces import jobs, surfaces
        from phantoms.worker import worker

        # More threads of the linear algebra change the last bits.
        with worker(self.params, levels) as beside, threadpool_limits(1):
            return surfaces(jobs(self.compartments, levels), beside)


def build(params: PatientParameters) -> Patient:
    """A patient of given parameters; nothing is computed until it is asked for."""
    return Patient(params=params)
