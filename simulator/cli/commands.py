"""What the commands do, once their words are read: everything is checked before anything is built, and written last, whole."""

from dataclasses import dataclass, replace
from pathlib import Path as File

import numpy as np

from phantoms.levels import Level
from simulator.cli import arguments
from simulator.cli.aiming import Pose, carm_of, check_numbers, reading, title_of
from simulator.cli.needles import APPROACHES, Path, needle_path
from simulator.cli.output import write
from simulator.cli.sheets import contact_sheet
from simulator.cli.subjects import Choice, Subject, subject
from simulator.cli.terminal import counted, done, step
from simulator.formats.atomic import replacing
from simulator.formats.images import write_gif, write_png
from simulator.geometry.carm import CArm
from simulator.geometry.views import View
from simulator.imaging import Anatomy, Needle, check_view, prepare, shoot
from simulator.xray.frame import Radiograph
from simulator.xray.technique import Technique

FRAMES_RANGE = (2, 500)
RATE_RANGE_PER_S = (1.0, 50.0)
NO_NEEDLE, TEXTBOOK = "none", "textbook"
TEXTBOOK_APPROACH: dict[View, str] = {
    View.AP: "interlaminar-left",
    View.LATERAL_LEFT: "interlaminar-left",
    View.LATERAL_RIGHT: "interlaminar-left",
    View.CLO_LEFT: "interlaminar-left",
    View.CLO_RIGHT: "interlaminar-right",
    View.OBLIQUE_LEFT: "transforaminal-left",
    View.OBLIQUE_RIGHT: "transforaminal-right",
    View.SACRUM_AP: "caudal",
    View.SACRUM_LATERAL: "caudal",
    View.S1_LEFT: "s1-left",
    View.S1_RIGHT: "s1-right",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedleWish:
    """Words about the needle."""

    entry: str | None
    target: str | None
    gauge: int

    def __post_init__(self) -> None:
        if self.entry and not self.target:
            raise ValueError("--needle-entry needs --needle-target too")
        if self.target and "," in self.target:
            needle_path(self.entry, self.target, None, Level.L4, None)
        elif self.target:
            arguments.known(self.target, [*APPROACHES, TEXTBOOK, NO_NEEDLE], "--needle-target")


@dataclass(frozen=True, kw_only=True, slots=True)
class BeamWish:
    """Words about the beam."""

    kvp: str
    noise_seed: int

    def technique(self) -> Technique | None:
        """Technique by hand, or None for automatic brightness control."""
        tube_kv = arguments.tube_kv(self.kvp)
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


def pose(
    view: str,
    level: str,
    angles_deg: tuple[float | None, float | None, float | None],
    isocentre: str | None,
    lengths_mm: tuple[float, float, float],
    size: int,
) -> Pose:
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
    wanted = Pose(
        view=View(view.lower()),
        level=arguments.level(level),
        oblique_deg=oblique_deg,
        tilt_deg=tilt_deg,
        swivel_deg=swivel_deg,
        isocentre=None if isocentre is None else arguments.point(isocentre, "--isocentre"),
        size=arguments.size(size),
        field_mm=field_mm,
        sid_mm=sid_mm,
        sod_mm=sod_mm,
    )
    check_numbers(wanted)
    return wanted


def render(*, choice: Choice, pose: Pose, needle: NeedleWish, beam: BeamWish, output: File) -> None:
    """Write one frame as PNG, TIFF or DICOM."""
    arguments.output(output)
    technique = beam.technique()
    who = subject(choice)
    carm = carm_of(pose, who)
    path = _needle(needle, who, pose)
    with step("projecting"):
        anatomy = prepare(who.surfaces)
        shot = _shot(anatomy, carm, path, technique, beam.noise_seed)
    label = f"{title_of(pose, who)}, {who.title}"
    with replacing(output) as temporary:
        write(temporary, shot, carm, pose.sod_mm, label)
    done(f"{output}: {label}, {reading(carm)}, {shot.technique.kvp:.0f} kV {shot.technique.mas:.2f} mAs")


def sheet(*, choice: Choice, pose: Pose, needle: NeedleWish, beam: BeamWish, output: File) -> None:
    """Write all named views on one sheet."""
    arguments.output(output, (".png",))
    technique = beam.technique()
    who = subject(choice)
    with step("preparing the projection"):
        anatomy = prepare(who.surfaces)
    frames, labels = [], []
    for view in counted(list(View), "views"):
        here = replace(pose, view=view)
        carm = carm_of(here, who)
        shot = _shot(anatomy, carm, _needle(_textbook(needle, view, who), who, here), technique, 0)
        frames.append(shot.pixels)
        labels.append((title_of(here, who), f"{reading(carm)}; {shot.technique.kvp:.0f} kV"))
    page = contact_sheet(frames, labels, f"epifluoro: {who.title}")
    with replacing(output) as temporary:
        write_png(temporary, page, who.title)
    done(f"contact sheet of {who.title}: {output.resolve()}")


def cine(*, choice: Choice, pose: Pose, sweep: Sweep, needle: NeedleWish, beam: BeamWish, output: File) -> None:
    """Write a turn of the C-arm as a GIF."""
    arguments.output(output, (".gif",))
    check_numbers(replace(pose, oblique_deg=sweep.end_deg))
    technique = beam.technique()
    who = subject(choice)
    path = _needle(needle, who, pose)
    with step("preparing the projection"):
        anatomy = prepare(who.surfaces)
    angles_deg = np.linspace(sweep.start_deg, sweep.end_deg, sweep.frames)
    frames = [
        _shot(anatomy, carm_of(replace(pose, oblique_deg=float(oblique_deg)), who), path, technique, number).pixels
        for number, oblique_deg in enumerate(counted(angles_deg.tolist(), "frames"))
    ]
    with replacing(output) as temporary:
        write_gif(temporary, frames, 1.0 / sweep.rate_per_s)
    done(f"{output}: {len(frames)} frames, oblique {sweep.start_deg:g} to {sweep.end_deg:g} degrees, {who.title}")


def _textbook(wish: NeedleWish, view: View, who: Subject) -> NeedleWish:
    """The needle that a textbook shows in a view, where that is asked for."""
    target = TEXTBOOK_APPROACH[view] if wish.target == TEXTBOOK else wish.target
    return replace(wish, target=None if target == NO_NEEDLE or who.landmarks is None else target)


def _needle(wish: NeedleWish, who: Subject, pose: Pose) -> Needle | None:
    if wish.target is None:
        return None
    path: Path = needle_path(wish.entry, wish.target, who.landmarks, pose.level, who.inside)
    return Needle(hub=path.hub, tip=path.tip, gauge=wish.gauge)


def _shot(anatomy: Anatomy, carm: CArm, needle: Needle | None, technique: Technique | None, seed: int) -> Radiograph:
    check_view(anatomy, carm)
    return shoot(anatomy, carm, technique=technique, needle=needle, seed=seed)
