"""One attempt, watched on four ways: page, report, replay of the log and command line keep the same images, bit for bit."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.cli import attempts as commands
from simulator.formats.images import read_png
from simulator.observation import Monitor, watch, watch_all
from simulator.observation.album import Picture
from simulator.observation.monitors import take
from simulator.observation.pulses import shot_of
from simulator.procedure.attempt.replay import drop_undone, replay_states
from simulator.procedure.state.case import Case
from simulator.viewer.common import attempts
from simulator.viewer.debrief.log_replayer import open_log
from simulator.viewer.engine.worker import Engine
from simulator.viewer.monitor.monitoring import MonitorSide
from simulator.xray.image.modes import Mode
from tests.simulator.procedure.toy import PLACED, begin_toy, case_with, change_scenario, do
from tests.simulator.viewer.engined import CASE, Clock, act, clock, engine, folder_of, run, say, until

__all__ = ["clock", "engine"]

SYRINGE = {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 3.0}}}


def press(engine: Engine, clock: Clock, seconds: float, plunger_ml_s: float = 0.0) -> None:
    """The pedal down for a while, the plunger too where it is asked for."""
    say(engine, {"hold": {"pedal": True, "plunger_ml_s": plunger_ml_s}})
    run(engine, clock, seconds)
    say(engine, {"hold": {"pedal": False, "plunger_ml_s": 0.0}})
    run(engine, clock, 1.0)


@pytest.fixture
def case(monkeypatch: pytest.MonkeyPatch) -> Case:
    """The toy case with DSA, which the command line finds by the log too."""
    found = case_with(change_scenario(equipment={"dsa": True}))
    monkeypatch.setattr(commands, "_scenario_of", lambda *_: found)
    return found


@pytest.fixture
def page(engine: Engine, clock: Clock, case: Case) -> Engine:
    """An attempt on the page, in its debrief: shots, runs in every mode, live injections, a reference, and what was taken back."""
    engine.cases = {CASE: case}
    say(engine, {"begin": {"case": CASE, "mode": "guided", "seed": 3}})
    act(engine, "shoot", "save-reference", *PLACED, {"advance": {"distance_mm": 53.5}}, {"stylet": {"inserted": False}}, SYRINGE)
    press(engine, clock, 3.0, plunger_ml_s=0.4)
    act(engine, {"set-mode": {"mode": "dsa"}})
    press(engine, clock, 0.5)  # without contrast medium; it is taken back, and its mask with it
    say(engine, {"undo": 2})
    press(engine, clock, 2.0, plunger_ml_s=0.3)
    act(engine, {"set-mode": {"mode": "roadmap"}}, {"withdraw": {"distance_mm": 4.0}})
    press(engine, clock, 0.5)
    act(engine, {"set-mode": {"mode": "fluoroscopy"}}, "shoot")
    say(engine, {"undo": 1})
    act(engine, {"move-carm": {"oblique_deg": 25.0}}, "shoot")
    until(engine, {"act": "finish"}, "debrief")
    return engine


def on_page(engine: Engine) -> tuple[Picture, ...]:
    assert engine.debrief is not None
    return engine.debrief.report.pictures


def images(pictures: tuple[Picture, ...]) -> dict[int, NDArray[np.uint8]]:
    return {item.pulse: item.pixels for item in pictures}


def assert_same(found: dict[int, NDArray[np.uint8]], wanted: dict[int, NDArray[np.uint8]]) -> None:
    assert list(found) == list(wanted)
    assert [pulse for pulse in wanted if not np.array_equal(found[pulse], wanted[pulse])] == []


def test_page_report_replay_and_command_line_keep_the_same_images(page: Engine, case: Case, tmp_path: Path) -> None:
    log, wanted = folder_of(page) / attempts.LOG, images(on_page(page))
    whole = drop_undone(replay_states(log, case))
    shots = [shot_of(whole[-1].shots, pulse) for pulse in wanted]
    assert {shot.mode for shot in shots if shot is not None} == set(Mode)
    assert len(wanted) >= 8

    report = watch_all(whole).album.pictures
    assert_same(images(report), wanted)
    assert [item.caption for item in report] == [item.caption for item in on_page(page)]

    replayed = open_log(log, case)  # of a past attempt, without its archive of images
    replayed.stored = None
    while not replayed.go_on():
        pass
    assert_same(images(replayed.pictures), wanted)

    commands.replay(log, None, tmp_path / "frames", 512)
    files = {int(path.stem): read_png(path.read_bytes())[0] for path in sorted((tmp_path / "frames").glob("*.png"))}
    assert_same(files, wanted)


def test_frames_that_are_shown_besides_change_nothing_of_which_are_kept(page: Engine, case: Case) -> None:
    whole = list(drop_undone(replay_states(folder_of(page) / attempts.LOG, case)))
    all_pulses = watch_all(whole, Monitor(size=32, every=1)).album
    few = watch_all(whole, Monitor(size=32)).album
    assert [item.pulse for item in all_pulses.pictures] == [item.pulse for item in few.pictures]


def test_the_reference_monitor_shows_what_was_saved_and_forgets_what_was_taken_back(page: Engine, case: Case) -> None:
    assert page.runtime is not None
    reference = page.runtime.monitors.monitor.reference
    assert reference is not None
    assert reference.index == page.runtime.state.room.reference == 0
    seen = Monitor(size=32)
    for state in replay_states(folder_of(page) / attempts.LOG, case):
        seen = watch(seen, state)
        assert (None if seen.reference is None else seen.reference.index) == state.room.reference


def test_a_pulse_that_cannot_be_drawn_fails_once(case: Case) -> None:
    state = do(begin_toy(case=case), {"set-mode": {"mode": "dsa"}}, {"pedal": {"down": True}}, {"pedal": {"down": False}})
    side = MonitorSide()
    unwatched = do(state, {"set-mode": {"mode": "roadmap"}}, {"pedal": {"down": True}})  # its run of DSA was not watched
    side.monitor = take(side.monitor, unwatched)
    with pytest.raises(ValueError, match="roadmap needs a mask"):
        list(side.deliver_frames(moving=False))
    assert list(side.deliver_frames(moving=False)) == []
