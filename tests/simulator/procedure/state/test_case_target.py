"""All faces of the toolkit want the tip at one place, lesions and all."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import simulator
from phantoms.terms.levels import Level, Side
from scenarios.loader import read
from scenarios.names.approaches import RULES, Approach
from scenarios.schema.record import LesionKind
from scenarios.schema.scenario import Scenario
from scenarios.schema.task import TargetSide
from simulator.authoring.ideal_needle_views import target_of
from simulator.authoring.task_anatomy import find_site
from simulator.geometry.targets import find_target
from simulator.operators.expert_perception import choose_aim, turn_to
from simulator.operators.macros import See
from simulator.procedure.measuring.attempt import attempt_of
from simulator.procedure.rules.stepping import begin
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.case_target import find_case_target
from simulator.viewer.engine import prefetch, worker
from tests.laws import count

CASE = "lumbar-interlaminar-l4-l5"
LUMBAR = (Level.L2, Level.L3, Level.L4, Level.L5)
BLOCKING = 0.7  # share of the lesions that block
SHARES = (0.1, 0.35, 0.35, 0.1, 0.1)  # of the approaches: in a foramen the search gives way to a scar, elsewhere it has little room
ONE_HOME = Path(simulator.__file__).parent / "procedure/state/case_target.py"


def draw_scenarios(rng: np.random.Generator, number: int) -> Iterator[Scenario]:
    """Cases of random patients, tasks and lesions, each as a file could say it."""
    whole = read(CASE).model_dump(mode="json", exclude_unset=True)
    for _ in range(number):
        approach = Approach(rng.choice(list(Approach), p=SHARES))
        level = RULES[approach].only_level or Level(rng.choice(LUMBAR))
        sides = list(Side) if RULES[approach].sided else list(TargetSide)
        task = {"approach": approach, "level": level.interspace, "side": str(rng.choice(sides)), "root": "L5"}
        lesions = [draw_lesion(rng, level, near=index == 0) for index in range(int(rng.integers(1, 4)))]
        imaging = {**whole["record"]["imaging"], "lesions": lesions}
        anatomy = {"seed": int(rng.integers(1000)), "bmi": round(rng.uniform(18, 45), 1)}
        offset = dict(zip(("left_mm", "dorsal_mm", "cranial_mm"), rng.uniform(-2, 2, 3).round(1).tolist(), strict=True))
        yield Scenario.model_validate(
            {
                **whole,
                "task": task,
                "record": {**whole["record"], "imaging": imaging},
                "subject": {**whole["subject"], "anatomy": anatomy},
                "target": {**whole["target"], **offset},
                "complications": {"false_loss_of_resistance": bool(rng.random() < 0.3)},
            }
        )


def draw_lesion(rng: np.random.Generator, level: Level, *, near: bool) -> dict[str, Any]:
    """Any lesion anywhere, or `near`: one that may fill the place where the textbook wants the tip."""
    return {
        "kind": str(LesionKind.FORAMINAL_STENOSIS if near else rng.choice(list(LesionKind))),
        "level": str(level if near else rng.choice(LUMBAR)),
        "side": None if near else rng.choice([None, *Side]),
        "size_mm": round(rng.uniform(2, 6 if near else 20), 1),
        "blocks_contrast": near or bool(rng.random() < BLOCKING),
    }


def test_all_faces_give_the_same_target_to_the_bit(rng: np.random.Generator) -> None:
    moved = 0
    for scenario in draw_scenarios(rng, count(7, 200)):
        case = case_of(scenario)
        first = begin(case, 1)
        wanted = find_case_target(case)
        score, expert = attempt_of((first,)).target, find_case_target(case, choose_aim(case))
        preview, lint = target_of(scenario), find_site(scenario, [])
        for found in (score, expert, preview):
            assert np.array_equal(found.point, wanted.point)
            assert np.array_equal(found.course.entry, wanted.course.entry)
            assert found.compartments == wanted.compartments
        assert lint.point == tuple(wanted.point)
        assert lint.depth_mm == wanted.course.depth_mm
        table = turn_to(first, See(view="needle"), choose_aim(case))[1]
        seen = np.array(first.room.pose.isocentre) + (table.left_mm, table.dorsal_mm, table.cranial_mm)
        assert np.allclose(seen, wanted.point, atol=0.06)
        moved += not np.array_equal(bare_point(case), wanted.point)
    assert moved  # a law over cases that no lesion touches would hold of itself


def bare_point(case: Case) -> np.ndarray:
    """Where the tip would be wanted if the patient had no lesion."""
    task, wish, patient = case.scenario.task, case.scenario.target, case.patient
    offset = (wish.left_mm, wish.dorsal_mm, wish.cranial_mm)
    return find_target(task.approach, patient.landmarks, task.level, task.side.lateral, patient.tissue, offset_mm=offset).point


def test_no_other_module_looks_for_a_target() -> None:
    """Guidance, room and debrief have no other way to one than the case's."""
    package = Path(simulator.__file__).parent
    own = [path for path in package.rglob("*.py") if not path.is_relative_to(package / "geometry")]
    assert [path for path in own if re.search(r"\bfind_target\b", path.read_text(encoding="utf-8"))] == [ONE_HOME]
    assert prefetch.find_case_target is worker.find_case_target is find_case_target
