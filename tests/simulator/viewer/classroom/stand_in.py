"""Stands in for a trainer in tests of a class: says how it was started, then does as `behaviour` in its folder tells.

Each run takes the next line of that file: wait, wait-stubbornly, with-child, beat, swell, end, refuse or fail.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HOUR_S = 3600.0


def main(folder: Path) -> int:
    starts = folder / "starts.jsonl"
    number = len(starts.read_text().splitlines()) if starts.exists() else 0
    script = (folder / "behaviour").read_text().split() if (folder / "behaviour").exists() else ["wait"]
    behaviour = script[min(number, len(script) - 1)]
    child = subprocess.Popen(["sleep", "3600"]).pid if behaviour == "with-child" else 0
    if behaviour == "wait-stubbornly":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    said = {
        "pid": os.getpid(),
        "child": child,
        "argv": sys.argv,
        "nice": os.nice(0),
        "environment": {name: value for name, value in os.environ.items() if name.startswith(("EPIFLUORO", "OMP"))},
    }
    with starts.open("a") as stream:
        stream.write(json.dumps(said) + "\n")
    return play(behaviour)


def play(behaviour: str) -> int:
    if behaviour in ("end", "refuse", "fail"):
        print("the first line\nthe case is unknown")  # noqa: T201
        return {"end": 0, "refuse": 2, "fail": 1}[behaviour]
    ballast = bytearray(300_000_000) if behaviour == "swell" else b""
    until_s = time.monotonic() + HOUR_S
    while time.monotonic() < until_s:
        if behaviour == "beat":
            Path(os.environ["EPIFLUORO_HEARTBEAT"]).touch()
        time.sleep(0.02 if behaviour == "beat" else HOUR_S)
    return len(ballast) * 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
