"""A held image says when it no longer shows how things stand, and shows at once where the leaves would cut the next one."""

import re
from dataclasses import replace

import numpy as np
import pytest

from simulator.observation import observe
from simulator.observation.monitors import Monitor, watch
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.state import ProcedureState
from simulator.viewer.engine.guidance import project_to_monitor
from simulator.viewer.engine.held_image import draw_leaves, list_changes, place_leaves, tell_stale
from simulator.xray.image.display import Display
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.technique import FIELDS_MM
from tests.laws import count
from tests.simulator.procedure.toy import PLACED, begin_toy, do, place_in_epidural

SIZE = 64
CONTRAST = {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 5.0}}}
CHANGES = (
    ({"advance": {"distance_mm": 1.0}}, "needle"),
    ({"withdraw": {"distance_mm": 1.0}}, "needle"),
    ({"roll": {"angle_deg": 30.0}}, "needle"),
    ({"move-carm": {"tilt_deg": 7.0}}, "view"),
    ({"move-carm": {"tilt_deg": -4.0}}, "view"),
    ({"move-table": {"cranial_mm": 3.0}}, "view"),
    ({"inject": {"volume_ml": 0.05, "rate_ml_s": 0.2}}, "fluid"),
    ({"ask": {"question": "legs"}}, ""),
    ({"wait": {"duration_s": 3.0}}, ""),
    ({"collimate": {"left_mm": 60.0, "right_mm": 60.0, "top_mm": 70.0, "bottom_mm": 70.0}}, ""),
)


def make_monitor() -> Monitor:
    return Monitor(size=SIZE, depth=1)


@pytest.mark.laws
def test_a_held_image_is_stale_from_what_changed_until_the_next_image(rng: np.random.Generator) -> None:
    """Of random actions: exactly what changed since the last image is named, and nothing once there is another."""
    state = do(place_in_epidural(begin_toy()), CONTRAST)
    monitor, changed = make_monitor(), set()
    assert list_changes(monitor, state) == ()
    for number in range(count(40, 200)):
        said, what = CHANGES[rng.integers(len(CHANGES))]
        if number == 0 or rng.random() < 0.3:
            said, changed = "shoot", set()
        before = state.room.pose
        try:
            state = do(state, said)
        except ValueError:  # the syringe is empty, or the C-arm goes no further
            continue
        monitor = watch(monitor, state)
        if what == "view" and said != "shoot" and state.room.pose == before:
            continue
        changed |= {what} - {""} if said != "shoot" else set()
        assert set(list_changes(monitor, state)) <= changed
        moved_back = changed - set(list_changes(monitor, state))
        assert moved_back <= {"view", "needle"}
        assert bool(tell_stale(list_changes(monitor, state))) == bool(list_changes(monitor, state))


@pytest.mark.parametrize(("said", "what"), CHANGES)
def test_each_change_is_named(said: dict, what: str) -> None:
    state = do(place_in_epidural(begin_toy()), CONTRAST, "shoot")
    monitor = watch(make_monitor(), state)
    assert list_changes(monitor, do(state, said)) == ((what,) if what else ())


def test_what_is_taken_back_makes_the_image_good_again() -> None:
    state = do(place_in_epidural(begin_toy()), "shoot")
    monitor = watch(make_monitor(), state)
    assert list_changes(monitor, do(state, {"move-carm": {"tilt_deg": 7.0}}, {"move-carm": {"tilt_deg": 0.0}})) == ()


def test_nothing_is_stale_while_the_beam_is_on_and_a_needle_that_is_taken_is() -> None:
    state = do(begin_toy(), "shoot")
    monitor = watch(make_monitor(), state)
    placed = do(state, *PLACED)
    assert list_changes(monitor, placed) == ("needle", "view")
    assert list_changes(monitor, do(placed, {"pedal": {"down": True}})) == ()


@pytest.mark.laws
def test_leaves_are_drawn_where_the_next_image_ends(rng: np.random.Generator) -> None:
    """Corners of the opening, as points of the detector, seen through the geometry and the display of the monitor."""
    for _ in range(count(200, 5000)):
        field_mm = float(rng.choice(FIELDS_MM))
        left, right, top, bottom = (float(value) for value in rng.uniform(0.05, 0.5, 4) * field_mm)
        display = Display(flip_columns=bool(rng.integers(2)), flip_rows=bool(rng.integers(2)), quarter_turns=int(rng.integers(4)))
        carm = replace(begin_toy().room.pose, field_mm=field_mm, oblique_deg=float(rng.uniform(-80, 80))).carm(SIZE)
        corners = [carm.detector + x * carm.right + y * carm.down for x in (-left, right) for y in (-top, bottom)]
        wanted = np.array([project_to_monitor(carm, corner, display) for corner in corners])
        found = place_leaves(Collimator(left_mm=left, right_mm=right, top_mm=top, bottom_mm=bottom), field_mm, display)
        assert found == pytest.approx((*wanted.min(axis=0), *wanted.max(axis=0)), abs=1e-6)


def test_the_drawn_opening_is_what_the_next_image_shows() -> None:
    state = do(begin_toy(), "shoot")
    monitor = watch(make_monitor(), state)
    assert draw_leaves(monitor, state) == ""
    shut = do(state, {"collimate": {"left_mm": 30.0, "right_mm": 75.0, "top_mm": 90.0, "bottom_mm": 45.0}})
    svg = draw_leaves(monitor, shut)
    (edges,) = re.findall(r'<path d="M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)H[\d.]+Z" class="leaf"', svg)
    left, top, right, bottom = (float(edge) / 100 * SIZE for edge in edges)
    taken = do(shut, "shoot")
    monitor = watch(monitor, taken)
    assert draw_leaves(monitor, taken) == ""
    assert monitor.frame is not None
    lit = monitor.frame.pixels.astype(float) > 0
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    found = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
    assert found == pytest.approx((left, top, right, bottom), abs=2.0)


@pytest.mark.laws
def test_the_shafts_angles_are_those_that_it_was_aimed_at(rng: np.random.Generator) -> None:
    """So a field that starts at them says what aiming by it would do: nothing."""
    state: ProcedureState = do(begin_toy(), *PLACED)
    for _ in range(count(50, 2000)):
        oblique, tilt = (float(value) for value in rng.integers(-40, 41, 2))
        state = do(state, {"aim-needle": {"oblique_deg": oblique, "tilt_deg": tilt}})
        seen = observe(state).needle
        assert seen is not None
        assert (seen.oblique_deg, seen.tilt_deg) == (oblique, tilt)
    along = do(state, {"move-carm": {"oblique_deg": 12.0, "tilt_deg": -8.0}}, "aim-needle")
    seen = observe(along).needle
    assert seen is not None
    assert abs(seen.oblique_deg - 12.0) < 8.0  # along the ray to its entry, beside the middle of the beam
    assert abs(seen.tilt_deg + 8.0) < 8.0
    assert step(along, along.done[-1].action) is not None
