"""The room: where C-arm and table stand, how the beam is set, which pulses have been given and what they cost."""

from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from math import inf

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import DEFAULT_FIELD_MM, DEFAULT_SID_MM, DEFAULT_SOD_MM, CArm
from simulator.xray.image.modes import Mode
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.dose import Dose, Operator
from simulator.xray.physics.technique import Technique

Point = tuple[float, float, float]

ANGLES = ("oblique_deg", "tilt_deg", "swivel_deg")

EVEN_S = 1e-6  # pulses so near to their time are evenly spaced


@dataclass(frozen=True, kw_only=True, slots=True)
class Pose:
    """Where C-arm and table stand, as hashable numbers.

    Attributes
    ----------
    oblique_deg, tilt_deg, swivel_deg : float
        What the scales read, degrees; signs as in `simulator.geometry`.
    isocentre : (float, float, float)
        In the patient, world frame, mm.
    field_mm : float
        Side of the detector field in use, mm.
    sid_mm, sod_mm : float
        Source to image and source to isocentre, mm.
    """

    oblique_deg: float = 0.0
    tilt_deg: float = 0.0
    swivel_deg: float = 0.0
    isocentre: Point = (0.0, 0.0, 0.0)
    field_mm: float = DEFAULT_FIELD_MM
    sid_mm: float = DEFAULT_SID_MM
    sod_mm: float = DEFAULT_SOD_MM

    def carm(self, size: int = 512) -> CArm:
        """The view, with so many pixels each way."""
        return _make_view(self, size)


@lru_cache(maxsize=16)
def _make_view(pose: Pose, size: int) -> CArm:
    return CArm.from_angles(**asdict(pose), size=size)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shot:
    """Pulses that were given alike: a single exposure, or a stretch of a run.

    Attributes
    ----------
    time_s : float
        Of the first pulse, s.
    index : int
        Number of the first pulse, counted over the attempt; its noise comes from ``default_rng([seed, index])``.
    pulses : int
        How many; those of a single exposure are averaged into one image.
    interval_s : float
        From one to the next, s.
    run : int
        Which press of the pedal, or single exposure.
    mode : Mode
        How pulses became frames.
    pose : Pose
        The view.
    collimator, technique
        Leaves, and what was set or chosen by the brightness control.
    tip : (float, float, float) or None
        Needle tip then, world frame, mm.
    injecting : bool
        Whether something was being injected.
    """

    time_s: float
    index: int
    pulses: int
    interval_s: float
    run: int
    mode: Mode
    pose: Pose
    collimator: Collimator
    technique: Technique
    tip: Point | None
    injecting: bool = False

    @property
    def frames(self) -> int:
        """Images that come of it."""
        return 1 if self.mode is Mode.SINGLE else self.pulses

    @property
    def end_s(self) -> float:
        """Time of the last pulse, s."""
        return self.time_s + (self.pulses - 1) * self.interval_s

    def pulse_s(self, index: int) -> float:
        """Time of one of its pulses by its number, s."""
        return self.time_s + (index - self.index) * self.interval_s


def extend_shots(shots: tuple[Shot, ...], taken: Shot) -> tuple[Shot, ...]:
    """All shots with one more; a stretch of a run that goes on as the last one did makes that longer."""
    if not shots or not _goes_on(shots[-1], taken):
        return (*shots, taken)
    last = shots[-1]
    return (*shots[:-1], replace(last, pulses=last.pulses + taken.pulses))


def cut_shot(shot: Shot, pulses: range) -> Shot | None:
    """What of a stretch lies among some pulses, by their numbers; None where nothing does."""
    first, end = max(shot.index, pulses.start), min(shot.index + shot.frames, pulses.stop)
    if end <= first:
        return None
    if shot.mode is Mode.SINGLE:
        return shot
    return replace(shot, time_s=shot.pulse_s(first), index=first, pulses=end - first)


def _goes_on(last: Shot, taken: Shot) -> bool:
    if last.mode is Mode.SINGLE or abs(taken.time_s - last.end_s - last.interval_s) > EVEN_S:
        return False
    return replace(taken, time_s=last.time_s, index=last.index, pulses=last.pulses) == last


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """C-arm, beam and dose.

    Attributes
    ----------
    pose : Pose
        Where C-arm and table stand.
    collimator : Collimator
        Leaves.
    technique : Technique
        Rate, filter, grid and dose level as set; voltage and charge of the last pulse.
    kvp : float or None
        Tube voltage by hand, kV; None leaves it to the brightness control.
    mode : Mode
        What the pedal gives.
    next_pulse_s : float
        When the next pulse is due, s; infinite with the pedal up.
    run, pulse : int
        Number of the last run, and of the next pulse.
    dose : Dose
        So far.
    operator : Operator
        Where the operator stands.
    reference : int or None
        Pulse on the reference monitor.
    mark : (float, float, float) or None
        The mark on the skin, world frame, mm.
    """

    pose: Pose = field(default_factory=Pose)
    collimator: Collimator = field(default_factory=Collimator)
    technique: Technique = field(default_factory=Technique)
    kvp: float | None = None
    mode: Mode = Mode.FLUOROSCOPY
    next_pulse_s: float = inf
    run: int = 0
    pulse: int = 0
    dose: Dose = field(default_factory=Dose)
    operator: Operator = field(default_factory=Operator)
    reference: int | None = None
    mark: Point | None = None

    @property
    def pedal(self) -> bool:
        """Whether the pedal is down."""
        return self.next_pulse_s < inf


def turn_pose(pose: Pose, oblique_deg: float | None, tilt_deg: float | None, swivel_deg: float | None) -> Pose:
    """The pose with these angles, degrees; those that are None stay."""
    return replace(
        pose,
        oblique_deg=pose.oblique_deg if oblique_deg is None else oblique_deg,
        tilt_deg=pose.tilt_deg if tilt_deg is None else tilt_deg,
        swivel_deg=pose.swivel_deg if swivel_deg is None else swivel_deg,
    )


def shift_pose(pose: Pose, left_mm: float, dorsal_mm: float, cranial_mm: float) -> Pose:
    """The pose with its isocentre moved in the patient, mm."""
    x, y, z = pose.isocentre
    return replace(pose, isocentre=(x + left_mm, y + dorsal_mm, z + cranial_mm))


def as_point(values: NDArray[np.float64]) -> Point:
    """A point as three plain numbers, mm.

    Parameters
    ----------
    values : ndarray, shape (3,)
        World frame, mm.
    """
    x, y, z = (float(value) for value in values)
    return x, y, z
