"""How many seats does a core carry? Engines without pages, each in a real case with the pedal down at 8/s and the needle on the move.

``python -m benchmarks.drive_seats [--seats N] [--seconds S]`` prints the same lines as `epifluoro serve` does once a minute, and the share
of the pulses that came out as frames: below nine tenths the machine was full. The page's own server is not in it; it idles while frames
pass.
"""

import argparse
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from simulator.viewer.classroom.capacity import Load, describe_loads
from simulator.viewer.classroom.usage import Usage, free_mb, read_process
from simulator.viewer.common.engine_config import Setup
from simulator.viewer.common.messages import (
    ActRequest,
    BeatRequest,
    BeginRequest,
    CaseNotice,
    EngineNotice,
    FactsNotice,
    FailedNotice,
    FrameNotice,
    Hands,
    HoldRequest,
    RefusedNotice,
    ShaftRequest,
    Start,
)
from simulator.viewer.page.engine_client import EngineProcess

CASE = "lumbar-interlaminar-l4-l5"
TICK_S, PATIENCE_S = 0.1, 300.0
BEFORE: tuple[object, ...] = (
    {"decide": {"decision": "proceed"}},
    {"move-table": {"cranial_mm": -52.0, "dorsal_mm": 30.0}},
    {"collimate": {"left_mm": 70, "right_mm": 70, "top_mm": 90, "bottom_mm": 90}},
    {"set-technique": {"pulses_per_s": 8}},
    "shoot",
    {"mark-skin": {"across": 0.47, "down": 0.5}},
    {"place-needle": {"bevel": "tuohy", "gauge": 18, "length_mm": 89.0}},
    {"advance": {"distance_mm": 20.0}},
)


@dataclass(kw_only=True)
class DrivenSeat:
    """An engine, and what it has said."""

    folder: Path
    ready: Event = field(default_factory=Event)
    given: int = 0
    delivered: int = 0
    wrong: list[str] = field(default_factory=list)
    needle: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.engine = EngineProcess(setup=Setup(attempts=self.folder, database=str(self.folder / "a.sqlite")), listen=self._receive)

    def _receive(self, notice: EngineNotice) -> None:
        match notice:
            case CaseNotice():
                self.ready.set()
            case FrameNotice(header=header):
                self.given, self.delivered = header.given, header.delivered
            case FactsNotice(facts=facts) if facts.get("needle"):
                self.needle.set()
            case RefusedNotice(why=why) | FailedNotice(why=why):
                self.wrong.append(why)

    def begin(self) -> None:
        """Into the case, with a needle in the back."""
        self.engine.start()
        self.engine.send(BeginRequest(start=Start(case=CASE, seed=1)))
        if not self.ready.wait(PATIENCE_S):
            raise SystemExit(f"the engine did not open the case: {self.wrong}")
        for item in BEFORE:
            self.engine.send(ActRequest(action=item))
        if not self.needle.wait(PATIENCE_S):
            raise SystemExit(f"no needle went in: {self.wrong[:1]}")


def read_usage(seat: DrivenSeat) -> Usage:
    """Time of cores so far, and resident memory."""
    if seat.engine.pid is None:
        raise SystemExit("the engine has not been started")
    return read_process(seat.engine.pid)[1]


def press(seats: list[DrivenSeat], seconds: float) -> None:
    """Pedal down and the needle in and out, in all of them at once."""
    for seat in seats:
        seat.engine.send(HoldRequest(hands=Hands(pedal=True)))
    until_s, number = time.monotonic() + seconds, 0
    while time.monotonic() < until_s:
        for seat in seats:
            seat.engine.send(BeatRequest())
            seat.engine.send(ShaftRequest(distance_mm=0.5 if number % 20 < 10 else -0.5))
        number += 1
        time.sleep(TICK_S)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seats", type=int, default=1)
    options.add_argument("--seconds", type=float, default=20.0)
    said = options.parse_args()
    with tempfile.TemporaryDirectory() as root:
        seats = [DrivenSeat(folder=Path(root) / f"seat-{number}") for number in range(1, said.seats + 1)]
        for seat in seats:
            seat.folder.mkdir()
            seat.begin()
        press(seats, 5.0)
        before, counted, began_s = [read_usage(seat) for seat in seats], [(seat.given, seat.delivered) for seat in seats], time.monotonic()
        press(seats, said.seconds)
        span_s = time.monotonic() - began_s
        loads = {
            f"seat {number}": Load(cores=(now.cpu_s - then.cpu_s) / span_s, rss_mb=now.rss_mb)
            for number, (now, then) in enumerate(zip(map(read_usage, seats), before, strict=True), start=1)
        }
        for line in describe_loads(loads, span_s, free_mb()):
            print(line)
        given = sum(seat.given - start for seat, (start, _) in zip(seats, counted, strict=True))
        shown = sum(seat.delivered - start for seat, (_, start) in zip(seats, counted, strict=True))
        print(f"pulses: {given / span_s / len(seats):.1f}/s each, {100 * shown / max(1, given):.0f} % delivered as frames")
        frame_s = sum(load.cores for load in loads.values()) * span_s / max(1, shown)
        print(f"one frame: {1000 * frame_s:.0f} ms of a core; with each of 8/s delivered {1 / (8 * frame_s):.1f} seats per core")
        for seat in seats:
            seat.engine.close()


if __name__ == "__main__":
    main()
