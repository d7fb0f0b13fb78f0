"""Views of a patient: their names, and the C-arm that is squared to this patient's landmarks."""

from phantoms.patient import Patient
from phantoms.terms.parameters import PatientParameters
from phantoms.terms.regions import DEFAULT_REGION, all_vertebrae
from phantoms.threads import limit_blas
from simulator.door.words import check_size, match_word, read_level
from simulator.geometry.carm import DEFAULT_FIELD_MM, CArm
from simulator.geometry.views import View, square_view

__all__ = ["CArm", "aim", "list_levels", "list_views"]


def list_views() -> tuple[str, ...]:
    """Return the names of the views; "clo-left" is for a needle left of the midline, with the detector to the patient's right.

    Examples
    --------
    >>> import simulator as ef
    >>> ef.list_views()[:6]
    ('ap', 'lateral-left', 'lateral-right', 'oblique-left', 'oblique-right', 'clo-left')
    """
    return tuple(map(str, View))


def list_levels() -> tuple[str, ...]:
    """Return the names of the levels, cranial first; each stands for a vertebra and the interspace below it.

    Examples
    --------
    >>> import simulator as ef
    >>> ef.list_levels()
    ('T11', 'T12', 'L1', 'L2', 'L3', 'L4', 'L5')
    """
    return tuple(map(str, all_vertebrae()))


@limit_blas()
def aim(
    patient: Patient, view: str, *, level: str = DEFAULT_REGION.usual.value, size: int = 512, field_mm: float = DEFAULT_FIELD_MM
) -> CArm:
    """Turn the C-arm to a view, squared to this patient, with the level in the middle.

    Parameters
    ----------
    patient : Patient
        Who lies on the table.
    view : str
        One of `list_views`.
    level : str
        One of `list_levels`, or an interspace such as "L4-5"; the sacral views do not need it.
    size : int
        Pixels each way, 16 to 4096.
    field_mm : float
        Side of the detector field, mm.

    Returns
    -------
    CArm
        For angles instead of a view: ``CArm.from_angles(oblique_deg=25, tilt_deg=10)``.

    Raises
    ------
    TypeError, ValueError
        If there is no patient, view or level of that name, or a number is out of range.

    Examples
    --------
    >>> import simulator as ef
    >>> carm = ef.aim(ef.Patient.sample(seed=7), "lateral-left", level="L4", size=256)
    >>> carm.shape, bool(carm.detector[0] > carm.source[0])  # the detector at the patient's left
    ((256, 256), True)
    """
    check_patient(patient)
    found, centre = View(match_word(view, View, "view")), read_level(level)
    return square_view(found, patient.landmarks, centre, field_mm=field_mm, size=check_size(size))


def check_patient(patient: Patient) -> None:
    """Refuse what is no patient; raises TypeError."""
    if not isinstance(patient, Patient):
        found = type(patient).__name__
        raise TypeError(f"expected a Patient, e.g. Patient.sample(seed=7) or case.patient, got {found}{_advise(patient)}")


def _advise(given: object) -> str:
    """What to do about something that is no patient but has one."""
    if isinstance(getattr(given, "patient", None), Patient):
        return "; give its `.patient`"
    if isinstance(getattr(getattr(given, "case", None), "patient", None), Patient):
        return "; give its `.case.patient`"
    return "; Patient(params=...) makes one" if isinstance(given, PatientParameters) else ""
