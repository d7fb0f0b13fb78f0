"""Where it comes from: trainees read papers' names, and every number in brackets is a paper in `docs/sources.md`."""

import json
import re
from pathlib import Path

import pytest

from scenarios.loader import list_cases, make_schema, read
from scenarios.translation import list_texts

ROOT = Path(__file__).parents[2]
NOTES = re.compile(r"FACTS|PEERS|DESIGN")
CITED = re.compile(r"(FACTS|PEERS)\.md([^\"\n;]*)")
NUMBERS = re.compile(r"\[([\d, a-c\u2013-]+)\]")


def list_sources() -> dict[str, set[str]]:
    """Numbers of the two tables."""
    tables = re.split(r"^## ", (ROOT / "docs" / "sources.md").read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return {
        ("PEERS" if "PEERS.md" in table.splitlines()[0] else "FACTS"): set(re.findall(r"^\| (\d+[a-c]?) \|", table, re.M))
        for table in tables
    }


def spread(numbers: str) -> list[str]:
    """Numbers of a citation such as ``111, 118-120``."""
    found = []
    for part in re.split(r",\s*", numbers.strip()):
        first, _, last = part.partition("-")
        found += [str(number) for number in range(int(first), int(last) + 1)] if last else [first]
    return found


@pytest.mark.parametrize("name", list_cases())
def test_a_trainee_reads_of_papers_and_not_of_our_notes(name: str) -> None:
    assert [said for said in list_texts(read(name)).values() if NOTES.search(said)] == []


OWN_PAGES = re.compile(r"FACTS|DESIGN\.md|PEERS|DEVELOPERS|\bsections? \d|\[\d+[\d, a-c\u2013-]*\]")
READ = (
    *sorted((ROOT / "scenarios").rglob("*.yaml")),
    *sorted((ROOT / "simulator").rglob("data/*.html")),
    *sorted((ROOT / "simulator").rglob("data/strings.*.yaml")),
)


@pytest.mark.parametrize("path", READ, ids=lambda path: "/".join(path.parts[-2:]))
def test_nothing_that_is_read_cites_a_page_of_ours_or_hedges_its_plural(path: Path) -> None:
    said = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("limits:"))
    strange = [line for line in said.splitlines() if OWN_PAGES.search(re.sub(r": \[[\d., -]+\]", "", line)) or "(s)" in line]
    assert strange == []


def test_the_schema_that_an_author_reads_cites_no_page_of_ours() -> None:
    assert not re.search(r"FACTS|DESIGN|PEERS|DEVELOPERS", json.dumps(make_schema()))


def test_every_number_that_is_cited_is_listed() -> None:
    known, missing = list_sources(), []
    assert min(len(numbers) for numbers in known.values()) > 10
    for path in sorted(path for folder in ("scenarios", "simulator", "phantoms") for path in (ROOT / folder).rglob("*")):
        if path.suffix in (".py", ".yaml", ".csv"):
            for notes, said in CITED.findall(path.read_text(encoding="utf-8")):
                cited = [number for numbers in NUMBERS.findall(said) for number in spread(numbers)]
                missing += [f"{path.name}: {notes} [{number}]" for number in cited if number not in known[notes]]
    assert missing == []


TABLES_THAT_CITE = ("docs/contrast-validation.md", "simulator/validation/data/contrast_rows.csv")


@pytest.mark.parametrize("place", TABLES_THAT_CITE)
def test_every_number_of_a_table_that_cites_by_number_alone_is_listed(place: str) -> None:
    said = (ROOT / place).read_text(encoding="utf-8")
    cited = {number for numbers in NUMBERS.findall(said) for number in spread(numbers) if number.isdigit() and int(number) > 20}
    assert cited
    assert cited <= list_sources()["FACTS"]
