"""Attempts into the class's database: a row at the beginning, at each pause and at the end. A database that fails costs no attempt."""

from datetime import UTC, datetime
from pathlib import Path

from simulator.procedure.attempt.log import make_header
from simulator.procedure.state.state import ProcedureState
from simulator.records.attempt_id import read_identity
from simulator.records.database import open_database
from simulator.records.errors import RecordsError
from simulator.records.from_state import describe_attempt
from simulator.records.store import record
from simulator.scoring.score import Score
from simulator.viewer.common.attempts import LOG, About


def file(database: str | None, folder: Path, about: About, state: ProcedureState, score: Score | None = None) -> str:
    """Write an attempt's row; returns what went wrong in one line, or nothing.

    Parameters
    ----------
    database : str or None
        Path or URL; the user's own where left out.
    folder : Path
        Of the attempt.
    about : About
    state : ProcedureState
        At present.
    score : Score, optional
        Once it is over.
    """
    over = state.over is not None
    try:
        row = describe_attempt(
            make_header(state),
            attempt_id=read_identity(folder),
            mode=about.mode,
            trainee=about.trainee,
            started=datetime.fromisoformat(about.started),
            ended=datetime.now(UTC) if over else None,
            finished=over,
            score=score,
            simulated_s=state.time_s,
            fluoro_s=state.room.dose.fluoro_s,
            dap_gy_cm2=state.room.dose.dap_gy_cm2,
            log=folder / LOG,
        )
        record(open_database(database), row)
    except (RecordsError, ValueError, OSError) as error:
        return str(error)
    return ""
