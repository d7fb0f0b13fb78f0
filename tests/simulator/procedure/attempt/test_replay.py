"""What an attempt is bound to, and what is told where a log is not what happened: another case, patient, engine or processor."""

import json
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.population.defaults import default_parameters
from phantoms.terms.parameters import Sex
from simulator.procedure.actions.action_codec import parse_action, to_plain
from simulator.procedure.attempt import attempt as attempts
from simulator.procedure.attempt import header as headers
from simulator.procedure.attempt import log as logs
from simulator.procedure.attempt import replay as replays
from simulator.procedure.attempt.attempt import Attempt, act, resume, undo
from simulator.procedure.attempt.checkpoint import EXACT, TOLERANCES, find_disagreement, make_checkpoint
from simulator.procedure.attempt.digest import digest
from simulator.procedure.attempt.engine_number import ENGINE
from simulator.procedure.attempt.header import POINTS, hash_tissue, lay_points
from simulator.procedure.attempt.log import LogError, LogFault, NotReplayed, conclude, read, read_header
from simulator.procedure.attempt.replay import Verdict, replay, replay_states
from simulator.procedure.state.case import Case
from tests.simulator.procedure.toy import (
    PLACED,
    SYRINGE,
    ToyPatient,
    begin_toy,
    case_with,
    change_scenario,
    do,
    place_in_epidural,
    read_scenario,
    tissue,
    toy_case,
)

Records = list[dict[str, Any]]
FORMAT_2 = Path(__file__).with_name("data") / "format-2.jsonl"
SAID = (
    *PLACED,
    {"advance": {"distance_mm": 53.5}},
    {"stylet": {"inserted": False}},
    *SYRINGE,
    {"inject": {"volume_ml": 0.4}},
    *[{"wait": {"duration_s": 1.0}}] * 12,
    "shoot",
    "finish",
)
ADVANCED, DIGESTED = 4, 20  # lines after the header: the needle's way, and the first digest


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "attempt.jsonl"
    attempts.close(played(path))
    return path


def played(path: Path, said: tuple[object, ...] = SAID) -> Attempt:
    attempt = attempts.start(toy_case(), 5, path)
    for item in said:
        attempt = act(attempt, parse_action(item))
    return attempt


def edit(path: Path, change: Callable[[Records], None]) -> None:
    """Change a log and make its chain good again, as a hand does that knows how."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    change(records)
    lines: list[bytes] = []
    for record in records:
        said = record | {"previous": sha256(lines[-1]).hexdigest()} if lines else record
        lines.append(json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    path.write_bytes(b"".join(lines))


def elsewhere(path: Path) -> None:
    """As if the log had been made on a processor without AVX."""

    def change(records: Records) -> None:
        features = records[0]["computed_on"]["features"]
        records[0]["computed_on"]["features"] = [name for name in features if not name.startswith("AVX")] + ["OLD"]

    edit(path, change)


def last_bits(records: Records) -> None:
    """As if every state had come out otherwise in its last bits."""
    for record in records:
        if "digest" in record:
            record["digest"] = sha256(record["digest"].encode()).hexdigest()


def advanced(by_mm: float) -> Callable[[Records], None]:
    def change(records: Records) -> None:
        records[ADVANCED]["action"]["advance"]["distance_mm"] += by_mm

    return change


def failed(path: Path, case: Case | None = None) -> LogError:
    with pytest.raises(LogError) as found:
        replay(path, case or toy_case())
    return found.value


def verdict(path: Path) -> Verdict:
    playing = replay_states(path, toy_case())
    assert playing.verdict is Verdict.NOT_REPLAYED
    for _ in playing:
        pass
    return playing.verdict


def test_an_equal_machine_gives_every_bit(path: Path) -> None:
    assert verdict(path) is Verdict.TO_THE_BIT
    assert "digest" in json.loads(path.read_text().splitlines()[-1])  # an attempt that is over ends with one


def test_last_bits_that_differ_elsewhere_are_within_tolerance(path: Path) -> None:
    elsewhere(path)
    assert verdict(path) is Verdict.TO_THE_BIT  # as it happens
    edit(path, last_bits)
    assert verdict(path) is Verdict.TO_TOLERANCE


def test_last_bits_that_differ_on_an_equal_machine_are_an_edited_line(path: Path) -> None:
    edit(path, last_bits)
    error = failed(path)
    assert error.cause is LogFault.EDITED
    assert f"line {DIGESTED + 1}: " in str(error)
    assert "last bits; the machine is an equal one" in str(error)


def test_the_version_of_a_library_explains_last_bits_and_that_of_this_program_does_not(path: Path) -> None:
    edit(path, last_bits)
    edit(path, lambda records: records[0]["versions"].update(numpy="2.0.0"))
    assert verdict(path) is Verdict.TO_TOLERANCE
    edit(path, lambda records: records[0]["versions"].update(numpy=headers.read_versions()["numpy"], epifluoro="0.0.1"))
    assert failed(path).cause is LogFault.EDITED


def test_meshes_and_sources_decide_nothing(path: Path) -> None:
    edit(path, lambda records: records[0]["patient"].update(surfaces="0" * 64))
    assert verdict(path) is Verdict.TO_THE_BIT


def test_an_edited_line_is_told_on_an_equal_machine_and_where_it_is_too_much_elsewhere(path: Path) -> None:
    edit(path, advanced(0.5))
    error = failed(path)
    assert error.cause is LogFault.EDITED
    assert "a line up to this one was edited" in str(error)
    elsewhere(path)
    error = failed(path)
    assert error.cause is LogFault.PROCESSOR
    assert "the log was made elsewhere (computed_on.features has OLD, here AVX" in str(error)
    assert "replay it on an equal machine to see whether a line was edited" in str(error)


def test_a_value_beyond_its_tolerance_is_named(path: Path) -> None:
    elsewhere(path)
    edit(path, last_bits)

    def change(records: Records) -> None:
        records[DIGESTED]["checked"]["compartments_ml"]["epidural-dorsal"] += 0.01

    edit(path, change)
    error = failed(path)
    assert error.cause is LogFault.PROCESSOR
    assert f"line {DIGESTED + 1}: compartments_ml epidural-dorsal is 0.3" in str(error)


@pytest.mark.parametrize("strange", [None, {}, {"time_s": "soon"}, {"compartments_ml": [1e308]}, {"tip_mm": {"0": True}}])
def test_a_checkpoint_that_is_none_bears_nothing_out(path: Path, strange: object) -> None:
    elsewhere(path)
    edit(path, last_bits)

    def change(records: Records) -> None:
        for record in records:
            if "checked" in record:
                record["checked"] = strange

    edit(path, change)
    assert failed(path).cause is (LogFault.EDITED if strange is None else LogFault.PROCESSOR)


def test_a_digest_that_was_taken_away_is_missed(path: Path) -> None:
    """Else an edit would only have to take them away to pass."""

    def change(records: Records) -> None:
        for record in records[:-1]:
            record.pop("digest", None)
            record.pop("checked", None)

    edit(path, change)
    error = failed(path)
    assert error.cause is LogFault.EDITED
    assert "expected a digest and values of the state" in str(error)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"time-out": {"patient": "Ms Toy", "level": "L4-L5", "side": "left"}},
            {"time-out": {"patient": "Ms Toy", "level": "L4-L5", "side": "right"}},
        ),
        ({"protect": {"items": ["apron"]}}, {"protect": {"items": []}}),
        ({"advise": {"item": "red-flags"}}, {"advise": {"item": "driver"}}),
    ],
)
def test_another_decision_is_found_elsewhere_too(path: Path, before: dict, after: dict) -> None:
    log = path.with_name("decided.jsonl")
    attempts.close(played(log, (before, *(item for item in SAID if item != "finish"), "finish")))
    assert verdict(log) is Verdict.TO_THE_BIT
    elsewhere(log)

    def change(records: Records) -> None:
        records[1]["action"] = to_plain(parse_action(after))

    edit(log, change)
    edit(log, last_bits)
    error = failed(log)
    assert "what was read, decided, prepared, advised, believed and answered are not those that were recorded" in str(error)


def test_the_end_of_an_attempt_has_a_digest(path: Path) -> None:
    def change(records: Records) -> None:
        del records[-1]["digest"], records[-1]["checked"]

    edit(path, change)
    assert failed(path).cause is LogFault.EDITED


@pytest.mark.parametrize("strange", [{"passed": True}, {"passed": True, "grade": "x"}, {"passed": True, "grade": 10**400}])
def test_a_result_without_a_grade_is_none(path: Path, strange: dict) -> None:
    edit(path, lambda records: records.append({"result": strange}))
    assert "grade, a number" in str(failed(path))


def test_an_action_in_the_line_of_a_result_is_found(path: Path) -> None:
    edit(path, lambda records: records[-1].update(result={"passed": True, "grade": 1.0}))
    assert failed(path).cause is LogFault.EDITED


def test_a_text_too_long_for_a_line_is_refused_before_it_is_written(tmp_path: Path) -> None:
    log = tmp_path / "attempt.jsonl"
    attempt = attempts.start(toy_case(), 5, log)
    with pytest.raises(ValueError, match="bytes in the log, expected at most 65536; shorten"):
        act(attempt, parse_action({"decide": {"decision": "proceed", "reason": "\u6f22" * 20_000}}))
    attempts.close(act(attempt, parse_action("shoot")))
    assert verdict(log) is Verdict.TO_THE_BIT
    assert len(read(log).entries) == 1


def test_no_engine_has_a_number_below_nothing(path: Path) -> None:
    edit(path, lambda records: records[0].update(engine=-1))
    assert "engine must be a whole number from 0" in str(failed(path))


def test_lines_that_end_as_on_windows_are_named(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert "Windows" in str(failed(path))


def test_parameters_that_were_edited_without_their_hash_are_another_patient(path: Path) -> None:
    def change(records: Records) -> None:
        records[0]["patient"]["parameters"]["age_years"] += 1

    edit(path, change)
    error = failed(path)
    assert error.cause is LogFault.PATIENT
    assert "age_years" in str(error)


def test_what_a_header_says_of_its_program_reaches_the_terminal_in_print(path: Path) -> None:
    def change(records: Records) -> None:
        records[0] |= {"engine": ENGINE + 1, "versions": {"epifluoro": "\x1b[31mred\nand more"}}

    edit(path, change)
    assert str(failed(path)).isprintable()


def test_another_scenario_is_told(path: Path) -> None:
    error = failed(path, case_with(change_scenario(target={"ideal_mm": 1.0, "acceptable_mm": 4.0})))
    assert error.cause is LogFault.SCENARIO
    assert "the log is of another scenario: its sha256 is" in str(error)


def test_another_patient_is_told_by_what_differs(path: Path) -> None:
    params = default_parameters(Sex.FEMALE)
    other = replace(params, bmi=params.bmi + 1)
    error = failed(path, Case(scenario=read_scenario(), patient=ToyPatient(params=other)))  # type: ignore[arg-type]
    assert error.cause is LogFault.PATIENT
    assert f"the log is of another patient: its bmi is {params.bmi}, here {other.bmi}" in str(error)


def test_a_parameter_that_the_log_does_not_know_leaves_it_to_the_tissues(path: Path) -> None:
    def change(records: Records) -> None:
        del records[0]["patient"]["parameters"]["vertebrae"]["L4"]
        records[0]["patient"]["sha256"] = "0" * 64

    edit(path, change)
    assert verdict(path) is Verdict.TO_THE_BIT
    edit(path, lambda records: records[0]["patient"].update(tissue="0" * 64))
    assert failed(path).cause is LogFault.PATIENT


class Shifted(ToyPatient):
    """The same parameters, and a fat layer half a millimetre deeper."""

    def tissue(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        return tissue(np.asarray(points) + [0.0, 0.5, 0.0])


def test_another_anatomy_of_the_same_parameters_is_another_patient(path: Path) -> None:
    case = Case(scenario=read_scenario(), patient=Shifted(params=default_parameters(Sex.FEMALE)))  # type: ignore[arg-type]
    error = failed(path, case)
    assert error.cause is LogFault.PATIENT
    assert "its parameters are the same, but the anatomy" in str(error)


def test_points_are_fixed_lie_in_the_box_and_half_of_them_round_the_spine() -> None:
    bounds = np.array([[-200.0, -150.0, -400.0], [200.0, 100.0, 300.0]])
    points = lay_points(bounds)
    assert points.shape == (POINTS, 3)
    assert ((points >= bounds[0]) & (points <= bounds[1])).all()
    assert (lay_points(bounds) == points).all()
    for axis in range(3):  # low discrepancy: each tenth of a side has its share
        assert np.histogram(points[: POINTS // 2, axis], 10, bounds[:, axis])[0] == pytest.approx(POINTS / 20, abs=8)
    assert (np.abs(points[POINTS // 2 :, 0]) <= 60.0).all()
    assert hash_tissue(toy_case()) == hash_tissue(case_with(read_scenario()))


@pytest.mark.parametrize("engine", [ENGINE - 1, ENGINE + 1])
def test_a_log_of_another_engine_is_not_replayed(path: Path, engine: int) -> None:
    edit(path, lambda records: records[0].update(engine=engine))
    error = failed(path)
    assert isinstance(error, NotReplayed)
    assert error.cause is LogFault.ENGINE
    assert "not replayed" in str(error)
    assert f"here is engine {ENGINE}" in str(error)
    assert verdict_of_failed(path) is Verdict.NOT_REPLAYED


def verdict_of_failed(path: Path) -> Verdict:
    playing = replay_states(path, toy_case())
    with pytest.raises(LogError):
        next(playing)
    return playing.verdict


def test_a_log_of_format_2_is_not_replayed_and_its_header_and_chain_are_read(tmp_path: Path) -> None:
    assert read_header(FORMAT_2)["scenario"]["id"] == read_scenario().id
    error = failed(FORMAT_2)
    assert isinstance(error, NotReplayed)
    assert "of format 2, before engines had numbers" in str(error)
    assert read(FORMAT_2).engine == 0
    changed_by_hand = tmp_path / "changed.jsonl"
    changed_by_hand.write_bytes(FORMAT_2.read_bytes().replace(b'"distance_mm":50.0', b'"distance_mm":51.0'))
    assert failed(changed_by_hand).cause is LogFault.EDITED


def test_an_action_that_only_another_engine_knew_does_not_hide_which_engine(path: Path) -> None:
    def change(records: Records) -> None:
        records[0]["engine"] = ENGINE + 1
        records[3]["action"] = {"teleport": {}}

    edit(path, change)
    assert isinstance(failed(path), NotReplayed)


@pytest.mark.parametrize("engine", ["1", 1.0, True, None, [1]])
def test_a_header_without_an_engine_number_is_refused(path: Path, engine: object) -> None:
    edit(path, lambda records: records[0].update(engine=engine))
    assert "the header's engine is missing" in str(failed(path))


def test_an_attempt_of_another_engine_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "attempt.jsonl"
    played(path, SAID[:5])
    edit(path, lambda records: records[0].update(engine=ENGINE + 1))
    before = path.read_bytes()
    with pytest.raises(NotReplayed, match="it cannot be gone on with: begin another attempt"):
        resume(path, toy_case())
    assert path.read_bytes() == before


@pytest.mark.parametrize("snapshot", [False, True])
def test_an_attempt_gone_on_with_elsewhere_says_so_and_is_held_to_tolerances(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: bool
) -> None:
    path = tmp_path / "attempt.jsonl"
    attempt = played(path, SAID[:8])
    if snapshot:
        attempts.snapshot.save(path, attempt.history, attempt.writer)  # type: ignore[arg-type]
    monkeypatch.setattr(logs, "describe_here", lambda: {"computed_on": {"machine": "another"}, "versions": {}})
    monkeypatch.setattr(replays, "describe_here", lambda: {"computed_on": {"machine": "another"}, "versions": {}})
    again = resume(path, toy_case())
    for item in SAID[8:]:
        again = act(again, parse_action(item))
    again = undo(again, 1) if again.state.over is None else again
    attempts.close(again)
    monkeypatch.undo()
    assert [entry.moved for entry in read(path).entries if entry.moved] == [{"computed_on": {"machine": "another"}, "versions": {}}]
    assert digest(replay(path, toy_case())) == digest(again.state)
    edit(path, last_bits)
    assert verdict(path) is Verdict.TO_TOLERANCE  # what was computed there need not be equal here


def test_going_on_where_it_was_begun_leaves_no_trace(tmp_path: Path) -> None:
    path = tmp_path / "attempt.jsonl"
    played(path, SAID[:6])
    before = path.read_bytes()
    attempts.close(resume(path, toy_case()))
    assert path.read_bytes() == before


def test_a_result_ends_a_log_and_the_score_is_held_to_it(path: Path) -> None:
    conclude(path, passed=True, grade=0.9)
    conclude(path, passed=False, grade=0.1)  # what was said stays
    assert read(path).result == {"passed": True, "grade": 0.9}
    playing = replay_states(path, toy_case())
    assert len(list(playing)) == len(SAID) + 1
    playing.check_result(passed=True)
    with pytest.raises(LogError, match=rf"line {len(SAID) + 2}: the result is passed, the states score as not passed") as found:
        playing.check_result(passed=False)
    assert found.value.cause is LogFault.RESULT


@pytest.mark.parametrize("strange", [[], {}, {"passed": 1}, None])
def test_a_strange_result_is_named(path: Path, strange: object) -> None:
    edit(path, lambda records: records.append({"result": strange}))
    assert f"line {len(SAID) + 2}: result must be an object" in str(failed(path))


def test_a_disk_that_refuses_the_result_leaves_the_log_whole(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = path.read_bytes()

    class Full:
        def __init__(self) -> None:
            self.stream = open(path, "ab")  # noqa: PTH123, SIM115 - the file as it is, which `Path.open` no longer gives

        def __enter__(self) -> "Full":
            return self

        def __exit__(self, *_: object) -> None:
            self.stream.close()

        def write(self, line: bytes) -> None:
            self.stream.write(line[:9])
            self.stream.flush()
            raise OSError(28, "No space left on device")

    chain = read(path).chain
    monkeypatch.setattr(Path, "open", lambda *_: Full())
    with pytest.raises(OSError, match="No space left"):
        logs.end(path, chain, passed=True, grade=1.0)
    monkeypatch.undo()
    assert path.read_bytes() == before


def test_nothing_follows_a_result(path: Path) -> None:
    conclude(path, passed=True, grade=0.9)
    edit(path, lambda records: records.append(records[-2] | {}))
    error = failed(path)
    assert error.cause is LogFault.EDITED
    assert "follows the result" in str(error)


def test_checkpoints_have_a_tolerance_for_every_number() -> None:
    found = make_checkpoint(do(place_in_epidural(begin_toy()), *SYRINGE, {"inject": {"volume_ml": 0.4}}))
    assert set(found) == {*TOLERANCES, *EXACT}
    assert find_disagreement(found, found) == ""
    assert find_disagreement(json.loads(json.dumps(found)), found) == ""


@pytest.mark.parametrize("name", TOLERANCES)
def test_each_value_is_held_to_its_tolerance(name: str) -> None:
    found = make_checkpoint(
        do(place_in_epidural(begin_toy()), *SYRINGE, {"inject": {"volume_ml": 0.4}}, {"wait": {"duration_s": 30.0}}, "shoot")
    )
    tolerance = TOLERANCES[name]

    def moved(value: Any, share: float) -> Any:  # noqa: ANN401 - a number, a list or a mapping
        if isinstance(value, dict):
            return {key: moved(item, share) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item, share) for item in value]
        return value + share * max(tolerance.absolute, tolerance.relative * abs(value))

    assert find_disagreement(found, found | {name: moved(found[name], 0.9)}) == ""
    assert find_disagreement(found, found | {name: moved(found[name], 1.1)}).startswith(name)
    assert tolerance.why


@pytest.mark.parametrize("name", EXACT)
def test_what_must_agree_exactly_does(name: str) -> None:
    found = make_checkpoint(place_in_epidural(begin_toy()))
    assert find_disagreement(found | {name: "another"}, found) == f"{EXACT[name]} are not those that were recorded"
