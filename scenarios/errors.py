"""What is wrong with a case file: where, what, and how to mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong with a file.

    Attributes
    ----------
    file : str
        As it was named.
    line : int
        Counted from 1; 0 where it concerns the file as a whole.
    key : str
        Dotted, e.g. ``task.level``; empty for the file as a whole.
    what : str
        What was expected and what came.
    mend : str
        What to do.
    """

    file: str
    line: int = 0
    key: str = ""
    what: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.key}: {self.what}; {self.mend}" if self.key else f"{place}: {self.what}; {self.mend}"


class ScenarioError(ValueError):
    """A case file that cannot be used; `problems` holds everything found, the message the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        more = len(self.problems) - 1
        super().__init__(f"{self.problems[0]}" + (f" (and {more} more: epifluoro lint lists them)" if more else ""))


def advise_nearest(word: object, words: Iterable[str]) -> str:
    """Advice that names the nearest known word, or all of them.

    Examples
    --------
    >>> advise_nearest("mediction", ["medication", "history"])
    "did you mean 'medication'?"
    """
    known = {choice.lower(): choice for choice in words}
    close = get_close_matches(str(word).lower(), known, n=1)
    return f"did you mean '{known[close[0]]}'?" if close else f"known are {', '.join(known.values())}"
