"""Commands for who writes cases: `list`, `schema`, `lint`, `preview`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from phantoms.threads import limit_blas
from simulator.cli.app import FILE, app
from simulator.cli.terminal import NOTICE, get_console, print_result, say, show_step

PROBLEMS = 1  # exit code of a lint that found something


@app.command("list", epilog=NOTICE)
def list_cases() -> None:
    """Name the cases of the library, with their titles and scripts."""
    from scenarios.loader import read
    from simulator.door import case as door

    for name in door.list_cases():
        scenario = read(name)
        say(f"{name}: {scenario.title} (version {scenario.version}; scripts {', '.join(door.list_scripts(name))})")


@app.command(epilog=NOTICE)
def schema() -> None:
    """Print the JSON Schema of a case file, for an editor to complete from."""
    from scenarios.loader import make_schema as case_schema

    say(json.dumps(case_schema(), indent=2, ensure_ascii=False))


@app.command(epilog=NOTICE)
@limit_blas()
def lint(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE...", help="Case files or names; all of the library if left out.")
    ] = None,
    play: Annotated[
        bool | None,
        typer.Option(
            "--play/--no-play",
            help="Play the scripts too, some seconds each, and see that they fail by what they name; where cases are named, yes.",
        ),
    ] = None,
) -> int:
    """Find what is wrong with case files, each with file, line and how to mend it."""
    from scenarios.loader import list_cases, locate
    from simulator.authoring.lint import lint as problems_of
    from simulator.authoring.lint import lint_played

    wanted = files or list(list_cases())
    missing = [path for path in map(locate, wanted) if not path.is_file()]
    if missing:
        raise ValueError(f"{missing[0]}: no such file")
    problems = [problem for name in wanted for problem in problems_of(name)]
    if play or (play is None and files and not problems):
        problems += [problem for name in wanted for problem in lint_played(name)]
    for problem in problems:
        say(" ".join(str(problem).split()))
    count = f"{len(problems)} problem{'s' if len(problems) != 1 else ''}" if problems else "no problems"
    get_console().print(f"{len(wanted)} case{'s' if len(wanted) != 1 else ''}, {count}", markup=False)
    return PROBLEMS if problems else 0


@app.command(epilog=NOTICE)
@limit_blas()
def preview(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A case file, or the name of a case in the library.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The page, .html; NAME.html if left out.", rich_help_panel=FILE)
    ] = None,
) -> None:
    """Write a page that shows a case: brief, views with the ideal needle, criteria."""
    from scenarios.loader import locate
    from simulator.authoring.preview import preview as page_of
    from simulator.cli import arguments
    from simulator.formats.atomic import replace_atomically

    path = locate(file)
    wanted = output or Path(f"{path.parent.name if path.stem == 'case' else path.stem}.html")
    arguments.check_output(wanted, (".html",))
    with show_step("drawing the views"):
        page = page_of(file)
    with replace_atomically(wanted) as temporary:
        temporary.write_text(page, encoding="utf-8")
    print_result(f"preview of {file}: {wanted.resolve()}")
