"""A radiograph of a patient, without a procedure around it."""

from weakref import WeakKeyDictionary

from phantoms.patient import Patient
from phantoms.terms.regions import DEFAULT_REGION
from phantoms.threads import limit_blas
from simulator import imaging
from simulator.door.needle import make_needle
from simulator.door.view import aim, check_patient
from simulator.geometry.carm import CArm
from simulator.imaging import AttenuationModel
from simulator.xray.image.radiograph import Radiograph
from simulator.xray.overlays.needle_shadow import Needle
from simulator.xray.physics.technique import Technique

PREPARED: "WeakKeyDictionary[Patient, AttenuationModel]" = WeakKeyDictionary()
"""Patients ready to be projected: to prepare one takes a second and a hundred megabytes, which go when the patient goes."""


@limit_blas()
def shoot(
    patient: Patient,
    view: str | CArm = "ap",
    *,
    level: str = DEFAULT_REGION.usual.value,
    needle: str | Needle | None = None,
    kvp: float | None = None,
    size: int = 512,
    seed: int = 0,
) -> Radiograph:
    """Take one radiograph of a patient.

    Parameters
    ----------
    patient : Patient
        Who lies on the table; the first radiograph of a new one builds its surfaces, which takes some seconds.
    view : str or CArm
        One of `list_views`, squared to this patient; or a C-arm from `aim` or ``CArm.from_angles``, which has its own size.
    level : str
        Of a view or a needle by name: one of `list_levels`, or an interspace such as "L4-5".
    needle : str or Needle, optional
        One of `list_needles`, or from `make_needle`.
    kvp : float, optional
        Tube voltage, kV, 40 to 120; automatic brightness control if left out.
    size : int
        Pixels each way of a view by name, 16 to 4096.
    seed : int
        Of the noise, from 0; equal arguments give equal bits.

    Returns
    -------
    Radiograph
        `pixels`, shape (size, size), uint8, grey levels; `counts`, uint16; `technique`; `dose`.

    Raises
    ------
    TypeError, ValueError
        If there is no patient, view, level or needle of that name, a number is out of range, or tube or detector would stand in the body.

    Examples
    --------
    >>> import simulator as ef
    >>> image = ef.shoot(ef.Patient.mean(), view="clo-left", level="L4", needle="interlaminar-left", size=64)
    >>> image.pixels.shape, image.pixels.dtype.name
    ((64, 64), 'uint8')
    """
    check_patient(patient)
    technique = None if kvp is None else Technique(kvp=kvp)
    carm = view if isinstance(view, CArm) else aim(patient, view, level=level, size=size)
    steel = make_needle(patient, needle, level=level) if isinstance(needle, str) else needle
    if steel is not None and not isinstance(steel, Needle):
        raise TypeError(f"needle: expected a word such as 'interlaminar-left' or a needle from make_needle, got {type(needle).__name__}")
    anatomy = _prepare(patient)
    imaging.check_view(anatomy, carm)
    return imaging.shoot(anatomy, carm, technique=technique, needle=steel, seed=seed)


def _prepare(patient: Patient) -> AttenuationModel:
    if patient not in PREPARED:
        PREPARED[patient] = imaging.prepare(patient.surfaces(), patient.texture)
    return PREPARED[patient]
