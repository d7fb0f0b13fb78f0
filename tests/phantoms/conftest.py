"""One default patient for the tests that only look at it."""

import pytest

from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters


@pytest.fixture(scope="session")
def patient() -> Patient:
    """The default patient, no mesh built."""
    return build(default_parameters())
