"""What a report says of an attempt, before it is JSON or a page."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from phantoms.io.atomic_file import replace_file
from phantoms.io.paths import as_path
from simulator.observation.album import Picture
from simulator.reporting.circumstances import EXAM, Circumstances
from simulator.scoring.score import Score

NOTICE = "For education and research only, never for guiding a real needle. A score here says nothing of competence with patients."


class Kind(StrEnum):
    """What a moment of the timeline is."""

    ACTION = "action"
    EVENT = "event"
    VOICE = "voice"
    IMAGE = "image"


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Something that happened.

    Attributes
    ----------
    time_s : float
        Simulated time, s.
    kind : Kind
        What sort.
    text : str
        One sentence or less.
    pulse : int or None
        Number of the X-ray pulse, for images.
    """

    time_s: float
    kind: Kind
    text: str
    pulse: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Curve:
    """A line of a plot.

    Attributes
    ----------
    name : str
        For the key.
    x, y : ndarray, shape (n,)
        In the units of its plot's axes.
    step : bool
        Whether the value holds until the next point.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    step: bool = False


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Plot:
    """Curves over one pair of axes.

    Attributes
    ----------
    title, x_label, y_label : str
        With units.
    curves : tuple of Curve
        What is drawn.
    marks : tuple of (float, str)
        Places on the x axis with a word each, e.g. where the dura was met.
    bands : tuple of (float, float, str)
        Ranges of y that are expected, each with a word, e.g. the published loss-of-resistance pressures.
    """

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    marks: tuple[tuple[float, str], ...] = ()
    bands: tuple[tuple[float, float, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Stated:
    """A belief against the truth.

    Attributes
    ----------
    time_s : float
        When it was committed, s.
    what : str
        Part of the belief, e.g. "compartment".
    believed, truth : str
        In words.
    confidence : float
        From 0 to 1.
    """

    time_s: float
    what: str
    believed: str
    truth: str
    confidence: float

    @property
    def right(self) -> bool:
        """Whether it was so."""
        return self.believed == self.truth

    @property
    def brier(self) -> float:
        """(confidence - 1 if right else 0) squared, 0 to 1."""
        return (self.confidence - float(self.right)) ** 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """A push on the plunger.

    Attributes
    ----------
    time_s : float
        When it began, s.
    what : str
        What left the needle, volumes and doses in words.
    rate_ml_s, wanted_ml_s : float
        How fast it went in, and was meant to.
    syringe_ml : float
        Size of the syringe, mL.
    effort_n, effort_share : float
        Greatest force of the thumb, N, and its share of the most that a thumb can do.
    tip_kpa, line_kpa : float
        Greatest pressure at the tip, and what was lost in needle and tubing then, kPa.
    meant : str
        What the effort meant; empty where it was an easy push.
    """

    time_s: float
    what: str
    rate_ml_s: float
    wanted_ml_s: float
    syringe_ml: float
    effort_n: float
    effort_share: float
    tip_kpa: float
    line_kpa: float
    meant: str


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Report:
    """Everything that is told of an attempt.

    Attributes
    ----------
    title, scenario, version, brief : str
        The case's title, id, version, and what was asked.
    seed : int
        Of the attempt.
    facts : tuple of (str, str)
        Rows of the summary: dose, times, volumes, versions.
    score : Score
        The score.
    moments : tuple of Moment
        The timeline in order of time.
    pictures : tuple of Picture
        Images that were kept.
    plots : tuple of Plot
        Force, pressure, dose.
    beliefs : tuple of Stated
        What was believed, and what was so.
    outcome : tuple of str
        Sentences on what became of the patient.
    debrief : tuple of (str, str)
        The case's questions for the debrief, and what the case's author says to each; before them what hard pushes meant.
    request : str
        The case by its request alone, which does not give the catch away.
    circumstances : Circumstances
        Who, when and with what help.
    hints : int
        How many were asked for.
    given : tuple of Given
        Every push on the plunger.
    """

    title: str
    scenario: str
    version: str
    brief: str
    seed: int
    facts: tuple[tuple[str, str], ...]
    score: Score
    moments: tuple[Moment, ...]
    pictures: tuple[Picture, ...] = ()
    plots: tuple[Plot, ...] = ()
    beliefs: tuple[Stated, ...] = ()
    outcome: tuple[str, ...] = ()
    debrief: tuple[tuple[str, str], ...] = ()
    request: str = ""
    circumstances: Circumstances = Circumstances()
    hints: int = 0
    given: tuple[Given, ...] = ()

    @property
    def heading(self) -> str:
        """What stands over the report: of an exam the request alone, for the next in the class may see it."""
        return self.request if self.circumstances.mode == EXAM and self.request else self.title

    def __repr__(self) -> str:
        held = f"grade {self.score.grade:.3f}, moments {len(self.moments)}, pictures {len(self.pictures)}"
        return f"<Report on {self.scenario}, version {self.version}, seed {self.seed}: {held}>"

    def save(self, path: str | Path) -> None:
        """Write the report as one file, whole or not at all; one that is there is replaced.

        Parameters
        ----------
        path : str or Path
            Ends in .html for one page without addresses or scripts, or in .json for numbers with their units.

        Raises
        ------
        TypeError
            If it is no path.
        ValueError
            If it ends otherwise, or cannot be written.
        """
        from simulator.reporting.writing import as_text  # only here: it loads templates and plots

        goal = as_path(path)
        text = as_text(self, goal.suffix)
        try:
            with replace_file(goal) as temporary:
                temporary.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ValueError(f"{goal}: cannot be written ({error.strerror}); choose a file in a folder that is there") from error


def format_time(time_s: float) -> str:
    """Simulated time as minutes and seconds, e.g. "12:05"; hours in front where there are any.

    Examples
    --------
    >>> format_time(725.4), format_time(3725)
    ('12:05', '1:02:05')
    """
    minutes, seconds = divmod(round(time_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
