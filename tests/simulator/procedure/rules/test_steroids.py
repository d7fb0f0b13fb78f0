"""Steroids: each judged by its own ordinary range, all on one scale for what they do afterwards."""

import numpy as np
import pytest

from scenarios.criteria import merge
from scenarios.names.agents import Agent
from scenarios.names.steroids import EQUIVALENCE, STEROIDS, describe_dose, times_ordinary
from scenarios.schema.criterion import Criterion
from simulator.contrast.agents import properties
from simulator.procedure.rules.drugs import dexamethasone_mg, steroid_mg
from simulator.procedure.state.state import Injection
from simulator.scoring.tolerance import tolerance
from tests.laws import count

ROUNDING = 1e-12  # of sums of shares


def make_injection(agent: Agent, volume_ml: float) -> Injection:
    return Injection(start_s=0.0, end_s=1.0, delivered_ml=((agent, volume_ml),), rate_ml_s=0.3, tip=(0.0, 0.0, 0.0), tissue=1)


def credit(given_mg: dict[Agent, float]) -> float:
    """What the shared criterion leaves of its points."""
    found = Criterion.model_validate(merge({"use": "steroid-dose"}))
    assert found.low is not None
    assert found.high is not None
    return tolerance(times_ordinary(given_mg), (found.low, found.high), found.margin)


@pytest.mark.parametrize(
    ("agent", "volume_ml", "milligrams"),
    [
        (Agent.DEXAMETHASONE, 1.0, 10.0),
        (Agent.BETAMETHASONE, 2.0, 12.0),
        (Agent.METHYLPREDNISOLONE, 1.0, 7.5),
        (Agent.TRIAMCINOLONE, 1.0, 7.5),
        (Agent.LIDOCAINE, 5.0, 0.0),
    ],
)
def test_equivalent_doses(agent: Agent, volume_ml: float, milligrams: float) -> None:
    assert dexamethasone_mg([make_injection(agent, volume_ml)]) == pytest.approx(milligrams)


def test_doses_add_up() -> None:
    both = [make_injection(Agent.DEXAMETHASONE, 0.5), make_injection(Agent.METHYLPREDNISOLONE, 1.0)]
    assert steroid_mg(both) == {Agent.DEXAMETHASONE: 5.0, Agent.METHYLPREDNISOLONE: 40.0}
    assert dexamethasone_mg(both) == pytest.approx(12.5)


def test_the_table_names_the_steroids_that_a_syringe_may_hold() -> None:
    assert set(STEROIDS) == {agent for agent in Agent if properties(agent).steroid}
    for dose in STEROIDS.values():
        assert 0 < dose.low_mg < dose.high_mg
        assert dose.source


@pytest.mark.parametrize("milligrams", [40.0, 60.0, 80.0])
def test_methylprednisolone_as_it_is_ordinarily_given_is_not_fined(milligrams: float) -> None:
    assert credit({Agent.METHYLPREDNISOLONE: milligrams}) == 1.0


def test_an_ordinary_dose_costs_nothing_and_farther_outside_costs_more(rng: np.random.Generator) -> None:
    for _ in range(count(300, 20_000)):
        agent = Agent(str(rng.choice(list(STEROIDS))))
        low_mg, high_mg = STEROIDS[agent].low_mg, STEROIDS[agent].high_mg
        assert credit({agent: float(rng.uniform(low_mg, high_mg))}) == 1.0
        less = np.sort(rng.uniform(0.0, low_mg, 4))
        more = np.sort(rng.uniform(high_mg, 3 * high_mg, 4))
        below, above = ([credit({agent: float(dose)}) for dose in doses] for doses in (less, more))
        assert below == sorted(below)
        assert above == sorted(above, reverse=True)
        assert max(below[0], above[-1]) < 1.0


def test_a_mixture_counts_by_the_shares_of_its_steroids(rng: np.random.Generator) -> None:
    """Dividing a dose among steroids changes nothing: the same share of each one's own range."""
    for _ in range(count(300, 20_000)):
        agents = [Agent(str(name)) for name in rng.permutation(list(STEROIDS))[: int(rng.integers(2, len(STEROIDS) + 1))]]
        parts = rng.dirichlet(np.ones(len(agents)))
        of_low, of_high = float(rng.uniform(0.0, 0.99)), float(rng.uniform(1.01, 4.0))
        small = {agent: of_low * part * STEROIDS[agent].low_mg for agent, part in zip(agents, parts, strict=True)}
        large = {agent: of_high * part * STEROIDS[agent].high_mg for agent, part in zip(agents, parts, strict=True)}
        assert times_ordinary(small) == pytest.approx(of_low, abs=ROUNDING)
        assert times_ordinary(large) == pytest.approx(of_high, abs=ROUNDING)
        least = {agent: part * STEROIDS[agent].low_mg * (1 + 1e-9) for agent, part in zip(agents, parts, strict=True)}
        most = {agent: part * STEROIDS[agent].high_mg * (1 - 1e-9) for agent, part in zip(agents, parts, strict=True)}
        assert credit(least) == credit(most) == 1.0


def test_other_agents_are_no_steroid() -> None:
    assert times_ordinary({Agent.LIDOCAINE: 50.0}) == 0.0
    assert times_ordinary({Agent.LIDOCAINE: 50.0, Agent.DEXAMETHASONE: 8.0}) == 1.0


def test_a_dose_is_told_with_its_range_and_what_it_counts_as() -> None:
    assert describe_dose({}) == ""
    assert describe_dose({Agent.DEXAMETHASONE: 8.77}) == "dexamethasone 8.77 mg (ordinary: 4 to 15 mg)"
    said = describe_dose({Agent.TRIAMCINOLONE: 40.0, Agent.DEXAMETHASONE: 4.0})
    assert "as much as dexamethasone 12 mg" in said  # 11.5 at two digits
    assert "British National Formulary" in EQUIVALENCE
