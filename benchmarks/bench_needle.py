"""How fast does a needle advance, besides what the tissue field costs, and all the way through the default patient? (pytest-benchmark)"""

from itertools import count

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level
from phantoms.terms.tissues import Tissue
from simulator.cli.images.needles import read_needle_path
from simulator.needle import Bevel, LorMedium, NeedleKit, NeedleState, advance, advance_until_loss, place, with_stylet

KIT = NeedleKit(bevel=Bevel.TUOHY, gauge=18, length_mm=89.0)
WAY_MM = 80


@pytest.fixture(scope="module")
def patient() -> Patient:
    found = build(default_parameters())
    found.tissue(np.zeros((1, 3)))  # the compartments are built when first asked for
    return found


def on_skin(patient: Patient) -> NeedleState:
    course = read_needle_path(None, "interlaminar", patient.landmarks, Level.L4, lambda points: patient.tissue(points) != Tissue.AIR)
    return with_stylet(place(KIT, course.entry, course.tip - course.entry), False)


def muscle(points: np.ndarray) -> np.ndarray:
    return np.full(len(points), Tissue.MUSCLE, dtype=np.uint8)


def test_advance_without_tissue(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info.update(row="needle: advance by 1 mm, tissue for nothing", unit="ms", target=1.0)
    states = [place(KIT, (0, 0, 0), (0.1, -1, 0.2))]
    for _ in range(WAY_MM):
        states.append(advance(states[-1], 1.0, muscle).state)
    turn = count()
    benchmark.pedantic(lambda: advance(states[next(turn) % WAY_MM], 1.0, muscle), rounds=400, warmup_rounds=20)


def test_advance_in_a_patient(benchmark: BenchmarkFixture, patient: Patient) -> None:
    benchmark.extra_info.update(row="needle: advance by 1 mm in the default patient", unit="ms")
    start = on_skin(patient)
    states = [advance(start, float(depth), patient.tissue).state for depth in range(58)]
    turn = count()
    benchmark.pedantic(lambda: advance(states[next(turn) % 58], 1.0, patient.tissue), rounds=58, warmup_rounds=2)


def around(start: NeedleState, reach_mm: float) -> np.ndarray:
    """A slim box about a needle's way, shape (2, 3), mm."""
    ends = np.stack((start.tip, start.tip + reach_mm * start.direction))
    return np.stack((ends.min(axis=0) - 4.0, ends.max(axis=0) + 4.0))


def test_advance_in_a_prepared_box(benchmark: BenchmarkFixture, patient: Patient) -> None:
    benchmark.extra_info.update(row="needle: advance by 1 mm in the default patient, tissue prepared around its way", unit="ms")
    start = on_skin(patient)
    tissue = patient.near(around(start, 62.0), 0.5).tissue
    states = [advance(start, float(depth), tissue).state for depth in range(58)]
    np.testing.assert_array_equal(states[-1].tip, advance(start, 57.0, patient.tissue).state.tip)
    turn = count()
    benchmark.pedantic(lambda: advance(states[next(turn) % 58], 1.0, tissue), rounds=58, warmup_rounds=2)


def test_push_until_loss_in_a_patient(benchmark: BenchmarkFixture, patient: Patient) -> None:
    benchmark.extra_info.update(row="needle: from the interspinous ligament to the loss of resistance, one action", unit="ms")
    start = advance(on_skin(patient), 44.0, patient.tissue).state
    benchmark.pedantic(lambda: advance_until_loss(start, 12.0, patient.tissue, LorMedium.SALINE), rounds=10, warmup_rounds=1)
