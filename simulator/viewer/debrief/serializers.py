"""What the debrief's page is told of an attempt: losses and moments to jump to, beliefs, curves; plain values."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from phantoms.terms.number_text import format_number, format_share
from simulator.observation.truth.state_archive import StateArchive
from simulator.reporting.first_page import AXIS_WORDS, spell_belief
from simulator.reporting.report import Kind, Moment, Report, Stated, format_time
from simulator.scoring.percent import percent
from simulator.scoring.quantity_text import spell_criterion, tell_points_of
from simulator.scoring.score import Result, Score
from simulator.scoring.verdict import explain_verdict
from simulator.viewer.debrief.timelines import Timeline, draw_svg

Plain = dict[str, Any]

IDLE_WORD = "Wait"
AROUND_S = 15.0
STEERED = ("C-arm", "Centre")  # words of movements of which only the last place matters
LONGEST = 160  # characters of a line that tells several actions
BY_THE_END = "by the end"


def describe_debrief(course: StateArchive, report: Report, lines: Sequence[Timeline]) -> Plain:
    """Everything that the page needs once.

    Parameters
    ----------
    course : StateArchive
        The attempt.
    report : Report
        Of it.
    lines : sequence of Timeline
        Of it.
    """
    end_s, score = course.end_s, report.score
    return {
        "title": report.title,
        "end_s": end_s,
        "end": format_time(end_s),
        "work": list(work(course)),
        "passed": score.passed,
        "grade": percent(score.grade),
        "pass_mark": percent(score.pass_mark),
        "critical": len(score.critical),
        "verdict": list(explain_verdict(score)),
        "axes": [{"name": AXIS_WORDS[axis], "share": percent(share)} for axis, share in score.axes.items()],
        "losses": list(list_losses(score, end_s)),
        "moments": list(list_moments(report.moments)),
        "beliefs": list(_list_beliefs(report.beliefs)),
        "outcome": list(report.outcome),
        "talk": [{"question": question, "answer": answer} for question, answer in report.debrief],
        "plots": [_plot(item, end_s) for item in lines],
    }


def work(course: StateArchive) -> tuple[float, float]:
    """From when to when something was done under the beam or with the needle, s, with a little on either side; all where nothing was."""
    times = course.working_s()
    if not times:
        return 0.0, course.end_s
    return max(0.0, min(times) - AROUND_S), min(course.end_s, max(times) + AROUND_S)


def list_moments(found: Sequence[Moment]) -> Iterator[Plain]:
    """Moments as the list shows them: pieces of one movement are one line, and waiting alone is none."""
    for _, run in groupby(enumerate(found), key=lambda item: _group(*item)):
        items = [item for _, item in run]
        first = items[0]
        word = first.text.split()[0]
        if word == IDLE_WORD and first.kind is Kind.ACTION and first.time_s + 5 > items[-1].time_s:
            continue
        text = first.text if len(items) == 1 else _join_texts(word, [item.text for item in items])
        yield {"time_s": round(first.time_s, 2), "time": format_time(first.time_s), "kind": str(first.kind), "text": text}


def list_readings(course: StateArchive, lines: Sequence[Timeline], time_s: float) -> list[Plain]:
    """Values under the cursor: ``what``, ``name`` and ``said`` with its unit."""
    return [
        {
            "what": item.what,
            "name": line.name,
            "said": "" if (value := line.at(time_s)) is None else f"{format_number(value, 3)} {item.unit}",
        }
        for item in lines
        for line in item.lines
    ] + [{"what": "fluoro", "name": "", "said": f"{course.fluoro_s(time_s):.1f} s"}]


def _group(number: int, moment: Moment) -> tuple[str, str] | int:
    return (str(moment.kind), moment.text.split()[0]) if moment.kind is Kind.ACTION else number


def _join_texts(word: str, texts: Sequence[str]) -> str:
    """One line for a run of actions of one word: where the C-arm came to stand, what was read, how often else."""
    if word in STEERED:
        return f"{texts[-1]}, in {len(texts)} moves"
    listed = ", ".join(dict.fromkeys([texts[0], *(text.removeprefix(word).strip() for text in texts[1:])]))
    return listed if len(listed) <= LONGEST else f"{word}, {len(texts)} times"


def list_losses(score: Score, end_s: float) -> Iterator[Plain]:
    """Lost points, the gravest first, each with its moment; those that only fall with a missing safety view are told as one.

    Parameters
    ----------
    score : Score
    end_s : float
        Until when what was never done could have been.
    """
    shut = [result for result in score.losses if not result.counts]
    for result in score.losses:
        if result.counts:
            yield _describe_loss(result.sentence, [result], _time(result), end_s)
    if shut:
        cause = next((_time(result) for result in score.losses if result.criterion.opens_efficiency and result.counts), None)
        named = ", ".join(spell_criterion(result.criterion.name) for result in shut)
        yield _describe_loss(f"Efficiency earns nothing, for a view that safety asks for was not taken ({named}).", shut, cause, end_s)


def _time(result: Result) -> float | None:
    return None if result.measured is None else result.measured.time_s


def _describe_loss(said: str, results: Sequence[Result], time_s: float | None, end_s: float) -> Plain:
    return {
        "text": said,
        "lost": tell_points_of(sum(result.lost for result in results), sum(result.criterion.weight for result in results), lost=True),
        "axis": AXIS_WORDS[results[0].criterion.axis],
        "critical": results[0].breached,
        "time_s": end_s if time_s is None else time_s,
        "time": BY_THE_END if time_s is None else format_time(time_s),
    }


def _list_beliefs(beliefs: Sequence[Stated]) -> Iterator[Plain]:
    for item in beliefs:
        yield {
            "time_s": item.time_s,
            "time": format_time(item.time_s),
            "what": item.what,
            "believed": spell_belief(item.believed),
            "truth": spell_belief(item.truth),
            "right": item.right,
            "confidence": format_share(item.confidence),
            "brier": f"{item.brier:.2f}",
        }


def _plot(item: Timeline, end_s: float) -> Plain:
    return {
        "what": item.what,
        "unit": item.unit,
        "most": format_number(item.most, 3),
        "names": [line.name.replace("-", " ") for line in item.lines if line.name],
        "svg": draw_svg(item, end_s),
    }
