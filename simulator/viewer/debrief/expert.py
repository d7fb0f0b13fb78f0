"""The expert's attempt at the same case with the same seed, played once in a process of its own at low priority and kept on disk."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phantoms.io import cache as entries
from phantoms.io.code_hash import hash_code
from phantoms.threads import limit_blas
from scenarios.errors import ScenarioError
from scenarios.loader import read as read_case
from simulator.formats.atomic import replace_atomically
from simulator.observation.truth.state_archive import archive_states
from simulator.operators.run import play_script
from simulator.operators.script import load_script
from simulator.procedure.attempt.log import make_header
from simulator.procedure.state.case import case_of
from simulator.procedure.state.state import ProcedureState
from simulator.reporting.build import score_attempt
from simulator.viewer.debrief import figures, step_views
from simulator.viewer.debrief.figures import Figures, compute_figures
from simulator.viewer.debrief.step_views import StepView, show_steps

OPERATOR = "expert"
FOLDER = "experts"
NICE = 19


@dataclass(frozen=True, kw_only=True, slots=True)
class ExpertPlay:
    """What is kept of the expert's attempt: its figures, and its steps as they are shown."""

    figures: Figures
    steps: tuple[StepView, ...]


@dataclass(kw_only=True)
class Expert:
    """The expert's play, under way or done; changes once, when it is done.

    Attributes
    ----------
    path : Path
        Where its play is kept, or will be.
    process : Popen or None
        That plays it.
    """

    path: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def done(self) -> bool:
        """Whether nothing more will come."""
        return self.process is None or self.process.poll() is not None

    def read(self) -> ExpertPlay | None:
        """The play; None as long as there is none."""
        return load(self.path)

    def close(self) -> None:
        """End the process; nothing is left half written."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def begin(case: str, first: ProcedureState) -> Expert:
    """A play from disk, or a process that will put them there.

    Parameters
    ----------
    case : str
        Name in the library, or path of the file.
    first : ProcedureState
        First state of the trainee's attempt.
    """
    path = place(first)
    if load(path) is not None:
        return Expert(path=path)
    command = [sys.executable, "-m", "simulator.viewer.debrief.expert", case, str(first.seed), str(path)]
    quiet: Any = subprocess.DEVNULL
    return Expert(path=path, process=subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet))  # noqa: S603 - our own module


def place(first: ProcedureState) -> Path:
    """Where a play is kept: by the case's content, its patient, the seed, and the code."""
    about = make_header(first)
    name = entries.make_key(
        "expert",
        json.dumps([about["scenario"], about["patient"], first.seed], sort_keys=True, default=str),
        hash_code("simulator", without="simulator.viewer"),
    )
    return entries.find_folder() / FOLDER / f"{name}.json"


def load(path: Path) -> ExpertPlay | None:
    """A play from disk; None where there is none, or it is damaged."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        steps = tuple(map(step_views.from_plain, said["steps"]))
        return ExpertPlay(figures=figures.from_plain(said["figures"]), steps=steps)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def as_plain(found: ExpertPlay) -> dict[str, Any]:
    """A play as JSON takes it."""
    return {"figures": figures.as_plain(found.figures), "steps": [step_views.as_plain(item) for item in found.steps]}


@limit_blas()
def play(case: str, seed: int) -> ExpertPlay:
    """Play the expert's script, and develop an image of each step.

    Raises
    ------
    ScenarioError
        If the case has no such script, or it cannot be played.
    """
    first, after = play_script(case_of(read_case(case)), load_script(case, OPERATOR), seed)
    course = archive_states((first, *after))
    steps = show_steps(course)
    return ExpertPlay(figures=compute_figures(course, score_attempt(course.states)), steps=tuple(steps))


def main(case: str, seed: str, path: str) -> int:
    """Play and write, behind everything else."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    goal = Path(path)
    try:
        found = play(case, int(seed))
        goal.parent.mkdir(parents=True, exist_ok=True)
        with replace_atomically(goal) as temporary:
            temporary.write_text(json.dumps(as_plain(found)), encoding="utf-8")
    except (ScenarioError, ValueError, OSError):
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
