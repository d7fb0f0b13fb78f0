"""Laws of injected fluid: volume is kept, time steps do not matter, sides are equal, vessels wash out, dense fluid sinks."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.contrast.agents import mix
from simulator.contrast.domain import build_domain
from simulator.contrast.epidurogram import by_compartment
from simulator.contrast.flow import Flow, solve_flow
from simulator.contrast.spread import Spread, edge_share, empty, inject, iodine, regrow, settle
from simulator.geometry.carm import CArm
from simulator.xray.overlays.iodine import iodine_mg_cm2
from tests.simulator.contrast.conftest import CONTRAST, EVEN, SHORT, TIPS, canal_tissue

SOLVED = 1e-5  # relative: the pressure is solved to 1e-8, and cells far from the tip see little of it
BALANCE_ML = 1e-6  # the conservation that the design asks for
MIXTURE = mix({Agent.DEXAMETHASONE: 1.0, Agent.LIDOCAINE: 2.0, Agent.IOHEXOL_180: 1.0})
PLACES = [(name, None) for name in TIPS] + [("foramen", Compartment.VENOUS), ("foramen", Compartment.ARTERIAL)]


def total_ml(spread: Spread, agent: Agent) -> float:
    return spread.in_tissue[agent] + spread.leaked[agent] + spread.washed_out[agent]


def centre(spread: Spread) -> np.ndarray:
    weight = spread.ml.sum(axis=1)
    return weight @ spread.domain.centres / weight.sum()


@pytest.mark.parametrize(("name", "uptake"), PLACES)
@pytest.mark.parametrize("step_s", [0.1, 1.0, 7.0])
def test_every_agent_s_volume_is_kept(made: Callable[..., Flow], name: str, uptake: Compartment | None, step_s: float) -> None:
    pressed = made(name, uptake)
    spread = empty(pressed.domain)
    for _ in range(int(7.0 / step_s) if step_s >= 1 else 12):
        spread = inject(spread, pressed, MIXTURE, 0.2, step_s)
    spread = settle(inject(spread, pressed, CONTRAST, 0.37, 0.731), pressed, 20.0)
    injected_s = 7.0 if step_s >= 1 else 1.2
    assert spread.elapsed_s == pytest.approx(injected_s + 20.731)
    for agent, share in MIXTURE.items():
        assert total_ml(spread, agent) == pytest.approx(0.2 * injected_s * share, abs=BALANCE_ML)
    assert total_ml(spread, Agent.IOHEXOL_240) == pytest.approx(0.37 * 0.731, abs=BALANCE_ML)
    assert (spread.mobile_ml >= 0).all()
    assert (spread.stored_ml >= 0).all()


@pytest.mark.parametrize(("name", "uptake"), PLACES)
def test_the_time_step_does_not_matter(made: Callable[..., Flow], name: str, uptake: Compartment | None) -> None:
    pressed = made(name, uptake)
    fine = coarse = empty(pressed.domain)
    for _ in range(40):
        fine = inject(fine, pressed, CONTRAST, 0.3, 0.1)
    for _ in range(4):
        coarse = inject(coarse, pressed, CONTRAST, 0.3, 1.0)
    difference = np.abs(fine.ml - coarse.ml).sum() / coarse.ml.sum()
    assert difference < 0.05  # DESIGN's tolerance between 0.1 s and 1 s
    assert np.abs(centre(fine) - centre(coarse)).max() < 0.2


def test_a_symmetric_canal_fills_symmetrically(curve) -> None:
    tip = (0.0, 7.0, 0.0)
    cells = build_domain(canal_tissue, tip, curve, individual=EVEN, bounds=SHORT)
    spread = inject(empty(cells), solve_flow(cells, tip), CONTRAST, 0.3, 5.0)
    left = cells.place[:, 0] > 0
    assert spread.ml[left].sum() == pytest.approx(spread.ml[~left].sum(), rel=SOLVED)
    # The domain's ends lie half a cell apart from the tip, above and below.
    caudad = cells.place[:, 2] > curve.coordinates(np.array([tip]))[0, 2]
    assert spread.ml[caudad].sum() == pytest.approx(spread.ml[~caudad].sum(), rel=0.01)


def test_the_septum_keeps_contrast_on_the_needle_s_side(made: Callable[..., Flow]) -> None:
    pressed = made("epidural")
    spread = inject(empty(pressed.domain), pressed, CONTRAST, 0.3, 3.0)
    left = pressed.domain.place[:, 0] > 0
    assert spread.ml[left].sum() > 20 * spread.ml[~left].sum()


@pytest.mark.parametrize(("vessel", "seconds"), [(Compartment.VENOUS, 8.0), (Compartment.ARTERIAL, 5.0)])
def test_a_vessel_clears_within_seconds_and_tissue_does_not(made: Callable[..., Flow], vessel: Compartment, seconds: float) -> None:
    pressed = made("foramen", vessel)
    during = inject(empty(pressed.domain), pressed, CONTRAST, 0.3, 3.0)
    after = settle(during, pressed, seconds)
    before_ml, left_ml = (sum(by_compartment(item)[vessel].values()) for item in (during, after))
    assert before_ml > 0.02
    assert left_ml < 0.05 * before_ml
    tissue = [
        sum(volume[Agent.IOHEXOL_240] for where, volume in by_compartment(item).items() if where is not vessel) for item in (during, after)
    ]
    assert tissue[1] > 0.99 * tissue[0]


def test_contrast_sinks_ventrally_and_air_rises_in_the_sac(made: Callable[..., Flow]) -> None:
    pressed = made("intrathecal")
    for agent, sign in ((Agent.IOHEXOL_300, -1), (Agent.AIR, 1)):
        fresh = inject(empty(pressed.domain), pressed, mix({agent: 1.0}), 0.5, 2.0)
        rested = settle(fresh, pressed, 30.0)
        assert sign * (centre(rested)[1] - centre(fresh)[1]) > 1.0
        assert total_ml(rested, agent) == pytest.approx(1.0, abs=BALANCE_ML)
        filled = rested.mobile_ml.sum(axis=1) / rested.domain.capacity_ml
        assert filled.max() < 1.5


def test_equal_inputs_give_equal_bits(curve) -> None:
    runs = []
    for _ in range(2):
        cells = build_domain(canal_tissue, TIPS["epidural"], curve, bounds=SHORT)
        runs.append(inject(empty(cells), solve_flow(cells, TIPS["epidural"]), MIXTURE, 0.3, 2.0))
    assert (runs[0].ml == runs[1].ml).all()
    assert runs[0].leaked == runs[1].leaked


def test_iodine_is_all_there_and_projects(made: Callable[..., Flow]) -> None:
    pressed = made("epidural")
    spread = inject(empty(pressed.domain), pressed, CONTRAST, 0.3, 4.0)
    field = iodine(spread)
    single = 1e-6  # the field is in single precision
    assert field.values.sum() * field.cell_ml == pytest.approx(240 * spread.in_tissue[Agent.IOHEXOL_240], rel=single)
    carm = CArm.from_angles(isocentre=TIPS["epidural"], size=128)
    shown = iodine_mg_cm2(field, carm)
    pixel_cm2 = (carm.pixel_mm / carm.magnification([TIPS["epidural"]])[0] / 10) ** 2
    assert shown.sum() * pixel_cm2 == pytest.approx(
        240 * spread.in_tissue[Agent.IOHEXOL_240], rel=0.03
    )  # depths differ from the isocentre's


def test_an_empty_spread_has_an_empty_field(made: Callable[..., Flow]) -> None:
    assert not iodine(empty(made("epidural").domain)).values.any()


def test_a_larger_domain_keeps_what_is_there(made: Callable[..., Flow], curve) -> None:
    pressed = made("epidural")
    spread = inject(empty(pressed.domain), pressed, CONTRAST, 0.3, 10.0)
    assert edge_share(spread) > 0
    larger = build_domain(canal_tissue, (3.2, 7.0, 20.0), curve, individual=EVEN, bounds=replace(SHORT, half_length_mm=80.0))
    moved = regrow(spread, larger)
    assert moved.in_tissue == pytest.approx(spread.in_tissue, abs=1e-12)
    assert moved.leaked == spread.leaked
    assert centre(moved) == pytest.approx(centre(spread), abs=0.01)
    again = inject(spread, solve_flow(larger, (3.2, 7.0, 20.0)), CONTRAST, 0.3, 1.0)
    assert again.domain is larger
    assert total_ml(again, Agent.IOHEXOL_240) == pytest.approx(3.3, abs=BALANCE_ML)


def test_values_are_read_only(made: Callable[..., Flow]) -> None:
    pressed = made("epidural")
    spread = inject(empty(pressed.domain), pressed, CONTRAST, 0.3, 0.5)
    for array in (spread.ml, spread.mobile_ml, spread.stored_ml, pressed.domain.capacity_ml, pressed.pressure_kpa_s_ml):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1.0


@pytest.mark.parametrize(("rate", "seconds", "name"), [(-1.0, 1.0, "rate_ml_s"), (0.3, np.nan, "seconds"), (np.inf, 1.0, "rate_ml_s")])
def test_bad_numbers_are_refused_by_name(made: Callable[..., Flow], rate: float, seconds: float, name: str) -> None:
    pressed = made("epidural")
    with pytest.raises(ValueError, match=name):
        inject(empty(pressed.domain), pressed, CONTRAST, rate, seconds)


def test_a_mixture_must_add_up_to_one(made: Callable[..., Flow]) -> None:
    pressed = made("epidural")
    with pytest.raises(ValueError, match="add up to 1"):
        inject(empty(pressed.domain), pressed, {Agent.SALINE: 0.5}, 0.3, 1.0)
