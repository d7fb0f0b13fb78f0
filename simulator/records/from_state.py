"""From what a procedure knows to the row of an attempt."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.records.attempt import AttemptRecord
from simulator.scoring.score import Score


def describe_attempt(
    header: Mapping[str, Any],
    *,
    attempt_id: str,
    mode: str,
    started: datetime,
    trainee: str = "",
    ended: datetime | None = None,
    finished: bool = False,
    score: Score | None = None,
    simulated_s: float = 0.0,
    fluoro_s: float = 0.0,
    dap_gy_cm2: float = 0.0,
    log: Path | None = None,
) -> AttemptRecord:
    """An attempt for `simulator.records.store.record`.

    Parameters
    ----------
    header : mapping
        Of the attempt's log (`simulator.procedure.attempt.log.make_header`).
    attempt_id : str
        From `simulator.records.attempt_id.read_identity`.
    mode, trainee : str
        See `AttemptRecord`.
    started, ended : datetime
        With time zone.
    finished : bool
        Whether the attempt is over.
    score : Score, optional
        Where it was scored.
    simulated_s, fluoro_s : float
        Simulated time and fluoroscopy time, s.
    dap_gy_cm2 : float
        Dose-area product, Gy cm2.
    log : Path, optional
        Of the log, which goes into the row where it can be read.

    Raises
    ------
    ValueError
        As `AttemptRecord` does.
    """
    scenario = header["scenario"]
    return AttemptRecord(
        id=attempt_id,
        trainee=trainee,
        started=started,
        ended=ended,
        case=scenario["id"],
        version=scenario["version"],
        scenario_sha256=scenario["sha256"],
        seed=header["seed"],
        mode=mode,
        finished=finished,
        passed=None if score is None else score.passed,
        grade=None if score is None else score.grade,
        axes={} if score is None else {str(axis): share for axis, share in score.axes.items()},
        critical=() if score is None else tuple(result.criterion.name for result in score.critical),
        simulated_s=simulated_s,
        fluoro_s=fluoro_s,
        dap_gy_cm2=dap_gy_cm2,
        epifluoro=header["versions"]["epifluoro"],
        log="" if log is None else str(log.absolute()),
        log_text=None if log is None else _read_log(log),
    )


def _read_log(log: Path) -> str | None:
    """The log; None where a full or lost disk keeps it from us, for the row is worth having without."""
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
