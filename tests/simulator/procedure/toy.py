"""A patient of slabs, quick to ask and to project: skin, fat, muscle, lamina with a window, canal, sac."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from phantoms.population.defaults import default_parameters
from phantoms.shapes.implicit import Tube
from phantoms.soft_tissue.nerve_roots import Root
from phantoms.soft_tissue.spine_curve import SpineCurve, spine_curve
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import PatientParameters, Sex
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue
from scenarios.loader import read
from scenarios.schema.scenario import Scenario
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import Action
from simulator.procedure.rules.stepping import begin, step
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState
from tests.simulator.solids import box
from tests.simulator.synthetic import toy_landmarks

SKIN_Y, FRONT_Y, HALF_X, TOP_Z, BOTTOM_Z = 90.0, -100.0, 120.0, 140.0, -260.0
WINDOW_Z = -60.0  # of L4-L5
LOSS_Y = 39.0  # ventral edge of the flavum in the window
DURA_Y = 34.0


def tissue(points: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Labels of the slabs."""
    x, y, z = np.asarray(points, dtype=float).T
    labels = np.full(len(x), Tissue.MUSCLE, dtype=np.uint8)
    labels[y > 80] = Tissue.SUBCUTANEOUS_FAT
    labels[y > 88] = Tissue.SKIN
    spine = (np.abs(x) < 22) & (y < 48) & (y > -20) & (z < 40) & (z > -160)
    labels[spine] = Tissue.CORTICAL_BONE
    window = (np.abs(x) < 9) & (np.abs(z - WINDOW_Z) < 9) & (y > 34)
    labels[window & (y < 48)] = Tissue.MUSCLE
    labels[window & (y < 42)] = Tissue.LIGAMENTUM_FLAVUM
    canal = spine & (z > -85) & (z < -35)
    lumen = canal & ((x / 11) ** 2 + ((y - 28) / 11) ** 2 < 1)
    labels[lumen] = np.where(y > 30, Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_VENTRAL)[lumen]
    sac = (x / 8) ** 2 + ((y - 26) / 8) ** 2
    labels[canal & (sac < 1)] = Tissue.DURA
    labels[canal & (sac < 0.92)] = Tissue.CSF
    labels[canal & ((np.abs(x) - 3) ** 2 + (y - 24) ** 2 < 1)] = Tissue.CAUDA_EQUINA
    outside = (np.abs(x) > HALF_X) | (y > SKIN_Y) | (y < FRONT_Y) | (z > TOP_Z) | (z < BOTTOM_Z)
    labels[outside] = Tissue.AIR
    return labels


def inside(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed distance of a kind: negative in the body."""
    x, y, z = np.asarray(points, dtype=float).T
    sides = np.abs(x) - HALF_X, y - SKIN_Y, FRONT_Y - y, z - TOP_Z, BOTTOM_Z - z
    return np.max(sides, axis=0)


class Slab:
    """The body's shape."""

    bounds = np.array([[-HALF_X, FRONT_Y, BOTTOM_Z], [HALF_X, SKIN_Y, TOP_Z]])

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        return inside(points)


@dataclass(frozen=True, kw_only=True, eq=False)
class ToyPatient:
    """As `phantoms.patient.Patient`, of slabs."""

    params: PatientParameters

    def tissue(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        return tissue(points)

    def near(self, corners: NDArray[np.float64], cell_mm: float = 2.0) -> SimpleNamespace:  # noqa: ARG002
        return SimpleNamespace(tissue=tissue)

    @cached_property
    def compartments(self) -> SimpleNamespace:
        return SimpleNamespace(name="skin", shape=Slab(), children=())

    @cached_property
    def landmarks(self) -> Landmarks:
        return toy_landmarks()

    @cached_property
    def roots(self) -> tuple[Root, ...]:
        return tuple(_root(level, side, z) for level, z in ((Level.L4, -45.0), (Level.L5, -75.0)) for side in Side)

    @cached_property
    def anatomy(self) -> SimpleNamespace:
        z = np.linspace(60.0, -180.0, 9)
        curve: SpineCurve = spine_curve(np.column_stack([np.zeros(9), np.full(9, 28.0), z]), np.tile([0.0, 1.0, 0.0], (9, 1)))
        return SimpleNamespace(curve=curve, sac_end_mm=240.0)  # the sac goes on to the end

    @property
    def texture(self) -> None:
        return None

    def surfaces(self, levels: Iterable[Level] | None = None) -> tuple[Surface, ...]:  # noqa: ARG002
        middle = ((SKIN_Y + FRONT_Y) / 2, (TOP_Z + BOTTOM_Z) / 2)
        body = box((2 * HALF_X, SKIN_Y - FRONT_Y, TOP_Z - BOTTOM_Z), (0.0, *middle))
        bone = box((44.0, 68.0, 200.0), (0.0, 14.0, -60.0))
        return (
            replace(body, name="body", tissue=Tissue.MUSCLE),
            replace(bone, name="spine", parent="body", density=0.4),
        )


def _root(level: Level, side: Side, z: float) -> Root:
    start, end = np.array([side.sign * 8.0, 27.0, z]), np.array([side.sign * 24.0, 24.0, z - 14.0])
    middle = (start + end) / 2
    return Root(
        level=level,
        side=side,
        nerve=Tube(np.stack((start, end)), 1.5),
        ganglion=Tube(np.stack((middle - 1.0, middle + 1.0)), 2.5),
        ganglion_centre=middle,
        leaves_sac=start,
    )


@cache
def read_scenario() -> Scenario:
    """The library's first case."""
    return read("lumbar-interlaminar-l4-l5")


def change_scenario(**sections: dict[str, object]) -> Scenario:
    """The first case with fields of its sections changed, e.g. ``change_scenario(complications={...})``."""
    whole = read_scenario().model_dump(mode="json", exclude_unset=True)
    for name, values in sections.items():
        whole[name] = {**whole.get(name, {}), **values}
    return Scenario.model_validate(whole)


@cache
def toy_case() -> Case:
    """The first case on the toy patient."""
    return case_with(read_scenario())


def case_with(found: Scenario, params: PatientParameters | None = None) -> Case:
    """A case on the toy patient, who is a mean woman where no parameters are given."""
    return Case(scenario=found, patient=ToyPatient(params=params or default_parameters(Sex.FEMALE)))  # type: ignore[arg-type]


def do(state: ProcedureState, *said: object) -> ProcedureState:
    """Several actions in plain form."""
    for item in said:
        state = step(state, item if isinstance(item, Action) else parse_action(item))
    return state


def begin_toy(seed: int = 1, case: Case | None = None) -> ProcedureState:
    """A fresh attempt."""
    return begin(case or toy_case(), seed)


PLACED = (
    {"move-table": {"cranial_mm": WINDOW_Z, "dorsal_mm": 40.0}},
    {"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89.0, "entry": [2.0, 90.0, WINDOW_Z]}},
    {"aim-needle": {"oblique_deg": 0.0, "tilt_deg": 0.0}},
)
SYRINGE = ({"attach": {"what": "nothing"}}, {"attach": {"what": "syringe", "contents_ml": [["iohexol 240", 3.0]]}})


def place_in_epidural(state: ProcedureState) -> ProcedureState:
    """The needle's opening in the dorsal epidural space of the window, the stylet out."""
    return do(state, *PLACED, {"advance": {"distance_mm": 53.5}}, {"stylet": {"inserted": False}})


def place_in_sac(state: ProcedureState) -> ProcedureState:
    """The needle's opening in the sac, the stylet out."""
    return do(state, *PLACED, {"advance": {"distance_mm": 66.0}}, {"stylet": {"inserted": False}})
