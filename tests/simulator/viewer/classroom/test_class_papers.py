"""Roster, sheet of links, and what is told of the load."""

import stat
from html.parser import HTMLParser
from pathlib import Path

import pytest

from simulator.viewer.classroom.capacity import Load, describe_loads
from simulator.viewer.classroom.link_sheet import make_text, write_sheets
from simulator.viewer.classroom.roster import folder_name, names_of
from simulator.viewer.classroom.seat import Lesson, seats_of


class Links(HTMLParser):
    """Links and text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src") and value]


def test_names_come_from_the_roster_in_its_order(tmp_path: Path) -> None:
    roster = tmp_path / "class.txt"
    roster.write_text("\ufeffAnn Li\n\n# absent: Eve\n  Bjørn   Ås  # comes late\n", encoding="utf-8")
    assert names_of(roster, None) == ("Ann Li", "Bjørn Ås")
    assert names_of(roster, 3) == ("Ann Li", "Bjørn Ås", "")
    assert names_of(None, 2) == ("", "")


@pytest.mark.parametrize(
    ("content", "seats", "words"),
    [
        (b"Ann\nBen\nAnn\n", None, "line 3: 'Ann' stands there twice"),
        (b"Ann\nBen\n", 1, "has 2 names for 1 seats"),
        (b"", None, "1 to 200 seats, got 0"),
        (b"\xff\xfe\x00", None, "is not text in UTF-8"),
        (b"Ann\n" + b"B" * 81, None, "line 2: a trainee's name must be at most 80"),
        (b"Ann\x1b[2J", None, "line 1: .*printable"),
    ],
)
def test_a_roster_that_cannot_be_used_says_where(tmp_path: Path, content: bytes, seats: int | None, words: str) -> None:
    roster = tmp_path / "class.txt"
    roster.write_bytes(content)
    with pytest.raises(ValueError, match=words):
        names_of(roster, seats)


def test_names_that_look_alike_in_ascii_have_different_folders() -> None:
    names = ["Ann", "ann", "Änn", "Ann!", "安", "../../etc"]
    folders = [folder_name(1, name) for name in names]
    assert len(set(folders)) == len(names)
    assert all(folder.replace("-", "").isalnum() and folder.isascii() for folder in folders)


def test_the_sheets_have_every_link_and_are_their_owners_alone(tmp_path: Path) -> None:
    seats = seats_of(Lesson(database="a"), ["Ann <b>", "", 'Ben "&"'], 9000, tmp_path, "now")
    page, plain = write_sheets(seats, "Class of <today>", tmp_path)
    page, plain = write_sheets(seats, "Class of <today>", tmp_path)
    reader = Links()
    reader.feed(page.read_text(encoding="utf-8"))
    assert reader.links == [seat.access.url() for seat in seats]
    assert reader.tags.isdisjoint({"script", "img", "link", "b"})
    assert [line.split()[-1] for line in plain.read_text(encoding="utf-8").splitlines()] == reader.links
    assert {stat.S_IMODE(path.stat().st_mode) for path in (page, plain)} == {0o600}
    assert make_text(seats).count("\n") == 3


def test_seats_per_core_and_room_in_memory() -> None:
    lines = describe_loads({"seat 1": Load(cores=0.5, rss_mb=800.0), "seat 2 (Ann)": Load(cores=0.3, rss_mb=600.0)}, 60.0, 1500.0)
    assert lines == (
        "last 60 s: 2 seats, 0.40 cores and 700 MB each on the mean: 2.5 seats per core; memory for 2 more",
        "  seat 1: 0.50 cores, 800 MB",
        "  seat 2 (Ann): 0.30 cores, 600 MB",
    )
    assert describe_loads({}, 60.0, None) == ()
    assert "over 100 seats per core" in describe_loads({"seat 1": Load(cores=0.0, rss_mb=1.0)}, 60.0, None)[0]
