"""Texture: zero-mean per bone, inside its tissue, the same bits for the same seed."""

import numpy as np

from phantoms.soft_tissue.texture import MOST_BLOBS, make_texture
from phantoms.terms.tissues import Tissue


def test_texture_of_a_patient(patient):
    found = patient.texture
    assert 8000 < len(found.centres) <= MOST_BLOBS
    bony = found.tissue == Tissue.TRABECULAR_BONE
    assert (patient.tissue(found.centres[bony][:400]) == Tissue.TRABECULAR_BONE).all()
    mass = found.amplitude * found.sigma_mm**3
    for part in (bony, ~bony):
        assert abs(mass[part].sum()) < 1e-9 * np.abs(mass[part]).sum()


def test_equal_seeds_give_equal_bits_and_others_do_not(patient):
    again, other = (make_texture(patient.compartments, seed) for seed in (patient.params.texture_seed, patient.params.texture_seed + 1))
    assert np.array_equal(again.centres, patient.texture.centres)
    assert not np.array_equal(other.centres[:100], again.centres[:100])


def test_vertical_strings_dominate(patient):
    """Neighbouring blobs of one string are a little over a millimetre apart, three in four of them along the vertebra."""
    step = np.diff(patient.texture.centres[:600], axis=0)
    near = step[np.linalg.norm(step, axis=1) < 2.0]
    assert np.abs(near[:, 2]).mean() > 2 * np.abs(near[:, 0]).mean()
