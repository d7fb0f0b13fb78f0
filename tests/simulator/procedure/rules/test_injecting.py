"""Fluid through the needle: volumes are kept, rates and pressures are limited, and drugs do what they do where they go."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from scenarios.names.enums import Compartment
from simulator.contrast.epidurogram import by_compartment
from simulator.contrast.plunger_pressure import MOST_N, strongest_kpa
from simulator.procedure.imaging import RunMemory, develop, expose, pulses_of
from simulator.procedure.state.case import Case
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.fluid import age
from simulator.procedure.state.opening_site import require_site
from simulator.procedure.state.physiology import EffectKind, strength, weakness
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import (
    PLACED,
    SYRINGE,
    begin_toy,
    case_with,
    change_scenario,
    do,
    place_in_epidural,
    place_in_sac,
    toy_case,
)

CONSERVED_ML = 1e-6  # what the spread promises
DOWN, UP = {"pedal": {"down": True}}, {"pedal": {"down": False}}


def syringe(*contents: tuple[str, float], **more: Any) -> dict[str, Any]:
    return {"attach": {"what": "syringe", "contents_ml": [list(part) for part in contents], **more}}


def spread_ml(state: ProcedureState) -> dict[str, float]:
    """Volume of each agent wherever it is now: in tissue, leaked or washed out."""
    found: dict[str, float] = {}
    for spread in state.fluid.spreads:
        for part in (spread.in_tissue, spread.leaked, spread.washed_out):
            for agent, volume in part.items():
                found[agent] = found.get(agent, 0.0) + volume
    return found


def injected_ml(state: ProcedureState) -> dict[str, float]:
    found: dict[str, float] = {}
    for given in state.injections:
        for agent, volume in given.delivered_ml:
            found[agent] = found.get(agent, 0.0) + volume
    return found


def vessel_of(state: ProcedureState) -> str:
    return require_site(state).vessel


def vascular(kind: str, chance: float = 1.0) -> Case:
    return case_with(change_scenario(complications={"vascular_uptake": {"chance": chance, "kind": kind, "note": "test"}}))


@pytest.fixture(scope="module")
def epidural() -> ProcedureState:
    return place_in_epidural(begin_toy())


@pytest.fixture(scope="module")
def intrathecal() -> ProcedureState:
    return place_in_sac(begin_toy())


def test_what_is_injected_is_somewhere(epidural: ProcedureState) -> None:
    state = do(
        epidural, *SYRINGE, {"inject": {"volume_ml": 0.8}}, syringe(("dexamethasone", 1.0), ("saline", 2.0)), {"inject": {"volume_ml": 1.5}}
    )
    state = replace(state, fluid=age(state.fluid, state.time_s + 300.0))
    expected = injected_ml(state)
    assert sum(expected.values()) == pytest.approx(2.3)
    for agent, volume in spread_ml(state).items():
        assert volume == pytest.approx(expected[agent], abs=CONSERVED_ML)


def test_a_needle_that_goes_on_leaves_what_was_injected_where_it_is(epidural: ProcedureState) -> None:
    state = do(epidural, *SYRINGE, {"inject": {"volume_ml": 0.5}}, {"advance": {"distance_mm": 9}}, {"inject": {"volume_ml": 0.5}})
    assert len(state.fluid.elsewhere) == 1
    assert sum(spread_ml(state).values()) == pytest.approx(1.0, abs=CONSERVED_ML)
    assert {given.medium for given in state.injections} == {"epidural", "intrathecal"}


def test_an_injection_takes_its_time_and_empties_the_syringe(epidural: ProcedureState) -> None:
    ready = do(epidural, *SYRINGE)
    state = do(ready, {"inject": {"volume_ml": 1.2, "rate_ml_s": 0.3}})
    assert state.time_s - ready.time_s == pytest.approx(4.0)
    assert state.tray.left_ml == pytest.approx(ready.tray.left_ml - 1.2)
    assert not state.injections[-1].live


def test_a_thumb_can_press_only_so_hard() -> None:
    thin = do(begin_toy(), *PLACED[:1], {"place-needle": {"bevel": "quincke", "gauge": 22, "length_mm": 89, "entry": [2.0, 90.0, -60.0]}})
    thin = do(thin, {"aim-needle": {"oblique_deg": 0, "tilt_deg": 0}}, {"advance": {"distance_mm": 20}}, {"stylet": {"inserted": False}})
    state = do(thin, *SYRINGE, {"inject": {"volume_ml": 1.0, "rate_ml_s": 4.0}})
    assert state.injections[-1].rate_ml_s < 4.0
    assert state.feel.effort_n == pytest.approx(MOST_N)
    assert state.feel.pressure_kpa == pytest.approx(strongest_kpa(3.0))
    assert injected_ml(state)["iohexol 240"] == pytest.approx(1.0)


def test_unprimed_tubing_puts_its_air_in_first(epidural: ProcedureState) -> None:
    state = do(epidural, syringe(("saline", 3.0), tubing=True, primed=False), {"inject": {"volume_ml": 1.0}})
    assert injected_ml(state) == {"air": pytest.approx(0.7), "saline": pytest.approx(0.3)}


def test_cerebrospinal_fluid_comes_back_from_the_sac_and_nothing_from_the_fat(
    epidural: ProcedureState, intrathecal: ProcedureState
) -> None:
    assert do(epidural, *SYRINGE, "aspirate").events[-1].get("fluid") == "nothing"
    assert do(intrathecal, *SYRINGE, "aspirate").events[-1].get("fluid") == "cerebrospinal fluid"


def test_aspiration_shows_about_half_of_the_vessels_and_always_the_same_at_a_site() -> None:
    case, seen = vascular("venous"), 0
    for seed in range(200):
        state = do(place_in_epidural(begin_toy(seed=seed, case=case)), *SYRINGE, "aspirate")
        assert vessel_of(state) == "venous"
        fluid = state.events[-1].get("fluid")
        assert do(state, "aspirate").events[-1].get("fluid") == fluid
        seen += fluid == "blood"
    assert abs(seen - 0.447 * 200) < 4 * (200 * 0.447 * 0.553) ** 0.5  # 4 sigma


def test_a_vessel_by_chance_belongs_to_the_site_and_not_to_how_often_it_is_asked() -> None:
    case = vascular("venous", 0.5)
    found = []
    for seed in range(40):
        state = do(place_in_epidural(begin_toy(seed=seed, case=case)), *SYRINGE, "aspirate")
        again = do(state, {"wait": {"duration_s": 5}}, "aspirate", "aspirate")
        assert (again.fluid.site, vessel_of(again)) == (state.fluid.site, vessel_of(state))
        moved = do(again, {"withdraw": {"distance_mm": 1.2}}, "aspirate")
        assert moved.fluid.site == state.fluid.site + 1
        found.append(vessel_of(state))
    assert 8 < sum(vessel == "venous" for vessel in found) < 32


def test_a_tip_that_leaves_a_vessel_is_out_of_it_at_once() -> None:
    state = do(place_in_epidural(begin_toy(case=vascular("venous"))), *SYRINGE, "aspirate")
    assert vessel_of(state) == "venous"
    assert vessel_of(do(state, {"withdraw": {"distance_mm": 0.5}})) == "venous"
    assert vessel_of(do(state, {"withdraw": {"distance_mm": 4.0}})) == ""


def test_an_uptake_is_seen_live_and_gone_after() -> None:
    state = do(place_in_epidural(begin_toy(case=vascular("venous"))), *SYRINGE, {"set-mode": {"mode": "dsa"}}, DOWN)
    carry, mask = develop(RunMemory(), expose(state, size=96))
    live = do(state, {"inject": {"volume_ml": 1.0, "rate_ml_s": 0.5}})
    frames = {}
    for index in pulses_of(live):
        carry, frames[index] = develop(carry, expose(live, index, size=96))
    last = do(live, {"wait": {"duration_s": 20}})
    carry, after = develop(carry, expose(last, size=96))
    darkness = [int(np.clip(mask.pixels.astype(int) - frame.pixels - 25, 0, None).sum()) for frame in (frames[max(frames)], after)]
    assert live.injections[-1].live
    assert len(frames) == 16
    assert darkness[0] > 200
    assert darkness[1] < darkness[0]  # what went beside the vessel stays
    venous = [by_compartment(age(live.fluid, live.time_s + after_s).spread).get(Compartment.VENOUS, {}) for after_s in (0.0, 20.0)]
    assert venous[0]["iohexol 240"] > 0.2
    assert venous[1].get("iohexol 240", 0.0) < 1e-4 * venous[0]["iohexol 240"]


def test_anaesthetic_in_the_sac_takes_the_legs_over_minutes(intrathecal: ProcedureState) -> None:
    state = do(intrathecal, syringe(("lidocaine", 5.0)), {"inject": {"volume_ml": 4.0}})
    early, late = (weakness(state.body, state.time_s + after_s) for after_s in (30.0, 600.0))
    assert early < 0.1 < 0.9 < late
    waited = do(state, {"wait": {"duration_s": 600}}, {"ask": {"question": "legs"}})
    assert "cannot move" in waited.events[-1].text
    assert "Weakness of both legs" in do(waited, {"examine": {"item": "neurology"}}).events[-1].text


def test_anaesthetic_in_a_vein_rings_in_the_ears() -> None:
    state = do(
        place_in_epidural(begin_toy(case=vascular("venous"))),
        syringe(("lidocaine", 10.0)),
        {"inject": {"volume_ml": 9.0, "rate_ml_s": 1.0}},
    )
    state = do(state, {"wait": {"duration_s": 60}})
    assert any("ringing" in event.text for event in state.events)
    assert strength(state.body, EffectKind.TOXICITY, state.time_s) > 0


def test_contrast_in_the_allergic_brings_a_reaction_and_in_others_none(epidural: ProcedureState) -> None:
    subject = toy_case().scenario.subject.model_dump(mode="json", exclude_unset=True)
    case = case_with(change_scenario(subject={**subject, "truth": {"contrast_allergy": True}}))
    allergic = do(
        place_in_epidural(begin_toy(case=case)), "monitor", *SYRINGE, {"inject": {"volume_ml": 0.5}}, {"wait": {"duration_s": 300}}
    )
    assert any("itching" in event.text for event in allergic.events)
    assert any(event.kind is EventKind.COMPLICATION and event.hidden for event in allergic.events)
    well = do(epidural, *SYRINGE, {"inject": {"volume_ml": 0.5}}, {"wait": {"duration_s": 300}})
    assert not any("itching" in event.text for event in well.events)


@pytest.mark.slow
def test_particles_in_an_artery_may_take_the_cord() -> None:
    struck = 0
    for seed in range(12):
        state = do(place_in_epidural(begin_toy(seed=seed, case=vascular("arterial"))), syringe(("methylprednisolone", 1.0)))
        state = do(state, {"inject": {"volume_ml": 0.1}}, {"wait": {"duration_s": 300}})
        struck += strength(state.body, EffectKind.CORD_ISCHAEMIA, state.time_s) > 0
    assert 0 < struck < 12


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"inject": {"volume_ml": 1}}, "no syringe on the hub"),
        ("aspirate", "no syringe on the hub"),
    ],
)
def test_without_a_syringe_nothing_is_injected(epidural: ProcedureState, said: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        do(epidural, said)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"inject": {"volume_ml": 9}}, "the syringe holds 3.00 mL, got 9"),
        ({"inject": {"volume_ml": 0}}, "the syringe holds 3.00 mL, got 0"),
        ({"inject": {"volume_ml": -1}}, "got -1"),
        ({"inject": {"volume_ml": 1, "rate_ml_s": 0}}, "expected 0.01 to 4 mL/s, got 0"),
        ({"inject": {"volume_ml": 1, "rate_ml_s": 50}}, "expected 0.01 to 4 mL/s, got 50"),
        ({"inject": {"volume_ml": float("nan")}}, "expected a finite number"),
        ({"stylet": {"inserted": True}}, "take it off first"),
    ],
)
def test_impossible_volumes_and_rates_are_named(epidural: ProcedureState, said: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        do(epidural, *SYRINGE, said)


def test_on_the_skin_nothing_goes_in() -> None:
    state = do(begin_toy(), *PLACED, {"stylet": {"inserted": False}}, SYRINGE[1])
    with pytest.raises(ValueError, match="the needle is not in the body"):
        do(state, {"inject": {"volume_ml": 1}})
