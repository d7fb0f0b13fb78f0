"""Regions of the spine as data: which levels a patient of a region has, what each is known by, and which tables describe it.

This is the only module of code that names a level. All others query a region: `params.region`, `landmarks.region`, or, at a door where
no patient is known yet, `DEFAULT_REGION`. A new region is one more record in `REGIONS` with its tables in ``phantoms/data``; a new level
of the spine is one more member of `Level`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from phantoms.terms.levels import Level, SpinalPart


class Mark(StrEnum):
    """What a single level is known by."""

    APEX = "usual apex of a lateral curve"
    LORDOSIS_TOP = "level from whose lower endplate lordosis is measured"
    WAIST = "level at which trunk and epidural depth are measured"
    ILIAC_CREST = "level of the iliac crests"
    CONUS_ORIGIN = "level from whose upper edge the conus is counted"
    RADICULAR_ARTERY = "level of the great radicular artery"
    PSOAS_TOP = "upper end of the psoas"
    PSOAS_BOTTOM = "level at which the psoas stands at its widest"


class Span(StrEnum):
    """What some levels have in common."""

    BESIDE_PELVIS = "levels beside which an image shows the hip bones"
    BESIDE_RIBS = "levels beside which an image shows the floating ribs"
    SACRAL_ROOTS = "sacral roots that leave within the model"


class Table(StrEnum):
    """What a table by level describes."""

    VERTEBRAE = "vertebrae"
    VERTEBRA_CONSTANTS = "vertebra constants"
    DISCS = "discs"
    TRAITS = "traits"
    ROOTS = "roots"
    DERMATOMES = "dermatomes"
    RIBS = "ribs"
    SACRAL_FORAMINA = "sacral foramina"


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Region:
    """A stretch of the spine that a patient is built for.

    Attributes
    ----------
    name : str
        As files and command line call it.
    vertebrae : tuple of Level
        Levels with a body and a disc below it, from cranial to caudal.
    sacral : tuple of Level
        Fused segments below them, from cranial to caudal; empty where the region ends above.
    base : Level
        The bone that carries the column: the one below the last disc.
    origin : Level
        Its body's centre is the world's origin.
    usual : Level
        Upper vertebra of the interspace that a door takes where none is named.
    marks : mapping of Mark to Level
    spans : mapping of Span to tuple of Level
    tables : mapping of Table to str
        File names in ``phantoms/data``, each with one row or entry for each level that it describes.
    """

    name: str
    vertebrae: tuple[Level, ...]
    sacral: tuple[Level, ...]
    base: Level
    origin: Level
    usual: Level
    marks: Mapping[Mark, Level]
    spans: Mapping[Span, tuple[Level, ...]]
    tables: Mapping[Table, str]

    @property
    def levels(self) -> tuple[Level, ...]:
        """All levels, from cranial to caudal."""
        return (*self.vertebrae, *self.sacral)

    @property
    def column(self) -> tuple[Level, ...]:
        """The vertebrae and the bone that carries them."""
        return (*self.vertebrae, self.base)

    @property
    def first(self) -> Level:
        """The most cranial vertebra."""
        return self.vertebrae[0]

    @property
    def last_mobile(self) -> Level:
        """The last vertebra with a disc below it; the sacrum is counted from its interspace."""
        return self.vertebrae[-1]

    def of_part(self, part: SpinalPart) -> tuple[Level, ...]:
        """Vertebrae of one part of the spine."""
        return tuple(level for level in self.vertebrae if level.part is part)

    def below(self, level: Level) -> Level:
        """Bone under a vertebra's disc: the next vertebra, or under the last the base.

        Raises
        ------
        ValueError
            Where the region has no such vertebra.
        """
        self.check(level)
        return self.column[self.vertebrae.index(level) + 1]

    def short_name(self, level: Level) -> str:
        """Short name of the interspace below a vertebra: ``L4-5``, ``L5-S1``."""
        below = self.below(level)
        return f"{level}-{below.number if below.part is level.part else below}"

    def under(self, level: Level) -> tuple[Level, ...]:
        """Vertebrae caudal to a level of the region."""
        return self.vertebrae[self.vertebrae.index(level) + 1 :]

    def check(self, level: Level) -> None:
        """Refuse a level that is no vertebra of the region.

        Raises
        ------
        ValueError
            In one line, with the levels that there are.
        """
        if level not in self.vertebrae:
            raise ValueError(f"level must be one of {', '.join(self.vertebrae)}, got {level}")

    def at(self, mark: Mark) -> Level:
        """The level that is known by a mark.

        Raises
        ------
        ValueError
            Where the region has none.
        """
        if mark not in self.marks:
            raise ValueError(f"the {self.name} region has no {mark}; ask for a region with one")
        return self.marks[mark]

    def span(self, span: Span) -> tuple[Level, ...]:
        """Levels that have something in common; none where the region has no such levels."""
        return self.spans.get(span, ())


LUMBOSACRAL = Region(
    name="lumbosacral",
    vertebrae=(Level.T11, Level.T12, Level.L1, Level.L2, Level.L3, Level.L4, Level.L5),
    sacral=(Level.S1, Level.S2, Level.S3, Level.S4, Level.S5),
    base=Level.S1,
    origin=Level.L3,
    usual=Level.L4,
    marks=MappingProxyType(
        {
            Mark.APEX: Level.L2,
            Mark.LORDOSIS_TOP: Level.T12,
            Mark.WAIST: Level.L3,
            Mark.ILIAC_CREST: Level.L4,
            Mark.CONUS_ORIGIN: Level.L1,
            Mark.RADICULAR_ARTERY: Level.T12,
            Mark.PSOAS_TOP: Level.L1,
            Mark.PSOAS_BOTTOM: Level.L4,
        }
    ),
    spans=MappingProxyType(
        {
            Span.BESIDE_PELVIS: (Level.L3, Level.L4, Level.L5, Level.S1, Level.S2, Level.S3, Level.S4, Level.S5),
            Span.BESIDE_RIBS: (Level.L1, Level.L2),
            Span.SACRAL_ROOTS: (Level.S1, Level.S2),
        }
    ),
    tables=MappingProxyType(
        {
            Table.VERTEBRAE: "vertebrae.csv",
            Table.VERTEBRA_CONSTANTS: "vertebra_constants.json",
            Table.DISCS: "discs.csv",
            Table.TRAITS: "traits.csv",
            Table.ROOTS: "roots.csv",
            Table.DERMATOMES: "dermatomes.csv",
            Table.RIBS: "ribs.json",
            Table.SACRAL_FORAMINA: "sacral_foramina.csv",
        }
    ),
)

REGIONS: Mapping[str, Region] = MappingProxyType({region.name: region for region in (LUMBOSACRAL,)})
DEFAULT_REGION = LUMBOSACRAL
"""For doors where neither patient nor region is named."""


def region_of(levels: Iterable[Level]) -> Region:
    """The region that shares most with some levels.

    Examples
    --------
    >>> region_of([Level.L4, Level.L5]).name
    'lumbosacral'
    """
    asked = set(levels)
    return max(REGIONS.values(), key=lambda region: len(asked.intersection(region.levels)))


def all_vertebrae() -> tuple[Level, ...]:
    """Vertebrae of all regions, in the order of the spine; each names the interspace below it."""
    known = {level for region in REGIONS.values() for level in region.vertebrae}
    return tuple(level for level in Level if level in known)
