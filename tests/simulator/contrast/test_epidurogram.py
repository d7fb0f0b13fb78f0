"""What is read of a spread: compartments, levels, roots, margins."""

from collections.abc import Callable

import numpy as np
import pytest

from phantoms.patient import Patient, build
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level, Side
from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.contrast.bounds import Bounds
from simulator.contrast.domain import build_domain
from simulator.contrast.epidurogram import by_compartment, reach, root_coverage, share_near, touches_laminar_margin
from simulator.contrast.flow import Flow, solve_flow
from simulator.contrast.level_scale import LevelScale, build_ladder
from simulator.contrast.spread import empty, inject
from simulator.validation.approaches import interlaminar, transforaminal
from simulator.validation.contrast import ROWS, compare, compare_lines, make_table, validate
from simulator.validation.intervals import mean_interval, wilson
from tests.simulator.contrast.conftest import CONTRAST

NARROW = Bounds(along_canal=True, half_length_mm=45.0, half_width_mm=26.0, ventral_mm=18.0, dorsal_mm=14.0)


@pytest.fixture(scope="module")
def patient() -> Patient:
    return build(default_parameters())


@pytest.mark.parametrize(
    ("name", "compartment"),
    [
        ("epidural", Compartment.EPIDURAL_DORSAL),
        ("foramen", Compartment.FORAMINAL),
        ("intrathecal", Compartment.INTRATHECAL),
        ("subdural", Compartment.SUBDURAL),
        ("muscle", Compartment.MUSCLE),
        ("disc", Compartment.DISC),
    ],
)
def test_the_compartment_at_the_tip_fills_most(made: Callable[..., Flow], name: str, compartment: Compartment) -> None:
    pressed = made(name)
    room_ml = float(pressed.domain.capacity_ml[pressed.domain.inside([compartment])].sum())
    volume_ml = min(0.08, 0.1 * room_ml)  # a foramen has room for little
    found = by_compartment(inject(empty(pressed.domain), pressed, CONTRAST, 0.2, volume_ml / 0.2))
    most = max(found, key=lambda item: sum(found[item].values()))
    assert most is compartment
    assert sum(sum(volumes.values()) for volumes in found.values()) <= volume_ml + 1e-9


def test_levels_run_down_the_spine(patient: Patient) -> None:
    scale = build_ladder(patient.anatomy.curve, patient.landmarks)
    middles = [patient.anatomy.curve.coordinates(item.body_centre[None])[0, 2] for item in patient.landmarks.vertebrae.values()]
    assert [scale.level(t) for t in middles] == list(patient.landmarks.vertebrae)
    assert np.diff(scale.at(np.linspace(0, 500, 200))).min() > 0


def test_a_ladder_goes_on_evenly() -> None:
    scale = LevelScale(lower_mm=np.array([10.0, 40.0, 80.0]), number=np.array([1.0, 2.0, 3.0]))
    assert scale.at([-20.0, 25.0, 120.0]) == pytest.approx([0.0, 1.5, 4.0])


@pytest.mark.slow
def test_a_paramedian_injection_hugs_the_lamina_and_bathes_its_side_s_root(patient: Patient) -> None:
    tip = interlaminar(patient, Level.L4, 4.0)
    cells = build_domain(patient.tissue, tip, patient.anatomy.curve, bounds=NARROW)
    spread = inject(empty(cells), solve_flow(cells, tip), CONTRAST, 0.3, 10.0)
    read = reach(spread, tip, patient.landmarks)
    assert read.unilateral
    assert read.dorsal
    assert touches_laminar_margin(spread, patient.landmarks, Level.L4, Side.LEFT)
    covered = root_coverage(spread, patient.landmarks, (Agent.IOHEXOL_240,))
    assert covered[Level.L4, Side.LEFT].volume_ml > 10 * covered[Level.L4, Side.RIGHT].volume_ml


@pytest.mark.slow
def test_a_transforaminal_injection_bathes_the_root_of_its_foramen(patient: Patient) -> None:
    tip = transforaminal(patient, Level.L4, Side.RIGHT)
    cells = build_domain(patient.tissue, tip, patient.anatomy.curve, bounds=NARROW)
    covered = root_coverage(inject(empty(cells), solve_flow(cells, tip), CONTRAST, 0.2, 5.0), patient.landmarks, (Agent.IOHEXOL_240,))
    assert max(covered, key=lambda root: covered[root].volume_ml) == (Level.L4, Side.RIGHT)


def test_a_comparison_has_a_line_for_every_row_that_was_measured() -> None:
    numbers = [{row.key: float(index % 2) for row in ROWS} for index in range(4)]
    compared = compare(numbers)
    assert [item.row for item in compared] == list(ROWS)
    assert compare_lines(compared)[2][1] == "50 % (15 to 85)"
    assert make_table(compared).row_count == len(ROWS)
    with pytest.raises(ValueError, match="at least 2"):
        validate(1)


def test_intervals_are_the_textbook_s() -> None:
    ten = wilson(1, 10)  # Newcombe 1998: 1 of 10 gives 1.8 % to 40.4 %
    assert (ten.low, ten.high) == pytest.approx((0.018, 0.404), abs=5e-4)
    mean = mean_interval(np.array([1.0, 2.0, 3.0]))  # t of 0.975 with 2 degrees of freedom is 4.303
    assert mean.high - mean.value == pytest.approx(4.303 / np.sqrt(3), abs=1e-3)
    with pytest.raises(ValueError, match="hits"):
        wilson(3, 2)


def test_the_share_near_a_course_grows_with_distance_from_none_to_all(made: Callable[..., Flow]) -> None:
    pressed = made("epidural")
    spread = inject(empty(pressed.domain), pressed, CONTRAST, 0.3, 5.0)
    agents = tuple(spread.agents)
    fullest = pressed.domain.centres[[int(spread.ml.sum(axis=1).argmax())]]
    shares = [share_near(spread, fullest, agents, within_mm) for within_mm in (0.5, 3.0, 10.0, 1000.0)]
    assert 0 < shares[0] <= shares[1] < shares[2] <= shares[3]
    assert shares[3] == pytest.approx(1.0)
    assert share_near(spread, fullest + 500.0, agents, 100.0) == 0.0
    assert share_near(spread, fullest, (Agent.GADOLINIUM,), 1000.0) == 0.0
