"""Run every suite and print one table: measured, target, ratio.

A benchmark that has a target says so in ``benchmark.extra_info``: ``row`` (what is asked), ``target`` and ``unit``, where ``ms``, ``s`` and
``frames/s`` are taken from its median time and any other unit from ``measured``. More ``frames/s`` and ``x`` (times faster) are better,
less of all else. The calibration row (two cumulative sums over 1024 x 1024 float64) lets machines be compared.

    python -m benchmarks                     all suites but the peers'
    python -m benchmarks --peers             gVirtualXray on the same meshes and views
    python -m benchmarks bench_patient.py    one suite
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.gaps import CALIBRATION, explain

FOLDER = Path(__file__).parent
TIMES = {"ms": 1e3, "s": 1.0}
RATE = "frames/s"
MORE_IS_BETTER = (RATE, "x")


def find_suites(words: Sequence[str]) -> list[Path]:
    """Files to run: those named, or all but the peers', or only the peers'."""
    named = [FOLDER / Path(word).name for word in words if not word.startswith("-")]
    found = sorted(FOLDER.glob("bench_*.py"))
    return named or [path for path in found if ("peer" in path.name) == ("--peers" in words)]


def run(files: Sequence[Path]) -> tuple[int, list[dict]]:
    """Run suites in a fresh interpreter on one BLAS thread; return the exit code and what they measured."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [
            sys.executable,
            "-m",
            "pytest",
            *map(str, files),
            "-q",
            "-rs",  # a suite that was skipped says why, e.g. which system packages gVirtualXray lacks
            "-p",
            "no:xdist",
            "--benchmark-json",
            str(report),
            "--benchmark-quiet",
        ]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        code = subprocess.run(command, check=False, env=environment, cwd=FOLDER.parent).returncode
        return code, json.loads(report.read_text())["benchmarks"] if report.exists() and report.stat().st_size else []


def read_measurement(result: dict) -> tuple[float, str]:
    """Value and unit of one benchmark."""
    told, median_s = result["extra_info"], result["stats"]["median"]
    unit = told.get("unit", "ms")
    if unit in TIMES:
        return median_s * TIMES[unit], unit
    return (1 / median_s if unit == RATE else told["measured"]), unit


def make_table(results: Sequence[dict]) -> Table:
    """One row per benchmark; targets that were missed are bold."""
    page = Table("question", "measured", "target", "ratio", title="epifluoro benchmarks (medians)")
    for result in results:
        value, unit = read_measurement(result)
        share = ratio(result)
        sign = ">=" if unit in MORE_IS_BETTER else "<="
        target = "" if share is None else f"{sign} {result['extra_info']['target']:g} {unit}"
        shown = "" if share is None else f"{share:.2f}"
        page.add_row(name_row(result), f"{value:.3g} {unit}", target, shown, style="bold" if share is not None and share > 1 else "")
    return page


def ratio(result: dict) -> float | None:
    """Measured over target, or target over measured where more is better, so that up to 1 is met; None without a target."""
    told = result["extra_info"]
    if "target" not in told:
        return None
    value, unit = read_measurement(result)
    return told["target"] / value if unit in MORE_IS_BETTER else value / told["target"]


def name_row(result: dict) -> str:
    """What a row asks."""
    return result["extra_info"].get("row", result["name"].removeprefix("test_"))


def explain_gaps(results: Sequence[dict]) -> list[str]:
    """Why targets were missed, one line each."""
    ratios = [(name_row(result), ratio(result)) for result in results]
    calibration = next((read_measurement(result)[0] for result in results if name_row(result).startswith(CALIBRATION)), None)
    return list(explain([(row, share) for row, share in ratios if share is not None and share > 1], calibration))


def main(words: Sequence[str]) -> int:
    """Run, print, and return pytest's exit code; a missed target is shown, not failed, for machines differ."""
    files = find_suites(words)
    if not files:  # pytest without files would run all tests
        print(f"no suites in {FOLDER} for {' '.join(words)}", file=sys.stderr)
        return 2
    code, results = run(files)
    console = Console(width=120, highlight=False)
    console.print(make_table(results))
    for line in explain_gaps(results):
        console.print(line, markup=False)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
