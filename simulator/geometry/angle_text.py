"""Angles of C-arm and needle with their side, as a radiographer says them: the one place where a sign becomes a word.

Signs are those of `simulator.geometry`: oblique + is the detector towards the patient's left, tilt + is cranial, swivel + turns the
detector-side end cranial. The words are left and right oblique, not LAO and RAO: those are named for a detector over the chest, and on a
prone patient it stands over the back.
"""

LATERAL_DEG = 75.0  # of oblique from which a view is called lateral
HALF_TURN_DEG = 180.0
SIDES = {
    "oblique_deg": ("left oblique", "right oblique"),
    "tilt_deg": ("cranial tilt", "caudal tilt"),
    "swivel_deg": ("cranial swivel", "caudal swivel"),
}
"""Names of the sides of each axis, that of positive angles first."""


def describe_angles(oblique_deg: float | None = None, tilt_deg: float | None = None, swivel_deg: float | None = None) -> str:
    """Angles in words: "left oblique 25°, cranial 10°"; a swivel only where there is one. None leaves an angle out.

    Parameters
    ----------
    oblique_deg, tilt_deg, swivel_deg : float, optional
        As a C-arm's scales have them, degrees.

    Examples
    --------
    >>> describe_angles(25, -10.4), describe_angles(-90, 0, 3), describe_angles(0.2, -0.1, 0)
    ('left oblique 25°, caudal 10°', 'right lateral 90°, tilt 0°, swivel cranial 3°', 'oblique 0°, tilt 0°')
    """
    said = [] if oblique_deg is None else [describe_oblique(oblique_deg)]
    said += [] if tilt_deg is None else [describe_tilt(tilt_deg)]
    said += [f"swivel {describe_tilt(swivel_deg)}"] if swivel_deg is not None and round(swivel_deg) else []
    return ", ".join(said)


def describe_angle(name: str, angle_deg: float) -> str:
    """An angle about one axis with its side, in whole degrees, within a sentence.

    Parameters
    ----------
    name : str
        Of the axis, as in `SIDES`.
    angle_deg : float
        Degrees.

    Examples
    --------
    >>> describe_angle("tilt_deg", 31.2)
    '31 degrees of cranial tilt'
    """
    return f"{abs(angle_deg):.0f} degrees of {SIDES[name][bool(angle_deg < 0)]}"


def describe_oblique(oblique_deg: float) -> str:
    """Side to which the detector stands, degrees + to the patient's left.

    Examples
    --------
    >>> describe_oblique(-45.0)
    'right oblique 45°'
    """
    turned = round(abs(oblique_deg))
    name = "lateral" if turned >= LATERAL_DEG else "oblique"
    return f"{'left' if oblique_deg > 0 else 'right'} {name} {turned}\u00b0" if turned else "oblique 0\u00b0"


def describe_tilt(tilt_deg: float) -> str:
    """Way to which the detector leans, degrees + cranial.

    Examples
    --------
    >>> describe_tilt(-12.0)
    'caudal 12°'
    """
    return _name_side(tilt_deg, "cranial", "caudal", "tilt")


def read_scale(angle_deg: float, positive: str, negative: str) -> str:
    """A scale in few words, for a display: "25° left", "0°".

    Parameters
    ----------
    angle_deg : float
        Degrees.
    positive, negative : str
        Sides of the two signs.

    Examples
    --------
    >>> read_scale(25.3, "left", "right"), read_scale(-0.3, "left", "right")
    ('25° left', '0°')
    """
    turned = round(abs(angle_deg))
    return f"{turned}\u00b0 {positive if angle_deg > 0 else negative}" if turned else "0\u00b0"


def read_notch(notch_deg: float) -> str:
    """Where the notch of a hub points, counted from cranial, in a needle that stands in the back of a prone patient.

    Parameters
    ----------
    notch_deg : float
        Clockwise seen from the hub, degrees: 0 is cranial, 90 the patient's right.

    Examples
    --------
    >>> read_notch(0), read_notch(90), read_notch(345), read_notch(180)
    ('0° cranial', '90° right', '15° left', '180° caudal')
    """
    from_cranial = (notch_deg + HALF_TURN_DEG) % (2 * HALF_TURN_DEG) - HALF_TURN_DEG
    if round(abs(from_cranial)) in (0, HALF_TURN_DEG):
        return f"{round(abs(from_cranial))}\u00b0 {'caudal' if round(from_cranial) else 'cranial'}"
    return read_scale(from_cranial, "right", "left")


def _name_side(angle_deg: float, positive: str, negative: str, name: str) -> str:
    turned = round(abs(angle_deg))
    return f"{positive if angle_deg > 0 else negative} {turned}\u00b0" if turned else f"{name} 0\u00b0"
