"""A thumb on a plunger: force over bore, shared between needle and tip."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from scenarios.names.agents import Agent
from simulator.contrast.agents import Mixture, mix, viscosity_mpa_s
from simulator.contrast.flow import Flow
from simulator.contrast.plunger_pressure import (
    COMFORT_N,
    FIRM_N,
    MOST_N,
    PLUNGER_MM,
    PlungerLoad,
    choose_syringe_ml,
    effort_n,
    find_resistance,
    hub_pressure_kpa,
    plunger_mm2,
    strongest_kpa,
    tube_kpa,
)
from simulator.contrast.spread import empty
from simulator.geometry.gauges import GAUGES_MM
from simulator.needle.loss_of_resistance import PLUNGER_MM2
from tests.laws import count
from tests.simulator.contrast.conftest import TIPS

SIXTY_N_KPA = {3.0: 1009, 5.0: 522, 10.0: 340, 20.0: 209}  # DESIGN.md section 6
WITHIN = 1e-9  # of rounding, in sums of pressures
FINE = Agent.IOHEXOL_240


def test_sixty_newton_make_what_the_bore_says() -> None:
    assert {size: round(60e3 / plunger_mm2(size)) for size in PLUNGER_MM} == pytest.approx(SIXTY_N_KPA, abs=1.0)
    assert plunger_mm2(10.0) == pytest.approx(PLUNGER_MM2, rel=0.01)  # the loss-of-resistance syringe's, measured
    assert effort_n(strongest_kpa(3.0), 3.0) == pytest.approx(MOST_N)
    assert 0 < COMFORT_N < FIRM_N < MOST_N


def test_a_thin_needle_takes_most_of_the_pressure() -> None:
    assert tube_kpa(0.260, 89.0, mix({FINE: 1.0}), 0.1) == pytest.approx(270.0, abs=3.0)


@pytest.mark.parametrize(
    ("volume_ml", "size_ml"), [(0.5, 3.0), (3.0, 3.0), (3.1, 5.0), (5.0, 5.0), (8.0, 10.0), (18.0, 20.0), (20.0, 20.0)]
)
def test_the_smallest_syringe_that_holds_it_is_taken(volume_ml: float, size_ml: float) -> None:
    assert choose_syringe_ml(volume_ml) == size_ml


def test_a_syringe_that_is_not_made_is_named() -> None:
    with pytest.raises(ValueError, match="there are syringes of 3, 5, 10, 20 mL, got 7"):
        strongest_kpa(7.0)


def draw_mixture(rng: np.random.Generator) -> Mixture:
    agents = rng.choice(np.array(list(Agent)), size=2, replace=False)
    return mix({Agent(str(agent)): float(volume) for agent, volume in zip(agents, rng.uniform(0.1, 3.0, 2), strict=True)})


def push(flow: Flow, bore_mm: float, mixture: Mixture, rng_free: tuple[float, float, float, float, bool]) -> PlungerLoad:
    """A push through a needle of 89 mm: held volume, opening pressure, wanted rate, syringe, tubing."""
    held_ml, opening_kpa, wanted_ml_s, size_ml, tubing = rng_free
    spread = replace(empty(flow.domain), held_ml=held_ml)
    found = find_resistance(flow, bore_mm, 89.0, mixture, spread=spread, opening_kpa=opening_kpa, tubing=tubing)
    return found.press(wanted_ml_s, strongest_kpa(size_ml))


def test_the_law_of_the_plunger(made: Callable[..., Flow], rng: np.random.Generator) -> None:
    """Over random needles, agents, syringes and tissues: force below the most, pressure shared without loss, thinner and thicker slower."""
    gauges = sorted(GAUGES_MM)  # from wide to thin
    for _ in range(count(400, 20_000)):
        flow = made(str(rng.choice(sorted(TIPS))))
        free = (
            float(rng.uniform(0, 3) * (rng.random() < 0.5)),
            float(rng.choice([0.0, 0.0, 210.0])),
            float(np.exp(rng.uniform(np.log(0.01), np.log(4.0)))),
            float(rng.choice(list(PLUNGER_MM))),
            bool(rng.random() < 0.5),
        )
        size_ml, mixture = free[3], draw_mixture(rng)
        loads = [push(flow, GAUGES_MM[gauge][1], mixture, free) for gauge in gauges]
        for load in loads:
            assert 0 <= load.rate_ml_s <= free[2]
            assert effort_n(load.hub_kpa, size_ml) <= MOST_N * (1 + WITHIN)
            assert load.line_kpa >= 0
            assert load.tip_kpa >= 0
            assert load.line_kpa + load.tip_kpa == pytest.approx(load.hub_kpa, rel=WITHIN)
            assert load.limited == (load.rate_ml_s < free[2])
            assert not load.limited or load.hub_kpa == pytest.approx(strongest_kpa(size_ml), rel=WITHIN)
        rates = [load.rate_ml_s for load in loads]
        assert rates == sorted(rates, reverse=True)
        other = draw_mixture(rng)
        thin, thick = sorted((mixture, other), key=viscosity_mpa_s)
        bore_mm = GAUGES_MM[int(rng.choice(gauges))][1]
        assert push(flow, bore_mm, thick, free).rate_ml_s <= push(flow, bore_mm, thin, free).rate_ml_s * (1 + WITHIN)


def test_below_its_most_a_thumb_gives_what_the_rate_takes(made: Callable[..., Flow]) -> None:
    flow, mixture = made("epidural"), mix({FINE: 1.0})
    load = push(flow, 0.838, mixture, (0.5, 0.0, 0.3, 5.0, True))
    spread = replace(empty(flow.domain), held_ml=0.5)
    assert not load.limited
    assert load.hub_kpa == pytest.approx(hub_pressure_kpa(flow, 0.838, 89.0, mixture, 0.3, spread=spread, tubing=True))
