"""What the radiographer sets: tube voltage and charge, pulses, filter, grid, focal spot, dose level."""

from dataclasses import dataclass
from enum import StrEnum

from simulator.geometry.carm import CArm
from simulator.xray.physics.spectra import check_beam

PULSE_RATES_PER_S = (1.0, 2.0, 4.0, 8.0, 12.5, 15.0, 25.0, 30.0)
FIELDS_MM = (300.0, 230.0, 150.0)  # flat panel: full field and two magnifications; give one to CArm.from_angles as field_mm
FULL_FIELD_MM = 300.0
GRID_TRANSMISSION = 0.70  # primary through a 10:1 grid, recalled, unverified
OBJECT_SHARE = 0.7  # source to isocentre over source to image, where the C-arm does not say


class DoseLevel(StrEnum):
    """Detector dose asked of the brightness control."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True, slots=True)
class Technique:
    """One pulse's technique and the pulse rate.

    Attributes
    ----------
    kvp : float
        Tube voltage, kV, 40 to 120.
    ma, pulse_ms : float
        Tube current during the pulse, mA, and its length, ms.
    pulses_per_s : float
        One of `PULSE_RATES_PER_S`, 1/s.
    copper_mm : float
        Copper added to 3.0 mm Al, mm.
    grid : bool
        Anti-scatter grid (10:1) in place.
    focus_mm : float
        Focal spot, mm: 0.3 or 0.6.
    dose_level : DoseLevel
        What automatic brightness control aims at.

    Raises
    ------
    ValueError
        If a value is out of range.
    """

    kvp: float = 75.0
    ma: float = 20.0
    pulse_ms: float = 8.0
    pulses_per_s: float = 8.0
    copper_mm: float = 0.1
    grid: bool = True
    focus_mm: float = 0.3
    dose_level: DoseLevel = DoseLevel.NORMAL

    def __post_init__(self) -> None:
        check_beam(self.kvp, self.copper_mm)
        if self.pulses_per_s not in PULSE_RATES_PER_S:
            raise ValueError(
                f"pulses_per_s must be one of {', '.join(f'{rate:g}' for rate in PULSE_RATES_PER_S)}, got {self.pulses_per_s:g}"
            )
        if not (0 < self.ma <= 250 and 0 < self.pulse_ms <= 1000):
            raise ValueError(f"ma must lie within 0 and 250, pulse_ms within 0 and 1000, got {self.ma:g} mA, {self.pulse_ms:g} ms")
        if self.focus_mm not in (0.3, 0.6):
            raise ValueError(f"focus_mm must be 0.3 or 0.6, got {self.focus_mm:g}")
        object.__setattr__(self, "dose_level", DoseLevel(self.dose_level))

    @property
    def mas(self) -> float:
        """Charge of one pulse, mAs."""
        return self.ma * self.pulse_ms * 1e-3


def field_mm(carm: CArm) -> float:
    """Longer side of the detector field in use, mm: smaller in a magnified view."""
    return carm.pixel_mm * max(carm.shape)


def source_to_object_mm(carm: CArm) -> float:
    """Distance from the focal spot at which the patient is taken to lie, mm."""
    return OBJECT_SHARE * carm.source_to_image_mm


def focal_shadow_mm(technique: Technique, carm: CArm) -> float:
    """Width of the focal spot's shadow of an edge in the patient, on the detector, mm."""
    magnification = carm.source_to_image_mm / source_to_object_mm(carm)
    return technique.focus_mm * (magnification - 1)
