"""What swollen cells show: nothing above undiluted, and nothing lost."""

import numpy as np
import pytest

from simulator.contrast.swelling import MARGIN_CELLS, TOLERANCE, pack, push_aside


def test_a_full_cell_pushes_its_neighbours_aside() -> None:
    block = np.zeros((3, 4, 5))
    block[1, 1, 2] = 2000.0
    low, pushed = push_aside(np.array([5, 6, 7]), block, 240.0)
    assert pushed.sum() == pytest.approx(2000.0, rel=1e-12)
    assert pushed.max() <= 240.0 * (1 + TOLERANCE)
    centre = np.argwhere(pushed > 0).mean(axis=0) + low
    assert centre == pytest.approx([6, 7, 9])


def test_what_is_diluted_stays_where_it_is() -> None:
    block = np.full((3, 3, 3), 240.0)
    low, pushed = push_aside(np.array([0, 0, 0]), block, 240.0)
    assert pushed is block
    assert (low == 0).all()


def test_swelling_at_the_block_s_edge_goes_beyond_it() -> None:
    block = np.zeros((2, 2, 2))
    block[0, 0, 0] = 1000.0
    low, pushed = push_aside(np.zeros(3, dtype=np.intp), block, 240.0)
    assert (low == -MARGIN_CELLS).all()
    assert pushed[MARGIN_CELLS - 1, MARGIN_CELLS, MARGIN_CELLS] > 0


def test_stiff_cells_hold_their_most_and_lose_nothing(rng: np.random.Generator) -> None:
    for _ in range(50):
        places = rng.uniform(0, 10, (80, 3))
        mass_mg = rng.uniform(0, 1, 80) * (rng.random(80) < 0.5)
        mass_mg[rng.integers(80)] += rng.uniform(0, 15)
        packed = pack(mass_mg, places, 1.0)
        assert packed.sum() == pytest.approx(mass_mg.sum())
        assert packed.max() <= 1.0 + 1e-12
        assert (packed >= np.minimum(mass_mg, 1.0) - 1e-12).all()
