"""From coarse cells to fine ones and back."""

import numpy as np
import pytest

from simulator.xray.numerics.interpolation import enlarge, make_linear_weights, pool


def test_linear_interpolation_keeps_a_ramp() -> None:
    ramp = make_linear_weights(64, 16) @ (np.arange(16) + 0.5)
    np.testing.assert_allclose(ramp[2:-2], (np.arange(64)[2:-2] + 0.5) / 4, rtol=1e-6)
    np.testing.assert_allclose(make_linear_weights(5, 1), 1)


@pytest.mark.parametrize("size", [32, 48, 64])
def test_an_enlarged_plane_is_the_plane_on_finer_pixels(size: int) -> None:
    """Centres of pixels stay where they lie in the field, whatever their number."""

    def plane(count: int) -> np.ndarray:
        place = (np.arange(count, dtype=np.float32) + 0.5) / count
        return np.stack([2 * place[:, None] - place, 3 + place[:, None] + 0 * place])

    inner = slice(size // 16, -(size // 16))
    np.testing.assert_allclose(enlarge(plane(16), size)[:, inner, inner], plane(size)[:, inner, inner], atol=1e-6)


def test_pooling_keeps_the_mean_and_the_kind_of_number() -> None:
    image = np.random.default_rng(5).random((2, 32, 32), dtype=np.float32)
    cells = pool(image, 8)
    assert cells.shape == (2, 8, 8)
    assert cells.dtype == np.float32
    np.testing.assert_allclose(cells.mean(axis=(1, 2)), image.mean(axis=(1, 2)), rtol=1e-6)
    assert cells[1, 2, 3] == pytest.approx(image[1, 8:12, 12:16].mean())
