"""How fast is a procedure: a step without image, an observation, a whole headless case? (pytest-benchmark)"""

from itertools import pairwise

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from scenarios.loader import read
from simulator.observation import Monitor, observe, watch
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.state import ProcedureState

CASE = "lumbar-interlaminar-l4-l5"
BEFORE: tuple[object, ...] = (
    *({"review": {"item": item}} for item in ("history", "medication", "allergies", "pregnancy", "laboratory", "imaging")),
    *({"examine": {"item": item}} for item in ("pain-score", "neurology", "vital-signs")),
    {"decide": {"decision": "proceed"}},
    {"consent": {"risks": ["infection", "bleeding", "nerve-injury", "dural-puncture"]}},
    {"time-out": {"patient": "Ms A. Berg", "level": "L4-L5", "side": "left"}},
    {"position": {"posture": "prone-pillow"}},
    "monitor",
    {"protect": {"items": ["apron", "thyroid-collar", "mask", "sterile-gloves"]}},
    {"prepare": {"antiseptic": "chlorhexidine-alcohol"}},
    {"move-table": {"cranial_mm": -52.0, "dorsal_mm": 30.0}},
    {"collimate": {"left_mm": 70, "right_mm": 70, "top_mm": 90, "bottom_mm": 90}},
)
ENTRY: tuple[object, ...] = (
    "shoot",
    {"mark-skin": {"across": 0.47, "down": 0.5}},
    "shoot",
    {"local-anaesthetic": {"agent": "lidocaine", "volume_ml": 3.0, "depth_mm": 25.0}},
    {"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89.0}},
    *(item for _ in range(3) for item in (*({"advance": {"distance_mm": 3.0}} for _ in range(3)), "shoot")),
    {"advance": {"distance_mm": 3.0}},
    "shoot",
    {"stylet": {"inserted": False}},
    {"attach": {"what": "lor-saline"}},
    {"move-carm": {"oblique_deg": -45.0}},
    "shoot",
    *({"advance": {"distance_mm": 1.0}} for _ in range(10)),
    "shoot",
    {"advance": {"distance_mm": 20.0, "until_loss": True}},
    "shoot",
)
DRUG: tuple[object, ...] = (
    {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 3.0}, "tubing": True}},
    "aspirate",
    {"move-carm": {"oblique_deg": 0.0}},
    {"set-technique": {"pulses_per_s": 4}},
    {"pedal": {"down": True}},
    {"inject": {"volume_ml": 1.0, "rate_ml_s": 0.3}},
    {"wait": {"duration_s": 1.5}},
    {"pedal": {"down": False}},
    "shoot",
    "save-reference",
    {"attach": {"what": "syringe", "contents_ml": {"dexamethasone": 1.0, "saline": 3.0}, "tubing": True}},
    {"inject": {"volume_ml": 3.0, "rate_ml_s": 0.5}},
    "remove-needle",
    {"ask": {"question": "legs"}},
    {"wait": {"duration_s": 1800.0}},
    {"examine": {"item": "pain-score"}},
    *({"advise": {"item": item}} for item in ("driver", "leg-weakness", "onset-days", "pain-diary", "red-flags")),
    "finish",
)


@pytest.fixture(scope="module")
def case() -> Case:
    """The first case with its surfaces in the cache, as after the first frame of a day."""
    found = case_of(read(CASE))
    found.patient.surfaces()
    return found


def play(state: ProcedureState, said: tuple[object, ...]) -> ProcedureState:
    for item in said:
        state = step(state, parse_action(item))
    return state


def test_a_step_of_one_millimetre(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info.update(row="procedure: step without image, needle advance 1 mm", target=2, unit="ms")
    push = parse_action({"advance": {"distance_mm": 1.0}})
    state = play(begin(case, 1), (*BEFORE, *ENTRY[1:5]))
    states = [state]
    for _ in range(60):
        states.append(step(states[-1], push))  # the field's cubes are ready then, as they are in a procedure that looks before it pushes
    waiting = iter(states * 6)
    benchmark.pedantic(lambda start: step(start, push), setup=lambda: ((next(waiting),), {}), rounds=60 * 5)


def test_the_other_steps(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info.update(row="procedure: step without image, median of the other actions", target=2, unit="ms")
    said = [parse_action(item) for item in BEFORE]
    states = [begin(case, 1)]
    for item in said:
        states.append(step(states[-1], item))
    turns = iter(list(zip((before for before, _ in pairwise(states)), said, strict=True)) * 12)
    benchmark.pedantic(step, setup=lambda: (next(turns), {}), rounds=len(said) * 10)


def test_an_observation(benchmark: BenchmarkFixture, case: Case) -> None:
    benchmark.extra_info.update(row="observation: one, without image", target=1, unit="ms")
    state = play(begin(case, 1), (*BEFORE, *ENTRY[1:16]))
    benchmark.pedantic(lambda: observe(state), rounds=100, warmup_rounds=2)


def test_a_headless_case(benchmark: BenchmarkFixture, case: Case) -> None:
    said = [parse_action(item) for item in (*BEFORE, *ENTRY, *DRUG)]
    benchmark.extra_info.update(row=f"procedure: {len(said)} actions, 30 frames of 512 x 512, two injections", target=8, unit="s")

    def whole() -> int:
        state, monitor, frames = begin(Case(scenario=case.scenario, patient=case.patient), 1), Monitor(every=1), 0
        for item in said:
            state = step(state, item)
            monitor = watch(monitor, state)
            frames = state.room.pulse
        return frames

    assert benchmark.pedantic(whole, rounds=1) == 30
