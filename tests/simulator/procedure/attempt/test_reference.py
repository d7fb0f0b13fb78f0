"""The engine number cannot be forgotten: the attempt recorded under it gives the same states, or the number has to be raised."""

import json
from pathlib import Path

import pytest

from simulator.procedure.actions.actions import Inject
from simulator.procedure.attempt.engine_number import ENGINE
from simulator.procedure.attempt.log import LogError, read_header
from simulator.procedure.attempt.replay import Verdict
from simulator.procedure.rules import stepping
from tests.simulator.procedure.attempt import reference
from tests.simulator.procedure.attempt.reference import SAID, bound_to, path_of, patient_of, reference_case, replayed

RECORD = "python -m tests.simulator.procedure.attempt.reference"


def test_the_reference_attempt_of_this_engine_gives_the_states_that_were_recorded() -> None:
    path, case = path_of(ENGINE), reference_case()
    assert path.is_file(), f"engine {ENGINE} has no reference attempt; {RECORD}"
    assert read_header(path)["engine"] == ENGINE
    assert patient_of(path) == bound_to(case), f"the toy patient is another; {RECORD}"
    try:
        _, verdict = replayed(path, case)
    except LogError as error:
        pytest.fail(
            f"equal actions give other states: raise ENGINE in simulator/procedure/attempt/engine_number.py, then {RECORD}\n{error}"
        )
    assert verdict is not Verdict.NOT_REPLAYED


def test_the_reference_attempt_does_something_of_every_kind() -> None:
    last, _ = replayed(path_of(ENGINE), reference_case())
    assert len(last.done) == len(SAID)
    assert last.over is not None
    assert len(last.injections) > 2
    assert len(last.fluid.spreads) == 2
    assert len({item.kind for item in last.events}) >= 6
    assert last.room.pulse > 20
    assert last.beliefs
    lines = [json.loads(line) for line in path_of(ENGINE).read_text().splitlines()]
    assert sum("checked" in line for line in lines) == 3


def changed_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fluid comes out a hundredth more slowly."""
    whole = stepping.HANDLERS[Inject]

    def slower(state, given):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        return whole(state, Inject(volume_ml=given.volume_ml, rate_ml_s=given.rate_ml_s / 1.01))

    monkeypatch.setattr(stepping, "HANDLERS", {**stepping.HANDLERS, Inject: slower})


def test_another_rule_under_the_same_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    changed_rule(monkeypatch)
    with pytest.raises(LogError, match="rules were changed without raising the engine number|with other libraries|elsewhere"):
        replayed(path_of(ENGINE), reference_case())


def test_another_rule_is_not_recorded_under_the_same_number(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = path_of(ENGINE).read_bytes()
    (tmp_path / path_of(ENGINE).name).write_bytes(kept)
    monkeypatch.setattr(reference, "FOLDER", tmp_path)
    assert reference.main() == 0
    changed_rule(monkeypatch)
    assert reference.main() == 1
    assert "raise ENGINE" in capsys.readouterr().err
    assert path_of(ENGINE).read_bytes() == kept
    monkeypatch.setattr(reference, "ENGINE", ENGINE + 1)
    assert reference.main() == 0
    assert path_of(ENGINE + 1).is_file()
