"""The loss-of-resistance syringe: pressures of FACTS.md 4.1 and 4.2 by tissue, the loss, the false loss, the masked thin needle."""

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from scenarios.names.needles import Bevel, LorMedium
from simulator.needle import Individual, NeedleKit, NeedleState, advance, advance_until_loss, place, syringe_pressure_kpa, with_stylet
from simulator.needle.loss_of_resistance import bore_pressure_kpa, plunger_force_n, plunger_gives_ml, pressures_kpa
from simulator.needle.opening import opening_shares
from tests.simulator.needle.fields import BACK, FORWARD, SKIN_Y_MM, TUOHY_18, block, place_on_skin, slabs

BORE_KPA = {16: 0.1, 17: 0.2, 18: 0.5, 20: 1.9, 22: 8.7, 25: 55.0, 27: 130.0}  # FACTS.md 4.3: water, 0.1 mL/s, 89 mm
PRESSURE_KPA = {  # FACTS.md 4.2
    Tissue.SUBCUTANEOUS_FAT: (5.0, 15.0),
    Tissue.MUSCLE: (15.0, 30.0),
    Tissue.SUPRASPINOUS_LIGAMENT: (40.0, 55.0),
    Tissue.INTERSPINOUS_LIGAMENT: (35.0, 60.0),
    Tissue.INTERSPINOUS_GAP: (0.0, 10.0),
    Tissue.LIGAMENTUM_FLAVUM: (50.0, 67.0),
    Tissue.EPIDURAL_DORSAL: (1.0, 3.0),
    Tissue.SACROCOCCYGEAL_LIGAMENT: (30.0, 45.0),
    Tissue.CSF: (1.0, 2.6),
}
TO_FLAVUM_MM = sum(thick for _, thick in BACK[:4])
TO_FAT_MM = sum(thick for _, thick in BACK[:5])


def make_ready(kit: NeedleKit = TUOHY_18, individual: Individual | None = None) -> NeedleState:
    return with_stylet(place(kit, (0.0, SKIN_Y_MM, 0.0), FORWARD, individual=individual or Individual()), False)


def kpa_at(depth_mm: float, kit: NeedleKit = TUOHY_18, medium: LorMedium = LorMedium.SALINE) -> float:
    return syringe_pressure_kpa(advance(make_ready(kit), depth_mm, slabs(BACK)).state, medium)


@pytest.mark.parametrize("tissue", PRESSURE_KPA)
@pytest.mark.parametrize("medium", LorMedium)
def test_with_the_whole_opening_in_one_tissue_it_holds_the_tables_pressure(tissue: Tissue, medium: LorMedium) -> None:
    low, high = PRESSURE_KPA[tissue]
    assert low <= syringe_pressure_kpa(advance(make_ready(), 20.0, block(tissue)).state, medium) <= high


@pytest.mark.parametrize("gauge", BORE_KPA)
def test_bores_resist_as_the_table_says(gauge: int) -> None:
    kit = NeedleKit(bevel=Bevel.TUOHY, gauge=gauge, length_mm=89.0)
    assert bore_pressure_kpa(kit, LorMedium.SALINE, 0.1) == pytest.approx(BORE_KPA[gauge], rel=0.04, abs=0.05)  # two digits


def test_resistance_is_lost_at_the_epidural_space() -> None:
    before = kpa_at(TO_FAT_MM - 0.1)
    after = kpa_at(TO_FAT_MM + 3.5)
    assert 50.0 <= before <= 67.0
    assert 1.0 <= after <= 3.0


def test_half_an_opening_in_the_flavum_still_leaks_into_the_epidural_space() -> None:
    near_mm, far_mm = TUOHY_18.opening_mm
    pressures = [kpa_at(TO_FAT_MM + share * (far_mm - near_mm) + near_mm) for share in (0.0, 0.1, 0.5, 1.0)]
    assert pressures[0] > 50.0
    assert (np.diff(pressures) < 0).all()
    assert 3.0 < pressures[2] < 10.0


def test_the_shares_of_the_opening_add_up() -> None:
    for depth_mm in np.linspace(0.0, 60.0, 25):
        assert sum(opening_shares(advance(make_ready(), depth_mm, slabs(BACK)).state).values()) == pytest.approx(1.0)


def test_a_tented_dura_does_not_stop_the_opening() -> None:
    tented = advance(make_ready(), TO_FAT_MM + 5.0 + 2.5, slabs(BACK)).state
    assert tented.tenting is not None
    assert opening_shares(tented) == {Tissue.EPIDURAL_DORSAL: pytest.approx(1.0)}


def test_through_25_gauge_the_loss_is_hidden() -> None:
    thick, thin = (NeedleKit(bevel=Bevel.TUOHY, gauge=gauge, length_mm=89.0) for gauge in (18, 25))
    kept = [kpa_at(TO_FAT_MM + 3.5, kit) / kpa_at(TO_FAT_MM - 0.1, kit) for kit in (thick, thin)]
    assert kept[0] < 0.1
    assert kept[1] > 0.5


def test_air_flows_more_easily_than_saline_and_springs() -> None:
    kit = NeedleKit(bevel=Bevel.TUOHY, gauge=22, length_mm=89.0)
    assert kpa_at(TO_FAT_MM + 3.5, kit, LorMedium.AIR) < kpa_at(TO_FAT_MM + 3.5, kit, LorMedium.SALINE)
    assert plunger_gives_ml(60.0, LorMedium.AIR, 5.0) == pytest.approx(5.0 * 60.0 / 161.3)
    assert plunger_gives_ml(60.0, LorMedium.SALINE, 5.0) == 0.0


def test_the_plungers_force_is_the_measured_one() -> None:
    assert plunger_force_n(62.7) == pytest.approx(11.1, abs=0.05)  # FACTS.md 4.1 [151]
    assert plunger_force_n(66.7) == pytest.approx(11.8, abs=0.05)


def test_a_hand_on_the_plunger_stops_just_past_the_flavum() -> None:
    in_ligament = advance(make_ready(), TO_FLAVUM_MM - 5.0, slabs(BACK)).state
    found = advance_until_loss(in_ligament, 30.0, slabs(BACK), LorMedium.SALINE)
    assert found.state.tissue is Tissue.EPIDURAL_DORSAL
    assert 0.0 < found.state.depth_mm - TO_FAT_MM < 1.5
    assert found.profile.travel_mm[-1] == pytest.approx(found.state.depth_mm - in_ligament.depth_mm)


def test_a_gap_in_the_interspinous_ligament_gives_a_false_loss() -> None:
    gap = (
        (Tissue.SKIN, 2.0),
        (Tissue.SUBCUTANEOUS_FAT, 8.0),
        (Tissue.INTERSPINOUS_LIGAMENT, 20.0),
        (Tissue.INTERSPINOUS_GAP, 3.5),
        (Tissue.LIGAMENTUM_FLAVUM, 10.0),
    )
    found = advance_until_loss(advance(make_ready(), 25.0, slabs(gap)).state, 20.0, slabs(gap), LorMedium.SALINE)
    assert found.state.tissue is Tissue.INTERSPINOUS_GAP


@pytest.mark.parametrize("start_mm", [0.0, 30.0, TO_FAT_MM + 6.0])
def test_pressures_along_a_passage_are_those_of_its_states(start_mm: float) -> None:
    start = advance(make_ready(), start_mm, slabs(BACK)).state
    passage = advance(start, 58.0 - start_mm, slabs(BACK))
    pressures = pressures_kpa(start, passage, LorMedium.SALINE)
    assert pressures.shape == passage.profile.depth_mm.shape
    for travel_mm in np.linspace(0.2, 57.9 - start_mm, 40):
        state = advance(start, travel_mm, slabs(BACK)).state
        along = np.interp(state.depth_mm, passage.profile.depth_mm, pressures)
        assert syringe_pressure_kpa(state, LorMedium.SALINE) == pytest.approx(along, rel=0.03)  # a lattice step on a steep flank


def test_without_a_loss_it_goes_all_the_way() -> None:
    start = advance(make_ready(), 20.0, block(Tissue.MUSCLE)).state
    assert advance_until_loss(start, 7.1, block(Tissue.MUSCLE), LorMedium.AIR).state.depth_mm == pytest.approx(27.1)


def test_factors_scale_what_tissue_holds() -> None:
    weak = advance(make_ready(individual=Individual(pressure_factor=0.8)), 20.0, block(Tissue.LIGAMENTUM_FLAVUM)).state
    usual = advance(make_ready(), 20.0, block(Tissue.LIGAMENTUM_FLAVUM)).state
    bore = bore_pressure_kpa(TUOHY_18, LorMedium.SALINE, 0.1)
    ratio = (syringe_pressure_kpa(weak, LorMedium.SALINE) - bore) / (syringe_pressure_kpa(usual, LorMedium.SALINE) - bore)
    assert ratio == pytest.approx(0.8)
    assert syringe_pressure_kpa(usual, LorMedium.SALINE, factor=0.8) == pytest.approx(syringe_pressure_kpa(weak, LorMedium.SALINE))


def test_a_stylet_must_be_out() -> None:
    with pytest.raises(ValueError, match="wants the stylet out"):
        syringe_pressure_kpa(place_on_skin(), LorMedium.SALINE)
    with pytest.raises(ValueError, match="factor must be a finite number above 0"):
        syringe_pressure_kpa(make_ready(), LorMedium.SALINE, factor=0.0)
