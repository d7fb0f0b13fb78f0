"""One default patient for the tests that only look at it."""

import pytest

from phantoms.defaults import default_parameters
from phantoms.patient import Patient, build


@pytest.fixture(scope="session")
def patient() -> Patient:
    """The default patient, no mesh built."""
    return build(default_parameters())
