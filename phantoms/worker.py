"""A second process that meshes beside this one: decimation keeps its mesh in one place per process, so threads cannot share it.

The process rebuilds the patient from its parameters and meshes the jobs that it is given by name, over its own pipes. Where it cannot be
started, or dies, everything is meshed here; an error that a job itself raises thus comes out of this process, as if there were no other.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from phantoms.surfaces import Job, WorkerLostError, mesh_job, plan_jobs
from phantoms.terms.levels import Level
from phantoms.terms.parameters import PatientParameters
from phantoms.terms.surface import Surface
from phantoms.threads import VARIABLES

PACKAGES = Path(__file__).resolve().parents[1]
COMMAND = ("-P", "-m", "phantoms.worker")
LOST = (OSError, EOFError, pickle.UnpicklingError)


@dataclass(frozen=True, kw_only=True, eq=False)
class Worker:
    """A running second process; ask it from one thread at a time.

    Attributes
    ----------
    process : Popen
        With pipes for what it reads and writes.
    complaints : file
        What it writes to its standard error.
    """

    process: subprocess.Popen[bytes]
    complaints: IO[bytes]

    def __call__(self, job: Job) -> tuple[Surface, ...]:
        """Surfaces of a job, as `mesh_job` would make them here.

        Raises
        ------
        WorkerLostError
            With the last line that the process wrote, where it ended instead.
        """
        try:
            _send(job.name, self.process.stdin)
            found: tuple[Surface, ...] = pickle.load(self.process.stdout)  # type: ignore[arg-type]
        except LOST as error:
            raise WorkerLostError(f"the second process ended while it meshed {job.name}: {self._last_line()}") from error
        return tuple(replace(surface) for surface in found)  # read-only once more

    def _last_line(self) -> str:
        self.process.wait()
        self.complaints.seek(0)
        lines = self.complaints.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"exit status {self.process.returncode}"


@contextmanager
def run_worker(params: PatientParameters, levels: Sequence[Level] | None) -> Iterator[Worker | None]:
    """A second process for a patient's surfaces; None where none can be started. It ends with the context.

    Parameters
    ----------
    params : PatientParameters
    levels : sequence of Level, or None
        As for `phantoms.surfaces.plan_jobs`.
    """
    with tempfile.TemporaryFile() as complaints:
        process = _start(complaints)
        if process is None:
            yield None
            return
        try:
            with suppress(OSError):  # it died at once; the first question will tell
                _send((params, levels), process.stdin)
            yield Worker(process=process, complaints=complaints)
        finally:
            _end(process)


def _start(complaints: IO[bytes]) -> subprocess.Popen[bytes] | None:
    if not sys.executable or getattr(sys, "frozen", False) or (os.cpu_count() or 1) < 2:
        return None
    path = os.pathsep.join(part for part in (str(PACKAGES), os.environ.get("PYTHONPATH", "")) if part)
    try:
        return subprocess.Popen(
            [sys.executable, *COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env={**os.environ, **VARIABLES, "PYTHONPATH": path},
        )
    except OSError:
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):  # what it never read
                pipe.close()


def _send(value: Any, stream: IO[bytes] | None) -> None:  # noqa: ANN401, whatever can be pickled
    if stream is None:
        raise OSError("no pipe")
    pickle.dump(value, stream, protocol=pickle.HIGHEST_PROTOCOL)
    stream.flush()


def serve(questions: IO[bytes], answers: IO[bytes]) -> None:
    """Answer until the questions end: first (parameters, levels), then names of jobs, each answered with its surfaces."""
    from phantoms.patient import build  # which itself asks for workers

    params, levels = pickle.load(questions)
    named = {job.name: job for job in plan_jobs(build(params).compartments, levels)}
    while True:
        try:
            name = pickle.load(questions)
        except EOFError:
            return
        _send(mesh_job(named[name]), answers)


def main() -> None:
    """Serve on standard input and output; what anything prints goes to standard error instead."""
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
