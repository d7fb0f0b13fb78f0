"""The command that opens the trainer in a browser."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.app import app
from simulator.cli.terminal import NOTICE

SERVER, CASE = "Server", "Case"


@app.command(epilog=NOTICE)
def train(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="To listen on; 0 takes a free one.", rich_help_panel=SERVER)] = 8080,
    host: Annotated[str, typer.Option("--host", help="Address to listen on.", rich_help_panel=SERVER)] = "127.0.0.1",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.", rich_help_panel=SERVER)] = True,
    window: Annotated[
        bool, typer.Option("--window", help="Open it as a window of its own, where a browser allows.", rich_help_panel=SERVER)
    ] = False,
    case: Annotated[
        str | None,
        typer.Option("--case", metavar="CASE", help="Only this case, or all in the folders of a folder.", rich_help_panel=CASE),
    ] = None,
    mode: Annotated[
        str | None, typer.Option("--mode", metavar="MODE", help="guided, practice or exam; else the page asks.", rich_help_panel=CASE)
    ] = None,
    trainee: Annotated[str, typer.Option("--trainee", metavar="NAME", help="Name or pseudonym.", rich_help_panel=CASE)] = "",
    attempts: Annotated[
        Path | None, typer.Option("--attempts", metavar="DIR", help="Folder for logs and reports.", rich_help_panel=CASE)
    ] = None,
    database: Annotated[
        str | None, typer.Option("--database", metavar="FILE|URL", help="Where attempts are recorded.", rich_help_panel=CASE)
    ] = None,
    certificate: Annotated[Path | None, typer.Option("--certificate", metavar="FILE", help="For TLS.", rich_help_panel=SERVER)] = None,
    key: Annotated[Path | None, typer.Option("--key", metavar="FILE", help="Of the certificate.", rich_help_panel=SERVER)] = None,
) -> None:
    """Practise a whole case in the browser."""
    from simulator.cli import training

    training.train(
        host=host,
        port=port,
        browser=browser,
        window=window,
        case=case,
        mode=mode,
        trainee=trainee,
        attempts=attempts,
        database=database,
        certificate=certificate,
        key=key,
    )
