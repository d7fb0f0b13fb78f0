"""A patient: parameters, and (built when first asked) tissue field, landmarks, surfaces and texture."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from phantoms.anatomy import Anatomy, anatomy
from phantoms.assembly import compartments
from phantoms.parameters import PatientParameters
from phantoms.tree import Compartment, label


@dataclass(frozen=True, kw_only=True, eq=False)
class Patient:
    """A patient in the world frame; everything but the parameters is built when first asked for."""

    params: PatientParameters

    @cached_property
    def anatomy(self) -> Anatomy:
        """Posed skeleton and canal."""
        return anatomy(self.params)

    @cached_property
    def compartments(self) -> Compartment:
        """Tree of compartments, outermost the skin."""
        return compartments(self.anatomy)

    def tissue(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        """Tissue at world points, shape (n, 3) -> (n,), values of `Tissue`."""
        return label(self.compartments, points)


def build(params: PatientParameters) -> Patient:
    """A patient of given parameters."""
    return Patient(params=params)
