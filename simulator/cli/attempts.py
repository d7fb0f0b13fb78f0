"""Whole attempts on the command line: play a case by a script, play a log again, report on it, hold the physics to published figures."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from phantoms.threads import limit_blas
from simulator.cli.terminal import print_result, say, show_progress, show_step
from simulator.door.words import MONITOR_SIZES, check_size, match_word
from simulator.reporting.writing import PAGE

if TYPE_CHECKING:
    from scenarios.schema.scenario import Scenario
    from simulator.observation.album import Picture
    from simulator.operators.script import Script
    from simulator.procedure.attempt.log import NotReplayed
    from simulator.procedure.state.state import ProcedureState
    from simulator.reporting.circumstances import Circumstances
    from simulator.reporting.report import Report

LOG, FRAMES = "attempt.jsonl", "frames"
NOT_REPLAYED = 3  # exit code
SURPRISE = 4  # exit code of a script that does not fail by what it names


@limit_blas()
def run(case: str, script: str, seed: int, size: int, output: Path) -> int:
    """Play a case by a script; write its log, its frames and its report into a folder. Returns the exit code.

    It is 4 where the script names what it fails by, and passed or failed by something else.

    Raises
    ------
    ValueError
        Where case or script cannot be read or played, or the folder cannot take the files.
    """
    from scenarios.loader import read
    from simulator.operators.outcome import describe_surprise
    from simulator.procedure.attempt.log import conclude
    from simulator.procedure.state.case import case_of

    scenario = read(case)
    operator = _load_script(case, script)
    _check_size(size)
    folder = _make_folder(output)
    with show_step(f"playing {scenario.id} as {operator.operator}"):
        states = list(_play_logged(case_of(scenario), operator, seed, folder / LOG))
    report = _write_attempt(states, size, folder, operator.operator)
    conclude(folder / LOG, passed=report.score.passed, grade=report.score.grade)
    surprise = describe_surprise(operator, report.score)
    if surprise:
        say(f"{operator.file}: not as the script says: {surprise}")
    _summarise(report, folder / PAGE)
    return SURPRISE if surprise and operator.fails_by else 0


@limit_blas()
def replay(log: Path, case: str | None, frames: Path | None, size: int) -> int:
    """Play a log again, check that every recorded state comes out, and print its score. Returns the exit code: 3 where it is not replayed.

    A log of another engine is not replayed: what was stored beside it is told instead.

    Raises
    ------
    ValueError
        Where the log cannot be read or is not what happened: names the line.
    """
    from simulator.door.score import score
    from simulator.procedure.attempt.log import NotReplayed
    from simulator.scoring.percent import percent

    _check_size(size)
    try:
        states, words, check = _replay_log(log, case)
    except NotReplayed as error:
        return _print_stored_result(log, error)
    if frames is not None:
        folder = _make_folder(frames)
        for picture in _develop_pictures(states, size):
            _save(picture, folder)
    found = score(states)
    check(found.passed)
    say(f"{log}: {len(states) - 1} actions, {words}")
    print_result(f"{'passed' if found.passed else 'not passed'}: {percent(found.grade)} of 100")
    return 0


@limit_blas()
def write_report(log: Path, case: str | None, size: int, output: Path) -> int:
    """Write the report of a log, as a page or as JSON by the name's ending. Returns the exit code.

    Of a log of another engine, which is not replayed, it is the report that was stored beside it, marked so.

    Raises
    ------
    ValueError
        As `replay` does, or where the file's ending is neither .html nor .json.
    """
    from simulator.door import score as door
    from simulator.procedure.attempt.log import NotReplayed
    from simulator.reporting.writing import as_text

    _check_size(size)
    if output.suffix not in (".html", ".json"):
        raise ValueError(f"--output must end in .html or .json, got {output.name!r}")
    try:
        states, words, check = _replay_log(log, case)
    except NotReplayed as error:
        return _write_stored_report(log, error, output)
    with show_step("developing images"):
        found = replace(door.report(states, size=size, images=output.suffix == ".html"), circumstances=_read_circumstances(log))
    check(found.score.passed)
    _save_text(output, as_text(found, output.suffix))
    say(f"{log}: {words}")
    _summarise(found, output)
    return 0


@limit_blas()
def validate(what: str, patients: int) -> int:
    """Print what sampled patients give beside what was published. Returns the exit code.

    Raises
    ------
    ValueError
        Where there is no such comparison, or fewer than 2 patients are asked for.
    """
    from rich.console import Console

    from simulator.validation.contrast import compare, make_table, measure

    match_word(what, ("contrast",), "what to validate")
    if patients < 2:
        raise ValueError(f"--patients must be 2 or more for an interval, got {patients}")
    numbers = [measure(seed) for seed in show_progress(range(patients), "injecting sampled patients")]
    Console(width=140, highlight=False).print(make_table(compare(numbers)))
    print_result("An interval says how sure the simulated figure is, not how right the simulation.")
    return 0


def _load_script(case: str, name: str) -> "Script":
    from simulator.door.case import find_script

    return find_script(case, name, "--script")


def _play_logged(case: object, operator: "Script", seed: int, log: Path) -> Iterator["ProcedureState"]:
    """States of a play, the first before anything was done; each action is in the log when its state comes."""
    from simulator.operators.run import run as play
    from simulator.procedure.attempt import log as logs
    from simulator.procedure.rules.stepping import begin

    first = begin(case, seed)  # type: ignore[arg-type]
    writer = logs.start(log, first)
    try:
        yield first
        for action, state in play(first.case, operator, seed):
            logs.append(writer, action, state)
            yield state
    finally:
        writer.close()


def _replay_log(log: Path, case: str | None) -> tuple[list["ProcedureState"], str, Callable[[bool], None]]:
    """States of a log played again, what that has shown in words, and what holds a score to the recorded result."""
    from simulator.procedure.attempt.replay import drop_undone, replay_states

    with show_step(f"playing {log} again"):
        playing = replay_states(log, _scenario_of(log, case))
        found = drop_undone(playing)
    return found, playing.words, lambda passed: playing.check_result(passed=passed)


def _print_stored_result(log: Path, error: "NotReplayed") -> int:
    """Tell what was stored of a log that is not replayed."""
    from simulator.reporting.stored import read_stored_plain
    from simulator.scoring.percent import percent

    found = read_stored_plain(log.parent)
    if found is None:
        raise ValueError(f"{error}; no report is stored beside it") from error
    say(f"{log}: not replayed: {error.why}")
    say(f"stored result: {'passed' if found.get('passed') else 'not passed'}: {percent(float(found.get('grade', 0.0)))} of 100")
    print_result(f"stored report: {(log.parent / PAGE).resolve()}")
    return NOT_REPLAYED


def _write_stored_report(log: Path, error: "NotReplayed", output: Path) -> int:
    """Write the report that was stored beside a log, marked as not replayed."""
    from simulator.reporting.stored import read_stored_report

    try:
        text = read_stored_report(log.parent, output.suffix, error.why)
    except ValueError as missing:
        raise ValueError(f"{error}; {missing}") from missing
    _save_text(output, text)
    say(f"{log}: not replayed: {error.why}")
    print_result(f"stored report: {output.resolve()}")
    return 0


def _read_circumstances(log: Path) -> "Circumstances":
    """Who, when and with what help, as the trainer or a stored report has it beside the log."""
    from simulator.reporting.stored import read_stored_circumstances
    from simulator.viewer.common.attempts import read

    about = read(log.parent)
    return read_stored_circumstances(log.parent) if about is None else about.circumstances


def _save_text(output: Path, text: str) -> None:
    from simulator.formats.atomic import replace_atomically

    with replace_atomically(output) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _scenario_of(log: Path, case: str | None) -> "Scenario":
    """The case that a log names, or the one given."""
    from scenarios.loader import list_cases, read
    from simulator.procedure.attempt.log import check_engine
    from simulator.procedure.attempt.log import read as read_log

    header = read_log(log).header
    check_engine(log, header)
    if case is not None:
        return read(case)
    wanted = header["scenario"].get("id")
    if wanted not in list_cases():
        raise ValueError(f"{log}: is of the case {wanted!r}, which the library lacks; give its file with --case")
    return read(wanted)


def _write_attempt(states: Sequence["ProcedureState"], size: int, folder: Path, operator: str) -> "Report":
    from simulator.reporting.build import build_report
    from simulator.reporting.circumstances import SCRIPTED, Circumstances
    from simulator.reporting.writing import write

    with show_step("developing images"):
        pictures = _develop_pictures(states, size)
        for picture in pictures:
            _save(picture, folder / FRAMES)
        circumstances = Circumstances(trainee=f"script {operator}", started=datetime.now(UTC).isoformat(timespec="seconds"), mode=SCRIPTED)
        found = build_report(states, pictures, circumstances)
    write(folder, found)
    return found


def _develop_pictures(states: Sequence["ProcedureState"], size: int) -> "tuple[Picture, ...]":
    """Images of an attempt that are kept."""
    from simulator.observation import Monitor, watch_all

    return watch_all(states, Monitor(size=size)).album.pictures


def _save(picture: "Picture", folder: Path) -> None:
    from simulator.formats.images import write_png

    folder.mkdir(exist_ok=True)
    write_png(folder / f"{picture.pulse:05d}.png", picture.pixels, picture.caption)


def _summarise(found: "Report", place: Path) -> None:
    from simulator.scoring.percent import percent
    from simulator.scoring.verdict import explain_verdict

    axes = ", ".join(f"{axis} {percent(share)} %" for axis, share in found.score.axes.items())
    say(f"{found.scenario}: {'passed' if found.score.passed else 'not passed'}, {percent(found.score.grade)} of 100 ({axes})")
    for result in found.score.critical:
        say(f"critical: {result.sentence}")
    for sentence in explain_verdict(found.score):
        say(sentence)
    print_result(f"report: {place.resolve()}")


def _make_folder(folder: Path) -> Path:
    """A folder without files of ours in it, made where it is missing."""
    if folder.is_file():
        raise ValueError(f"{folder}: is a file; --output wants a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ValueError(f"{folder}: cannot be made ({error.strerror}); choose another --output") from error
    if any(folder.iterdir()):
        raise ValueError(f"{folder}: is not empty; choose another --output, for no attempt is written over")
    return folder


def _check_size(size: int) -> None:
    check_size(size, "--size", MONITOR_SIZES)
