"""What comes out of an open hub, and what goes in, at the dura: a tented one is not a punctured one."""

from itertools import pairwise

import pytest

from phantoms.terms.tissues import Tissue
from scenarios.names.compartments import Compartment
from simulator.procedure.rules.dripping import drips
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.opening_site import require_site
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import PLACED, SYRINGE, begin_toy, do

OPEN, SHUT = {"stylet": {"inserted": False}}, {"stylet": {"inserted": True}}
TO_DURA_MM = 56.0  # of the toy patient


def enter(depth_mm: float) -> ProcedureState:
    """A needle so deep, its stylet out from the fat on."""
    return do(begin_toy(), *PLACED, {"advance": {"distance_mm": 52.5}}, OPEN, {"advance": {"distance_mm": depth_mm - 52.5}})


def count_drips(state: ProcedureState) -> int:
    return sum(item.kind is EventKind.FLOW and "drips" in item.text for item in state.events)


def count_punctures(state: ProcedureState) -> int:
    return sum(item.kind is EventKind.PUNCTURE and item.get("tissue") == int(Tissue.DURA) for item in state.events)


@pytest.mark.parametrize("tented_mm", [0.5, 1.0, 2.5])
def test_within_a_tent_all_is_still_epidural(tented_mm: float) -> None:
    tented = enter(TO_DURA_MM)
    while tented.needle.tenting is None or tented.needle.tenting.by_mm < tented_mm:
        tented = do(tented, {"advance": {"distance_mm": 0.1}})
    assert require_site(tented).tissue is Tissue.EPIDURAL_DORSAL
    assert (count_punctures(tented), count_drips(tented)) == (0, 0)
    after = do(tented, *SYRINGE, "aspirate", {"inject": {"volume_ml": 0.5}})
    assert next(item for item in reversed(after.events) if item.text.startswith("aspiration")).get("fluid") == "nothing"
    assert after.injections[-1].medium == "epidural"
    assert after.fluid.spread.domain.inside([Compartment.EPIDURAL_DORSAL])[after.fluid.flow.entry].all()


def test_a_needle_that_goes_through_the_dura_with_its_stylet_out_drips_once() -> None:
    states = [enter(54.0)]
    while states[-1].needle.depth_mm < 66.0:
        states.append(do(states[-1], {"advance": {"distance_mm": 0.5}}))
    assert (count_punctures(states[-1]), count_drips(states[-1])) == (1, 1)
    for before, after in pairwise(states):
        assert count_drips(after) - count_drips(before) == (drips(after) and not drips(before))


def test_a_needle_that_goes_right_through_the_sac_in_one_push_drips_on_its_way_and_on_its_way_back() -> None:
    state = enter(74.0)
    assert not drips(state)
    assert count_drips(state) == 1
    back = do(state, {"withdraw": {"distance_mm": 22.0}})
    assert not drips(back)
    assert count_drips(back) == 2


def test_what_closes_the_hub_stops_the_drip_and_what_opens_it_lets_it_begin_anew() -> None:
    state = enter(66.0)
    assert drips(state)
    shut = do(state, SHUT)
    assert not drips(shut)
    assert count_drips(do(shut, OPEN)) == count_drips(state) + 1
    closed = do(state, *SYRINGE)
    assert not drips(closed)
    assert count_drips(do(closed, {"attach": {"what": "nothing"}})) > count_drips(closed)
