"""The ways in the room: a broken line lies on the way, and its dashes are as long whatever the distances of its points."""

import numpy as np
import pytest

from simulator.viewer.debrief.track_mesh import EXPERT, LOOKS, OWN, make_track, split_dashes
from tests.laws import count


def length(points: np.ndarray) -> float:
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


@pytest.mark.parametrize("seed", range(count(50, 1000)))
def test_dashes_lie_on_the_way_and_take_their_share_of_it(seed: int) -> None:
    random = np.random.default_rng(seed)
    way = np.cumsum(random.normal(0.0, 1.0, (int(random.integers(2, 60)), 3)) * random.choice([0.1, 1.0, 9.0]), axis=0)
    dash_mm, gap_mm = random.uniform(1.0, 6.0, 2)
    dashes = list(split_dashes(way, dash_mm, gap_mm))
    whole, period = length(way), dash_mm + gap_mm
    assert np.allclose(dashes[0][0], way[0])
    assert all(length(item) == pytest.approx(dash_mm) for item in dashes[:-1])
    full, rest = divmod(whole, period)
    assert sum(map(length, dashes)) == pytest.approx(full * dash_mm + min(rest, dash_mm), abs=1e-6)
    for place in np.concatenate(dashes):
        along = way[1:] - way[:-1]
        share = np.clip(((place - way[:-1]) * along).sum(axis=1) / (along**2).sum(axis=1), 0, 1)
        assert np.linalg.norm(way[:-1] + share[:, None] * along - place, axis=1).min() < 1e-6


def test_the_two_ways_differ_by_colour_and_by_line() -> None:
    way = [[0.0, 90.0, 0.0], [0.0, 40.0, 0.0]]
    assert LOOKS[OWN].colour != LOOKS[EXPERT].colour
    assert len(list(split_dashes(way, LOOKS[OWN].dash_mm, LOOKS[OWN].gap_mm))) == 1
    assert len(list(split_dashes(way, LOOKS[EXPERT].dash_mm, LOOKS[EXPERT].gap_mm))) == 8
    assert make_track(OWN, [way]) is not None
    assert make_track(EXPERT, []) is None
    assert make_track(EXPERT, [[[0.0, 0.0, 0.0]]]) is None
