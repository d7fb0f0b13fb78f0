"""Bones in their places: every vertebra, the sacrum and what hangs on it, posed in the world frame with their landmarks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from phantoms.shapes.implicit import Shape
from phantoms.terms.landmarks import SacrumLandmarks, VertebraLandmarks
from phantoms.terms.levels import Level, Side

Array = NDArray[np.float64]
Thickness = Callable[[Array], Array]
T = TypeVar("T", VertebraLandmarks, SacrumLandmarks)

DIRECTIONS = frozenset({"normal", "pedicle_axis"})


@dataclass(frozen=True, kw_only=True, eq=False)
class PosedVertebra:
    """One vertebra in the world frame.

    `outer` is the whole bone, `cortex_mm` its local cortical thickness, the articular shapes hold both sides.
    """

    level: Level
    world_from_vertebra: Array
    outer: Shape
    cortex_mm: Thickness
    superior_articular: Shape
    inferior_articular: Shape
    landmarks: VertebraLandmarks


@dataclass(frozen=True, kw_only=True, eq=False)
class PosedSacrum:
    """The sacrum in the world frame; `canal` is the lumen of the sacral canal with its hiatus, `foramina` those that leave it."""

    world_from_sacrum: Array
    outer: Shape
    canal: Shape
    foramina: Shape
    remnant_disc: Shape
    superior_articular: Shape
    cortex_mm: Thickness
    landmarks: SacrumLandmarks


@dataclass(frozen=True, kw_only=True, eq=False)
class PlainBone:
    """A bone without landmarks of its own: coccyx, hip bones, ribs."""

    name: str
    outer: Shape
    cortex_mm: Thickness
    levels: frozenset[Level] = frozenset()


@dataclass(frozen=True, kw_only=True, eq=False)
class Skeleton:
    """All bones of a patient, vertebrae from cranial to caudal; `iliac_crest` are the crests' highest points, shape (3,), mm."""

    vertebrae: Mapping[Level, PosedVertebra]
    sacrum: PosedSacrum
    others: tuple[PlainBone, ...]
    iliac_crest: Mapping[Side, Array]

    def __post_init__(self) -> None:
        object.__setattr__(self, "vertebrae", MappingProxyType(dict(self.vertebrae)))

    @property
    def levels(self) -> tuple[Level, ...]:
        """Presacral levels present, from cranial to caudal."""
        return tuple(self.vertebrae)


def place_thickness(thickness: Thickness, world_from_local: Array) -> Thickness:
    """A thickness given in a local frame, asked at world points."""
    rotation, origin = world_from_local[:3, :3], world_from_local[:3, 3]
    return lambda points: thickness((points - origin) @ rotation)


def place_landmarks(landmarks: T, world_from_local: Array) -> T:
    """Landmarks of one bone, from its own frame to the world's."""
    return _place_record(landmarks, world_from_local)


def _place_record(value: Any, matrix: Array) -> Any:
    changes: dict[str, Any] = {}
    for field in fields(value):
        changes[field.name] = _place_field(getattr(value, field.name), field.name, matrix)
    return replace(value, **changes)


def _place_field(value: Any, name: str, matrix: Array) -> Any:
    if is_dataclass(value):
        return _place_record(value, matrix)
    if isinstance(value, Mapping):
        return MappingProxyType({key: _place_field(item, name, matrix) for key, item in value.items()})
    if name == "axes":
        return matrix[:3, :3] @ value
    turned = np.asarray(value, dtype=float) @ matrix[:3, :3].T
    return turned if name in DIRECTIONS else turned + matrix[:3, 3]
