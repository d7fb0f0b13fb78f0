"""What the debrief's page is told of an attempt: losses and moments to jump to, beliefs, curves; plain values."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from simulator.procedure.measuring.attempt import attempt_of
from simulator.procedure.measuring.reading import judged
from simulator.procedure.state import ProcedureState
from simulator.reporting.page import AXIS_WORDS
from simulator.reporting.report import Kind, Moment, Report, clock
from simulator.scoring.score import Result
from simulator.viewer.debrief.keeping import Course
from simulator.viewer.debrief.timelines import Timeline, svg

Message = dict[str, Any]

IDLE_WORD = "Wait"
AROUND_S = 15.0


def debriefed(course: Course, report: Report, lines: Sequence[Timeline]) -> Message:
    """Everything that the page needs once.

    Parameters
    ----------
    course : Course
        The attempt.
    report : Report
        Of it.
    lines : sequence of Timeline
        Of it.
    """
    end_s, score = course.states[-1].time_s, report.score
    return {
        "title": report.title,
        "end_s": end_s,
        "end": clock(end_s),
        "work": list(work(course.states)),
        "passed": score.passed,
        "grade": round(100 * score.grade),
        "pass_mark": round(100 * score.pass_mark),
        "critical": len(score.critical),
        "axes": [{"name": AXIS_WORDS[axis], "share": round(100 * share)} for axis, share in score.axes.items()],
        "losses": [_loss(result) for result in score.losses],
        "moments": list(moments(report.moments)),
        "beliefs": list(_beliefs(course.states)),
        "outcome": list(report.outcome),
        "talk": [{"question": question, "answer": answer} for question, answer in report.debrief],
        "plots": [_plot(item, end_s) for item in lines],
    }


def work(states: Sequence[ProcedureState]) -> tuple[float, float]:
    """From when to when something was done under the beam or with the needle, s, with a little on either side; all where nothing was."""
    last = states[-1]
    times = [time_s for shot in last.shots for time_s in (shot.time_s, shot.end_s)]
    times += [state.time_s for state in states if state.needle is not None and state.needle.depth_mm > 0]
    if not times:
        return 0.0, last.time_s
    return max(0.0, min(times) - AROUND_S), min(last.time_s, max(times) + AROUND_S)


def moments(found: Sequence[Moment]) -> Iterator[Message]:
    """Moments as the list shows them: pieces of one movement are one line, and waiting alone is none."""
    for _, run in groupby(enumerate(found), key=lambda item: _group(*item)):
        items = [item for _, item in run]
        first = items[0]
        word = first.text.split()[0]
        if word == IDLE_WORD and first.kind is Kind.ACTION and first.time_s + 5 > items[-1].time_s:
            continue
        text = first.text if len(items) == 1 else f"{word}, in {len(items)} pieces"
        yield {"time_s": round(first.time_s, 2), "time": clock(first.time_s), "kind": str(first.kind), "text": text}


def readings(state: ProcedureState, lines: Sequence[Timeline], time_s: float) -> list[Message]:
    """Values under the cursor: ``what``, ``name`` and ``said`` with its unit."""
    return [
        {"what": item.what, "name": line.name, "said": "" if (value := line.at(time_s)) is None else f"{value:.3g} {item.unit}"}
        for item in lines
        for line in item.lines
    ] + [{"what": "fluoro", "name": "", "said": f"{state.room.dose.fluoro_s:.1f} s"}]


def _group(number: int, moment: Moment) -> tuple[str, str] | int:
    return (str(moment.kind), moment.text.split()[0]) if moment.kind is Kind.ACTION else number


def _loss(result: Result) -> Message:
    measured = result.measured
    time_s = None if measured is None else measured.time_s
    return {
        "text": result.sentence,
        "lost": f"{result.lost:.1f}",
        "of": f"{result.criterion.weight:.1f}",
        "axis": AXIS_WORDS[result.criterion.axis],
        "critical": result.breached,
        "time_s": time_s,
        "time": "" if time_s is None else clock(time_s),
    }


def _beliefs(states: Sequence[ProcedureState]) -> Iterator[Message]:
    for item in judged(attempt_of(states)):
        yield {
            "time_s": item.time_s,
            "time": clock(item.time_s),
            "what": str(item.part),
            "believed": item.believed,
            "truth": item.truth,
            "right": item.right,
            "confidence": f"{100 * item.confidence:.0f} %",
            "brier": f"{item.brier:.2f}",
        }


def _plot(item: Timeline, end_s: float) -> Message:
    return {
        "what": item.what,
        "unit": item.unit,
        "most": f"{item.most:.3g}",
        "names": [line.name.replace("-", " ") for line in item.lines if line.name],
        "svg": svg(item, end_s),
    }
