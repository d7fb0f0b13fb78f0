"""One attempt as a row: who, which case, when, how it was scored, and its log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from types import MappingProxyType

from scenarios.names.enums import Axis

MODES = ("guided", "practice", "exam")
LONGEST_NAME, LONGEST_ID = 80, 64


@dataclass(frozen=True, kw_only=True, slots=True)
class AttemptRecord:
    """What a database keeps of an attempt.

    Attributes
    ----------
    id : str
        The same for every write of one attempt (`simulator.records.attempt_id`), up to 64 characters.
    trainee : str
        Name or pseudonym, up to 80 characters; may be empty.
    started, ended : datetime
        With time zone; `ended` is None while the attempt is under way.
    case : str
        Id of the scenario.
    version : int
        Of the scenario.
    scenario_sha256 : str
        Of everything that the scenario says, hexadecimal.
    seed : int
        Of everything that chance decided.
    mode : str
        "guided", "practice" or "exam".
    finished : bool
        Whether the attempt is over; a finished row is never taken back by a later unfinished one.
    passed : bool or None
        None until scored.
    grade : float or None
        From 0 to 1; None until scored.
    axes : mapping of str to float
        Share of its points that each axis won, 0 to 1, by the words of `scenarios.names.enums.Axis`.
    critical : tuple of str
        Names of the critical errors.
    simulated_s, fluoro_s : float
        Simulated time and fluoroscopy time, s.
    dap_gy_cm2 : float
        Dose-area product, Gy cm2.
    epifluoro : str
        Version of this program.
    log : str
        Where the log lay.
    log_text : str or None
        The log itself; None leaves what the database has. Rows that were found carry None (`store.read_log_text` reads it).
    """

    id: str
    trainee: str = ""
    started: datetime
    ended: datetime | None = None
    case: str
    version: int
    scenario_sha256: str
    seed: int
    mode: str
    finished: bool = False
    passed: bool | None = None
    grade: float | None = None
    axes: Mapping[str, float] = field(default_factory=dict)
    critical: tuple[str, ...] = ()
    simulated_s: float = 0.0
    fluoro_s: float = 0.0
    dap_gy_cm2: float = 0.0
    epifluoro: str = ""
    log: str = ""
    log_text: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not 0 < len(self.id) <= LONGEST_ID:
            raise ValueError(f"an attempt's id must have 1 to {LONGEST_ID} characters, got {self.id!r}")
        if self.mode not in MODES:
            raise ValueError(f"mode must be one of {', '.join(MODES)}, got {self.mode!r}")
        object.__setattr__(self, "trainee", trainee_name(self.trainee))
        _check_numbers(self)
        object.__setattr__(self, "axes", MappingProxyType({str(axis): float(share) for axis, share in self.axes.items()}))
        object.__setattr__(self, "started", _utc(self.started, "started"))
        object.__setattr__(self, "ended", None if self.ended is None else _utc(self.ended, "ended"))


def trainee_name(words: str) -> str:
    """A name as it is kept: spaces trimmed, nothing that a terminal or a spreadsheet would obey.

    Raises
    ------
    ValueError
        Where it is longer than 80 characters or has characters that cannot be printed.

    Examples
    --------
    >>> trainee_name("  Ann  Li ")
    'Ann Li'
    """
    name = " ".join(words.split())
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"a trainee's name must be at most {LONGEST_NAME} printable characters, got {name[:LONGEST_NAME]!r}")
    return name


def _check_numbers(row: AttemptRecord) -> None:
    strange = [axis for axis in row.axes if axis not in {str(known) for known in Axis}]
    if strange:
        raise ValueError(f"axes must be of {', '.join(Axis)}, got {strange[0]!r}")
    shares = {**{f"axes[{axis}]": share for axis, share in row.axes.items()}, **({} if row.grade is None else {"grade": row.grade})}
    for name, share in shares.items():
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{name} must be from 0 to 1, got {share}")
    for name in ("simulated_s", "fluoro_s", "dap_gy_cm2"):
        if not (isfinite(getattr(row, name)) and getattr(row, name) >= 0):
            raise ValueError(f"{name} must be finite and not below 0, got {getattr(row, name)}")


def _utc(moment: datetime, name: str) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{name} must have a time zone, such as datetime.now(UTC), got {moment.isoformat()}")
    return moment.astimezone(UTC)
