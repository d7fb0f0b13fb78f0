"""What the scales and displays in the room read."""

from dataclasses import dataclass
from math import inf

from simulator.geometry.angle_text import read_scale
from simulator.procedure.rules.fluoroscopy_controls import ALARM_S
from simulator.procedure.state.carm_state import Room, Shot
from simulator.xray.physics.dose import rate_mgy_min
from simulator.xray.physics.technique import Technique


@dataclass(frozen=True, kw_only=True, slots=True)
class Readouts:
    """Scales of C-arm and table, generator and dosimeter.

    Attributes
    ----------
    oblique_deg, tilt_deg, swivel_deg : float
        The C-arm's scales.
    oblique, tilt, swivel : str
        The same with their side in words, as the scales show them.
    table_left_mm, table_dorsal_mm, table_cranial_mm : float
        How far the isocentre was moved in the patient since the start.
    field_mm : float
        Detector field in use.
    leaves_mm : (float or None, ...)
        Left, right, top and bottom leaf from the detector's centre; None where open.
    mode : str
        Of the pedal.
    pedal : bool
        Whether it is down.
    kvp, ma, pulse_ms, pulses_per_s : float
        Of the last pulse; what is set before there was one.
    dose_level : str
        Asked of the brightness control.
    grid : bool
        Whether it is in.
    fluoro_s, reference_kerma_mgy, dap_gy_cm2, rate_mgy_min : float
        Fluoroscopy time, and dose so far; its rate while the pedal is down.
    exposures : int
        Single shots and runs.
    alarm : bool
        Whether five minutes of fluoroscopy have passed.
    """

    oblique_deg: float
    tilt_deg: float
    swivel_deg: float
    oblique: str
    tilt: str
    swivel: str
    table_left_mm: float
    table_dorsal_mm: float
    table_cranial_mm: float
    field_mm: float
    leaves_mm: tuple[float | None, float | None, float | None, float | None]
    mode: str
    pedal: bool
    kvp: float
    ma: float
    pulse_ms: float
    pulses_per_s: float
    dose_level: str
    grid: bool
    fluoro_s: float
    reference_kerma_mgy: float
    dap_gy_cm2: float
    rate_mgy_min: float
    exposures: int
    alarm: bool


def read_scales(room: Room, shots: tuple[Shot, ...]) -> Readouts:
    """Read everything off.

    Parameters
    ----------
    room : Room
    shots : tuple of Shot
        So far.
    """
    pose, technique = room.pose, _last(room, shots)
    return Readouts(
        oblique_deg=pose.oblique_deg,
        tilt_deg=pose.tilt_deg,
        swivel_deg=pose.swivel_deg,
        oblique=read_scale(pose.oblique_deg, "left", "right"),
        tilt=read_scale(pose.tilt_deg, "cranial", "caudal"),
        swivel=read_scale(pose.swivel_deg, "cranial", "caudal"),
        table_left_mm=pose.isocentre[0],
        table_dorsal_mm=pose.isocentre[1],
        table_cranial_mm=pose.isocentre[2],
        field_mm=pose.field_mm,
        leaves_mm=_leaves(room),
        mode=str(room.mode),
        pedal=room.pedal,
        kvp=technique.kvp,
        ma=technique.ma,
        pulse_ms=technique.pulse_ms,
        pulses_per_s=room.technique.pulses_per_s,
        dose_level=str(room.technique.dose_level),
        grid=room.technique.grid,
        fluoro_s=room.dose.fluoro_s,
        reference_kerma_mgy=room.dose.reference_kerma_mgy,
        dap_gy_cm2=room.dose.dap_gy_cm2,
        rate_mgy_min=rate_mgy_min(technique, pose.sod_mm - 150.0) if room.pedal else 0.0,
        exposures=room.dose.exposures,
        alarm=room.dose.fluoro_s >= ALARM_S,
    )


def _last(room: Room, shots: tuple[Shot, ...]) -> Technique:
    return shots[-1].technique if shots else room.technique


def _leaves(room: Room) -> tuple[float | None, float | None, float | None, float | None]:
    left, right, top, bottom = (
        None if place == inf else place
        for place in (room.collimator.left_mm, room.collimator.right_mm, room.collimator.top_mm, room.collimator.bottom_mm)
    )
    return left, right, top, bottom
