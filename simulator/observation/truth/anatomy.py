"""What lies under the skin."""

from phantoms.terms.surface import Surface
from simulator.procedure.state.case import Case


def read_anatomy(case: Case) -> tuple[Surface, ...]:
    """Read the patient's surfaces, the skin among them; they are built, or read from the cache.

    Parameters
    ----------
    case : Case
    """
    return tuple(case.patient.surfaces())
