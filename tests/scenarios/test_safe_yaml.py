"""YAML as data only: bombs, tags and tricks are refused in one line with their place, and plain values stay what they look like."""

import pytest

from scenarios.errors import ScenarioError
from scenarios.safe_yaml import LONGEST_NUMBER, MOST_BYTES, MOST_DEPTH, MOST_VALUES, load, parse

LAUGHS = "a: &a [lol, lol]\n" + "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(9))

REFUSED = {
    "billion laughs": (LAUGHS, "anchor or alias"),
    "self reference": ("a: &a [*a]", "anchor or alias"),
    "merge key": ("a: &a {b: 1}\nc: {<<: *a}", "anchor or alias"),
    "python object": ("a: !!python/object/apply:os.system ['true']", "uses the tag"),
    "own tag": ("a: !secret 1", "uses the tag"),
    "core tag": ("a: !!str 1", "uses the tag"),
    "deep flow": ("a: " + "[" * 5000 + "]" * 5000, f"deeper than {MOST_DEPTH}"),
    "deep block": ("\n".join("  " * n + f"k{n}:" for n in range(60)), f"deeper than {MOST_DEPTH}"),
    "many values": ("a: [" + "1," * (MOST_VALUES + 10) + "]", f"more than {MOST_VALUES}"),
    "twice the same key": ("a: 1\nb: 2\na: 3", "key 'a' twice"),
    "list as key": ("? [1, 2]\n: 3", "as a key"),
    "second document": ("a: 1\n---\nb: 2", "second document"),
    "not a number": ("a: " + "9" * (LONGEST_NUMBER + 1), "holds the number"),
    "infinite": ("a: 1e999", "holds the number"),
    "unclosed": ("a: [1, 2", "not YAML"),
    "tab": ("a:\n\t- 1", "not YAML"),
    "control character": ("a: \x01", "not YAML"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_tricks_are_refused_in_one_line_with_the_file(name: str) -> None:
    text, expected = REFUSED[name]
    with pytest.raises(ScenarioError, match=expected) as caught:
        parse(text, "bad.yaml")
    assert str(caught.value).startswith("bad.yaml")
    assert "\n" not in str(caught.value)


def test_the_line_of_a_refusal_is_told() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse("a: 1\nb: 2\nc: !!set {}\n", "bad.yaml")
    assert caught.value.problems[0].line == 3


def test_plain_words_stay_words() -> None:
    """YAML 1.1 would make booleans, a date, a sexagesimal and an octal number of these."""
    value = parse("a: no\nb: 2026-01-02\nc: 1:30\nd: 'true'\ne: on\nf: '07'", "x").value
    assert value == {"a": "no", "b": "2026-01-02", "c": "1:30", "d": "true", "e": "on", "f": "07"}


def test_numbers_and_switches_are_read() -> None:
    value = parse("a: 3\nb: -2.5\nc: 1e-3\nd: true\ne: null\nf:\ng: .5", "x").value
    assert value == {"a": 3, "b": -2.5, "c": 0.001, "d": True, "e": None, "f": None, "g": 0.5}
    assert isinstance(value["a"], int)


def test_every_place_has_its_line() -> None:
    document = parse("a: 1\nb:\n  - x\n  - c: 2\n    d: 3\n", "x")
    assert [document.line(place) for place in [("a",), ("b",), ("b", 0), ("b", 1, "c"), ("b", 1, "d")]] == [1, 2, 3, 4, 5]
    assert document.line(("b", 1, "missing", "deeper")) == 4  # what holds it


def test_a_large_file_is_refused_unread(tmp_path) -> None:
    path = tmp_path / "large.yaml"
    path.write_bytes(b"a: " + b"x" * MOST_BYTES)
    with pytest.raises(ScenarioError, match="larger than"):
        load(path)


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(b"a: 1\nb: \xff\xfe\n")
    with pytest.raises(ScenarioError, match="not UTF-8") as caught:
        load(path)
    assert caught.value.problems[0].line == 2


@pytest.mark.parametrize("name", ["", "nowhere/at/all.yaml", "\0"])
def test_a_path_that_cannot_be_read_is_refused(name: str, tmp_path) -> None:
    with pytest.raises(ScenarioError, match="cannot be read"):
        load(tmp_path / name)
