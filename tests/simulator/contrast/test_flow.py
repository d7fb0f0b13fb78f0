"""The pressure field and the domain: what balances, what a closed pocket does, what is reused."""

from collections.abc import Callable

import numpy as np
import pytest

from phantoms.soft_tissue.spine_curve import SpineCurve
from scenarios.names.compartments import Compartment
from simulator.contrast.domain import build_domain, medium_at
from simulator.contrast.flow import Flow, solve_flow
from simulator.contrast.media import FluidSpace
from simulator.contrast.plunger_pressure import held_kpa, hub_pressure_kpa, tissue_kpa
from simulator.contrast.spread import empty, inject
from tests.simulator.contrast.conftest import CONTRAST, EVEN, SHORT, TIPS, canal_tissue

BALANCE = 1e-6  # the solver's residual of 1e-8, over cells


@pytest.mark.parametrize("name", sorted(TIPS))
def test_what_flows_in_swells_or_leaves(made: Callable[..., Flow], name: str) -> None:
    pressed = made(name)
    assert pressed.swelling.sum() + pressed.leaving.sum() == pytest.approx(1.0, abs=BALANCE)
    assert pressed.pressure_kpa_s_ml[pressed.source > 0].max() == pressed.pressure_kpa_s_ml.max()


def test_the_transport_step_is_triangular(made: Callable[..., Flow]) -> None:
    factors = made("epidural").system
    assert (factors.perm_r == np.arange(len(factors.perm_r))).all()
    assert (factors.perm_c == np.arange(len(factors.perm_c))).all()
    assert factors.U.nnz == len(factors.perm_r)  # its upper factor is diagonal


def test_a_closed_disc_resists_and_holds_its_pressure(made: Callable[..., Flow]) -> None:
    disc, fat = made("disc"), made("epidural")
    assert tissue_kpa(disc, CONTRAST, 0.1) > 10 * tissue_kpa(fat, CONTRAST, 0.1)
    half = inject(empty(disc.domain), disc, CONTRAST, 0.1, 5.0)
    full = inject(half, disc, CONTRAST, 0.1, 5.0)
    assert held_kpa(full) > 1.5 * held_kpa(half) > 50
    before, after = (hub_pressure_kpa(disc, 0.413, 89.0, CONTRAST, 0.1, spread=item) for item in (empty(disc.domain), full))
    assert after > before + 100
    epidural = inject(empty(fat.domain), fat, CONTRAST, 0.3, 5.0 / 0.3)
    assert held_kpa(epidural) < 15


@pytest.mark.parametrize(
    ("name", "medium"),
    [
        ("epidural", FluidSpace.EPIDURAL),
        ("foramen", FluidSpace.EPIDURAL),
        ("intrathecal", FluidSpace.INTRATHECAL),
        ("subdural", FluidSpace.SUBDURAL),
        ("muscle", FluidSpace.SOFT),
        ("disc", FluidSpace.DISC),
        ("flavum", FluidSpace.SOFT),
        ("interspinous", FluidSpace.SOFT),
    ],
)
def test_the_label_at_the_tip_says_where_fluid_goes(name: str, medium: FluidSpace) -> None:
    assert medium_at(canal_tissue, TIPS[name]) is medium


def test_a_tip_that_splits_the_arachnoid_is_subdural() -> None:
    assert medium_at(canal_tissue, (0.0, 5.2, 0.0)) is FluidSpace.SUBDURAL
    assert medium_at(canal_tissue, (0.0, 4.5, 0.0)) is FluidSpace.INTRATHECAL


def test_a_tip_in_air_is_refused() -> None:
    with pytest.raises(ValueError, match="air"):
        medium_at(canal_tissue, (0.0, 70.0, 0.0))


def test_a_domain_serves_nearby_tips_and_no_others(curve: SpineCurve) -> None:
    first = build_domain(canal_tissue, TIPS["epidural"], curve, individual=EVEN, bounds=SHORT)
    assert build_domain(canal_tissue, (3.6, 7.1, 1.1), curve, individual=EVEN, bounds=SHORT, previous=first) is first
    assert build_domain(canal_tissue, TIPS["intrathecal"], curve, individual=EVEN, bounds=SHORT, previous=first) is not first
    assert build_domain(canal_tissue, (3.2, 7.0, 39.0), curve, individual=EVEN, bounds=SHORT, previous=first) is not first


def test_tips_in_one_cell_have_one_domain(curve: SpineCurve) -> None:
    one, other = (build_domain(canal_tissue, tip, curve, individual=EVEN, bounds=SHORT) for tip in ((3.2, 7.0, 0.3), (3.4, 7.4, 0.9)))
    assert (one.cells == other.cells).all()
    assert (one.face_ml_s_kpa == other.face_ml_s_kpa).all()


def test_thin_fat_is_not_sealed_by_the_lattice(curve: SpineCurve) -> None:
    """0.6 mm of fat under a lamina still joins the pads on both sides of it, wherever the lattice lies."""

    def pads(points: np.ndarray) -> np.ndarray:
        x, y, z = points.T
        height = np.where(np.abs(z) < 8, 0.6, 4.0)
        return np.where((np.abs(x) < 6) & (y > shift) & (y < shift + height), 20, 40).astype(np.uint8)

    for shift in (0.1, 0.3, 0.45, 0.7, 0.9):
        cells = build_domain(pads, (0.2, shift + 2.0, 14.0), curve, individual=EVEN, bounds=SHORT)
        z = cells.centres[:, 2]
        assert z.min() < -20
        throat = np.abs(z) < 7
        volume_mm3 = cells.capacity_ml[throat].sum() / cells.capacity_ml[~throat].sum()
        assert volume_mm3 > 0.01


def test_an_uptake_shares_the_fluid(made: Callable[..., Flow]) -> None:
    pressed = made("foramen", Compartment.VENOUS)
    vessel = pressed.domain.inside([Compartment.VENOUS])
    assert pressed.source[vessel].sum() == pytest.approx(0.7)
    assert pressed.source.sum() == pytest.approx(1.0)


def test_a_bevel_that_faces_cephalad_sends_more_there(made: Callable[..., Flow]) -> None:
    cells = made("epidural").domain
    shares = []
    for way in (-1.0, 1.0):
        spread = inject(empty(cells), solve_flow(cells, (3.2, 7.0, 0.0), (0.0, 0.0, way)), CONTRAST, 0.3, 2.0)
        above = cells.centres[:, 2] > 0
        shares.append(spread.ml[above].sum() / spread.ml.sum())
    assert shares[1] > shares[0] + 0.02


@pytest.mark.parametrize("share", [0.0, 1.2])
def test_a_share_out_of_range_is_refused(made: Callable[..., Flow], share: float) -> None:
    with pytest.raises(ValueError, match="uptake_share"):
        solve_flow(made("foramen").domain, TIPS["foramen"], uptake=Compartment.VENOUS, uptake_share=share)


def test_a_tip_far_from_the_domain_is_refused(made: Callable[..., Flow]) -> None:
    with pytest.raises(ValueError, match="make a domain"):
        solve_flow(made("epidural").domain, (60.0, 0.0, 0.0))
