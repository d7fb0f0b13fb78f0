"""From a patient, a C-arm and a needle to a frame: the one place that puts them together."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from phantoms.soft_tissue.texture import Texture
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import MATERIAL, Material, Tissue
from simulator.geometry.carm import CArm
from simulator.geometry.clearance import check_clear
from simulator.xray.image.radiograph import Radiograph, render
from simulator.xray.image.scene import Scene
from simulator.xray.overlays.needle_shadow import Needle, needle_mm
from simulator.xray.physics.materials import basis_coefficients, weights
from simulator.xray.physics.technique import Technique
from simulator.xray.projection.projection import Projector
from simulator.xray.projection.splat import splat_blobs


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class AttenuationModel:
    """A patient ready to be projected from anywhere.

    Attributes
    ----------
    projector : Projector
        All surfaces with the change of attenuation across each.
    body : tuple of Surface
        The outermost surfaces, which tube and detector must stay clear of.
    texture : Texture or None
        Blobs of density that no surface can carry.
    blob_changes : ndarray, shape (n, 2)
        What each blob adds at its middle to the photoelectric and the Compton image, 1/mm.
    """

    projector: Projector
    body: tuple[Surface, ...]
    texture: Texture | None
    blob_changes: NDArray[np.float64]


def prepare(surfaces: Sequence[Surface], texture: Texture | None = None, *, threads: int = 1) -> AttenuationModel:
    """Weigh each surface by its material less its parent's, and sort out the projector's tables.

    Parameters
    ----------
    surfaces : sequence of Surface
        A forest: each lies in its parent, or in air.
    texture : Texture, optional
        The patient's.
    threads : int
        Threads that share a projection; the bits do not depend on it. One is quickest on two cores: the texture is drawn beside it.

    Raises
    ------
    ValueError
        If there is no surface, a mesh is open, two surfaces share a name, or a parent is not among the surfaces.
    """
    _check_names(surfaces)
    changes = np.array([attenuation_change(surface, surfaces) for surface in surfaces]).reshape(-1, 2)
    return AttenuationModel(
        projector=Projector(surfaces, changes, threads=threads),
        body=tuple(surface for surface in surfaces if surface.parent is None),
        texture=texture,
        blob_changes=np.zeros((0, 2)) if texture is None else _blob_changes(texture, surfaces),
    )


def lines(anatomy: AttenuationModel, carm: CArm) -> NDArray[np.float32]:
    """Photoelectric and Compton line integrals of a view, shape (2, rows, columns), dimensionless."""
    if anatomy.texture is None:
        return anatomy.projector.project(carm)
    with ThreadPoolExecutor(1) as beside:  # the texture takes a third of the projection's time
        texture = beside.submit(splat_blobs, anatomy.texture.centres, anatomy.texture.sigma_mm, anatomy.blob_changes, carm)
        smooth = anatomy.projector.project(carm)
        smooth += texture.result()
    return smooth


def attenuation_change(surface: Surface, surfaces: Sequence[Surface]) -> NDArray[np.float64]:
    """What a millimetre inside a surface adds to the photoelectric and the Compton image, shape (2,), 1/mm."""
    parent = next((other for other in surfaces if other.name == surface.parent), None)
    if parent is None and surface.parent is not None:
        raise ValueError(f"{surface.name}: its parent {surface.parent!r} is not among the surfaces")
    outside, density = (parent.material, parent.density) if parent else (Material.AIR, 1.0)
    return weights(surface.material, outside, surface.density, density)


def check_view(anatomy: AttenuationModel, carm: CArm) -> None:
    """Refuse a view whose source is inside the body or whose detector has body behind it.

    Raises
    ------
    ValueError
        Where that is so.
    """
    for surface in anatomy.body:
        check_clear(carm, surface.vertices, surface.faces)


def shoot(
    anatomy: AttenuationModel, carm: CArm, *, technique: Technique | None = None, needle: Needle | None = None, seed: int = 0
) -> Radiograph:
    """Take one frame.

    Parameters
    ----------
    anatomy : AttenuationModel
        From `prepare`.
    carm : CArm
        The view.
    technique : Technique, optional
        By hand; automatic brightness control chooses where it is left out.
    needle : Needle, optional
        Steel in the beam, e.g. from `simulator.xray.overlays.needle_shadow.gauge_needle`.
    seed : int
        Of the noise; equal seeds give equal bits.

    Raises
    ------
    ValueError
        If the body comes to the focal spot or behind it.
    """
    scene = Scene(anatomy=lines(anatomy, carm), steel=None if needle is None else needle_mm(needle, carm))
    return render(scene, carm, technique=technique, automatic=technique is None, seed=seed)


def _blob_changes(texture: Texture, surfaces: Sequence[Surface]) -> NDArray[np.float64]:
    """Each blob's share of its tissue's attenuation, at the density that the tissue has in this patient."""
    density = {int(surface.tissue): surface.density for surface in surfaces}
    tissues, member = np.unique(texture.tissue, return_inverse=True)
    full = np.array([basis_coefficients(MATERIAL[Tissue(label)]) * density.get(int(label), 1.0) for label in tissues])
    return np.asarray(texture.amplitude[:, None] * full.reshape(-1, 2)[member])


def _check_names(surfaces: Sequence[Surface]) -> None:
    names = [surface.name for surface in surfaces]
    twice = next((name for number, name in enumerate(names) if name in names[:number]), None)
    if twice is not None:
        raise ValueError(f"two surfaces are named {twice!r}; a parent is found by its name, so each needs its own")
