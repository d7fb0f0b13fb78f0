"""The guidance is a value of numbers; what is drawn on the monitor shows those numbers."""

import re
from dataclasses import replace

import numpy as np
import pytest

from simulator.geometry.clear_path import Course
from simulator.geometry.targets import NeedleTarget
from simulator.viewer.engine.guidance import RING_MM, GuideMarks, guide_svg, project_guide
from simulator.xray.image.display import Display
from tests.simulator.procedure.toy import begin_toy

DRAWN = 0.0051  # hundredths: marks are rounded to 0.01


def test_the_svg_draws_the_marks_and_nothing_else() -> None:
    marks = GuideMarks(target=(49.1, 72.0), entry=(-3.5, 70.25), ring=1.5)
    svg = guide_svg(marks)
    circles = [tuple(map(float, found)) for found in re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)" r="([\d.]+)"', svg)]
    assert circles[0] == (*marks.target, marks.ring)
    assert circles[1][:2] == marks.entry
    (line,) = re.findall(r'<line x1="([-\d.]+)" y1="([-\d.]+)" x2="([-\d.]+)" y2="([-\d.]+)"', svg)
    assert tuple(map(float, line)) == (*marks.target, *marks.entry)


def target_at(point: tuple[float, float, float]) -> NeedleTarget:
    tip = np.array(point)
    return NeedleTarget(point=tip, course=Course(entry=tip + np.array([0.0, 60.0, 0.0]), tip=tip), compartments=frozenset())


def test_a_target_at_the_isocentre_stands_in_the_middle_and_its_ring_is_as_wide_as_it_is() -> None:
    state = begin_toy()
    pose = state.room.pose
    marks = project_guide(target_at(pose.isocentre), pose, Display())
    assert marks.target == pytest.approx((50.0, 50.0), abs=DRAWN)
    equipment = state.case.scenario.equipment
    magnification = equipment.source_to_image_mm / equipment.source_to_isocentre_mm
    assert marks.ring == pytest.approx(100 * RING_MM * magnification / pose.field_mm, abs=DRAWN)


def test_mirrors_and_turns_of_the_monitor_turn_the_marks() -> None:
    state = begin_toy()
    x, y, z = state.room.pose.isocentre
    found = target_at((x + 20.0, y, z + 10.0))
    (u, v) = project_guide(found, state.room.pose, Display()).target
    assert abs(u - 50) > 1
    assert abs(v - 50) > 1
    assert project_guide(found, state.room.pose, Display(flip_columns=True)).target == pytest.approx((100 - u, v), abs=2 * DRAWN)
    assert project_guide(found, state.room.pose, Display(flip_rows=True)).target == pytest.approx((u, 100 - v), abs=2 * DRAWN)
    turned = project_guide(found, state.room.pose, replace(Display(), quarter_turns=1))
    assert turned.target == pytest.approx((v, 100 - u), abs=2 * DRAWN)
    assert turned.ring == project_guide(found, state.room.pose, Display()).ring
