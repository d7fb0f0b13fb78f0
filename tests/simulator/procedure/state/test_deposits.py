"""Deposits of a push add up to what was delivered, but for what blood took."""

from dataclasses import replace

import numpy as np
import pytest

from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.procedure.state.deposits import join_deposits, measure_deposits
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import SYRINGE, begin_toy, do, place_in_epidural, place_in_sac


def inject(state: ProcedureState, volume_ml: float) -> ProcedureState:
    return do(state, {"inject": {"volume_ml": volume_ml, "rate_ml_s": 0.4}})


def total_ml(state: ProcedureState) -> float:
    return sum(volume for _, _, volume in state.injections[-1].deposits)


@pytest.mark.parametrize("place", [place_in_epidural, place_in_sac])
def test_what_was_delivered_lies_somewhere(place) -> None:  # noqa: ANN001
    state = do(place(begin_toy()), *SYRINGE)
    for volume_ml in (0.3, 0.9):
        washed = sum(item.washed_out_ml.sum() for item in state.fluid.spreads)
        state = inject(state, volume_ml)
        gone_ml = sum(item.washed_out_ml.sum() for item in state.fluid.spreads) - washed
        assert total_ml(state) + gone_ml == pytest.approx(volume_ml, abs=2e-3)
        state = do(state, {"wait": {"duration_s": 8.0}})


def test_what_leaves_a_domain_goes_on_in_its_space_but_from_a_vessel_into_the_blood() -> None:
    spread = inject(do(place_in_epidural(begin_toy()), *SYRINGE), 0.5).fluid.spread
    assert spread is not None
    out = replace(spread, leaked_ml=spread.leaked_ml + np.where(np.array(spread.agents) == Agent.IOHEXOL_240, 0.2, 0.0))
    assert measure_deposits(spread, out, [Agent.IOHEXOL_240]) == ((Compartment.FORAMINAL, Agent.IOHEXOL_240, pytest.approx(0.2)),)
    assert measure_deposits(spread, out, [Agent.IOHEXOL_240], "venous") == ()
    assert measure_deposits(spread, out, [Agent.SALINE]) == ()


def test_pieces_add_up() -> None:
    place, agent = Compartment.FORAMINAL, Agent.SALINE
    assert join_deposits(((place, agent, 0.25),), ((place, agent, 0.5), (Compartment.MUSCLE, agent, 0.1))) == (
        (place, agent, 0.75),
        (Compartment.MUSCLE, agent, 0.1),
    )
    assert join_deposits(((place, agent, 0.2),), ((place, agent, -0.2),)) == ()
