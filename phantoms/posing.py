"""Builds the skeleton of a patient: every bone made from its parameters and put in its place."""

import numpy as np
from numpy.typing import NDArray

from phantoms.alignment import pose_spine
from phantoms.coccyx import coccyx
from phantoms.levels import PRESACRAL, SACRAL, Level
from phantoms.parameters import PatientParameters
from phantoms.sacrum import sacrum
from phantoms.shapes import Placed
from phantoms.skeleton import PlainBone, PosedSacrum, PosedVertebra, Skeleton, placed_landmarks, placed_thickness
from phantoms.vertebra import vertebra

Array = NDArray[np.float64]


def skeleton(params: PatientParameters) -> Skeleton:
    """All bones of a patient in the world frame."""
    poses = pose_spine(params)
    vertebrae = {level: _vertebra(params, level, poses[level]) for level in PRESACRAL}
    return Skeleton(vertebrae=vertebrae, sacrum=_sacrum(params, poses[Level.S1]), others=_others(params, poses))


def _vertebra(params: PatientParameters, level: Level, world_from_vertebra: Array) -> PosedVertebra:
    shape = vertebra(level, params.vertebrae[level])
    return PosedVertebra(
        level=level,
        world_from_vertebra=world_from_vertebra,
        outer=Placed(shape.outer, world_from_vertebra),
        cortex_mm=placed_thickness(shape.cortex_mm, world_from_vertebra),
        superior_articular=Placed(shape.superior_articular, world_from_vertebra),
        inferior_articular=Placed(shape.inferior_articular, world_from_vertebra),
        landmarks=placed_landmarks(shape.landmarks, world_from_vertebra),
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
        cortex_mm=placed_thickness(shape.cortex_mm, world_from_sacrum),
        landmarks=placed_landmarks(shape.landmarks, world_from_sacrum),
    )


def _others(params: PatientParameters, poses: object) -> tuple[PlainBone, ...]:
    world_from_sacrum = poses[Level.S1]
    tail = coccyx(params.sacrum)
    return (
        PlainBone(
            name="coccyx",
            outer=Placed(tail.outer, world_from_sacrum),
            cortex_mm=placed_thickness(tail.cortex_mm, world_from_sacrum),
            levels=frozenset(SACRAL),
        ),
    )
