"""What stays of an attempt: its folder with log, report and images, and its row in the class's database."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.observation.album import Picture
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.state import ProcedureState
from simulator.reporting import writing
from simulator.reporting.report import Report
from simulator.scoring.score import Score
from simulator.viewer.common import attempts
from simulator.viewer.common.attempts import About
from simulator.viewer.common.messages import EngineNotice, FailedNotice, ReportedNotice
from simulator.viewer.debrief import image_export
from simulator.viewer.engine import database_writer


@dataclass(kw_only=True)
class AttemptFolder:
    """An attempt on disk; changes as it is scored.

    Attributes
    ----------
    folder : Path
        Where it stays.
    about : About
        What it is.
    database : str or None
        Path or URL; the user's own where left out.
    archiving : Thread or None
        Writes the images.
    """

    folder: Path
    about: About
    database: str | None = None
    archiving: threading.Thread | None = None
    _copied: "TemporaryDirectory[str] | None" = field(default=None, init=False)

    @property
    def path(self) -> Path:
        """Of the log."""
        return self.folder / attempts.LOG

    def file_row(self, state: ProcedureState, score: Score | None = None) -> Iterator[EngineNotice]:
        """Write the row in the database; a database that fails is told of and costs nothing."""
        wrong = database_writer.file(self.database, self.folder, self.about, state, score)
        if wrong:
            yield FailedNotice(why=wrong, during="record")

    def finish(self) -> None:
        """Write down that the attempt is over."""
        self.about = replace(self.about, finished=True)
        with suppress(OSError, ValueError):  # told of with the report, which the same disk refuses
            attempts.write(self.folder, self.about)

    def file_score(self, last: ProcedureState, report: Report) -> Iterator[EngineNotice]:
        """Write score and report beside the log where there is none yet, and tell of them.

        Parameters
        ----------
        last : ProcedureState
            In which the attempt ended.
        report : Report
        """
        page = self.folder / attempts.PAGE
        if self.about.grade is None or not page.is_file():
            try:
                yield from self._write_report(last, report)
            except OSError as error:
                yield FailedNotice(why=str(attempts.make_write_error(self.folder, error)), during="report")
            except ValueError as error:
                yield FailedNotice(why=str(error), during="report")
        if page.is_file():
            axes = {str(axis): share for axis, share in report.score.axes.items()}
            yield ReportedNotice(folder=str(self.folder), passed=report.score.passed, grade=report.score.grade, axes=axes)

    def _write_report(self, last: ProcedureState, report: Report) -> Iterator[EngineNotice]:
        self.about = replace(self.about, passed=report.score.passed, grade=report.score.grade)
        yield from self.file_row(last, report.score)
        writing.write(self.folder, report)
        attempts.write(self.folder, self.about)

    def archive(self, pictures: Sequence[Picture], shots: Sequence[Shot]) -> None:
        """Keep the images, so that none is developed again when the attempt is opened; beside everything else.

        Parameters
        ----------
        pictures : sequence of Picture
            Of the report.
        shots : sequence of Shot
            All of the attempt.
        """
        if (self.folder / image_export.PNG).is_file():
            return

        def write() -> None:
            with suppress(OSError, ValueError):  # then they are developed again
                image_export.write(self.folder, image_export.PNG, pictures, shots)

        self.archiving = threading.Thread(target=write, daemon=True, name="archive")
        self.archiving.start()

    def locate_whole_log(self, in_memory: BytesIO | None) -> Path:
        """Where the log with all that was done is: on disk, or a copy of the one that went on in memory because the disk took no more."""
        if in_memory is None:
            return self.path
        self._copied = TemporaryDirectory()
        path = Path(self._copied.name) / attempts.LOG
        try:
            path.write_bytes(in_memory.getvalue())
        except OSError:  # no room there either: what the disk has
            return self.path
        return path

    def close(self) -> None:
        """Take away what was only copied."""
        if self._copied is not None:
            self._copied.cleanup()
