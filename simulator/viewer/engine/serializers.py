"""What the page is told, as plain data: the case before it begins, and an observation as it goes on."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from scenarios.names.agents import Agent
from scenarios.names.approaches import RULES
from scenarios.names.enums import (
    Advice,
    Antiseptic,
    Attachment,
    Compartment,
    Examination,
    OrderedTest,
    Party,
    PatientQuestion,
    Posture,
    Protection,
    ReviewItem,
    Risk,
)
from scenarios.names.strengths import STRENGTHS, strength_per_ml
from scenarios.schema.base_model import interspace_name, join_lines
from scenarios.schema.scenario import Scenario
from scenarios.schema.task import Equipment
from simulator.contrast.plunger_pressure import COMFORT_N, FIRM_N, MOST_N, PLUNGER_MM
from simulator.geometry.views import NOMINAL
from simulator.observation import Observation
from simulator.reporting.report import format_time
from simulator.viewer.common.case_titles import brief_case, name_case
from simulator.xray.physics.technique import FIELDS_MM, DoseLevel

Plain = dict[str, Any]

LAST_EVENTS = 60
LISTS = {
    "reviews": ReviewItem,
    "examinations": Examination,
    "parties": Party,
    "risks": Risk,
    "postures": Posture,
    "antiseptics": Antiseptic,
    "protections": Protection,
    "questions_asked": PatientQuestion,
    "advices": Advice,
    "attachments": Attachment,
    "compartments": Compartment,
    "dose_levels": DoseLevel,
}


def describe_case(scenario: Scenario, mode: str | None = None) -> Plain:
    """What is known before anything is done: brief, request, tray, controls, questions without their answers.

    Parameters
    ----------
    scenario : Scenario
    mode : str, optional
        Of training; in an exam title and summary are the request alone.
    """
    task, equipment = scenario.task, scenario.equipment
    return {
        "id": scenario.id,
        "version": scenario.version,
        "title": name_case(scenario, mode),
        "summary": brief_case(scenario, mode),
        "patient": scenario.subject.name,
        "approach": RULES[task.approach].words,
        "level": task.interspace,
        "side": str(task.side),
        "needles": [needle.model_dump() | {"bevel": str(needle.bevel)} for needle in equipment.needles],
        "agents": [str(agent) for agent in equipment.agents],
        "drugs": {str(agent): _drug(equipment, agent) for agent in equipment.agents},
        "syringes_ml": list(PLUNGER_MM),
        "thumb_n": {"comfort": COMFORT_N, "firm": FIRM_N, "most": MOST_N},
        "rates": list(equipment.pulses_per_s),
        "limits": equipment.carm.model_dump(),
        "sod_over_sid": equipment.source_to_isocentre_mm / equipment.source_to_image_mm,
        "dsa": equipment.dsa,
        "presets": _presets(scenario),
        "fields_mm": list(FIELDS_MM),
        "questions": [{"id": item.id, "text": join_lines(item.text), "choices": dict(item.choices)} for item in scenario.questions],
        "levels": _levels(scenario),
        "tests": [str(item) for item in OrderedTest] if scenario.subject.of_child_bearing_age else [],
        "asks_particulate_reason": RULES[task.approach].near_artery,
        **{name: [str(item) for item in kind] for name, kind in LISTS.items()},
    }


def describe_observation(view: Observation) -> Plain:
    """An observation as plain data, by parts that change apart from each other.

    Parameters
    ----------
    view : Observation
    """
    return {
        "time": format_time(view.time_s),
        "chart": _chart(view),
        "record": {str(item): join_lines(text) for item, text in view.record},
        "medicines": list(view.medicines),
        "slices": list(view.slices),
        "readouts": asdict(view.readouts),
        "needle": None if view.needle is None else asdict(view.needle) | {"bevel": str(view.needle.bevel)},
        "hub": {
            "attached": str(view.hub.attached),
            "tubing": view.hub.tubing,
            "size_ml": view.hub.size_ml,
            "holds": view.hub.holds,
            "tubing_holds": view.hub.tubing_holds,
            "contents": [[str(agent), round(volume, 3)] for agent, volume in view.hub.syringe_ml],
            "left_ml": round(sum(volume for _, volume in view.hub.syringe_ml), 3),
        },
        "feel": asdict(view.feel),
        "events": [_event(item) for item in view.events[-LAST_EVENTS:]],
        "monitor": None if view.monitor is None else asdict(view.monitor),
        "beliefs": [_belief(item.time_s, item.said) for item in view.beliefs],
        "answers": {question: [choice, confidence] for question, choice, confidence in view.answers},
        "marked": view.marked,
        "over": view.over,
    }


def find_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Plain:
    """Parts that are not as they were.

    Examples
    --------
    >>> find_changes({"a": 1, "b": 2}, {"a": 1, "b": 3})
    {'b': 3}
    """
    return {key: value for key, value in after.items() if key not in before or before[key] != value}


def _drug(equipment: Equipment, agent: Agent) -> Plain:
    """An agent as the menus show it, and how much of its substance a mL carries."""
    carried = STRENGTHS.get(agent)
    return {
        "label": equipment.describe(agent),
        "per_ml": strength_per_ml(agent, equipment.set_strengths),
        "unit": "" if carried is None else carried.substance.unit,
    }


def _levels(scenario: Scenario) -> list[str]:
    """Levels that may be said at the time-out and believed: the named one and what a wrong count would give."""
    named = [interspace_name(level) for level in scenario.region.vertebrae]
    sites = [rule.site for rule in RULES.values() if rule.site]
    return [*named, *sites] if scenario.task.interspace not in named else named


def _presets(scenario: Scenario) -> list[Plain]:
    """Nominal angles that the C-arm goes to at a word, once each."""
    if not scenario.help.nominal_views:
        return []
    found: dict[tuple[float, float], Plain] = {}
    for name, angles in NOMINAL.items():
        key = (angles.oblique_deg, angles.tilt_deg)
        low, high = scenario.equipment.carm.oblique_deg
        if key not in found and low <= angles.oblique_deg <= high:
            found[key] = {
                "name": str(name),
                "oblique_deg": angles.oblique_deg,
                "tilt_deg": angles.tilt_deg,
                "swivel_deg": angles.swivel_deg,
            }
    return list(found.values())


def _chart(view: Observation) -> Plain:
    chart = view.chart
    return {
        "reviewed": [str(item) for item in chart.reviewed],
        "examined": [str(item) for item, _ in chart.examined],
        "tested": [str(item) for item in chart.tested],
        "contacted": [str(item) for item in chart.contacted],
        "stopped": list(chart.stopped),
        "decision": None if chart.decision is None else str(chart.decision),
        "consent": chart.consent,
        "risks": [str(item) for item in chart.risks],
        "time_out": None if chart.time_out is None else list(chart.time_out),
        "posture": None if chart.posture is None else str(chart.posture),
        "antiseptic": None if chart.antiseptic is None else str(chart.antiseptic),
        "draped": chart.draped,
        "protection": [str(item) for item in chart.protection],
        "monitored": chart.monitored,
        "advice": [str(item) for item in chart.advice],
    }


def _event(item: Any) -> Plain:  # noqa: ANN401 - an Event
    return {"time": format_time(item.time_s), "kind": str(item.kind), "text": item.text}


def _belief(time_s: float, said: Any) -> Plain:  # noqa: ANN401 - a CommitBelief
    return {
        "time": format_time(time_s),
        "level": said.level,
        "side": said.side,
        "compartment": None if said.compartment is None else str(said.compartment),
        "vascular": said.vascular,
        "confidence": said.confidence,
    }
