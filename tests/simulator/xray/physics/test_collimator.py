"""Leaves and iris: where they open, what area is left, what is refused."""

import numpy as np
import pytest

from simulator.xray.physics.collimator import LEAK, Collimator, iris_shade, opening_mm2, shade
from tests.simulator.water import view


def test_open_leaves_change_nothing() -> None:
    rows, columns = shade(Collimator(), view())
    assert rows.min() == 1
    assert columns.min() == 1
    assert iris_shade(Collimator(), view()) is None
    assert opening_mm2(Collimator(), view()) == pytest.approx(300.0**2)


def test_each_leaf_shades_its_own_side() -> None:
    carm = view()
    rows, columns = shade(Collimator(left_mm=30, right_mm=60, top_mm=90, bottom_mm=120), carm)
    lit_mm = [carm.pixel_mm * np.flatnonzero(edge > 0.5)[[0, -1]] for edge in (rows, columns)]
    np.testing.assert_allclose(lit_mm[0], [60, 270], atol=2 * carm.pixel_mm)
    np.testing.assert_allclose(lit_mm[1], [120, 210], atol=2 * carm.pixel_mm)
    assert columns[0] == pytest.approx(LEAK)


def test_area_of_leaves_and_of_the_iris() -> None:
    assert opening_mm2(Collimator.square(100), view()) == pytest.approx(1e4)
    assert opening_mm2(Collimator(left_mm=20, right_mm=30, top_mm=10), view()) == pytest.approx(50 * 160)
    assert opening_mm2(Collimator(iris_mm=100), view()) == pytest.approx(np.pi * 1e4, rel=0.01)
    assert opening_mm2(Collimator(iris_mm=100, left_mm=0), view()) == pytest.approx(np.pi * 5e3, rel=0.02)


def test_leaves_outside_the_field_do_not_count() -> None:
    assert opening_mm2(Collimator.square(500), view(field_mm=150)) == pytest.approx(150.0**2)


@pytest.mark.parametrize("leaves", [{"left_mm": -50, "right_mm": 40}, {"top_mm": 0, "bottom_mm": 0}, {"iris_mm": 0}])
def test_shut_collimators_are_refused(leaves: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must leave an opening"):
        Collimator(**leaves)
