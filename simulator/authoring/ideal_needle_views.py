"""The case's views with the ideal needle drawn in: one frame without, one with its course and target marked."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from scenarios.schema.scenario import Scenario
from simulator.authoring.task_anatomy import case_with_patient, patient_of
from simulator.geometry.angle_text import describe_angles
from simulator.geometry.carm import CArm, project_points
from simulator.geometry.gauges import GAUGES_MM
from simulator.geometry.targets import NeedleTarget
from simulator.geometry.views import View, aim, describe_beyond, find_angles, square_view
from simulator.imaging import AttenuationModel, check_view, prepare, shoot
from simulator.procedure.state.case_target import find_case_target
from simulator.xray.overlays.needle_shadow import gauge_needle

COURSE_COLOUR, TARGET_COLOUR = (255, 196, 0), (0, 220, 130)
LINE_PIXELS, DOT_PIXELS = 2, 3
DASHES = 24


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ViewPicture:
    """A view: its name, what the C-arm's scales read, and two images, shape (rows, columns, 3), uint8."""

    view: str
    reading: str
    plain: NDArray[np.uint8]
    planned: NDArray[np.uint8]


def render_views(scenario: Scenario, *, size: int) -> Iterator[ViewPicture]:
    """Pictures of the case's views, in order, with so many pixels each way.

    Raises
    ------
    ValueError
        Where the patient lacks what a view or the approach needs.
    """
    patient = patient_of(scenario)
    goal = target_of(scenario)
    anatomy = prepare(patient.surfaces(), patient.texture)
    for name in scenario.views:
        carm = _aim_carm(scenario, View(name), goal, size)
        check_view(anatomy, carm)
        yield _render_view(scenario, anatomy, carm, goal, View(name))


def target_of(scenario: Scenario) -> NeedleTarget:
    """Target of the case in its patient; raises as `simulator.procedure.state.case_target.find_case_target` does."""
    return find_case_target(case_with_patient(scenario))


def _aim_carm(scenario: Scenario, view: View, goal: NeedleTarget, size: int) -> CArm:
    equipment = scenario.equipment
    return square_view(
        view,
        patient_of(scenario).landmarks,
        scenario.task.level,
        target=goal.point,
        sid_mm=equipment.source_to_image_mm,
        sod_mm=equipment.source_to_isocentre_mm,
        size=size,
    )


def _render_view(scenario: Scenario, anatomy: AttenuationModel, carm: CArm, goal: NeedleTarget, view: View) -> ViewPicture:
    needle = gauge_needle(_gauge(scenario), [goal.course.hub, goal.course.tip])
    bare, planned = (_to_rgb(shoot(anatomy, carm, needle=steel, seed=1).pixels) for steel in (None, needle))
    _mark(planned, carm, goal, scenario.target.acceptable_mm)
    return ViewPicture(view=str(view), reading=_describe_angles(scenario, view), plain=np.asarray(bare), planned=np.asarray(planned))


def _gauge(scenario: Scenario) -> int:
    gauges = [needle.gauge for needle in scenario.equipment.needles if needle.gauge in GAUGES_MM]
    return gauges[0] if gauges else min(GAUGES_MM)


def _to_rgb(pixels: NDArray[np.uint8]) -> Image.Image:
    return Image.fromarray(pixels).convert("RGB")


def _mark(image: Image.Image, carm: CArm, goal: NeedleTarget, radius_mm: float) -> None:
    """Draw the course, dashed from a dot at the skin, and a ring of the acceptable distance about the target."""
    share = np.linspace(0.0, 1.0, 2 * DASHES + 1)[:, None]
    places = project_points(carm, goal.course.entry + share * (goal.course.tip - goal.course.entry))[0]
    draw = ImageDraw.Draw(image)
    for start in range(0, 2 * DASHES, 2):
        draw.line([tuple(places[start]), tuple(places[start + 1])], fill=COURSE_COLOUR, width=LINE_PIXELS)
    across, down = places[0]
    draw.ellipse((across - DOT_PIXELS, down - DOT_PIXELS, across + DOT_PIXELS, down + DOT_PIXELS), fill=COURSE_COLOUR)
    x, y = project_points(carm, goal.point[None])[0][0]
    radius = radius_mm * float(carm.magnification(goal.point[None])[0]) / carm.pixel_mm
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=TARGET_COLOUR, width=LINE_PIXELS)


def _describe_angles(scenario: Scenario, view: View) -> str:
    angles = find_angles(view, aim(view, patient_of(scenario).landmarks, scenario.task.level).beam)
    beyond = describe_beyond(angles, scenario.equipment.carm.reach_deg)
    return describe_angles(angles.oblique_deg, angles.tilt_deg, angles.swivel_deg) + (f" ({beyond})" if beyond else "")
