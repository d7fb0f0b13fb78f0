"""Names of the spaces into which an injection may go; `simulator.contrast` finds which one a spread lies in."""

from enum import StrEnum


class Compartment(StrEnum):
    """A space that fluid fills, as a radiologist names it."""

    DORSAL_EPIDURAL = "dorsal epidural"
    LATERAL_EPIDURAL = "lateral epidural"
    VENTRAL_EPIDURAL = "ventral epidural"
    FORAMINAL = "foraminal"
    INTRATHECAL = "intrathecal"
    SUBDURAL = "subdural"
    VENOUS = "venous"
    ARTERIAL = "arterial"
    FACET = "facet"
    RETRODURAL = "retrodural"
    DISC = "disc"
    INTERSPINOUS = "interspinous"
    FLAVUM = "ligamentum flavum"
    MUSCLE = "muscle"
    SUBCUTANEOUS = "subcutaneous"
    VISCERAL = "visceral"
    NEURAL = "neural"
    BONE = "bone"


EPIDURAL = frozenset({Compartment.DORSAL_EPIDURAL, Compartment.LATERAL_EPIDURAL, Compartment.VENTRAL_EPIDURAL, Compartment.FORAMINAL})
"""The compartments that together are the epidural space."""
