"""What the processes of each seat use: time of the cores and memory, by process group."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
MEGABYTE = 1e6
GROUP, USER_TICKS, SYSTEM_TICKS, PAGES = 2, 11, 12, 21
"""Fields of /proc/<pid>/stat after the command's name (proc(5))."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What a group of processes uses.

    Attributes
    ----------
    cpu_s : float
        Time of cores that its living processes have used so far, s.
    rss_mb : float
        Resident memory, MB; what two of them share counts twice.
    """

    cpu_s: float = 0.0
    rss_mb: float = 0.0


def read_usages() -> dict[int, Usage]:
    """Usage of every process group of this machine by its number; empty where this system does not tell."""
    found: dict[int, Usage] = {}
    for group, cpu_s, rss_mb in _read_proc() if PROC.joinpath("self/stat").is_file() else _run_ps():
        before = found.get(group, Usage())
        found[group] = Usage(cpu_s=before.cpu_s + cpu_s, rss_mb=before.rss_mb + rss_mb)
    return found


def read_process(pid: int) -> tuple[int, Usage]:
    """Process group and usage of one process, where this system has ``/proc``; raises OSError where the process has ended."""
    words = PROC.joinpath(str(pid), "stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    cpu_s = (int(words[USER_TICKS]) + int(words[SYSTEM_TICKS])) / os.sysconf("SC_CLK_TCK")
    return int(words[GROUP]), Usage(cpu_s=cpu_s, rss_mb=int(words[PAGES]) * os.sysconf("SC_PAGE_SIZE") / MEGABYTE)


def free_mb() -> float | None:
    """Memory that new processes can have, MB; None where this system does not tell."""
    try:
        lines = PROC.joinpath("meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((float(line.split()[1]) * 1024 / MEGABYTE for line in lines if line.startswith("MemAvailable:")), None)


def _read_proc() -> list[tuple[int, float, float]]:
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                group, usage = read_process(int(entry.name))
            except OSError:  # it has just ended
                continue
            found.append((group, usage.cpu_s, usage.rss_mb))
    return found


def _run_ps() -> list[tuple[int, float, float]]:
    """The same from ps, for macOS."""
    if sys.platform == "win32":
        return []
    try:
        listed = subprocess.run(["ps", "-A", "-o", "pgid=,rss=,time="], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [line.split() for line in listed.splitlines()]
    return [(int(row[0]), parse_clock_s(row[2]), float(row[1]) * 1024 / MEGABYTE) for row in rows if len(row) == 3]


def parse_clock_s(words: str) -> float:
    """Seconds of what ps writes.

    Examples
    --------
    >>> parse_clock_s("1-02:03:04"), parse_clock_s("3:04.50")
    (93784.0, 184.5)
    """
    days, _, rest = words.rpartition("-")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = 60 * seconds + float(part)
    return 86400 * float(days or 0) + seconds
