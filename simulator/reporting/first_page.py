"""What a report's page shows beside score and timeline: who and how, lost points by axis, and the images that matter."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version

from phantoms.terms.number_text import format_count
from scenarios.names.compartments import Compartment
from scenarios.names.enums import Axis
from simulator.observation.album import Picture
from simulator.reporting.circumstances import MODES, UNNAMED
from simulator.reporting.report import Report
from simulator.scoring.quantity_text import tell_lost, tell_points
from simulator.scoring.score import Result, Score

AXIS_WORDS = {
    Axis.SAFETY: "Safety",
    Axis.PLACEMENT: "Placement",
    Axis.IMAGING: "Imaging",
    Axis.EFFICIENCY: "Efficiency",
    Axis.INTERPRETATION: "Interpretation",
}
MOST_CHOSEN = 6


def list_circumstances(report: Report) -> Iterator[tuple[str, str]]:
    """Rows of the first page: trainee, date, mode, help, case, version, seed.

    Parameters
    ----------
    report : Report
    """
    circumstances = report.circumstances
    yield "Trainee", circumstances.trainee or UNNAMED
    yield "Date", circumstances.date
    yield "Mode", MODES.get(circumstances.mode, circumstances.mode)
    yield "Help used", f"{format_count(report.hints, 'hint')} asked for; {'the tour led through it' if circumstances.toured else 'no tour'}"
    yield "Case", f"{report.scenario}, version {report.version}"
    yield "Made with", f"epifluoro {version('epifluoro')}; seed {report.seed}"


def group_losses(score: Score) -> Iterator[tuple[str, str, list[Result]]]:
    """Lost points by axis: the axis's word, how many of how many, and its results, the gravest first.

    Parameters
    ----------
    score : Score
    """
    for axis in Axis:
        own = [result for result in score.losses if result.criterion.axis is axis]
        if own:
            at_stake = sum(result.criterion.weight for result in score.results if result.criterion.axis is axis)
            yield AXIS_WORDS[axis], f"{tell_lost(sum(result.lost for result in own))} of {tell_points(at_stake)} points", own


def spell_belief(word: str) -> str:
    """A part of a belief, or its truth, in words.

    Parameters
    ----------
    word : str
        As it was committed or found.
    """
    return Compartment(word).words if word in list(Compartment) else word


def choose_pictures(pictures: Sequence[Picture], pointed: Sequence[int]) -> list[Picture]:
    """The images that a reader wants first: those that lost points point to, those with contrast medium, and the last.

    Parameters
    ----------
    pictures : sequence of Picture
        All, in order of time.
    pointed : sequence of int
        Numbers of the pulses that lost points point to, the gravest first.

    Returns
    -------
    list of Picture
        At most six, in order of time.
    """
    by_pulse = {picture.pulse: picture for picture in pictures}
    shown = [by_pulse[pulse] for pulse in dict.fromkeys(pointed) if pulse in by_pulse][: MOST_CHOSEN // 2]
    injecting = [picture for picture in pictures if "injecting" in picture.caption]
    wanted = [*shown, *injecting[-1:], *injecting[:1], *pictures[-1:], *_spread(pictures)]
    chosen = list({picture.pulse: picture for picture in wanted}.values())[:MOST_CHOSEN]
    return sorted(chosen, key=lambda picture: picture.time_s)


def _spread(pictures: Sequence[Picture]) -> Iterator[Picture]:
    """Pictures evenly over the attempt."""
    for number in range(min(MOST_CHOSEN, len(pictures))):
        yield pictures[number * len(pictures) // min(MOST_CHOSEN, len(pictures))]
