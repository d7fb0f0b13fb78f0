"""Attempts on the patient of slabs, from an expert's to such as err in one thing each: what criteria are tried on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phantoms.population.defaults import default_parameters
from phantoms.terms.parameters import Sex
from phantoms.terms.tissues import Tissue
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.measuring import score_attempt
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState
from simulator.scoring.score import Score
from tests.simulator.procedure.toy import PLACED, ToyPatient, begin_toy, change_scenario, toy_case

Plain = Any
Attempt = tuple[Plain, ...]

ROD = np.array([2.0, 44.0])  # x, y of a nerve before the flavum, on the needle's way, mm
ITEMS = ("history", "medication", "allergies", "pregnancy", "laboratory", "imaging")
RISKS = ["infection", "bleeding", "nerve-injury", "dural-puncture", "vascular-uptake"]


@dataclass(frozen=True, kw_only=True, eq=False)
class NervePatient(ToyPatient):
    """The patient of slabs with a nerve before the flavum, on the needle's way."""

    def tissue(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        labels = ToyPatient.tissue(self, points)
        x, y, _ = np.asarray(points, dtype=float).T
        labels[(x - ROD[0]) ** 2 + (y - ROD[1]) ** 2 < 2.0] = Tissue.NERVE_ROOT
        return labels

    def near(self, corners: NDArray[np.float64], cell_mm: float = 2.0) -> Any:  # noqa: ARG002, ANN401
        return type("Near", (), {"tissue": staticmethod(self.tissue)})


def nerve_case() -> Case:
    """The first case on a patient with a nerve on the needle's way."""
    return Case(scenario=toy_case().scenario, patient=NervePatient(params=default_parameters(Sex.FEMALE)))  # type: ignore[arg-type]


def allergic_case() -> Case:
    """The first case with an allergy to contrast medium and gadolinium on the tray, on the patient of slabs."""
    agents = [*map(str, toy_case().scenario.equipment.agents), "gadolinium"]
    subject = toy_case().scenario.subject.model_dump(mode="json", exclude_unset=True) | {"truth": {"contrast_allergy": True}}
    return Case(scenario=change_scenario(subject=subject, equipment={"agents": agents}), patient=toy_case().patient)


def desk() -> Attempt:
    """The record, the examination and the decision."""
    return (
        *({"review": {"item": item}} for item in ITEMS),
        {"examine": {"item": "pain-score"}},
        {"examine": {"item": "neurology"}},
        {"decide": {"decision": "proceed"}},
    )


def room(*, without: str = "") -> Attempt:
    """Consent, time-out and preparation; `without` names the one action that is left out."""
    scenario = toy_case().scenario
    said = {"patient": scenario.subject.name, "level": scenario.task.interspace, "side": str(scenario.task.side)}
    done: list[Plain] = [
        {"consent": {"risks": RISKS}},
        "monitor",
        {"protect": {"items": ["apron", "thyroid-collar", "mask", "sterile-gloves"]}},
        {"position": {"posture": "prone-pillow"}},
        {"time-out": said},
        {"prepare": {"antiseptic": "chlorhexidine-alcohol"}},
        {"collimate": {"left_mm": 60, "right_mm": 60, "top_mm": 70, "bottom_mm": 70}},
    ]
    return tuple(item for item in done if (item if isinstance(item, str) else next(iter(item))) != without)


def take(*, entry: Sequence[float] = (2.0, 90.0, -60.0)) -> Attempt:
    """The needle on the skin, pointed straight down."""
    kit = dict(PLACED[1]["place-needle"]) | {"entry": list(entry)}
    return ({"place-needle": kit}, PLACED[2])


VIEWS: Attempt = (PLACED[0], {"move-carm": {"oblique_deg": 0, "tilt_deg": 0}}, "shoot")
NUMB: Attempt = ({"local-anaesthetic": {"agent": "lidocaine", "volume_ml": 2, "depth_mm": 20}},)
WAY: Attempt = (
    {"advance": {"distance_mm": 35}},
    {"move-carm": {"oblique_deg": -45}},
    "shoot",
    {"advance": {"distance_mm": 8}},
    "shoot",
    {"advance": {"distance_mm": 10.5}},
    {"stylet": {"inserted": False}},
)


def contrast(volume_ml: float = 1.0, *, live: bool = True, agent: str = "iohexol 240") -> Attempt:
    """A run of contrast medium."""
    return (
        {"attach": {"what": "nothing"}},
        {"attach": {"what": "syringe", "contents_ml": [[agent, 10.0]], "tubing": True}},
        "aspirate",
        *([{"pedal": {"down": True}}] if live else []),
        {"inject": {"volume_ml": volume_ml, "rate_ml_s": 0.3}},
        *([{"pedal": {"down": False}}] if live else []),
        "save-reference",
    )


DRUG: Attempt = (
    {"attach": {"what": "nothing"}},
    {"attach": {"what": "syringe", "contents_ml": [["dexamethasone", 1.0], ["saline", 1.0]]}},
    "aspirate",
    {"inject": {"volume_ml": 2.0, "rate_ml_s": 0.3}},
)
AFTER: Attempt = (
    "remove-needle",
    {"wait": {"duration_s": 1500}},
    {"examine": {"item": "pain-score"}},
    {"examine": {"item": "neurology"}},
    *({"advise": {"item": item}} for item in ("driver", "leg-weakness", "onset-days", "pain-diary", "red-flags")),
    {"answer": {"question": "epidurogram", "choice": "epidural"}},
    {"answer": {"question": "next-day", "choice": "wait"}},
    "finish",
)
BELIEF: Attempt = (
    {"commit-belief": {"level": "L4-L5", "side": "left", "compartment": "epidural-dorsal", "vascular": False, "confidence": 0.9}},
)


def expert(**parts: Attempt) -> Attempt:
    """All parts of an expert's attempt in order, with some replaced: desk, room, views, take, numb, way, contrast, belief, drug, after."""
    usual = {
        "desk": desk(),
        "room": room(),
        "views": VIEWS,
        "take": take(),
        "numb": NUMB,
        "way": WAY,
        "contrast": contrast(),
        "belief": BELIEF,
        "drug": DRUG,
        "after": AFTER,
    }
    unknown = set(parts) - set(usual)
    assert not unknown, unknown
    return tuple(item for part in (usual | parts).values() for item in part)


def play(said: Iterable[Plain], case: Case | None = None) -> list[ProcedureState]:
    """States of an attempt."""
    states = [begin_toy(1, case)]
    for item in said:
        states.append(step(states[-1], parse_action(item)))
    return states


@cache
def score_expert() -> Score:
    """Of the expert's attempt on the patient of slabs."""
    return score_attempt(play(expert()))
