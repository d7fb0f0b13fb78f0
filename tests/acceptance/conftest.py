"""The default patient, built once and shared between workers through the disk cache, and its image from anywhere."""

import pytest

from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters
from phantoms.terms.surface import Surface
from tests.acceptance.looking import Looking


@pytest.fixture(scope="session")
def patient() -> Patient:
    """The default patient."""
    return build(default_parameters())


@pytest.fixture(scope="session")
def surfaces(patient: Patient) -> tuple[Surface, ...]:
    """All its surfaces, from the disk cache where a worker has built them before."""
    return patient.surfaces()


@pytest.fixture(scope="session")
def looking(patient: Patient, surfaces: tuple[Surface, ...]) -> Looking:
    """Images of the default patient."""
    return Looking(landmarks=patient.landmarks, surfaces=surfaces)
