"""The mark stays on the skin where it was set, and a needle taken for it stands there, however the C-arm was turned in between."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scenarios.errors import ScenarioError
from scenarios.loader import read
from scenarios.safe_yaml import parse
from simulator.geometry.views import angles_of
from simulator.operators.run import run
from simulator.operators.script import parse_script
from simulator.procedure.actions.actions import AimNeedle, MarkSkin, PlaceNeedle, Position
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.carm_state import turn_pose
from simulator.procedure.state.case import Case, case_of
from simulator.procedure.state.case_target import find_case_target
from simulator.procedure.state.field import find_inward
from simulator.procedure.state.state import ProcedureState
from tests.laws import count
from tests.simulator.procedure.toy import HALF_X, SKIN_Y, WINDOW_Z, begin_toy, do

CASES = ("lumbar-interlaminar-l4-l5", "transforaminal-l5-s1", "caudal", "lumbar-interlaminar-l4-l5-bmi-40")
ON_MARK_MM = 1.0
SKIN_MM = 0.1  # two steps of the search for the skin


def take(case: Case) -> PlaceNeedle:
    """The first needle on the case's tray."""
    kit = case.scenario.equipment.needles[0]
    return PlaceNeedle(bevel=kit.bevel, gauge=kit.gauge, length_mm=kit.length_mm)


def turn_at_random(state: ProcedureState, rng: np.random.Generator) -> ProcedureState:
    """The C-arm anywhere it could be driven, and somewhere over the back."""
    pose = turn_pose(state.room.pose, *(rng.uniform(-reach, reach) for reach in (100.0, 25.0, 12.0)))
    x, y, z = pose.isocentre
    return replace(state, room=replace(state.room, pose=replace(pose, isocentre=(x, y, z + rng.uniform(-60, 60)))))


def mark_at_random(state: ProcedureState, rng: np.random.Generator) -> ProcedureState:
    """A mark near the middle of the image, as the C-arm stands."""
    return step(turn_at_random(state, rng), MarkSkin(across=rng.uniform(0.3, 0.7), down=rng.uniform(0.3, 0.7)))


def into_skin(case: Case, state: ProcedureState) -> float:
    """Cosine between the needle in hand and the way square into the body."""
    assert state.needle is not None
    return float(state.needle.direction @ find_inward(case.from_skin_mm, state.needle.tip))


def test_the_tip_goes_to_the_mark_whatever_view_it_is_taken_in(rng: np.random.Generator) -> None:
    starts = [begin(case_of(read(name)), 1) for name in CASES]
    for index in range(count(40, 2000)):
        start = starts[index % len(starts)]
        case = start.case
        state = mark_at_random(step(start, Position(posture="prone-pillow")), rng)  # type: ignore[arg-type]
        mark = np.array(state.room.mark)
        assert abs(case.from_skin_mm(mark[None])[0]) < SKIN_MM
        taken = step(turn_at_random(state, rng), take(case))
        assert taken.needle is not None
        assert np.array(taken.room.mark) == pytest.approx(mark, abs=0)
        assert np.linalg.norm(taken.needle.tip - mark) < ON_MARK_MM
        assert abs(case.from_skin_mm(taken.needle.tip[None])[0]) < SKIN_MM
        assert into_skin(case, taken) > 0
        try:
            aimed = step(turn_at_random(taken, rng), AimNeedle())
        except ValueError as error:
            assert "would not enter the skin" in str(error)  # noqa: PT017 - either it points into the body, or one is told
        else:
            assert into_skin(case, aimed) > 0


def test_a_script_takes_the_needle_at_its_entry_in_any_view(rng: np.random.Generator) -> None:
    """The macro: the tip stands where the course passes the skin, and the shaft lies along the course."""
    for name in CASES:
        case = case_of(read(name))
        course = find_case_target(case).course
        angles = angles_of(course.outward)
        start = step(begin(case, 1), Position(posture="prone-pillow"))  # type: ignore[arg-type]
        for _ in range(count(3, 100)):
            left, dorsal, cranial = course.entry.round(1).tolist()
            taken = step(turn_at_random(start, rng), replace(take(case), entry=(left, dorsal, cranial)))
            state = step(taken, AimNeedle(oblique_deg=angles.oblique_deg, tilt_deg=angles.tilt_deg))
            assert state.needle is not None
            assert np.linalg.norm(state.needle.tip - course.entry) < ON_MARK_MM
            assert state.needle.direction == pytest.approx(-course.outward, abs=1e-6)


def test_a_needle_taken_in_a_lateral_stands_upright_on_its_mark() -> None:
    state = do(begin_toy(), {"move-table": {"cranial_mm": WINDOW_Z}}, {"mark-skin": {}}, {"move-carm": {"oblique_deg": 90}})
    state = do(state, {"place-needle": {"bevel": "quincke", "gauge": 22, "length_mm": 89}})
    assert state.needle is not None
    assert state.needle.tip == pytest.approx([0.0, SKIN_Y, WINDOW_Z], abs=0.1)
    assert state.needle.direction == pytest.approx([0.0, -1.0, 0.0], abs=1e-6)


def test_a_needle_is_not_pointed_out_of_the_body() -> None:
    on_flank = {"place-needle": {"bevel": "quincke", "gauge": 22, "length_mm": 89, "entry": [HALF_X, 0.0, WINDOW_Z]}}
    with pytest.raises(ValueError, match="aim-needle: so the needle would not enter the skin"):
        do(begin_toy(), on_flank, {"aim-needle": {"oblique_deg": -90, "tilt_deg": 0}})
    do(begin_toy(), on_flank, {"aim-needle": {"oblique_deg": 90, "tilt_deg": 0}})


def test_a_mark_by_hand_lies_where_it_was_shown_in_any_view() -> None:
    lateral = do(begin_toy(), {"move-carm": {"oblique_deg": 90}})
    state = do(lateral, {"mark-skin": {"at": [3.0, SKIN_Y + 1.5, WINDOW_Z]}})
    assert state.room.mark == pytest.approx((3.0, SKIN_Y, WINDOW_Z), abs=0.06)
    with pytest.raises(ValueError, match=r"mark-skin\.at: no skin within 10 mm"):
        do(lateral, {"mark-skin": {"at": [3.0, 0.0, WINDOW_Z]}})


def test_a_script_is_told_with_its_line_where_there_is_no_skin(tmp_path: Path) -> None:
    away = "  - place-needle: {bevel: quincke, gauge: 22, length_mm: 89, entry: [0, 300, 0]}\n"
    text = f"operator: x\nabout: Misses.\nsteps:\n  - position: {{posture: prone-pillow}}\n{away}"
    script = parse_script(parse(text, str(tmp_path / "script.yaml")))
    with pytest.raises(ScenarioError, match=r"script\.yaml:5: place-needle\.entry: no skin within 10 mm of \(0\.0, 300\.0, 0\.0\)"):
        list(run(read("caudal"), script, 0))


def test_the_macro_takes_the_needle_in_a_lateral_at_its_entry() -> None:
    steps = ("position: {posture: prone-pillow}", "see: {view: sacrum-lateral}", "needle: {bevel: quincke, gauge: 22, length_mm: 89}")
    text = "operator: x\nabout: Takes the needle in a lateral.\nsteps:\n" + "".join(f"  - {one}\n" for one in steps)
    *_, (_, state) = run(read("caudal"), parse_script(parse(text, "script.yaml")), 0)
    assert state.needle is not None
    assert np.linalg.norm(state.needle.tip - find_case_target(state.case).course.entry) < ON_MARK_MM
