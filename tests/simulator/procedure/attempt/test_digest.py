"""The digest: over fixed tags, so that a rename of a class, a module or a field, or another order of fields, changes none."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, make_dataclass, replace
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import pytest

from simulator.procedure.attempt import digest as digests
from simulator.procedure.attempt.digest import Known, digest
from simulator.procedure.attempt.tags import STATE, TAGS, Tagged, read_tags
from simulator.procedure.state.carm_state import Pose
from simulator.procedure.state.state import ProcedureState
from tests.simulator.procedure.toy import SYRINGE, begin_toy, do, place_in_epidural


def worked() -> ProcedureState:
    """A state with something of every kind in it."""
    state = do(place_in_epidural(begin_toy()), *SYRINGE, {"inject": {"volume_ml": 0.4}}, "aspirate", "shoot")
    return do(state, {"commit-belief": {"level": "L4-L5", "confidence": 0.5}}, {"save-reference": {}})


def held_types(kind: Any, found: set[type]) -> set[type]:  # noqa: ANN401 - a type as a hint has it
    """Every dataclass that a value of a type can hold, along the fields that a digest reads."""
    if get_origin(kind) is not None:
        for part in (get_origin(kind), *get_args(kind)):
            held_types(part, found)
    elif isinstance(kind, type) and is_dataclass(kind) and kind not in found:
        found.add(kind)
        hold_fields(kind, TAGS[kind] if kind in TAGS else Tagged(tag="", fields=(), left_out=frozenset()), "", found)
    return found


def hold_fields(kind: type, tagged: Tagged, path: str, found: set[type]) -> None:
    """Add what the fields of a type hold; a record that has no tag because its fields stand among its owner's is looked into."""
    hints, read = get_type_hints(kind), {way for _, way, _ in tagged.fields}
    for item in fields(kind):
        way = f"{path}{item.name}"
        if any(other.startswith(f"{way}.") for other in read):
            hold_fields(hints[item.name], tagged, f"{way}.", found)
        elif way not in tagged.left_out:
            held_types(hints[item.name], found)


def test_every_record_that_a_state_can_hold_has_a_tag() -> None:
    found = held_types(ProcedureState, set())
    assert len(found) > 20
    assert found == set(TAGS)
    assert len({item.tag for item in TAGS.values()}) == len(TAGS)


@pytest.mark.parametrize("kind", TAGS, ids=lambda kind: TAGS[kind].tag)
def test_every_field_is_read_or_left_out_on_purpose(kind: type) -> None:
    read = {path for _, path, _ in TAGS[kind].fields}
    known = read | TAGS[kind].left_out
    inlaid = {path.partition(".")[0] for path in known if "." in path}
    hints = get_type_hints(kind)
    whole = {item.name for item in fields(kind) if item.name not in inlaid}
    parts = {f"{name}.{item.name}" for name in inlaid for item in fields(hints[name])}
    assert known == whole | parts
    assert not read & TAGS[kind].left_out


@contextmanager
def renamed_and_moved() -> Iterator[None]:
    """Every tagged class under another name and in another module."""
    before = [(kind, kind.__name__, kind.__qualname__, kind.__module__) for kind in TAGS]
    try:
        for number, kind in enumerate(TAGS):
            kind.__name__, kind.__qualname__, kind.__module__ = f"Renamed{number}", f"Renamed{number}", "elsewhere.entirely"
        yield
    finally:
        for kind, name, qualname, module in before:
            kind.__name__, kind.__qualname__, kind.__module__ = name, qualname, module


def test_a_renamed_and_moved_class_changes_no_digest() -> None:
    state = worked()
    before = digest(state)
    with renamed_and_moved():
        assert type(state.needle).__name__.startswith("Renamed")
        assert digest(state) == before


def test_renamed_and_reordered_fields_change_no_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    state = worked()
    before = digest(state)
    names = {item.name: f"new_{item.name}" for item in fields(Pose)}
    other = make_dataclass("Stance", reversed([*names.values()]), frozen=True)
    moved = other(**{new: getattr(state.room.pose, old) for old, new in names.items()})
    spelled = " ".join(f"{new}={old}" for old, new in names.items())
    monkeypatch.setitem(TAGS, other, read_tags("pose", spelled))
    assert digest(replace(state, room=replace(state.room, pose=moved))) == before


def test_a_field_that_moved_into_a_record_of_its_own_keeps_its_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True)
    class Inner:
        y: float

    @dataclass(frozen=True)
    class Old:
        x: float
        y: float

    @dataclass(frozen=True)
    class New:
        x: float
        inner: Inner

    monkeypatch.setitem(TAGS, Old, read_tags("pair", "x y"))
    monkeypatch.setitem(TAGS, New, read_tags("pair", "inner.y=y x"))
    assert digests._hash_value(Old(1.0, 2.0)) == digests._hash_value(New(1.0, Inner(2.0)))  # noqa: SLF001 - of a record alone


def test_a_record_without_a_tag_is_refused() -> None:
    class Strange:
        kind: ClassVar[str] = "strange"

    with pytest.raises(TypeError, match="got Strange; give it a line in `tags`"):
        digests._hash_value(Strange())  # noqa: SLF001


def test_a_tag_is_given_once() -> None:
    with pytest.raises(ValueError, match="expected tags that differ"):
        read_tags("pair", "x y=x")


@pytest.mark.parametrize("change", [{"seed": 2}, {"time_s": 1.0}, {"fresh": 99}])
def test_what_a_state_holds_is_in_its_digest(change: dict[str, object]) -> None:
    state = worked()
    assert set(change) <= {path for _, path, _ in STATE.fields}
    assert digest(replace(state, **change)) != digest(state)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"site": 5}, {"site_at": (0.0, 0.0, 0.0)}])
def test_what_its_fluid_holds_is_in_its_digest(change: dict[str, object]) -> None:
    state = worked()
    assert {f"fluid.{name}" for name in change} <= {path for _, path, _ in STATE.fields}
    assert digest(replace(state, fluid=replace(state.fluid, **change))) != digest(state)  # type: ignore[arg-type]


def test_values_of_different_kinds_read_differently() -> None:
    values = (1, 1.0, "1", True, None, "None", (1,), ((1,),), (), "", ("ab", "c"), ("a", "bc"), {"a": 1}, {"a": 2})
    assert len({digests._hash_value(value) for value in values}) == len(values)  # noqa: SLF001


def test_a_digest_is_the_same_whatever_was_known_before() -> None:
    known, state = Known(), begin_toy()
    for item in ("monitor", {"wait": {"duration_s": 1.0}}):
        state = do(state, item)
        assert digest(state, known) == digest(state)
