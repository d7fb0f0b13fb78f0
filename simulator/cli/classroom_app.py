"""Commands for who teaches: `serve` starts a class, `results` lists and exports what it did; and their options."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.app import FILE, app
from simulator.cli.optional_dependencies import require_extra
from simulator.cli.terminal import NOTICE

CLASS, CASE, SERVER, LIMITS = "Class", "Case", "Server", "Limits of each seat"

Place = Annotated[
    str | None,
    typer.Option(
        "--database", metavar="FILE|URL", help="Where attempts are recorded: an SQLite file, or an SQLAlchemy URL.", rich_help_panel=FILE
    ),
]


@app.command(epilog=NOTICE)
def serve(
    seats: Annotated[
        int | None, typer.Option("--seats", metavar="N", help="How many; as many as the roster has if left out.", rich_help_panel=CLASS)
    ] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="FILE", help="Text file with a name or pseudonym a line.", rich_help_panel=CLASS)
    ] = None,
    case: Annotated[str | None, typer.Option("--case", metavar="CASE", help="Only this case.", rich_help_panel=CASE)] = None,
    mode: Annotated[
        str | None, typer.Option("--mode", metavar="MODE", help="guided, practice or exam; else each page asks.", rich_help_panel=CASE)
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for every one of this machine.", rich_help_panel=SERVER)
    ] = "127.0.0.1",
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--host-name",
            "--name",
            metavar="NAME",
            help="Name by which the class reaches this machine; may be repeated.",
            rich_help_panel=SERVER,
        ),
    ] = None,
    port: Annotated[int, typer.Option("--port", metavar="FIRST", help="Of seat 1; the others follow.", rich_help_panel=SERVER)] = 8080,
    certificate: Annotated[
        Path | None, typer.Option("--certificate", metavar="FILE", help="For TLS, PEM, with its chain.", rich_help_panel=SERVER)
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Of the certificate, PEM.", rich_help_panel=SERVER)] = None,
    memory: Annotated[
        float,
        typer.Option("--memory-mb", metavar="MB", help="A seat above it starts again; 0 for no limit.", min=0, rich_help_panel=LIMITS),
    ] = 2000.0,
    idle: Annotated[
        float,
        typer.Option(
            "--idle-minutes", metavar="M", help="A seat nobody uses for so long ends; 0 for never.", min=0, rich_help_panel=LIMITS
        ),
    ] = 60.0,
    nice: Annotated[
        int, typer.Option("--nice", metavar="N", help="How much other programs go before seats.", min=0, max=19, rich_help_panel=LIMITS)
    ] = 5,
    attempts: Annotated[
        Path | None,
        typer.Option("--attempts", metavar="DIR", help="Folder for logs, reports and the sheet of links.", rich_help_panel=FILE),
    ] = None,
    database: Place = None,
) -> int:
    """Start one trainer for each of a class, print their links, keep them running until Ctrl-C."""
    from simulator.cli import classroom

    with require_extra("viewer"):
        return classroom.serve(
            crowd=classroom.ClassOptions(seats=seats, roster=roster, port=port, attempts=attempts),
            lesson=classroom.make_lesson(
                host=host, names=tuple(name or ()), case=case, mode=mode, database=database, tls=(certificate, key)
            ),
            rules=classroom.make_rules(memory_mb=memory, idle_minutes=idle, nice=nice),
        )


@app.command(epilog=NOTICE)
def results(
    database: Place = None,
    case: Annotated[str | None, typer.Option("--case", metavar="CASE", help="Only of this case.", rich_help_panel=CASE)] = None,
    trainee: Annotated[str | None, typer.Option("--trainee", metavar="NAME", help="Only of this trainee.", rich_help_panel=CLASS)] = None,
    mode: Annotated[str | None, typer.Option("--mode", metavar="MODE", help="Only guided, practice or exam.", rich_help_panel=CASE)] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--since", formats=["%Y-%m-%d"], metavar="DATE", help="Begun on this day or later.", rich_help_panel=CASE),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option("--until", formats=["%Y-%m-%d"], metavar="DATE", help="Begun on this day or before.", rich_help_panel=CASE),
    ] = None,
    best: Annotated[
        bool, typer.Option("--best", help="Only the best of each trainee at each case, one for each mode.", rich_help_panel=CASE)
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Export as .csv or .parquet.", rich_help_panel=FILE)
    ] = None,
) -> int:
    """List recorded attempts, or export them."""
    from simulator.cli import results as grades

    wish = grades.ResultFilter(case=case, trainee=trainee, mode=mode, since=since, until=until, best=best)
    with require_extra("viewer"):
        return grades.show_results(database, wish, output)
