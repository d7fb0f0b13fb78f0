"""The commands and their options; each says its own help."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import simulator
from phantoms.terms.regions import DEFAULT_REGION
from simulator.cli.shared_options import share_options
from simulator.cli.terminal import NOTICE, say

if TYPE_CHECKING:  # quick help
    from simulator.cli.images.options import NeedleOptions
    from simulator.cli.images.subjects import Choice

app = typer.Typer(
    name="epifluoro",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=f"Simulated fluoroscopy of the lumbosacral spine. {NOTICE}",
    epilog=NOTICE,
)

SUBJECT, VIEW, NEEDLE, BEAM, FILE = "Who is in the beam", "C-arm", "Needle", "Beam", "Output"

Patient = Annotated[Path | None, typer.Option("--patient", metavar="FILE", help="Patient file (YAML).", rich_help_panel=SUBJECT)]
Seed = Annotated[
    int | None, typer.Option("--seed", min=0, help="Draw a patient from the population by this number.", rich_help_panel=SUBJECT)
]
Age = Annotated[float | None, typer.Option("--age", metavar="YEARS", help="Age of the default or drawn patient.", rich_help_panel=SUBJECT)]
SexWord = Annotated[str | None, typer.Option("--sex", metavar="female|male", help="Sex of that patient.", rich_help_panel=SUBJECT)]
Bmi = Annotated[float | None, typer.Option("--bmi", metavar="KG/M2", help="Body-mass index of that patient.", rich_help_panel=SUBJECT)]
Mesh = Annotated[
    list[Path] | None,
    typer.Option("--mesh", metavar="FILE", help="Closed mesh in mm (STL, PLY, OBJ, VTP); may be repeated.", rich_help_panel=SUBJECT),
]
Material = Annotated[
    list[str] | None,
    typer.Option("--material", metavar="NAME", help="Tissue of the meshes: one for all, or one each.", rich_help_panel=SUBJECT),
]
Axes = Annotated[str, typer.Option("--axes", metavar="lps|ras", help="Which way a mesh's x and y point.", rich_help_panel=SUBJECT)]
Sidecar = Annotated[
    Path | None,
    typer.Option("--sidecar", metavar="FILE", help="YAML naming the meshes' tissues, parents, axes.", rich_help_panel=SUBJECT),
]
Surround = Annotated[
    str | None,
    typer.Option("--surround", metavar="NAME", help="Put the meshes in a trunk of this tissue, e.g. muscle.", rich_help_panel=SUBJECT),
]

LEVEL_HELP = f"Level to centre on: {DEFAULT_REGION.usual}, or {DEFAULT_REGION.short_name(DEFAULT_REGION.usual)}."
ViewName = Annotated[
    str,
    typer.Option("--view", metavar="NAME", help="ap, lateral-left, oblique-left, clo-left, sacrum-ap, s1-left ...", rich_help_panel=VIEW),
]
LevelWord = Annotated[str, typer.Option("--level", metavar="LEVEL", help=LEVEL_HELP, rich_help_panel=VIEW)]
Oblique = Annotated[
    float | None, typer.Option("--oblique", metavar="DEG", help="+ brings the detector to the patient's left.", rich_help_panel=VIEW)
]
Tilt = Annotated[float | None, typer.Option("--tilt", metavar="DEG", help="+ brings the detector cranial.", rich_help_panel=VIEW)]
Swivel = Annotated[
    float | None, typer.Option("--swivel", metavar="DEG", help="+ turns the detector cranial in a left lateral.", rich_help_panel=VIEW)
]
Isocentre = Annotated[str | None, typer.Option("--isocentre", metavar="X,Y,Z", help="Where to centre instead, mm.", rich_help_panel=VIEW)]
Field = Annotated[float, typer.Option("--field", metavar="MM", help="Side of the detector field: 300, 230 or 150.", rich_help_panel=VIEW)]
Sid = Annotated[float, typer.Option("--sid", metavar="MM", help="Source to image distance.", rich_help_panel=VIEW)]
Sod = Annotated[float, typer.Option("--sod", metavar="MM", help="Source to isocentre distance.", rich_help_panel=VIEW)]
Size = Annotated[int, typer.Option("--size", metavar="PIXELS", help="Side of the image.", rich_help_panel=FILE)]

Entry = Annotated[
    str | None, typer.Option("--needle-entry", metavar="X,Y,Z", help="Where the needle enters the skin, mm.", rich_help_panel=NEEDLE)
]
Target = Annotated[
    str | None,
    typer.Option(
        "--needle-target",
        metavar="X,Y,Z|NAME",
        help="Where its tip is, mm, or interlaminar, transforaminal-left, s1-left, caudal ...",
        rich_help_panel=NEEDLE,
    ),
]
Gauge = Annotated[int | None, typer.Option("--gauge", metavar="G", help="16 to 27; 18 for interlaminar, else 22.", rich_help_panel=NEEDLE)]
Kvp = Annotated[
    str, typer.Option("--kvp", metavar="KV|auto", help="Tube voltage, 40 to 120 kV, or automatic brightness control.", rich_help_panel=BEAM)
]
NoiseSeed = Annotated[int, typer.Option("--noise-seed", min=0, help="Seed of the image noise.", rich_help_panel=BEAM)]


def read_subject_options(
    patient: Patient = None,
    seed: Seed = None,
    age: Age = None,
    sex: SexWord = None,
    bmi: Bmi = None,
    mesh: Mesh = None,
    material: Material = None,
    axes: Axes = "lps",
    sidecar: Sidecar = None,
    surround: Surround = None,
) -> "Choice":
    """What `wishes.choice` reads."""
    from simulator.cli.images import options

    return options.read_choice((patient, seed), (age, sex, bmi), (mesh, material, axes, sidecar, surround))


def read_lengths(field: Field = 300.0, sid: Sid = 1000.0, sod: Sod = 700.0) -> tuple[float, float, float]:
    """Side of the field, source to image, source to isocentre, mm."""
    return field, sid, sod


def read_needle_options(needle_entry: Entry = None, needle_target: Target = None, gauge: Gauge = None) -> "NeedleOptions":
    """Words about one needle."""
    from simulator.cli.images import options

    return options.NeedleOptions(entry=needle_entry, target=needle_target, gauge=gauge)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"epifluoro {simulator.__version__}")
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,  # noqa: ARG001
) -> None:
    """Simulated fluoroscopy of the lumbosacral spine."""


@app.command(epilog=NOTICE)
@share_options({"choice": read_subject_options, "lengths_mm": read_lengths, "needle": read_needle_options})
def render(
    choice: "Choice",
    lengths_mm: tuple[float, float, float],
    needle: "NeedleOptions",
    view: ViewName = "ap",
    level: LevelWord = DEFAULT_REGION.usual.value,
    oblique: Oblique = None,
    tilt: Tilt = None,
    swivel: Swivel = None,
    isocentre: Isocentre = None,
    kvp: Kvp = "auto",
    noise_seed: NoiseSeed = 0,
    size: Size = 512,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="view.png, .tif (16 bit) or .dcm (XA).", rich_help_panel=FILE)
    ] = Path("view.png"),
) -> None:
    """Write one frame: a named view squared to the patient, or any three angles."""
    from simulator.cli.images import commands, options

    commands.render(
        choice=choice,
        pose=options.pose(view, level, (oblique, tilt, swivel), isocentre, lengths_mm, size),
        needle=needle,
        beam=options.BeamOptions(kvp=kvp, noise_seed=noise_seed),
        output=output,
    )


@app.command(epilog=NOTICE)
@share_options({"choice": read_subject_options, "lengths_mm": read_lengths})
def sheet(
    choice: "Choice",
    lengths_mm: tuple[float, float, float],
    level: LevelWord = DEFAULT_REGION.usual.value,
    needle_target: Annotated[
        str,
        typer.Option(
            "--needle-target", metavar="NAME", help="textbook (each view its own), none, or one approach.", rich_help_panel=NEEDLE
        ),
    ] = "textbook",
    gauge: Gauge = None,
    kvp: Kvp = "auto",
    size: Size = 384,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The sheet, .png.", rich_help_panel=FILE)] = Path(
        "sheet.png"
    ),
) -> None:
    """Write a labelled contact sheet of all named views."""
    from simulator.cli.images import commands, options

    commands.write_sheet(
        choice=choice,
        pose=options.pose("ap", level, (None, None, None), None, lengths_mm, size),
        needle=options.NeedleOptions(entry=None, target=needle_target, gauge=gauge),
        beam=options.BeamOptions(kvp=kvp, noise_seed=0),
        output=output,
    )


@app.command(epilog=NOTICE)
@share_options({"choice": read_subject_options, "lengths_mm": read_lengths, "needle": read_needle_options})
def cine(
    choice: "Choice",
    lengths_mm: tuple[float, float, float],
    needle: "NeedleOptions",
    level: LevelWord = DEFAULT_REGION.usual.value,
    start_oblique: Annotated[float, typer.Option("--from", metavar="DEG", help="First oblique angle.", rich_help_panel=VIEW)] = -45.0,
    end_oblique: Annotated[float, typer.Option("--to", metavar="DEG", help="Last oblique angle.", rich_help_panel=VIEW)] = 45.0,
    tilt: Annotated[float, typer.Option("--tilt", metavar="DEG", help="+ brings the detector cranial.", rich_help_panel=VIEW)] = 0.0,
    frames: Annotated[int, typer.Option("--frames", metavar="N", help="Frames of the sweep, 2 to 500.", rich_help_panel=FILE)] = 31,
    rate: Annotated[float, typer.Option("--rate", metavar="1/S", help="Frames per second, 1 to 50.", rich_help_panel=FILE)] = 10.0,
    kvp: Kvp = "auto",
    size: Size = 384,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The film, .gif.", rich_help_panel=FILE)] = Path(
        "sweep.gif"
    ),
) -> None:
    """Write a C-arm sweep as an animated GIF."""
    from simulator.cli.images import commands, options

    commands.write_cine(
        choice=choice,
        pose=options.pose("ap", level, (start_oblique, tilt, None), None, lengths_mm, size),
        sweep=options.Sweep(start_deg=start_oblique, end_deg=end_oblique, frames=frames, rate_per_s=rate),
        needle=needle,
        beam=options.BeamOptions(kvp=kvp, noise_seed=0),
        output=output,
    )
