"""The patient, as a person meets it at the door."""

from phantoms.patient import Patient

__all__ = ["Patient"]
