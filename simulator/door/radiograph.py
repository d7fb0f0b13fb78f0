"""A radiograph of a patient, without a procedure around it."""

from dataclasses import dataclass, fields
from pathlib import Path
from weakref import WeakKeyDictionary

from phantoms.io.paths import as_path
from phantoms.patient import Patient
from phantoms.terms.regions import DEFAULT_REGION
from phantoms.terms.value_text import describe_value
from phantoms.threads import limit_blas
from simulator import imaging
from simulator.door.needle import lay_needle
from simulator.door.view import aim, check_patient
from simulator.door.words import check_number
from simulator.formats.atomic import replace_atomically
from simulator.formats.radiograph_file import SUFFIXES, write
from simulator.geometry.carm import CArm
from simulator.geometry.validate import as_seed
from simulator.geometry.views import SACRAL_VIEWS
from simulator.imaging import AttenuationModel
from simulator.xray.image.radiograph import Radiograph
from simulator.xray.overlays.needle_shadow import Needle
from simulator.xray.physics.technique import Technique, source_to_object_mm

PREPARED: "WeakKeyDictionary[Patient, AttenuationModel]" = WeakKeyDictionary()
"""Patients ready to be projected: to prepare one takes a second and a hundred megabytes, which go when the patient goes."""


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, slots=True)
class PatientRadiograph(Radiograph):
    """A radiograph of a patient, with where it was taken from.

    Attributes
    ----------
    pixels, counts, technique, dose, frame
        As of any `simulator.xray.image.radiograph.Radiograph`.
    carm : CArm
        The view.
    title : str
        View and patient in words.
    """

    carm: CArm
    title: str

    def save(self, path: str | Path) -> None:
        """Write the image as one file, whole or not at all; one that is there is replaced.

        Parameters
        ----------
        path : str or Path
            Ends in .png or .dcm (DICOM XA, with the extra ``dicom``) for what the monitor shows, 8 bits, or in .tif or .tiff for the
            panel's counts, 16 bits.

        Raises
        ------
        TypeError
            If it is no path.
        ValueError
            If it ends otherwise, or cannot be written.
        """
        goal = as_path(path)
        if goal.suffix.lower() not in SUFFIXES:
            raise ValueError(f"a radiograph is written as {', '.join(SUFFIXES)}, got '{goal.suffix}'; give one of these endings")
        with replace_atomically(goal, "folder") as temporary:
            write(temporary, self, self.carm, source_to_object_mm(self.carm), self.title)


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
) -> PatientRadiograph:
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
    PatientRadiograph
        `pixels`, shape (size, size), uint8, grey levels; `counts`, uint16; `technique`; `dose`. ``save("view.png")`` writes a file.

    Raises
    ------
    TypeError, ValueError
        If there is no patient, view, level or needle of that name, a number is none or out of range, or tube or detector would stand in
        the body.

    Examples
    --------
    >>> import simulator as ef
    >>> image = ef.shoot(ef.Patient.mean(), view="clo-left", level="L4", needle="interlaminar-left", size=64)
    >>> image.pixels.shape, image.pixels.dtype.name
    ((64, 64), 'uint8')
    """
    check_patient(patient)
    technique, seed = None if kvp is None else Technique(kvp=check_number(kvp, "kvp")), as_seed(seed)
    carm = view if isinstance(view, CArm) else aim(patient, view, level=level, size=size)
    steel = lay_needle(patient, needle, level=level, what="needle") if isinstance(needle, str) else needle
    if steel is not None and not isinstance(steel, Needle):
        raise TypeError(
            f"needle: expected a word such as 'interlaminar-left' or a needle from make_needle, got {describe_value(needle)}; "
            "list_needles() gives the words"
        )
    anatomy = _prepare(patient)
    imaging.check_view(anatomy, carm)
    shot = imaging.shoot(anatomy, carm, technique=technique, needle=steel, seed=seed)
    title = f"{_describe_view(view, level)}, {patient.params.describe()}"
    return PatientRadiograph(**{item.name: getattr(shot, item.name) for item in fields(shot)}, carm=carm, title=title)


def _describe_view(view: str | CArm, level: str) -> str:
    if isinstance(view, CArm):
        return "view by a C-arm's angles"
    return view.lower() if view.lower() in SACRAL_VIEWS else f"{view.lower()} {level.upper()}"


def _prepare(patient: Patient) -> AttenuationModel:
    if patient not in PREPARED:
        PREPARED[patient] = imaging.prepare(patient.surfaces(), patient.texture)
    return PREPARED[patient]
