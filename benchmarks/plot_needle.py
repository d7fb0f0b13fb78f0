"""Draw hub force and loss-of-resistance pressure of an 18 G Tuohy over depth in the default patient, against the bands of FACTS.md 4.

    python -m benchmarks.plot_needle out/needle.png

Midline and paramedian, L3-4 and L4-5. Shaded: the band that FACTS.md gives the layer's peak (4.2) or the syringe's pressure (4.1, 4.2).
matplotlib comes with the extra `viewer` (pinned in constraints.txt as a requirement of PyVista).
"""

import sys
from pathlib import Path

import numpy as np

from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level
from phantoms.terms.tissues import Tissue
from simulator.cli.images.needles import read_needle_path
from simulator.needle import Bevel, LorMedium, NeedleEventKind, NeedleKit, NeedleState, advance, place, with_stylet
from simulator.needle.force import friction_n
from simulator.needle.loss_of_resistance import pressures_kpa

KIT = NeedleKit(bevel=Bevel.TUOHY, gauge=18, length_mm=89.0)
BEYOND_MM = 9.0
FORCE_N = {  # of the tip as the layer gives way, 17-18 G Tuohy
    Tissue.SKIN: (4.0, 9.0),
    Tissue.SUPRASPINOUS_LIGAMENT: (5.0, 10.0),
    Tissue.INTERSPINOUS_LIGAMENT: (4.0, 7.0),
    Tissue.LIGAMENTUM_FLAVUM: (6.0, 15.0),
    Tissue.DURA: (1.5, 4.0),
}
PRESSURE_KPA = {
    Tissue.SUBCUTANEOUS_FAT: (5.0, 15.0),
    Tissue.MUSCLE: (15.0, 30.0),
    Tissue.SUPRASPINOUS_LIGAMENT: (40.0, 55.0),
    Tissue.INTERSPINOUS_LIGAMENT: (35.0, 60.0),
    Tissue.INTERSPINOUS_GAP: (0.0, 10.0),
    Tissue.LIGAMENTUM_FLAVUM: (50.0, 67.0),
    Tissue.EPIDURAL_DORSAL: (1.0, 3.0),
    Tissue.CSF: (1.0, 2.0),
}
COLOURS = {
    Tissue.SKIN: "#e8b796",
    Tissue.SUBCUTANEOUS_FAT: "#f7e9a0",
    Tissue.MUSCLE: "#d98880",
    Tissue.SUPRASPINOUS_LIGAMENT: "#a9bcd0",
    Tissue.INTERSPINOUS_LIGAMENT: "#cdd9e5",
    Tissue.INTERSPINOUS_GAP: "#f3e3b0",
    Tissue.LIGAMENTUM_FLAVUM: "#e3c14b",
    Tissue.EPIDURAL_DORSAL: "#fff3c4",
    Tissue.CSF: "#bfe3f2",
    Tissue.CAUDA_EQUINA: "#f2b8d0",
}


def place_needle(patient: Patient, target: str, level: Level) -> tuple[NeedleState, float]:
    """A needle on the skin, and how far to push it."""
    course = read_needle_path(None, target, patient.landmarks, level, lambda points: patient.tissue(points) != Tissue.AIR)
    return with_stylet(place(KIT, course.entry, course.tip - course.entry), False), course.depth_mm + BEYOND_MM


def print_table(patient: Patient, title: str, target: str, level: Level) -> None:
    """Print the tip's force at each layer's yielding beside its band."""
    state, far_mm = place_needle(patient, target, level)
    passage = advance(state, far_mm, patient.tissue)
    print(title)
    for event in passage.events:
        if event.kind is NeedleEventKind.PUNCTURES:
            runs = [run for run in passage.state.runs if run.from_mm < event.depth_mm]
            tip_n = event.force_n - friction_n(runs, np.array([event.depth_mm]), KIT, state.individual)[0]
            band = FORCE_N.get(event.tissue, "-")
            print(f"  {event.depth_mm:6.2f} mm  {event.tissue.name:24s} hub {event.force_n:5.1f} N  tip {tip_n:5.1f} N  band {band}")


def draw(patient: Patient, path: Path) -> None:
    """Draw the four ways into a file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 12), layout="constrained")
    axes = figure.subplots(4, 2, sharex="col")
    for column, level in enumerate((Level.L3, Level.L4)):
        for row, target in enumerate(("interlaminar", "interlaminar-left")):
            name = f"{level}-{level.below} {'midline' if target == 'interlaminar' else 'paramedian, left'}"
            print_table(patient, name, target, level)
            _plot_panel(axes[2 * row, column], axes[2 * row + 1, column], patient, (name, *place_needle(patient, target, level)))
    FigureCanvasAgg(figure).print_png(path)


def _plot_panel(force, pressure, patient: Patient, way: tuple[str, NeedleState, float]) -> None:  # noqa: ANN001 - matplotlib's axes
    name, state, far_mm = way
    passage = advance(state, far_mm, patient.tissue)
    profile = passage.profile
    edges = np.concatenate(([0], np.flatnonzero(np.diff(profile.tissue)) + 1, [len(profile.tissue) - 1]))
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        tissue, span = Tissue(int(profile.tissue[start])), (profile.depth_mm[start], profile.depth_mm[end])
        tissue = Tissue.SKIN if tissue is Tissue.AIR else tissue  # it tents before the needle
        for axis, bands in ((force, FORCE_N), (pressure, PRESSURE_KPA)):
            axis.axvspan(*span, color=COLOURS.get(tissue, "white"), alpha=0.6, lw=0)
            if tissue in bands:
                axis.fill_between(span, *bands[tissue], color="green", alpha=0.25, lw=0)
        force.text(np.mean(span), 14.5, tissue.name.replace("_", " ").lower(), rotation=90, fontsize=6, ha="center", va="top")
    force.plot(profile.depth_mm, profile.force_n, "k", lw=1)
    force.set(title=name, ylabel="hub force, N", ylim=(0, 15))
    pressure.plot(profile.depth_mm, pressures_kpa(state, passage, LorMedium.SALINE), "b", lw=1)
    pressure.set(xlabel="depth, mm", ylabel="syringe, kPa", ylim=(0, 75))


if __name__ == "__main__":
    out = Path(sys.argv[1] if len(sys.argv) > 1 else "out/needle.png")
    out.parent.mkdir(parents=True, exist_ok=True)
    draw(build(default_parameters()), out)
    print(out)
