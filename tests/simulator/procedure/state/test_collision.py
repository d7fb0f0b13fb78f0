"""The C-arm stops before patient and table, and every view of the library stays within its reach."""

import numpy as np
import pytest

from phantoms.terms.levels import Level
from scenarios.loader import list_cases, read
from simulator.geometry.views import View, aim, angles_of, lateral_angles
from simulator.procedure.state.carm_state import Pose, as_point
from simulator.procedure.state.case import case_of
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import FRONT_Y, HALF_X, SKIN_Y, begin_toy, do

DETECTOR_MM = 300.0  # from the isocentre
STOP_DEG, STOP_MM = 0.1, 0.5


def alarms(state: ProcedureState) -> list[str]:
    return [item.text for item in state.events if item.kind is EventKind.ALARM]


def test_the_table_stops_where_the_detector_would_meet_the_back() -> None:
    state = do(begin_toy(), {"move-table": {"dorsal_mm": -300}})
    assert alarms(state) == ["collision: the detector would meet the patient"]
    assert state.room.pose.isocentre[1] == pytest.approx(SKIN_Y + 10.0 - DETECTOR_MM, abs=STOP_MM)
    with pytest.raises(ValueError, match="move-table: the detector would meet the patient; drive another way"):
        do(state, {"move-table": {"dorsal_mm": -5}})
    assert alarms(do(state, {"move-table": {"dorsal_mm": 20}})) == alarms(state)


def test_a_turn_ends_where_the_detector_would_meet_the_table() -> None:
    start = do(begin_toy(), {"move-table": {"left_mm": -60.0, "dorsal_mm": -20.0}})
    state = do(start, {"move-carm": {"oblique_deg": 95.0}})
    assert alarms(state) == ["collision: the detector would meet the table"]
    assert 45.0 < state.room.pose.oblique_deg < 90.0


def test_the_time_is_that_of_the_turn_that_was_made() -> None:
    start = do(begin_toy(), {"move-table": {"left_mm": -60.0, "dorsal_mm": -20.0}})
    state = do(start, {"move-carm": {"oblique_deg": 95.0}})
    again = do(start, {"move-carm": {"oblique_deg": state.room.pose.oblique_deg}})
    assert state.time_s == again.time_s
    assert alarms(again) == []


def test_a_turn_in_pieces_stops_at_the_same_angle() -> None:
    start = do(begin_toy(), {"move-table": {"left_mm": -60.0, "dorsal_mm": -20.0}})
    whole, parts = do(start, {"move-carm": {"oblique_deg": 95.0}}), start
    for angle in np.arange(1.0, 96.0):
        parts = do(parts, {"move-carm": {"oblique_deg": float(angle), "continued": bool(angle > 1)}})
        if alarms(parts):
            break
    assert parts.room.pose.oblique_deg == pytest.approx(whole.room.pose.oblique_deg, abs=STOP_DEG)


def test_an_isocentre_far_below_brings_the_detector_into_the_table() -> None:
    aside = {"position": {"posture": "lateral"}}, {"move-table": {"dorsal_mm": FRONT_Y - 50.0 - DETECTOR_MM - 60.0}}
    state = do(begin_toy(), *aside, {"position": {"posture": "prone"}})
    assert not alarms(state)
    with pytest.raises(ValueError, match="shoot: the detector would meet the table where the C-arm stands"):
        do(state, "shoot")
    assert do(state, {"move-table": {"dorsal_mm": 450.0}}, "shoot").room.dose.exposures == 1


def test_the_tube_is_stopped_by_the_side() -> None:
    start = do(begin_toy(), {"move-carm": {"oblique_deg": 90.0}})
    state = do(start, {"move-table": {"left_mm": 600.0}})
    assert alarms(state) == ["collision: the tube would meet the patient"] or "table" in alarms(state)[0]
    assert state.room.pose.isocentre[0] < 600.0 - HALF_X / 2


@pytest.mark.slow
@pytest.mark.parametrize("name", list_cases())
def test_every_named_view_of_a_case_can_be_driven_to(name: str) -> None:
    case = case_of(read(name))
    scenario, marks = case.scenario, case.patient.landmarks
    state = begin_toy(case=case)
    for level in (Level.L3, Level.L4, Level.L5):
        for view in View:
            found = aim(view, marks, level)
            angles = lateral_angles(found.beam) if "lateral" in view else angles_of(found.beam)
            limits = scenario.equipment.carm
            turned = {key: float(np.clip(getattr(angles, key), *getattr(limits, key))) for key in ("oblique_deg", "tilt_deg", "swivel_deg")}
            shift = np.array(found.isocentre) - state.room.pose.isocentre
            state = do(
                state,
                {"move-carm": turned},
                {"move-table": dict(zip(("left_mm", "dorsal_mm", "cranial_mm"), map(float, shift), strict=True))},
            )
            assert not alarms(state), (level, view)
            assert case.meets(Pose(isocentre=as_point(np.array(found.isocentre)), **turned)) == ""
