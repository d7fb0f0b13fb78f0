"""Attempts on disk: one folder each, with the log, and what is needed to go on with one that was broken off."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree
from typing import Annotated

from platformdirs import user_data_path

from phantoms.terms.record_reader import Within, read_record
from simulator.formats.atomic import replace_atomically
from simulator.reporting.circumstances import Circumstances
from simulator.reporting.writing import PAGE as PAGE
from simulator.reporting.writing import PLAIN as PLAIN
from simulator.viewer.common.modes import TrainingMode

LOG, ABOUT = "attempt.jsonl", "attempt.json"
PNG, DICOM = "images-png.zip", "images-dicom.zip"


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What an attempt is, beside its log.

    Attributes
    ----------
    case : str
        Name in the library, or path of the file.
    mode : str
        What help there was.
    seed : int
        Of everything that chance decides.
    trainee : str
        Name or pseudonym; may be empty.
    started : str
        UTC, ISO 8601.
    finished : bool
        Whether it was ended.
    passed, grade : bool and float, or None
        Once it was scored; the grade from 0 to 1.
    tour : bool
        Whether the tour led through it.
    """

    case: str
    mode: str = str(TrainingMode.PRACTICE)
    seed: int = 0
    trainee: str = ""
    started: str = ""
    finished: bool = False
    passed: bool | None = None
    grade: Annotated[float | None, Within(0, 1)] = None
    tour: bool = False

    @property
    def circumstances(self) -> Circumstances:
        """What a report says of the circumstances."""
        return Circumstances(trainee=self.trainee, started=self.started, mode=self.mode, toured=self.tour)


def default_folder() -> Path:
    """Where attempts go unless told otherwise."""
    return user_data_path("epifluoro") / "attempts"


def make_folder(root: Path, about: About) -> Path:
    """A new folder for an attempt.

    Raises
    ------
    ValueError
        If it cannot be made: says where, and what to do.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    name = Path(about.case).parent.name if about.case.endswith((".yaml", ".yml")) else about.case
    name = about.mode if about.mode == TrainingMode.EXAM else name  # a case's name may give its catch away
    for number in range(1000):
        folder = root / f"{stamp}-{name}-{number}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as error:
            raise ValueError(f"{folder}: cannot be made ({error.strerror}); choose another folder with --attempts") from error
        try:
            write(folder, about)
        except OSError as error:
            remove_folder(folder)
            raise make_write_error(folder, error) from error
        return folder
    raise ValueError(f"{root}: a thousand attempts in one second; clear the folder")


def make_write_error(folder: Path, error: OSError) -> ValueError:
    """What to say where the disk refuses a folder's files."""
    return ValueError(f"{folder}: cannot be written ({error.strerror}); make room there, or choose another folder with --attempts")


def remove_folder(folder: Path) -> None:
    """Take a folder away that nothing came of."""
    rmtree(folder, ignore_errors=True)


def write(folder: Path, about: About) -> None:
    """Write what an attempt is, whole or not at all."""
    with replace_atomically(folder / ABOUT, "--attempts") as temporary:
        temporary.write_text(json.dumps(asdict(about), indent=1), encoding="utf-8")


def read(folder: Path) -> About | None:
    """What an attempt is; None where the folder does not say."""
    try:
        return read_record(About, json.loads((folder / ABOUT).read_text(encoding="utf-8")), "attempt.")
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None


def list_open(root: Path) -> list[tuple[Path, About]]:
    """Folders of attempts that were broken off, with what they are, the newest first."""
    return [(path, about) for path, about in _list_all(root) if not about.finished]


def list_finished(root: Path, trainee: str) -> list[tuple[Path, About]]:
    """Folders of a trainee's attempts that are over, with what they are, the newest first."""
    return [(path, about) for path, about in _list_all(root) if about.finished and about.trainee == trainee]


def _list_all(root: Path) -> list[tuple[Path, About]]:
    found = [(path, read(path)) for path in root.glob("*") if (path / LOG).is_file()] if root.is_dir() else []
    return sorted(((path, about) for path, about in found if about is not None), key=lambda item: item[0].name, reverse=True)


def format_now() -> str:
    """The present moment, UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")
