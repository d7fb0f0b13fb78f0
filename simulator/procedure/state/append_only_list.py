"""A list that grows at its end and is shared by all that saw it shorter: a record of 20,000 actions costs a state two numbers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar, overload

T = TypeVar("T")

LONGEST = 100  # of an item in the text of a list


@dataclass(frozen=True, eq=False, slots=True)
class AppendOnlyList(Sequence[T], Generic[T]):
    """The first so many items of a list that only grows.

    Attributes
    ----------
    items : list
        Shared by every list that goes the same way; no one but `add` touches it.
    size : int
        How many of them belong to this one.

    Examples
    --------
    >>> first = AppendOnlyList().add("a")
    >>> list(first.add("b")), list(first.add("c")), list(first)
    (['a', 'b'], ['a', 'c'], ['a'])
    """

    items: list[T] = field(default_factory=list)
    size: int = 0

    def __repr__(self) -> str:
        text = f", the last {self[-1]!r}" if self.size else ""
        return f"<AppendOnlyList of {self.size}{text if len(text) <= LONGEST else text[: LONGEST - 3] + '...'}>"

    def add(self, item: T) -> "AppendOnlyList[T]":
        """The list with one more item; where another has gone on from here already, on a way of its own."""
        items = self.items if self.size == len(self.items) else self.items[: self.size]
        items.append(item)
        return AppendOnlyList(items, self.size + 1)

    def take_first(self, count: int) -> "AppendOnlyList[T]":
        """Its first items, so many of them."""
        return AppendOnlyList(self.items, min(count, self.size))

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> list[T]: ...

    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            return [self.items[number] for number in range(*index.indices(self.size))]
        return self.items[range(self.size)[index]]
