import numpy as np
import pytest

from phantoms.bones.ribs import LENGTH_MM, ribs
from phantoms.bones.vertebra.vertebra import vertebra
from phantoms.mesh.meshing import euler_number, mesh
from phantoms.population.defaults import default_parameters
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import Sex

FLOATING = (Level.T11, Level.T12)


@pytest.mark.parametrize("level", FLOATING)
def test_one_piece_each_and_mirrored(level: Level, rng: np.random.Generator) -> None:
    pair = ribs(level, default_parameters(Sex.MALE).vertebrae[level])
    _, faces = mesh(pair.sides[Side.LEFT], 1.0, max_error_mm=0)
    assert euler_number(faces) == 2
    points = rng.uniform(*pair.sides[Side.LEFT].bounds, (2000, 3))
    np.testing.assert_array_equal(pair.sides[Side.LEFT](points), pair.sides[Side.RIGHT](points * [-1, 1, 1]))


@pytest.mark.parametrize("level", FLOATING)
@pytest.mark.parametrize("sex", list(Sex))
def test_head_lies_beside_its_vertebra_without_touching(level: Level, sex: Sex) -> None:
    params = default_parameters(sex).vertebrae[level]
    vertices, _ = mesh(ribs(level, params).sides[Side.LEFT], 1.0, max_error_mm=0)
    assert 0.5 < vertebra(level, params).outer(vertices).min() < 5.0


@pytest.mark.parametrize("level", FLOATING)
def test_runs_lateral_and_caudad_for_its_length(level: Level) -> None:
    pair = ribs(level, default_parameters(Sex.MALE).vertebrae[level])
    path = pair.sides[Side.LEFT].path
    assert np.linalg.norm(np.diff(path, axis=0), axis=1).sum() == pytest.approx(LENGTH_MM[level])
    assert (np.diff(path[:, 0]) > 0).all()
    assert path[-1, 2] < path[0, 2] - 50
    assert path[:, 1].argmax() not in (0, len(path) - 1)  # dorsally first, then ventrally


def test_length_can_be_asked_for() -> None:
    pair = ribs(Level.T12, default_parameters(Sex.MALE).vertebrae[Level.T12], length_mm=80.0)
    assert np.linalg.norm(np.diff(pair.sides[Side.LEFT].path, axis=0), axis=1).sum() == pytest.approx(80.0)


def test_lumbar_levels_have_no_ribs() -> None:
    with pytest.raises(ValueError, match="T11 and T12, got L1"):
        ribs(Level.L1, default_parameters(Sex.MALE).vertebrae[Level.L1])
