"""Command line: images (`render`, `sheet`, `cine`), attempts (`run`, `replay`, `report`), cases (`lint` ...), classes (`serve`, `results`).

`train` opens the trainer's page.

For education and research only; never for guiding a real needle.
"""

import os
import sys
from collections.abc import Sequence

from phantoms.threads import VARIABLES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 2 refused with one line on stderr, 3 a log not replayed, 130 interrupted.

    Parameters
    ----------
    arguments : sequence of str, optional
        What was typed after the program's name; the process's own arguments if left out.
    """
    for name, value in VARIABLES.items():  # for the processes that a command starts, and for NumPy where it is not loaded yet
        os.environ.setdefault(name, value)
    from simulator.cli import attempts_app, cases, classroom_app, train_app  # noqa: F401 - put their commands on the app
    from simulator.cli.app import app
    from simulator.cli.terminal import print_refusal

    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        result = app(words or ["--help"], prog_name="epifluoro", standalone_mode=False)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        return print_refusal(error)
    return result if isinstance(result, int) else 0
