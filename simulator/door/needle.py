"""Needles for a radiograph: straight ones, by the name of a textbook's target or by two points."""

from numpy.typing import ArrayLike

from phantoms.patient import Patient
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level
from phantoms.terms.number_kinds import is_whole
from phantoms.terms.regions import DEFAULT_REGION
from phantoms.terms.value_text import describe_value
from phantoms.threads import limit_blas
from simulator.door.view import check_patient
from simulator.door.words import match_word, read_level
from simulator.geometry import approaches
from simulator.geometry.approaches import APPROACHES, NAMED
from simulator.geometry.clear_path import Course, Field
from simulator.geometry.gauges import GAUGES_MM
from simulator.geometry.validate import as_vector
from simulator.xray.overlays.needle_shadow import Needle, gauge_needle

SHORTEST_MM = 1.0


def list_needles() -> tuple[str, ...]:
    """Return the names of the textbook's targets, as `make_needle` and `shoot` take them.

    Examples
    --------
    >>> import simulator as ef
    >>> ef.list_needles()[:4]
    ('interlaminar', 'interlaminar-left', 'interlaminar-right', 'transforaminal-left')
    """
    return tuple(NAMED)


@limit_blas()
def make_needle(
    patient: Patient,
    target: str | ArrayLike,
    *,
    entry: ArrayLike | None = None,
    level: str = DEFAULT_REGION.usual.value,
    gauge: int | None = None,
) -> Needle:
    """Lay a straight needle from the skin to a target, to be seen in a radiograph (`shoot`).

    A needle that bends, resists and is pushed belongs to a procedure: ``actions.PlaceNeedle``.

    Parameters
    ----------
    patient : Patient
        Who lies on the table.
    target : str or array_like, shape (3,)
        One of `list_needles`, or where the tip lies, world frame, mm.
    entry : array_like, shape (3,), optional
        Where it enters the skin, world frame, mm; needed for a target by coordinates, the textbook's if left out.
    level : str
        Of the interspace, by its upper vertebra; the sacral targets do not need it.
    gauge : int, optional
        16 to 27; the textbook's if left out: 18 for interlaminar, else 22.

    Returns
    -------
    Needle
        Steel for the beam.

    Raises
    ------
    TypeError, ValueError
        If there is no patient, target, level or gauge of that name, or entry and target lie less than 1 mm apart.

    Examples
    --------
    >>> import simulator as ef
    >>> needle = ef.make_needle(ef.Patient.sample(seed=7), "interlaminar-left", level="L4")
    >>> round(2 * needle.shaft.radius_mm, 2)  # 18 gauge
    1.27
    """
    return lay_needle(patient, target, entry=entry, level=level, gauge=gauge)


def lay_needle(
    patient: Patient,
    target: str | ArrayLike,
    *,
    entry: ArrayLike | None = None,
    level: str = DEFAULT_REGION.usual.value,
    gauge: int | None = None,
    what: str = "target",
) -> Needle:
    """Lay a needle as `make_needle` does, arguments and errors as there; `what` is the target's name in messages."""
    check_patient(patient)
    chosen = _check_gauge(usual_gauge(target if isinstance(target, str) else None) if gauge is None else gauge)
    if isinstance(target, str):
        found = find_course(match_word(target, NAMED, what), patient.landmarks, read_level(level), patient.tissue)
        course = found if entry is None else Course(entry=as_vector(entry, "entry"), tip=found.tip)
    elif entry is None:
        raise ValueError(f"expected an entry for a {what} by coordinates, got none; give entry=(x, y, z) in mm")
    else:
        course = Course(entry=as_vector(entry, "entry"), tip=as_vector(target, "target"))
    if not course.depth_mm > SHORTEST_MM:
        raise ValueError(f"entry and target must lie more than {SHORTEST_MM:g} mm apart, got {course.depth_mm:.3g} mm")
    return gauge_needle(chosen, [course.hub, course.tip])


def find_course(name: str, landmarks: Landmarks, level: Level, tissue: Field | None) -> Course:
    """Return the textbook's course to a target.

    Parameters
    ----------
    name : str
        One of `list_needles`.
    landmarks : Landmarks
        The patient's.
    level : Level
        Upper vertebra of the interspace.
    tissue : callable or None
        Points, shape (n, 3), mm -> tissue labels, shape (n,), 0 outside the body.

    Raises
    ------
    ValueError
        If this patient lacks the landmarks, or no course is clear.
    """
    named = NAMED[name]
    around = APPROACHES[named.approach].gives_way
    return approaches.find_course(named.approach, landmarks, level, named.side, tissue, around=around)


def usual_gauge(target: str | None) -> int:
    """Return the gauge that a textbook uses for a target; that of a spinal needle for a target by coordinates."""
    named = NAMED.get(target) if target else None
    return approaches.usual_gauge(named.approach if named else None)


def _check_gauge(gauge: int) -> int:
    if not is_whole(gauge) or gauge not in GAUGES_MM:
        raise ValueError(f"gauge must be one of {', '.join(map(str, GAUGES_MM))}, got {describe_value(gauge)}")
    return int(gauge)
