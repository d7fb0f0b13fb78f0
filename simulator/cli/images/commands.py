"""What the commands do, once their words are read: everything is checked before anything is built, and written last, whole."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from phantoms.threads import limit_blas
from simulator.cli import arguments
from simulator.cli.images.needles import read_needle_path
from simulator.cli.images.options import NO_NEEDLE, TEXTBOOK, BeamOptions, NeedleOptions, Sweep
from simulator.cli.images.sheets import lay_out_sheet
from simulator.cli.images.subjects import Choice, ImagingSubject, build_subject
from simulator.cli.images.view_options import ViewOptions, carm_of, check_numbers, describe_beam, describe_reach, title_of
from simulator.cli.terminal import print_result, show_progress, show_step
from simulator.door.needle import usual_gauge
from simulator.formats.atomic import replace_atomically
from simulator.formats.images import write_gif, write_png
from simulator.formats.radiograph_file import write
from simulator.geometry.angle_text import describe_oblique
from simulator.geometry.approaches import SHOWN
from simulator.geometry.carm import CArm
from simulator.geometry.views import SACRAL_VIEWS, View
from simulator.imaging import AttenuationModel, check_view, prepare, shoot
from simulator.xray.image.radiograph import Radiograph
from simulator.xray.overlays.needle_shadow import Needle, gauge_needle
from simulator.xray.physics.technique import Technique


@limit_blas()
def render(*, choice: Choice, pose: ViewOptions, needle: NeedleOptions, beam: BeamOptions, output: Path) -> None:
    """Write one frame as PNG, TIFF or DICOM."""
    arguments.check_output(output)
    technique = beam.technique()
    who = build_subject(choice)
    carm = carm_of(pose, who)
    steel = _choose_needle(_textbook(needle, pose.view, who), who, pose)
    with show_step("projecting"):
        anatomy = prepare(who.surfaces, who.texture)
        shot = _shoot_view(anatomy, carm, steel, technique, beam.noise_seed)
    label = f"{title_of(pose, who)}, {who.title}"
    with replace_atomically(output) as temporary:
        write(temporary, shot, carm, pose.sod_mm, label)
    beam_words = f"{describe_beam(carm)}, {shot.technique.kvp:.0f} kV {shot.technique.mas:.2f} mAs"
    print_result(f"{output}: {label}, {beam_words}{describe_reach(pose, who)}")


@limit_blas()
def write_sheet(*, choice: Choice, pose: ViewOptions, needle: NeedleOptions, beam: BeamOptions, output: Path) -> None:
    """Write all named views on one sheet."""
    arguments.check_output(output, (".png",))
    technique = beam.technique()
    who = build_subject(choice)
    with show_step("preparing the projection"):
        anatomy = prepare(who.surfaces, who.texture)
    frames, labels = [], []
    for view in show_progress(_distinct_views(who), "views"):
        here = replace(pose, view=view)
        carm = carm_of(here, who)
        shot = _shoot_view(anatomy, carm, _choose_needle(_textbook(needle, view, who), who, here), technique, 0)
        frames.append(shot.pixels)
        labels.append((title_of(here, who), f"{describe_beam(carm)}; {shot.technique.kvp:.0f} kV{describe_reach(here, who)}"))
    page = lay_out_sheet(frames, labels, f"epifluoro: {who.title}")
    with replace_atomically(output) as temporary:
        write_png(temporary, page, who.title)
    print_result(f"contact sheet of {who.title}: {output.resolve()}")


@limit_blas()
def write_cine(*, choice: Choice, pose: ViewOptions, sweep: Sweep, needle: NeedleOptions, beam: BeamOptions, output: Path) -> None:
    """Write a turn of the C-arm as a GIF."""
    arguments.check_output(output, (".gif",))
    check_numbers(replace(pose, oblique_deg=sweep.end_deg))
    technique = beam.technique()
    who = build_subject(choice)
    steel = _choose_needle(_textbook(needle, pose.view, who), who, pose)
    with show_step("preparing the projection"):
        anatomy = prepare(who.surfaces, who.texture)
    angles_deg = np.linspace(sweep.start_deg, sweep.end_deg, sweep.frames)
    frames = [
        _shoot_view(anatomy, carm_of(replace(pose, oblique_deg=float(oblique_deg)), who), steel, technique, number).pixels
        for number, oblique_deg in enumerate(show_progress(angles_deg.tolist(), "frames"))
    ]
    with replace_atomically(output) as temporary:
        write_gif(temporary, frames, 1.0 / sweep.rate_per_s)
    print_result(f"{output}: {len(frames)} frames, {describe_oblique(sweep.start_deg)} to {describe_oblique(sweep.end_deg)}, {who.title}")


def _distinct_views(who: ImagingSubject) -> list[View]:
    """All views of a patient; without landmarks the nominal ones that differ."""
    return list(View) if who.landmarks else [view for view in View if view not in SACRAL_VIEWS]


def _textbook(wish: NeedleOptions, view: View, who: ImagingSubject) -> NeedleOptions:
    """The needle that a textbook shows in a view, where that is asked for."""
    if wish.target not in (TEXTBOOK, NO_NEEDLE):
        return wish
    shown = wish.target == TEXTBOOK and who.landmarks is not None
    return replace(wish, entry=None, target=SHOWN[view] if shown else None)


def _choose_needle(wish: NeedleOptions, who: ImagingSubject, pose: ViewOptions) -> Needle | None:
    if wish.target is None:
        return None
    course = read_needle_path(wish.entry, wish.target, who.landmarks, pose.level, who.tissue)
    return gauge_needle(wish.gauge or usual_gauge(wish.target), [course.hub, course.tip])


def _shoot_view(anatomy: AttenuationModel, carm: CArm, needle: Needle | None, technique: Technique | None, seed: int) -> Radiograph:
    check_view(anatomy, carm)
    return shoot(anatomy, carm, technique=technique, needle=needle, seed=seed)
