"""A report as JSON: every number with its unit, every criterion with its bounds, source and evidence, no image data."""

from dataclasses import asdict
from typing import Any

from scenarios.names.quantities import unit
from simulator.reporting.report import NOTICE, Report
from simulator.scoring.quantity_text import tell_quantity
from simulator.scoring.score import Result
from simulator.scoring.verdict import tell_verdict

FORMAT = 1


def as_plain(report: Report) -> dict[str, Any]:
    """Return a report as mappings, lists, numbers and strings, ready for JSON."""
    return {
        "format": FORMAT,
        "notice": NOTICE,
        "scenario": {"id": report.scenario, "version": report.version, "title": report.title},
        "seed": report.seed,
        "request": report.request,
        "circumstances": asdict(report.circumstances) | {"hints": report.hints},
        "verdict": tell_verdict(report.score),
        "passed": report.score.passed,
        "grade": round(report.score.grade, 6),
        "uncapped": round(report.score.uncapped, 6),
        "pass_mark": report.score.pass_mark,
        "axes": {str(axis): round(share, 6) for axis, share in report.score.axes.items()},
        "axis_minimum": {str(axis): share for axis, share in report.score.minima.items()},
        "failed_axes": [str(axis) for axis in report.score.failed_axes],
        "critical": [result.criterion.name for result in report.score.critical],
        "criteria": [_result(result) for result in report.score.results],
        "facts": dict(report.facts),
        "given": [{name: _round(value) for name, value in asdict(item).items()} for item in report.given],
        "beliefs": [
            {"time_s": item.time_s, "what": item.what, "believed": item.believed, "truth": item.truth, "confidence": item.confidence}
            for item in report.beliefs
        ],
        "outcome": list(report.outcome),
        "timeline": [
            {"time_s": round(item.time_s, 3), "kind": str(item.kind), "text": item.text, "pulse": item.pulse} for item in report.moments
        ],
        "images": [{"time_s": round(item.time_s, 3), "pulse": item.pulse, "caption": item.caption} for item in report.pictures],
    }


def _round(value: float | str) -> float | str:
    return round(value, 4) if isinstance(value, float) else value


def _result(result: Result) -> dict[str, Any]:
    criterion, measured = result.criterion, result.measured
    return {
        "name": criterion.name,
        "axis": str(criterion.axis),
        "quantity": criterion.key,
        "unit": unit(criterion.quantity),
        "value": None if measured is None else round(measured.value, 6),
        "text": None if measured is None else tell_quantity(criterion.quantity, measured.value),
        "low": criterion.low,
        "high": criterion.high,
        "margin": criterion.margin,
        "credit": round(result.credit, 6),
        "points": round(result.points, 6),
        "lost": round(max(result.lost, 0.0), 6),
        "weight": criterion.weight,
        "critical": criterion.critical,
        "breached": result.breached,
        "excused": result.excused,
        "at_stake": round(result.at_stake, 6),
        "counts": result.counts,
        "time_s": None if measured is None else measured.time_s,
        "pulse": None if measured is None else measured.pulse,
        "why": result.sentence,
        "evidence": str(criterion.grade),
        "source": criterion.source,
    }
