"""Patient, C-arm and frame put together: weights follow the tree, bits follow the seed, and impossible views are refused."""

from dataclasses import replace

import numpy as np
import pytest

from phantoms.terms.surface import Surface
from phantoms.terms.tissues import Tissue
from simulator.geometry.carm import CArm
from simulator.imaging import attenuation_change, check_view, prepare, shoot
from simulator.xray.physics.materials import basis_coefficients
from simulator.xray.physics.technique import Technique
from tests.simulator.solids import box, sphere

BODY = replace(box((200.0, 150.0, 300.0)), name="body", tissue=Tissue.MUSCLE)
BONE = replace(sphere(20.0, number=2000), name="bone", parent="body", density=0.8)
MESH_RTOL = 2e-3  # 2000 points for a sphere


def test_a_child_adds_the_difference_to_its_parent() -> None:
    expected = 0.8 * basis_coefficients("cortical bone") - basis_coefficients("muscle")
    assert attenuation_change(BONE, (BODY, BONE)) == pytest.approx(expected)
    assert attenuation_change(BODY, (BODY, BONE)) == pytest.approx(basis_coefficients("muscle") - basis_coefficients("air"))


def test_the_central_ray_adds_up_to_what_it_passes() -> None:
    carm = CArm.from_angles(size=65, field_mm=12.0)  # fine pixels: no level of detail
    lines = prepare((BODY, BONE)).projector.project(carm)[:, 32, 32]
    muscle, bone, air = (basis_coefficients(name) for name in ("muscle", "cortical bone", "air"))
    assert lines == pytest.approx(110.0 * muscle + 40.0 * 0.8 * bone - 150.0 * air, rel=MESH_RTOL)


def test_the_order_of_surfaces_does_not_matter() -> None:
    carm = CArm.from_angles(oblique_deg=20.0, size=32)
    first, second = (prepare(surfaces).projector.project(carm) for surfaces in ((BODY, BONE), (BONE, BODY)))
    assert first == pytest.approx(second, abs=1e-6)  # float32 images


def test_equal_seeds_give_equal_bits_and_others_do_not() -> None:
    anatomy, carm = prepare((BODY, BONE)), CArm.from_angles(size=64)
    first, again, other = (shoot(anatomy, carm, seed=seed).pixels for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def test_a_technique_by_hand_is_kept_and_an_automatic_one_suits_the_body() -> None:
    anatomy, carm = prepare((BODY, BONE)), CArm.from_angles(size=64)
    by_hand = Technique(kvp=66.0)
    assert shoot(anatomy, carm, technique=by_hand).technique == by_hand
    thin = prepare((replace(box((200.0, 60.0, 300.0)), tissue=Tissue.MUSCLE),))
    assert shoot(anatomy, carm).technique.kvp > shoot(thin, carm).technique.kvp


def test_a_missing_parent_is_named() -> None:
    with pytest.raises(ValueError, match="bone: its parent 'body' is not among the surfaces"):
        prepare((BONE,))


def test_impossible_views_are_refused() -> None:
    anatomy = prepare((BODY, BONE))
    with pytest.raises(ValueError, match="lies inside the body"):
        check_view(anatomy, CArm.from_angles(isocentre=(0, 700, 0)))
    with pytest.raises(ValueError, match="behind the detector"):
        check_view(anatomy, CArm.from_angles(isocentre=(0, -280, 0)))
    check_view(anatomy, CArm.from_angles())


def test_surfaces_are_named_once() -> None:
    twin: Surface = replace(BONE, vertices=np.array(BONE.vertices) + 50.0)
    with pytest.raises(ValueError, match="two surfaces are named 'bone'"):
        prepare((BODY, BONE, twin))
