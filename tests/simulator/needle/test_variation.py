"""Individuals: the typical one changes nothing, peaks fall with body mass index and rise with age, equal seeds draw equal people."""

import numpy as np
import pytest

from phantoms.terms.tissues import Tissue
from simulator.needle import Individual, advance, place
from simulator.needle.variation import TYPICAL, draw, mean_individual
from tests.simulator.needle.fields import BACK, FORWARD, SKIN_Y_MM, TUOHY_18, slabs

PEAK_MMHG = {21.5: 461.0, 30.0: 430.0, 40.0: 415.0, 48.0: 376.0}  # FACTS.md 4.1 [152]


@pytest.mark.parametrize("bmi", PEAK_MMHG)
def test_the_peak_falls_with_body_mass_index_as_measured(bmi: float) -> None:
    assert mean_individual(age_years=30, bmi=bmi).pressure_factor * 450.0 == pytest.approx(PEAK_MMHG[bmi])


def test_the_flavum_stiffens_with_age() -> None:
    factors = [mean_individual(age_years=age, bmi=25).flavum_factor for age in (20, 40, 60, 80)]
    assert factors[0] == factors[1] == 1.0
    assert factors[1] < factors[2] < factors[3]


def test_equal_seeds_draw_equal_people() -> None:
    one, other, third = (draw(np.random.default_rng(seed), age_years=50, bmi=28) for seed in (4, 4, 5))
    assert one == other != third


def test_draws_scatter_about_the_expected(rng: np.random.Generator) -> None:
    people = [draw(rng, age_years=70, bmi=45) for _ in range(2000)]
    mean = mean_individual(age_years=70, bmi=45)
    for name in ("force_factor", "flavum_factor", "pressure_factor"):
        drawn = np.log([getattr(person, name) for person in people])
        assert np.mean(drawn) == pytest.approx(np.log(getattr(mean, name)), abs=0.02)  # 4 standard errors of 0.2 / sqrt(2000)
        assert 0.05 < np.std(drawn) < 0.25


def test_factors_stretch_the_force_and_leave_the_depths() -> None:
    def profile(individual: Individual):  # noqa: ANN202 - a profile
        return advance(place(TUOHY_18, (0, SKIN_Y_MM, 0), FORWARD, individual=individual), 50.0, slabs(BACK)).profile

    usual, tough = profile(TYPICAL), profile(Individual(force_factor=1.5))
    np.testing.assert_allclose(tough.depth_mm, usual.depth_mm)
    np.testing.assert_allclose(tough.force_n, 1.5 * usual.force_n, rtol=1e-9)


def test_a_stiff_flavum_is_felt_in_the_flavum_alone() -> None:
    usual, stiff = (
        advance(place(TUOHY_18, (0, SKIN_Y_MM, 0), FORWARD, individual=individual), 43.0, slabs(BACK)).profile
        for individual in (TYPICAL, Individual(flavum_factor=1.4))
    )
    flavum = usual.tissue == Tissue.LIGAMENTUM_FLAVUM
    assert stiff.force_n.max() > 1.2 * usual.force_n.max()
    np.testing.assert_allclose(stiff.force_n[~flavum], usual.force_n[~flavum])


def test_impossible_people_are_refused() -> None:
    with pytest.raises(ValueError, match="Individual.force_factor must be a finite number above 0"):
        Individual(force_factor=0.0)
    with pytest.raises(ValueError, match="bmi must be from 10 to 80"):
        mean_individual(age_years=30, bmi=2)
