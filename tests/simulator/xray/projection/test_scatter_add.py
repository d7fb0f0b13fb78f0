"""The compiled sum and its stand-in in NumPy are one."""

import numpy as np
import pytest

from simulator.xray.projection.scatter_add import add_products, add_slowly


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_both_ways_add_the_same(channels, rng):
    edges, cells = 40, 60
    after = np.concatenate(([0], np.cumsum(rng.integers(0, 5, edges)))).astype(np.int32)
    where = rng.integers(0, cells, after[-1]).astype(np.int32)
    shares, jumps = rng.normal(size=after[-1]), rng.normal(size=(edges, channels))
    start = rng.normal(size=(cells, channels))
    quick, slow = start.copy(), start.copy()
    add_products(quick, where, shares, after, jumps)
    add_slowly(slow, where, shares, after, jumps)
    assert (quick != start).any()
    np.testing.assert_allclose(quick, slow, rtol=1e-12, atol=1e-14)  # the same sums; the kernel may fuse its multiply and add
