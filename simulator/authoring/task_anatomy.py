"""What a patient's anatomy says about a case's task, worked out once and kept on disk under a hash of all that it depends on."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from phantoms.io import cache
from phantoms.io.code_hash import hash_code
from phantoms.patient import Patient, build
from phantoms.terms.parameters import PatientParameters
from phantoms.terms.serialization import to_plain
from phantoms.terms.tissues import Tissue
from scenarios.schema.scenario import Scenario
from simulator.geometry.approaches import APPROACHES
from simulator.geometry.clear_path import BLOCKING
from simulator.geometry.views import View, aim, find_angles
from simulator.procedure.state.case import Case
from simulator.procedure.state.case_target import find_case_target

PATIENTS_KEPT = 8
STEP_PER_MM = 4
SOURCES = (
    "simulator.geometry.approaches",
    "simulator.geometry.clear_path",
    "simulator.geometry.courses",
    "simulator.geometry.targets",
    "simulator.geometry.views",
    "simulator.procedure.state.case",
    "simulator.procedure.state.case_target",
    "simulator.procedure.state.lesions",
)
"""Modules on which a site depends besides the anatomy's own, which `cache.make_key` counts in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """What was found.

    Attributes
    ----------
    point : tuple of float
        The target, world frame, mm.
    depth_mm : float
        Of the target along its course, from the skin.
    tissue : str
        At the target, as in `Tissue`, lower case.
    wanted : bool
        Whether the approach is meant to end in that tissue.
    met : tuple of str
        What blocks on the straight course, lower case; empty where it is free.
    gap : bool
        Whether the course passes a fat-filled gap between the interspinous ligaments.
    angles_deg : tuple of (float, float, float)
        Oblique, tilt and swivel of each of the case's views, in order.
    """

    point: tuple[float, float, float]
    depth_mm: float
    tissue: str
    wanted: bool
    met: tuple[str, ...]
    gap: bool
    angles_deg: tuple[tuple[float, float, float], ...]


def find_site(scenario: Scenario, views: Sequence[View]) -> Site:
    """Anatomy of a case's task.

    Parameters
    ----------
    scenario : Scenario
        The case, with an anatomy.
    views : sequence of View
        Whose angles are wanted.

    Raises
    ------
    ValueError
        Where the patient lacks what the approach or a view needs.
    """
    task, shift = scenario.task, scenario.target
    false_loss = scenario.complications.false_loss_of_resistance
    lesions = [lesion.model_dump(mode="json") for lesion in scenario.record.imaging.lesions]
    parts = [task.approach, task.level, task.side, shift.left_mm, shift.dorsal_mm, shift.cranial_mm, false_loss, lesions, [*views]]
    name = cache.make_key(scenario.subject.parameters, hash_code(*SOURCES), parts)
    return cache.load_record(name, lambda: _build_site(scenario, views), _site_of, where=cache.find_folder() / "sites")


def patient_of(scenario: Scenario) -> Patient:
    """The case's patient, shared by cases of equal parameters."""
    text = json.dumps(to_plain(scenario.subject.parameters), sort_keys=True)
    return _patient(_Keyed(text, scenario.subject.parameters))


def case_with_patient(scenario: Scenario) -> Case:
    """The case as a procedure plays it, on the shared patient."""
    return Case(scenario=scenario, patient=patient_of(scenario))


class _Keyed:
    """Parameters that are hashed by what they say."""

    def __init__(self, text: str, params: PatientParameters) -> None:
        self.text, self.params = text, params

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=PATIENTS_KEPT)
def _patient(keyed: _Keyed) -> Patient:
    return build(keyed.params)


def _build_site(scenario: Scenario, views: Sequence[View]) -> Site:
    import numpy as np

    task, case = scenario.task, case_with_patient(scenario)
    goal = find_case_target(case)
    course = goal.course
    share = np.linspace(0.0, 1.0, max(2, int(course.depth_mm * STEP_PER_MM)))[:, None]
    met = [Tissue(int(label)) for label in np.unique(case.wide_tissue(course.entry + share * (course.tip - course.entry)))]
    at_tip = Tissue(int(case.wide_tissue(goal.point[None])[0]))
    left, dorsal, cranial = goal.point.tolist()
    return Site(
        point=(left, dorsal, cranial),
        depth_mm=course.depth_mm,
        tissue=_word(at_tip),
        wanted=at_tip in APPROACHES[task.approach].search.goal,
        met=tuple(_word(tissue) for tissue in met if BLOCKING[tissue]),
        gap=Tissue.INTERSPINOUS_GAP in met,
        angles_deg=tuple(_angles(view, scenario, case.patient) for view in views),
    )


def _angles(view: View, scenario: Scenario, patient: Patient) -> tuple[float, float, float]:
    beam = aim(view, patient.landmarks, scenario.task.level).beam
    angles = find_angles(view, beam)
    return angles.oblique_deg, angles.tilt_deg, angles.swivel_deg


def _word(tissue: Tissue) -> str:
    return tissue.name.lower().replace("_", " ")


def _site_of(said: dict[str, Any]) -> Site:
    angles = tuple((float(a), float(b), float(c)) for a, b, c in said["angles_deg"])
    x, y, z = said["point"]
    return Site(**{**said, "point": (float(x), float(y), float(z)), "met": tuple(said["met"]), "angles_deg": angles})
