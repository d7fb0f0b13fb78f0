"""Names of the spaces into which an injection may go; `simulator.contrast` finds which one a spread lies in."""

from enum import StrEnum


class Compartment(StrEnum):
    """A space that fluid fills, as a radiologist names it."""

    EPIDURAL_DORSAL = "epidural-dorsal"
    EPIDURAL_LATERAL = "epidural-lateral"
    EPIDURAL_VENTRAL = "epidural-ventral"
    FORAMINAL = "foraminal"
    INTRATHECAL = "intrathecal"
    SUBDURAL = "subdural"
    VENOUS = "venous"
    ARTERIAL = "arterial"
    FACET = "facet"
    RETRODURAL = "retrodural"
    DISC = "disc"
    INTERSPINOUS = "interspinous"
    FLAVUM = "ligamentum-flavum"
    MUSCLE = "muscle"
    SUBCUTANEOUS = "subcutaneous"
    VISCERAL = "visceral"
    NEURAL = "neural"
    BONE = "bone"
    OUTSIDE = "outside"

    @property
    def words(self) -> str:
        """For people: ``epidural dorsal``."""
        return self.value.replace("-", " ")


EPIDURAL = frozenset({Compartment.EPIDURAL_DORSAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_VENTRAL, Compartment.FORAMINAL})
"""The compartments that together are the epidural space."""
