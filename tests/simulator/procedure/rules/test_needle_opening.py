"""A domain never ends where the needle or fluid is: far beside the canal, up the canal from the sacrum, from one muscle to the next."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms.terms.levels import Level
from phantoms.terms.tissues import Tissue
from simulator import needle as steel
from simulator.contrast.bounds import BOUNDS, box_around
from simulator.contrast.epidurogram import by_compartment
from simulator.contrast.level_scale import build_ladder
from simulator.contrast.media import FluidSpace
from simulator.contrast.spread import edge_share
from simulator.procedure.rules.needle_opening import start_flow
from simulator.procedure.rules.stepping import begin
from simulator.procedure.state.opening_site import require_site
from simulator.procedure.state.state import ProcedureState
from simulator.validation.approaches import caudal
from tests.laws import count
from tests.simulator.procedure.random_needles import real_case
from tests.simulator.procedure.toy import SYRINGE, begin_toy, do

KIT = steel.NeedleKit(bevel=steel.Bevel.WHITACRE, gauge=22, length_mm=203.0)
FULL = {"attach": {"what": "syringe", "contents_ml": [["saline", 20.0]]}}
REACHED = Level.L3  # the interspace below it: 20 mL of a caudal injection climb to it (FACTS.md 3.4)
PATIENTS = count(1, 12)


def put(state: ProcedureState, tip: np.ndarray) -> ProcedureState:
    """A needle whose whole opening is at a point of the anatomy, however it got there; its stylet is out."""
    held = steel.place(KIT, tip + [0.0, 4.0, 0.0], (0.0, -1.0, 0.0))
    label = int(state.case.tissue(tip[None])[0])
    moved = steel.advance(held, 4.0, lambda points: np.full(len(points), label, dtype=np.uint8)).state
    return replace(state, needle=steel.with_stylet(moved, False), tray=replace(state.tray, stylet=False))


def find_far_fat(state: ProcedureState, beside_mm: float) -> np.ndarray:
    """Foraminal fat that far from the canal's middle, mm."""
    curve = state.case.patient.anatomy.curve
    t = np.arange(0.35, 0.75, 0.004) * curve.length_mm
    u, v, t = (item.ravel() for item in np.meshgrid([-beside_mm, beside_mm], np.arange(-25.0, 5.0, 1.0), t, indexing="ij"))
    points = curve.world(np.stack([u, v, t], axis=1))
    return points[int(np.argmax(state.case.tissue(points) == Tissue.EPIDURAL_FORAMINAL))]


@pytest.mark.parametrize("beside_mm", [28.0, 33.0])
def test_foraminal_fat_far_from_the_midline_takes_fluid(beside_mm: float) -> None:
    state = begin(real_case(0), 1)
    tip = find_far_fat(state, beside_mm)
    assert state.case.tissue(tip[None])[0] == Tissue.EPIDURAL_FORAMINAL
    after = do(put(state, tip), *SYRINGE, {"inject": {"volume_ml": 1.0}})
    assert after.injections[-1].medium == "epidural"
    spread = after.fluid.spread
    assert spread.domain.bounds.half_width_mm > beside_mm
    assert np.linalg.norm(spread.domain.centres - tip, axis=1).min() < 2.0


@pytest.mark.parametrize("number", range(PATIENTS))
def test_a_caudal_domain_reaches_what_twenty_millilitres_reach(number: int) -> None:
    case = real_case(number)
    state = put(begin(case, 1), np.asarray(caudal(case.patient)))
    _, flow, _ = start_flow(state, state.needle)
    ladder, place = build_ladder(case.patient.anatomy.curve, case.patient.landmarks), flow.domain.place
    assert ladder.levels.index(ladder.level(float(place[:, 2].min()))) <= ladder.levels.index(REACHED)


@pytest.fixture
def small_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Boxes of 2 cm, which are quick to solve and soon full."""
    monkeypatch.setitem(BOUNDS, FluidSpace.SOFT, box_around(10.0))


@pytest.mark.usefixtures("small_boxes")
def test_fluid_that_comes_to_the_end_of_its_domain_gets_a_larger_one() -> None:
    state = do(put(begin_toy(), np.array([60.0, 40.0, -60.0])), FULL, {"inject": {"volume_ml": 3.0, "rate_ml_s": 1.0}})
    before = state.fluid.spread
    assert edge_share(before) > 0.002
    after = do(state, {"inject": {"volume_ml": 0.5}}).fluid.spread
    assert after.domain.bounds.half_width_mm > before.domain.bounds.half_width_mm
    assert np.isin(before.domain.key[before.ml.sum(axis=1) > 0], after.domain.key).all()


@pytest.mark.usefixtures("small_boxes")
def test_what_lies_in_one_muscle_stays_there_when_the_needle_injects_into_another() -> None:
    first = do(put(begin_toy(), np.array([60.0, 40.0, -60.0])), FULL, {"inject": {"volume_ml": 1.0}})
    held = first.fluid.spread
    second = do(put(first, np.array([-60.0, 40.0, 60.0])), {"inject": {"volume_ml": 1.0}})
    assert len(second.fluid.spreads) == 2
    middles = [item.ml.sum(axis=1) @ item.domain.centres / item.ml.sum() for item in second.fluid.spreads]
    assert np.linalg.norm(middles[1] - held.ml.sum(axis=1) @ held.domain.centres / held.ml.sum()) < 1.0
    assert np.linalg.norm(middles[0] - [-60.0, 40.0, 60.0]) < 10.0
    assert sum(sum(volumes.values()) for item in second.fluid.spreads for volumes in by_compartment(item).values()) < 2.0
    assert require_site(second).tissue is Tissue.MUSCLE
