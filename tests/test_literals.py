"""A level is a value of a region's order, an approach a record of the register: no other module names one of either."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from phantoms.terms.levels import Level
from phantoms.terms.reference_tables import level_entries, level_rows
from phantoms.terms.regions import REGIONS, Mark, Region, Span, Table
from scenarios.names.approaches import Approach
from simulator.geometry.approaches import NAMED
from simulator.geometry.views import View

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(path for package in ("phantoms", "scenarios", "simulator") for path in (ROOT / package).rglob("*.py"))
LEVEL_DATA = {"phantoms/terms/levels.py", "phantoms/terms/regions.py"}
APPROACH_DATA = {"scenarios/names/approaches.py", "simulator/geometry/approaches.py"}
LEVEL_WORD = re.compile(r"[CTLS]\d{1,2}([-/]([CTLS]?\d{1,2}))?")
HOMONYMS = {"caudal", *map(str, View)}  # a direction, and views
APPROACH_WORDS = {*map(str, Approach), *NAMED} - HOMONYMS


def literals(source: str, kind: type[Level] | type[Approach]) -> Iterator[str]:
    """Members of an enum that a module names, and its strings but for docstrings."""
    tree = ast.parse(source)
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == kind.__name__
            and node.attr in kind.__members__
        ):
            yield f"{node.lineno}: {kind.__name__}.{node.attr}"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            found = LEVEL_WORD.fullmatch(node.value) if kind is Level else node.value in APPROACH_WORDS
            if found:
                yield f"{node.lineno}: {node.value!r}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_but_the_regions_names_a_level(path: Path) -> None:
    if str(path.relative_to(ROOT).as_posix()) not in LEVEL_DATA:
        found = list(literals(path.read_text(encoding="utf-8"), Level))
        assert not found, f"ask a region (phantoms/terms/regions.py) instead of naming {found}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_but_the_registers_names_an_approach(path: Path) -> None:
    if str(path.relative_to(ROOT).as_posix()) not in APPROACH_DATA:
        found = list(literals(path.read_text(encoding="utf-8"), Approach))
        assert not found, f"make a field of ApproachRecord or ApproachRule and look that up instead of naming {found}"


@pytest.mark.parametrize("source", ["x = Level.L4", "f('S1')", "y = 'L4-5'", "y = 'L5-S1'", "d = {'C7': 1}", "t = Level('T11')"])
def test_a_level_is_found(source: str) -> None:
    assert list(literals(source, Level))


@pytest.mark.parametrize("source", ["x = Approach.CAUDAL", "if a == 'interlaminar': pass", "n = 'infraneural-left'"])
def test_an_approach_is_found(source: str) -> None:
    assert list(literals(source, Approach))


@pytest.mark.parametrize("source", ['"""L4"""', "level: Level = region.usual", "x = 'SHA256'", "view = 'the S1 view'"])
def test_prose_and_questions_are_let_through(source: str) -> None:
    assert not list(literals(source, Level))


@pytest.mark.parametrize("region", REGIONS.values(), ids=lambda region: region.name)
def test_a_region_is_one_stretch_of_the_spine_with_all_its_tables(region: Region) -> None:
    order = list(Level)
    assert [order.index(level) for level in region.levels] == list(range(order.index(region.first), order.index(region.levels[-1]) + 1))
    assert region.last_mobile.below is region.base
    assert {region.origin, region.usual, *region.marks.values()} <= set(region.vertebrae)
    assert {level for levels in region.spans.values() for level in levels} <= set(region.levels)
    for table in (Table.VERTEBRAE, Table.DISCS, Table.TRAITS, Table.ROOTS, Table.DERMATOMES):
        assert set(region.vertebrae) <= set(level_rows(table)), table
    assert set(region.vertebrae) <= set(level_entries(Table.VERTEBRA_CONSTANTS))
    assert set(region.span(Span.SACRAL_ROOTS)) <= set(level_rows(Table.ROOTS))


@pytest.mark.parametrize("region", REGIONS.values(), ids=lambda region: region.name)
def test_below_leads_down_the_column(region: Region) -> None:
    assert tuple(region.below(level) for level in region.vertebrae) == region.column[1:]
    with pytest.raises(ValueError, match="level must be one of"):
        region.below(region.base)


def test_what_a_region_lacks_is_refused_by_name() -> None:
    whole = REGIONS["lumbosacral"]
    fields = {name: getattr(whole, name) for name in Region.__dataclass_fields__}
    bare = Region(**(fields | {"name": "bare", "marks": {}, "spans": {}}))
    with pytest.raises(ValueError, match="the bare region has no level of the iliac crests"):
        bare.at(Mark.ILIAC_CREST)
    assert bare.span(Span.BESIDE_RIBS) == ()
