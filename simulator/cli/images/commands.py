"""What the commands do, once their words are read: everything is checked before anything is built, and written last, whole."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from phantoms.threads import limit_blas
from simulator.cli import arguments
from simulator.cli.images.needles import needle_path
from simulator.cli.images.options import NO_NEEDLE, TEXTBOOK, BeamWish, NeedleWish, Sweep
from simulator.cli.images.output import write
from simulator.cli.images.sheets import contact_sheet
from simulator.cli.images.subjects import Choice, Subject, subject
from simulator.cli.images.view_options import Pose, carm_of, check_numbers, reading, title_of
from simulator.cli.terminal import counted, done, step
from simulator.door.needle import usual_gauge
from simulator.formats.atomic import replacing
from simulator.formats.images import write_gif, write_png
from simulator.geometry.approaches import SHOWN
from simulator.geometry.carm import CArm
from simulator.geometry.views import SACRAL_VIEWS, View
from simulator.imaging import Anatomy, check_view, prepare, shoot
from simulator.xray.image.radiograph import Radiograph
from simulator.xray.overlays.needle_shadow import Needle, gauge_needle
from simulator.xray.physics.technique import Technique


@limit_blas()
def render(*, choice: Choice, pose: Pose, needle: NeedleWish, beam: BeamWish, output: Path) -> None:
    """Write one frame as PNG, TIFF or DICOM."""
    arguments.output(output)
    technique = beam.technique()
    who = subject(choice)
    carm = carm_of(pose, who)
    steel = _needle(_textbook(needle, pose.view, who), who, pose)
    with step("projecting"):
        anatomy = prepare(who.surfaces, who.texture)
        shot = _shot(anatomy, carm, steel, technique, beam.noise_seed)
    label = f"{title_of(pose, who)}, {who.title}"
    with replacing(output) as temporary:
        write(temporary, shot, carm, pose.sod_mm, label)
    done(f"{output}: {label}, {reading(carm)}, {shot.technique.kvp:.0f} kV {shot.technique.mas:.2f} mAs")


@limit_blas()
def sheet(*, choice: Choice, pose: Pose, needle: NeedleWish, beam: BeamWish, output: Path) -> None:
    """Write all named views on one sheet."""
    arguments.output(output, (".png",))
    technique = beam.technique()
    who = subject(choice)
    with step("preparing the projection"):
        anatomy = prepare(who.surfaces, who.texture)
    frames, labels = [], []
    for view in counted(_distinct_views(who), "views"):
        here = replace(pose, view=view)
        carm = carm_of(here, who)
        shot = _shot(anatomy, carm, _needle(_textbook(needle, view, who), who, here), technique, 0)
        frames.append(shot.pixels)
        labels.append((title_of(here, who), f"{reading(carm)}; {shot.technique.kvp:.0f} kV"))
    page = contact_sheet(frames, labels, f"epifluoro: {who.title}")
    with replacing(output) as temporary:
        write_png(temporary, page, who.title)
    done(f"contact sheet of {who.title}: {output.resolve()}")


@limit_blas()
def cine(*, choice: Choice, pose: Pose, sweep: Sweep, needle: NeedleWish, beam: BeamWish, output: Path) -> None:
    """Write a turn of the C-arm as a GIF."""
    arguments.output(output, (".gif",))
    check_numbers(replace(pose, oblique_deg=sweep.end_deg))
    technique = beam.technique()
    who = subject(choice)
    steel = _needle(_textbook(needle, pose.view, who), who, pose)
    with step("preparing the projection"):
        anatomy = prepare(who.surfaces, who.texture)
    angles_deg = np.linspace(sweep.start_deg, sweep.end_deg, sweep.frames)
    frames = [
        _shot(anatomy, carm_of(replace(pose, oblique_deg=float(oblique_deg)), who), steel, technique, number).pixels
        for number, oblique_deg in enumerate(counted(angles_deg.tolist(), "frames"))
    ]
    with replacing(output) as temporary:
        write_gif(temporary, frames, 1.0 / sweep.rate_per_s)
    done(f"{output}: {len(frames)} frames, oblique {sweep.start_deg:g} to {sweep.end_deg:g} degrees, {who.title}")


def _distinct_views(who: Subject) -> list[View]:
    """All views of a patient; without landmarks the nominal ones that differ."""
    return list(View) if who.landmarks else [view for view in View if view not in SACRAL_VIEWS]


def _textbook(wish: NeedleWish, view: View, who: Subject) -> NeedleWish:
    """The needle that a textbook shows in a view, where that is asked for."""
    if wish.target not in (TEXTBOOK, NO_NEEDLE):
        return wish
    shown = wish.target == TEXTBOOK and who.landmarks is not None
    return replace(wish, entry=None, target=SHOWN[view] if shown else None)


def _needle(wish: NeedleWish, who: Subject, pose: Pose) -> Needle | None:
    if wish.target is None:
        return None
    course = needle_path(wish.entry, wish.target, who.landmarks, pose.level, who.tissue)
    return gauge_needle(wish.gauge or usual_gauge(wish.target), [course.hub, course.tip])


def _shot(anatomy: Anatomy, carm: CArm, needle: Needle | None, technique: Technique | None, seed: int) -> Radiograph:
    check_view(anatomy, carm)
    return shoot(anatomy, carm, technique=technique, needle=needle, seed=seed)
