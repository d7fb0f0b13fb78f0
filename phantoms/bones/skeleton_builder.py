"""Builds the skeleton of a patient: every bone made from its parameters and put in its place."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.alignment import pose_spine
from phantoms.bones.pelvis.coccyx import coccyx
from phantoms.bones.pelvis.innominate_bones import PelvisShape, pelvis
from phantoms.bones.pelvis.sacrum import sacrum
from phantoms.bones.ribs import LENGTH_MM, ribs
from phantoms.bones.skeleton import PlainBone, PosedSacrum, PosedVertebra, Skeleton, Thickness, place_landmarks, place_thickness
from phantoms.bones.vertebra.vertebra import vertebra
from phantoms.shapes.implicit import Placed, Shape
from phantoms.terms.levels import Level, Side
from phantoms.terms.parameters import PatientParameters
from phantoms.terms.regions import Span

Array = NDArray[np.float64]

RIBBED = tuple(LENGTH_MM)
FEMUR_CORTEX_MM = 0.8  # the head's and neck's; recalled, unverified


def build_skeleton(params: PatientParameters) -> Skeleton:
    """All bones of a patient in the world frame."""
    poses, region = pose_spine(params), params.region
    vertebrae = {level: _vertebra(params, level, poses[level]) for level in region.vertebrae}
    hips, place = pelvis(params.sacrum, params.sex), poses[region.base]
    return Skeleton(
        vertebrae=vertebrae,
        sacrum=_sacrum(params, place),
        others=(*_pelvic(params, hips, place), *(rib for level in RIBBED for rib in _ribs(params, level, poses[level]))),
        iliac_crest={side: place[:3, :3] @ point + place[:3, 3] for side, point in hips.iliac_crest.items()},
    )


def _vertebra(params: PatientParameters, level: Level, world_from_vertebra: Array) -> PosedVertebra:
    shape = vertebra(level, params.vertebrae[level])
    return PosedVertebra(
        level=level,
        world_from_vertebra=world_from_vertebra,
        outer=Placed(shape.outer, world_from_vertebra),
        cortex_mm=place_thickness(shape.cortex_mm, world_from_vertebra),
        superior_articular=Placed(shape.superior_articular, world_from_vertebra),
        inferior_articular=Placed(shape.inferior_articular, world_from_vertebra),
        landmarks=place_landmarks(shape.landmarks, world_from_vertebra),
    )


def _sacrum(params: PatientParameters, world_from_sacrum: Array) -> PosedSacrum:
    shape = sacrum(params.sacrum, params.dural_sac_end)
    return PosedSacrum(
        world_from_sacrum=world_from_sacrum,
        outer=Placed(shape.outer, world_from_sacrum),
        canal=Placed(shape.canal, world_from_sacrum),
        foramina=Placed(shape.foramina, world_from_sacrum),
        remnant_disc=Placed(shape.remnant_disc, world_from_sacrum),
        superior_articular=Placed(shape.superior_articular, world_from_sacrum),
        cortex_mm=place_thickness(shape.cortex_mm, world_from_sacrum),
        landmarks=place_landmarks(shape.landmarks, world_from_sacrum),
    )


def _pelvic(params: PatientParameters, hips: PelvisShape, world_from_sacrum: Array) -> Iterator[PlainBone]:
    """Coccyx, hip bones and the upper ends of the femora."""
    tail, region = coccyx(params.sacrum), params.region
    buried = region.sacral[1:]
    yield _plain("coccyx", tail.outer, tail.cortex_mm, world_from_sacrum, buried)
    for side in Side:
        yield _plain(f"hip bone {side.value}", hips.sides[side], hips.cortex_mm, world_from_sacrum, region.span(Span.BESIDE_PELVIS))
    for side in Side:
        yield _plain(f"femur {side.value}", hips.femora[side], _femoral_cortex_mm, world_from_sacrum, buried)


def _ribs(params: PatientParameters, level: Level, world_from_vertebra: Array) -> Iterator[PlainBone]:
    pair = ribs(level, params.vertebrae[level])
    levels = (level, *params.region.span(Span.BESIDE_RIBS))
    for side in Side:
        yield _plain(f"rib {level.number} {side.value}", pair.sides[side], pair.cortex_mm, world_from_vertebra, levels)


def _plain(name: str, outer: Shape, cortex_mm: Thickness, world_from_local: Array, levels: tuple[Level, ...]) -> PlainBone:
    return PlainBone(
        name=name,
        outer=Placed(outer, world_from_local),
        cortex_mm=place_thickness(cortex_mm, world_from_local),
        levels=frozenset(levels),
    )


def _femoral_cortex_mm(points: Array) -> Array:
    return np.full(len(points), FEMUR_CORTEX_MM)
