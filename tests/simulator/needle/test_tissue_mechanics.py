"""The table of layers: a row for every tissue, the peaks of FACTS.md 4.2, and the force's course over depth."""

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from scenarios.names.needles import Bevel
from simulator.needle.force import cutting_force_n, gives_way_mm, tip_force_n
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.needle_state import Front
from simulator.needle.tissue_mechanics import Rule, layers, peak_n, rows
from simulator.needle.variation import TYPICAL, Individual

PEAK_N = {  # FACTS.md 4.2: Tuohy 18 and 20 G, Quincke 22 and 25 G
    Tissue.SKIN: (6.0, 4.0, 2.5, 1.6),
    Tissue.MUSCLE: (2.0, 1.5, 1.2, 0.8),
    Tissue.SUPRASPINOUS_LIGAMENT: (7.0, 5.0, 3.5, 2.2),
    Tissue.LIGAMENTUM_FLAVUM: (10.0, 7.0, 5.0, 3.5),
    Tissue.DURA: (2.5, 2.0, 1.2, 0.8),
    Tissue.SACROCOCCYGEAL_LIGAMENT: (5.0, 3.5, 2.5, 1.8),
}
TABLE_KITS = ((Bevel.TUOHY, 18), (Bevel.TUOHY, 20), (Bevel.QUINCKE, 22), (Bevel.QUINCKE, 25))
RATIO = {Tissue.SKIN: 0.35, Tissue.MUSCLE: 0.6, Tissue.SUPRASPINOUS_LIGAMENT: 0.6, Tissue.LIGAMENTUM_FLAVUM: 0.4, Tissue.DURA: 0.1}


def kit(bevel: Bevel, gauge: int) -> NeedleKit:
    return NeedleKit(bevel=bevel, gauge=gauge, length_mm=89.0)


def test_every_tissue_has_one_row() -> None:
    assert sorted(row["tissue"] for row in rows()) == sorted(tissue.name for tissue in Tissue)
    assert set(layers()) == set(Tissue)


def test_every_row_says_where_it_comes_from() -> None:
    for row in rows():
        assert row["tag"] in {"R", "M", "D", "-"}
        assert row["source"]
        if row["tag"] == "M":
            assert "recalled, unverified" in row["source"] or row["source"].startswith("as "), row["tissue"]


@pytest.mark.parametrize("tissue", PEAK_N)
@pytest.mark.parametrize("column", range(4))
def test_peaks_are_the_tables(tissue: Tissue, column: int) -> None:
    assert peak_n(tissue, kit(*TABLE_KITS[column])) == pytest.approx(PEAK_N[tissue][column])


@pytest.mark.parametrize("tissue", [tissue for tissue in Tissue if layers()[tissue].rule not in (Rule.OPEN, Rule.BONE)])
def test_thicker_and_blunter_needles_need_more(tissue: Tissue) -> None:
    by_gauge = [peak_n(tissue, kit(Bevel.TUOHY, gauge)) for gauge in range(16, 28)]
    assert (np.diff(by_gauge) <= 1e-12).all()
    assert peak_n(tissue, kit(Bevel.QUINCKE, 22)) < peak_n(tissue, kit(Bevel.TUOHY, 22)) < peak_n(tissue, kit(Bevel.WHITACRE, 22))


@pytest.mark.parametrize("tissue", [tissue for tissue in Tissue if layers()[tissue].gives_way])
@pytest.mark.parametrize(("bevel", "gauge"), TABLE_KITS)
@pytest.mark.parametrize("individual", [TYPICAL, Individual(force_factor=1.3, flavum_factor=1.2)])
def test_force_rises_to_the_peak_where_it_gives_way_and_then_drops(
    tissue: Tissue, bevel: Bevel, gauge: int, individual: Individual
) -> None:
    needle, front = kit(bevel, gauge), Front(tissue=tissue, from_mm=7.0)
    gives_mm = gives_way_mm(front, needle)
    depths = np.linspace(7.0, gives_mm, 50)
    force = tip_force_n(front, depths, needle, individual)
    assert force[0] == 0
    assert (np.diff(force) > 0).all()
    scale = cutting_force_n(tissue, needle, individual) / layers()[tissue].cut_ratio
    assert force[-1] == pytest.approx(scale, rel=1e-9) or layers()[tissue].rise_n_per_mm > 0
    after = tip_force_n(Front(tissue=tissue, from_mm=7.0, cut=True), depths[-1:], needle, individual)
    assert after[0] / force[-1] == pytest.approx(layers()[tissue].cut_ratio)


@pytest.mark.parametrize("tissue", RATIO)
def test_what_cutting_costs_is_the_tables_share(tissue: Tissue) -> None:
    assert layers()[tissue].cut_ratio == RATIO[tissue]


def test_the_dura_tents_two_to_four_mm_before_a_tuohy() -> None:
    for gauge in (17, 18, 20):
        assert 2.0 <= gives_way_mm(Front(tissue=Tissue.DURA, from_mm=0.0), kit(Bevel.TUOHY, gauge)) <= 4.0


def test_the_interspinous_ligament_grows_tougher_from_4_to_7_n() -> None:
    needle, front = kit(Bevel.TUOHY, 18), Front(tissue=Tissue.INTERSPINOUS_LIGAMENT, from_mm=0.0, cut=True)
    start, end = tip_force_n(front, np.array([0.0, 25.0]), needle, TYPICAL) / layers()[Tissue.INTERSPINOUS_LIGAMENT].cut_ratio
    assert (start, end) == (pytest.approx(4.0), pytest.approx(7.0))


def test_a_tip_brings_its_force_into_the_next_layer() -> None:
    force = tip_force_n(
        Front(tissue=Tissue.LIGAMENTUM_FLAVUM, from_mm=0.0, floor_n=4.0), np.array([0.0, 0.5, 4.0]), kit(Bevel.TUOHY, 18), TYPICAL
    )
    assert force[:2].tolist() == [4.0, 4.0]
    assert force[2] > 9.0
