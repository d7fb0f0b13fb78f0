"""What was asked for on the command line, read and checked before anything is built."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from phantoms.terms.regions import DEFAULT_REGION
from simulator.cli import arguments
from simulator.cli.images.needles import read_needle_path
from simulator.cli.images.subjects import Choice
from simulator.cli.images.view_options import ViewOptions, check_numbers
from simulator.door.words import match_word
from simulator.geometry.approaches import NAMED
from simulator.geometry.gauges import GAUGES_MM
from simulator.geometry.views import View
from simulator.xray.physics.technique import Technique

FRAMES_RANGE = (2, 500)
RATE_RANGE_PER_S = (1.0, 50.0)
NO_NEEDLE, TEXTBOOK = "none", "textbook"


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedleOptions:
    """Words about the needle."""

    entry: str | None
    target: str | None
    gauge: int | None

    def __post_init__(self) -> None:
        if self.gauge is not None and self.gauge not in GAUGES_MM:
            raise ValueError(f"--gauge must be one of {', '.join(map(str, GAUGES_MM))}, got {self.gauge}")
        if self.entry and not self.target:
            raise ValueError("--needle-entry needs --needle-target too")
        if self.target and "," in self.target:
            read_needle_path(self.entry, self.target, None, DEFAULT_REGION.usual, None)
        elif self.target:
            match_word(self.target, [*NAMED, TEXTBOOK, NO_NEEDLE], "--needle-target")


@dataclass(frozen=True, kw_only=True, slots=True)
class BeamOptions:
    """Words about the beam."""

    kvp: str
    noise_seed: int

    def technique(self) -> Technique | None:
        """Technique by hand, or None for automatic brightness control."""
        tube_kv = arguments.parse_tube_kv(self.kvp)
        return None if tube_kv is None else Technique(kvp=tube_kv)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep:
    """A turn of the C-arm at one tilt."""

    start_deg: float
    end_deg: float
    frames: int
    rate_per_s: float

    def __post_init__(self) -> None:
        if not FRAMES_RANGE[0] <= self.frames <= FRAMES_RANGE[1]:
            raise ValueError(f"--frames must be from {FRAMES_RANGE[0]} to {FRAMES_RANGE[1]}, got {self.frames}")
        if not RATE_RANGE_PER_S[0] <= self.rate_per_s <= RATE_RANGE_PER_S[1]:
            raise ValueError(f"--rate must be from {RATE_RANGE_PER_S[0]:g} to {RATE_RANGE_PER_S[1]:g} per second, got {self.rate_per_s:g}")


def read_choice(
    who: tuple[Path | None, int | None],
    body: tuple[float | None, str | None, float | None],
    scan: tuple[Sequence[Path] | None, Sequence[str] | None, str, Path | None, str | None],
) -> Choice:
    """Read the words about the subject: patient file and seed; age, sex and body-mass index; meshes, materials, axes, sidecar, surround."""
    (patient, seed), (age, sex, bmi), (mesh, material, axes, sidecar, surround) = who, body, scan
    return Choice(
        patient=patient,
        seed=seed,
        age=age,
        sex=sex,
        bmi=bmi,
        mesh=tuple(mesh or ()),
        material=tuple(material or ()),
        axes=axes,
        sidecar=sidecar,
        surround=surround,
    )


def pose(
    view: str,
    level: str,
    angles_deg: tuple[float | None, float | None, float | None],
    isocentre: str | None,
    lengths_mm: tuple[float, float, float],
    size: int,
) -> ViewOptions:
    """Read the words about the C-arm.

    Parameters
    ----------
    view, level, isocentre : str
        As typed; the isocentre may be None.
    angles_deg : tuple
        Oblique, tilt, swivel, degrees, each None where the view decides.
    lengths_mm : tuple
        Side of the field, source to image, source to isocentre, mm.
    size : int
        Pixels.

    Raises
    ------
    ValueError
        Where a word is unknown or a number out of range.
    """
    oblique_deg, tilt_deg, swivel_deg = angles_deg
    field_mm, sid_mm, sod_mm = lengths_mm
    wanted = ViewOptions(
        view=View(view.lower()),
        level=arguments.parse_level(level),
        oblique_deg=oblique_deg,
        tilt_deg=tilt_deg,
        swivel_deg=swivel_deg,
        isocentre=None if isocentre is None else arguments.parse_point(isocentre, "--isocentre"),
        size=arguments.size(size),
        field_mm=field_mm,
        sid_mm=sid_mm,
        sod_mm=sod_mm,
    )
    check_numbers(wanted)
    return wanted
