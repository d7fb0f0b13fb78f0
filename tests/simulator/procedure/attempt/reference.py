"""The reference attempt: what makes it hard to change the rules and forget the engine number.

``python -m tests.simulator.procedure.attempt.reference`` records it under the present number, and refuses where the rules have changed
under one that has been recorded already. It is played on the toy patient, by a scenario of its own that no edit of the library changes.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from scenarios.schema.scenario import Scenario
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.attempt import attempt as attempts
from simulator.procedure.attempt.digest import digest
from simulator.procedure.attempt.engine_number import ENGINE
from simulator.procedure.attempt.header import describe_patient
from simulator.procedure.attempt.history import History
from simulator.procedure.attempt.log import LogError, read, read_header
from simulator.procedure.attempt.replay import Verdict, checking, replay_entry
from simulator.procedure.rules.stepping import begin
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import PLACED, WINDOW_Z, case_with, read_scenario

FOLDER = Path(__file__).with_name("data")
CASE = FOLDER / "reference-case.json"
SEED = 11
SAID = (
    {"review": {"item": "history"}},
    {"examine": {"item": "pain-score"}},
    {"consent": {"risks": ["infection"]}},
    {"time-out": {"patient": "reference", "level": "L4-L5", "side": "left"}},
    {"position": {"posture": "prone"}},
    {"prepare": {"antiseptic": "chlorhexidine-alcohol"}},
    {"protect": {"items": ["mask"]}},
    "monitor",
    {"move-table": {"cranial_mm": WINDOW_Z, "dorsal_mm": 40.0}},
    {"move-carm": {"oblique_deg": 8.0, "tilt_deg": 4.0}},
    {"collimate": {"left_mm": 60.0, "right_mm": 60.0}},
    "shoot",
    {"pedal": {"down": True}},
    {"wait": {"duration_s": 0.7}},
    {"pedal": {"down": False}},
    *PLACED[1:],
    {"local-anaesthetic": {"agent": "lidocaine", "volume_ml": 2.0, "depth_mm": 20.0}},
    {"advance": {"distance_mm": 40.0}},
    {"roll": {"angle_deg": 90.0}},
    {"stylet": {"inserted": False}},
    {"attach": {"what": "lor-saline"}},
    "press-plunger",
    {"advance": {"distance_mm": 16.0, "until_loss": True}},
    {"attach": {"what": "nothing"}},
    {"attach": {"what": "syringe", "contents_ml": [["iohexol 240", 3.0]]}},
    "aspirate",
    {"pedal": {"down": True}},
    {"inject": {"volume_ml": 1.0}},
    {"pedal": {"down": False}},
    {"wait": {"duration_s": 20.0}},
    {"commit-belief": {"level": "L4-L5", "compartment": "epidural-dorsal", "confidence": 0.8}},
    {"ask": {"question": "legs"}},
    {"move-carm": {"oblique_deg": 0.0}},
    {"set-technique": {"kvp": 90.0}},
    "shoot",
    "save-reference",
    {"advance": {"distance_mm": 12.0}},
    {"attach": {"what": "nothing"}},
    {"attach": {"what": "syringe", "contents_ml": [["dexamethasone", 1.0], ["saline", 1.0]]}},
    {"inject": {"volume_ml": 0.5, "rate_ml_s": 0.2}},
    {"withdraw": {"distance_mm": 10.0}},
    {"wait": {"duration_s": 60.0}},
    "remove-needle",
    {"advise": {"item": "red-flags"}},
    "finish",
)


def path_of(engine: int) -> Path:
    """Where the reference attempt of an engine lies."""
    return FOLDER / f"reference-engine-{engine}.jsonl"


def reference_case() -> Case:
    """The reference attempt's own scenario, on the toy patient."""
    return case_with(Scenario.model_validate_json(CASE.read_text(encoding="utf-8")))


def record(path: Path, case: Case) -> ProcedureState:
    """Play the reference attempt into a log; the state at its end."""
    attempt = attempts.start(case, SEED, path)
    for item in SAID:
        attempt = attempts.act(attempt, parse_action(item))
    attempts.close(attempt)
    return attempt.state


def replayed(path: Path, case: Case) -> tuple[ProcedureState, Verdict]:
    """Play a reference attempt again, whatever its header says of the scenario: a new field of the schema changes no state.

    Raises
    ------
    LogError
        Where its states are others.
    """
    log = read(path)
    history, check = History(state=begin(case, log.header["seed"])), checking(log)
    for entry in log.entries:
        history = replay_entry(path, history, entry, check)
    return history.state, check.verdict


def patient_of(path: Path) -> tuple[str, str]:
    """The hashes of parameters and tissue that a log is bound to."""
    patient = read_header(path)["patient"]
    return patient["sha256"], patient["tissue"]


def bound_to(case: Case) -> tuple[str, str]:
    """The hashes of parameters and tissue of a case's patient."""
    patient = describe_patient(case)
    return patient["sha256"], patient["tissue"]


def main() -> int:
    """Record under the present engine number; 1 where the number has to be raised first."""
    path = path_of(ENGINE)
    if not CASE.is_file():
        CASE.write_text(read_scenario().model_dump_json(exclude_unset=True) + "\n", encoding="utf-8")
    case = reference_case()
    if path.is_file() and patient_of(path) == bound_to(case):  # the toy patient itself may change under one number
        try:
            replayed(path, case)
        except LogError as error:
            sys.stderr.write(
                f"{error}\nraise ENGINE in simulator/procedure/attempt/engine_number.py first: engine {ENGINE} has other states\n"
            )
            return 1
        sys.stdout.write(f"{path}: is recorded, and its states come out again\n")
        return 0
    with TemporaryDirectory(dir=FOLDER) as folder:
        state = record(Path(folder) / path.name, case)
        (Path(folder) / path.name).replace(path)
    sys.stdout.write(f"{path}: engine {ENGINE}, digest {digest(state)}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
