"""The needle from its packet: beam constants, loads and curvatures of FACTS.md 4.3, and what is refused."""

import numpy as np
import pytest

from scenarios.names.needles import Bevel
from simulator.needle.bevel_steering import curvature_per_mm
from simulator.needle.needle_spec import NeedleKit, bending_stiffness_n_mm2, buckling_load_n

# FACTS.md 4.3, computed there from the same diameters: EI of the tube and with stylet, N mm2, and Euler load at 89 mm, N.
BEAM = {
    16: (51_100, 66_800, 130.0),
    17: (32_300, 42_300, 82.0),
    18: (20_000, 23_800, 51.0),
    20: (5_190, 6_210, 13.0),
    22: (2_240, 2_470, 5.7),
    25: (620, 660, 1.6),
    27: (257, 272, 0.65),
}
ROUNDED = 0.02  # the table has two to three digits
RADIUS_22G_MM = {Bevel.QUINCKE: 364.0, Bevel.TUOHY: 423.0, Bevel.WHITACRE: 4380.0}


def kit(gauge: int, bevel: Bevel = Bevel.QUINCKE, bend_deg: float = 0.0) -> NeedleKit:
    return NeedleKit(bevel=bevel, gauge=gauge, length_mm=89.0, bend_deg=bend_deg, bend_mm=6.0 if bend_deg else 0.0)


@pytest.mark.parametrize("gauge", BEAM)
def test_beam_constants(gauge: int) -> None:
    tube, filled, euler = BEAM[gauge]
    assert bending_stiffness_n_mm2(kit(gauge), stylet_in=False) == pytest.approx(tube, rel=ROUNDED)
    assert bending_stiffness_n_mm2(kit(gauge), stylet_in=True) == pytest.approx(filled, rel=ROUNDED)
    assert buckling_load_n(kit(gauge), 89.0, stylet_in=False) == pytest.approx(euler, rel=ROUNDED)


@pytest.mark.parametrize("bevel", RADIUS_22G_MM)
def test_radius_at_22_gauge_is_what_gelatine_showed(bevel: Bevel) -> None:
    assert 1 / abs(curvature_per_mm(kit(22, bevel))) == pytest.approx(RADIUS_22G_MM[bevel], rel=2e-3)  # EI 2236 for 2240


def test_a_25_gauge_quincke_curves_more() -> None:
    assert 1 / abs(curvature_per_mm(kit(25))) == pytest.approx(230.0, rel=0.01)


@pytest.mark.parametrize("bevel", Bevel)
def test_thinner_curves_more(bevel: Bevel) -> None:
    curvatures = [abs(curvature_per_mm(kit(gauge, bevel))) for gauge in range(16, 28)]
    assert (np.diff(curvatures) > 0).all()


@pytest.mark.parametrize(("bend_deg", "radius_mm"), [(10.0, 150.0), (20.0, 90.0)])
def test_a_bent_tip_steers_as_in_the_table_and_to_the_bevels_side(bend_deg: float, radius_mm: float) -> None:
    bent, straight = curvature_per_mm(kit(22, bend_deg=bend_deg)), curvature_per_mm(kit(22))
    assert 1 / abs(bent) == pytest.approx(radius_mm, rel=0.06)  # one power law through both ends of the range
    assert np.sign(bent) == np.sign(straight)


def test_a_slight_bend_never_steers_less_than_the_bevel_alone() -> None:
    curvatures = [abs(curvature_per_mm(kit(22, bend_deg=bend_deg))) for bend_deg in (0.0, 0.5, 2.0, 5.0, 10.0, 20.0, 40.0)]
    assert (np.diff(curvatures) >= 0).all()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"gauge": 15}, "gauge must be one of 16, .* got 15"),
        ({"length_mm": 0.0}, "length_mm must be a finite number above 0"),
        ({"length_mm": float("nan")}, "length_mm must be a finite number above 0"),
        ({"bevel": "spoon"}, "bevel must be one of tuohy, quincke, whitacre, got 'spoon'"),
        ({"bend_deg": 15.0}, "both bend_deg and bend_mm above 0"),
        ({"bend_deg": 90.0, "bend_mm": 5.0}, "bend_deg must be from 0 to 45"),
    ],
)
def test_impossible_needles_are_refused(given: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        NeedleKit(**{"bevel": Bevel.TUOHY, "gauge": 18, "length_mm": 89.0} | given)


def test_a_bevel_may_be_given_by_its_word() -> None:
    assert NeedleKit(bevel="quincke", gauge=22, length_mm=89.0).bevel is Bevel.QUINCKE
