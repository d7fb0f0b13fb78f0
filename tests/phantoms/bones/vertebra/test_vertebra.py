"""The parametric vertebra: morphometry drives it, landmarks lie on it, it stays one closed piece."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from phantoms.bones.vertebra.morphometry import measure, pedicle_isthmus
from phantoms.bones.vertebra.vertebra import CORTEX_MM, default_vertebra, fold, vertebra
from phantoms.bones.vertebra.vertebra_constants import JOIN_ORDER
from phantoms.mesh.meshing import components, euler_number, is_closed, mesh
from phantoms.shapes.implicit import smooth_min
from phantoms.terms.levels import Level, Side
from phantoms.terms.regions import LUMBOSACRAL

LENGTHS = [name for name in asdict(default_vertebra(Level.L3)) if name.endswith("_mm")]
STEP = 0.08  # of each length: about two SD of most
FOLLOWS = 0.3  # a length's measured change is within this share of the wanted one ...
RESOLUTION_MM = 0.35  # ... and this, for rays find an edge that fillets and rims have rounded
CULLED_MM = 0.005  # fillets in a chain reach a little farther than one
ON_SURFACE_MM = 0.2  # landmarks found on rays sampled every 0.25 mm


def shape_of(level, **changes):
    return vertebra(level, replace(default_vertebra(level), **changes))


@pytest.mark.parametrize("level", [Level.L1, Level.L3, Level.L5])
@pytest.mark.parametrize("name", LENGTHS)
def test_each_length_drives_what_is_measured(level, name):
    default = default_vertebra(level)
    change = STEP * getattr(default, name)
    before, after = measure(shape_of(level).outer), measure(shape_of(level, **{name: getattr(default, name) + change}).outer)
    assert getattr(after, name) - getattr(before, name) == pytest.approx(change, abs=FOLLOWS * change + RESOLUTION_MM)


@pytest.mark.parametrize("level", LUMBOSACRAL.vertebrae)
def test_default_measures_as_its_row_says(level):
    found, row = asdict(measure(shape_of(level).outer)), asdict(default_vertebra(level))
    for name in LENGTHS:
        assert found[name] == pytest.approx(row[name], abs=2.0), name  # the rows of L2-L5 were measured on the smooth mean itself


def test_facet_angle_turns_both_facets():
    default, turned = shape_of(Level.L4), shape_of(Level.L4, facet_angle_deg=default_vertebra(Level.L4).facet_angle_deg + 12)
    for name in ("superior_articular", "inferior_articular"):
        a, b = (shape.constants.parts[name].frame[1] for shape in (default, turned))
        turn = np.degrees(np.arctan2(b[0], b[1]) - np.arctan2(a[0], a[1]))
        assert turn == pytest.approx(12.0, abs=2.0)  # the chord is not quite upright


def draw_shape(level, seed):
    """A vertebra whose every length was drawn within 12 % of the default."""
    rng = np.random.default_rng([seed, LUMBOSACRAL.vertebrae.index(level)])
    lengths = {name: value * (1 + 0.12 * rng.uniform(-1, 1)) for name, value in asdict(default_vertebra(level)).items()}
    return shape_of(level, **lengths | {"facet_angle_deg": default_vertebra(level).facet_angle_deg})


@pytest.mark.parametrize("level", LUMBOSACRAL.vertebrae)
def test_any_plausible_morphometry_gives_one_closed_piece_with_one_hole(level):
    vertices, faces = mesh(draw_shape(level, 11).outer, 1.2, max_error_mm=0.0)
    assert is_closed(vertices, faces)
    assert components(faces, len(vertices))[0] == 1
    assert euler_number(faces) == 0


@pytest.mark.parametrize("level", LUMBOSACRAL.vertebrae)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_landmarks_lie_where_their_names_say(level, seed):
    shape = shape_of(level) if seed is None else draw_shape(level, seed)
    marks = shape.landmarks
    on_surface = [marks.spinous_tip, marks.spinolaminar, marks.lamina_upper, marks.lamina_lower]
    for side in Side:
        on_surface += [marks.superior_articular_tip[side], marks.inferior_articular_tip[side], marks.transverse_tip[side]]
    assert np.abs(shape.outer(np.array(on_surface))).max() < ON_SURFACE_MM
    within = [marks.body_centre] + [mark[side] for side in Side for mark in (marks.pedicle, marks.pars)]
    within += [marks.lamina[side].point for side in Side]
    assert shape.outer(np.array(within)).max() < -1.0
    assert marks.pedicle[Side.LEFT][0] > 0 > marks.pedicle[Side.RIGHT][0]
    assert marks.upper_endplate.normal[2] > 0.9
    assert marks.lower_endplate.normal[2] > 0.9
    assert marks.lamina_upper[2] > marks.spinolaminar[2] > marks.lamina_lower[2]
    assert marks.lamina[Side.LEFT].normal[1] > 0.3
    assert marks.superior_articular_tip[Side.LEFT][2] > marks.pars[Side.LEFT][2] > marks.inferior_articular_tip[Side.LEFT][2]


def test_lumbar_facets_are_sagittal_and_thoracic_ones_coronal():
    angles = [default_vertebra(level).facet_angle_deg for level in LUMBOSACRAL.vertebrae]
    assert min(angles[:2]) > 60
    assert max(angles[2:]) < 50
    assert angles[2:] == sorted(angles[2:])


def test_bone_is_its_own_mirror_image():
    points = np.random.default_rng(2).uniform(-40, 70, (3000, 3))
    outer = shape_of(Level.L2).outer
    np.testing.assert_array_equal(outer(points), outer(points * [-1, 1, 1]))


def test_culling_by_box_does_not_move_the_surface():
    shape = shape_of(Level.L4)
    low, high = shape.outer.bounds
    points = np.random.default_rng(4).uniform(low, high, (40000, 3))
    half, constants = fold(points), shape.constants
    everywhere = constants.parts[JOIN_ORDER[0]](half)
    for name in (*JOIN_ORDER[1:], "body"):
        part = constants.body if name == "body" else constants.parts[name]
        everywhere = smooth_min(everywhere, part(half), constants.blends_mm[name])
    near = np.abs(everywhere) < 1.0
    np.testing.assert_allclose(shape.outer(points)[near], everywhere[near], rtol=0, atol=CULLED_MM)


def test_cortex_is_thin_on_the_body_and_thick_in_the_arch():
    shape = shape_of(Level.L3)
    pedicle = pedicle_isthmus(shape.outer).centre
    body, arch = shape.cortex_mm(np.array([[0.0, -12.0, 0.0], pedicle]))
    assert 0.4 <= body < 0.7
    assert 1.0 < arch <= max(CORTEX_MM.values())
    trabecular = shape.outer(pedicle[None]) + arch
    assert trabecular[0] < 0  # a pedicle has a marrow through which a screw finds its way


def test_a_sacral_level_is_refused():
    with pytest.raises(ValueError, match=r"level must be one of .*L5, got S1"):
        default_vertebra(Level.S1)
