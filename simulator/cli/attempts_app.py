"""Commands on whole attempts, and their options."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.app import FILE, app
from simulator.cli.terminal import NOTICE

CASE = "Case"

CaseName = Annotated[str, typer.Argument(metavar="CASE", help="Name of a case of the library, or its file.")]
CaseFile = Annotated[
    str | None,
    typer.Option("--case", metavar="CASE", help="The case, where the library lacks the one that the log names.", rich_help_panel=CASE),
]
ScriptName = Annotated[
    str, typer.Option("--script", metavar="NAME|FILE", help="expert, idle, unsafe, wrong-level, or a script file.", rich_help_panel=CASE)
]
AttemptSeed = Annotated[int, typer.Option("--seed", min=0, help="Of everything that chance decides.", rich_help_panel=CASE)]
LogFile = Annotated[Path, typer.Argument(metavar="LOG", help="attempt.jsonl of an attempt.")]
Pixels = Annotated[int, typer.Option("--size", metavar="PIXELS", help="Side of the images.", rich_help_panel=FILE)]


@app.command(epilog=NOTICE)
def run(
    case: CaseName,
    script: ScriptName = "expert",
    seed: AttemptSeed = 0,
    size: Pixels = 512,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="New folder for log, frames and report.", rich_help_panel=FILE)
    ] = Path("attempt"),
) -> int:
    """Play a case by a script: log, frames, report (HTML and JSON); exits with 4 where a script does not fail by what it names."""
    from simulator.cli import attempts

    return attempts.run(case, script, seed, size, output)


@app.command(epilog=NOTICE)
def replay(
    log: LogFile,
    case: CaseFile = None,
    frames: Annotated[Path | None, typer.Option("--frames", metavar="DIR", help="New folder for the images.", rich_help_panel=FILE)] = None,
    size: Pixels = 512,
) -> int:
    """Play a log again and check every recorded state; exits with 3 where it is of another engine and not replayed."""
    from simulator.cli import attempts

    return attempts.replay(log, case, frames, size)


@app.command(epilog=NOTICE)
def report(
    log: LogFile,
    case: CaseFile = None,
    size: Pixels = 512,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="report.html or report.json.", rich_help_panel=FILE)
    ] = Path("report.html"),
) -> None:
    """Write the report of a log; of one that is not replayed, the report stored beside it."""
    from simulator.cli import attempts

    attempts.write_report(log, case, size, output)


@app.command(epilog=NOTICE)
def validate(
    what: Annotated[str, typer.Argument(metavar="contrast", help="What to compare with what was published.")],
    patients: Annotated[int, typer.Option("--patients", metavar="N", min=2, max=1000, help="Sampled patients, half a minute each.")] = 40,
) -> None:
    """Compare the simulation with published figures, each with its interval."""
    from simulator.cli import attempts

    attempts.validate(what, patients)
