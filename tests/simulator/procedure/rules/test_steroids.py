"""Steroids on one scale, that of dexamethasone, for score and follow-up alike."""

import pytest

from scenarios.names.agents import Agent
from simulator.procedure.rules.drugs import dexamethasone_mg
from simulator.procedure.state.state import Injection


def make_injection(agent: Agent, volume_ml: float) -> Injection:
    return Injection(start_s=0.0, end_s=1.0, delivered_ml=((agent, volume_ml),), rate_ml_s=0.3, tip=(0.0, 0.0, 0.0), tissue=1)


@pytest.mark.parametrize(
    ("agent", "volume_ml", "milligrams"),
    [
        (Agent.DEXAMETHASONE, 1.0, 10.0),
        (Agent.BETAMETHASONE, 2.0, 12.0),
        (Agent.METHYLPREDNISOLONE, 1.0, 8.0),
        (Agent.TRIAMCINOLONE, 1.0, 8.0),
        (Agent.LIDOCAINE, 5.0, 0.0),
    ],
)
def test_equivalent_doses(agent: Agent, volume_ml: float, milligrams: float) -> None:
    assert dexamethasone_mg([make_injection(agent, volume_ml)]) == pytest.approx(milligrams)


def test_doses_add_up() -> None:
    both = [make_injection(Agent.DEXAMETHASONE, 0.5), make_injection(Agent.METHYLPREDNISOLONE, 1.0)]
    assert dexamethasone_mg(both) == pytest.approx(13.0)
