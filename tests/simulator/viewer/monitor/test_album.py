"""Images of an attempt: what an undo took back is forgotten, and one that was gone on with reports the same images as an unbroken one."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from simulator.observation.album import Picture
from simulator.observation.pulses import INJECTING_S
from simulator.viewer.common import attempts
from simulator.viewer.debrief import image_export
from simulator.viewer.engine.worker import Engine
from simulator.xray.image.modes import Mode
from tests.simulator.procedure.toy import PLACED, case_with, change_scenario
from tests.simulator.viewer.engined import CASE, Clock, act, clock, engine, folder_of, new_engine, run, say, until

__all__ = ["clock", "engine"]

SYRINGE = {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 3.0}}}
EDGE_S = 2.0  # of idling, after which nothing of the clock is owed


def first_half(engine: Engine, clock: Clock) -> None:
    """A shot, a run, and an injection under live imaging."""
    say(engine, {"begin": {"case": CASE, "mode": "guided", "seed": 3}})
    act(engine, "shoot")
    say(engine, {"hold": {"pedal": True}})
    run(engine, clock, 1.0)
    say(engine, {"hold": {"pedal": False}})
    act(engine, *PLACED, {"advance": {"distance_mm": 53.5}}, "shoot")
    say(engine, {"undo": 1})
    act(engine, "shoot", {"stylet": {"inserted": False}}, SYRINGE)
    say(engine, {"hold": {"pedal": True, "plunger_ml_s": 0.5}})
    run(engine, clock, 3.0)
    say(engine, {"hold": {"plunger_ml_s": 0.0, "pedal": False}})
    run(engine, clock, EDGE_S)
    act(engine, {"review": {"item": "history"}})  # an action first lets pass what has passed by the clock: the room owes nothing here


def second_half(engine: Engine, clock: Clock) -> None:
    """Another run, with the needle moved, and the end."""
    run(engine, clock, EDGE_S)
    act(engine, {"withdraw": {"distance_mm": 5.0}})
    say(engine, {"hold": {"pedal": True}})
    run(engine, clock, 1.0)
    say(engine, {"hold": {"pedal": False}})
    act(engine, "shoot")
    until(engine, {"act": "finish"}, "debrief")


def get_pictures(engine: Engine) -> tuple[Picture, ...]:
    assert engine.debrief is not None
    return engine.debrief.report.pictures


def assert_same(found: tuple[Picture, ...], wanted: tuple[Picture, ...]) -> None:
    assert [(item.pulse, item.caption, item.time_s) for item in found] == [(item.pulse, item.caption, item.time_s) for item in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert np.array_equal(one.pixels, other.pixels)


@pytest.mark.slow
def test_an_attempt_gone_on_with_reports_the_same_images_as_an_unbroken_one(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    first_half(engine, clock)
    second_half(engine, clock)
    whole_log = (folder_of(engine) / attempts.LOG).read_bytes()
    wanted = get_pictures(engine)

    broken = new_engine(tmp_path / "broken")
    first_half(broken, clock)
    again = new_engine(tmp_path / "broken")
    say(again, {"resume": str(folder_of(broken))})
    assert again.runtime is not None
    seen_before = again.runtime.monitors.monitor.album.since
    second_half(again, clock)

    assert (folder_of(again) / attempts.LOG).read_bytes() == whole_log  # else the attempts are not the same
    assert sum(item.pulse < seen_before for item in wanted) >= 5
    assert sum(item.pulse >= seen_before for item in wanted) == 2
    assert_same(get_pictures(again), wanted)
    with zipfile.ZipFile(again.debrief.export(folder_of(again), image_export.PNG).path) as archive:  # type: ignore[union-attr]
        assert len(archive.namelist()) == len(wanted) + 1
    page = (folder_of(again) / attempts.PAGE).read_text()
    assert page.count("data:image/png") == (folder_of(engine) / attempts.PAGE).read_text().count("data:image/png")


@pytest.mark.slow
def test_a_past_attempt_has_its_images_from_its_folder_or_developed_again(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    first_half(engine, clock)
    second_half(engine, clock)
    wanted, folder = get_pictures(engine), folder_of(engine)
    assert engine.dossier is not None
    assert engine.dossier.archiving is not None
    engine.dossier.archiving.join()
    again = new_engine(tmp_path)
    until(again, {"review": str(folder)}, "room")
    assert_same(get_pictures(again), wanted)
    for damage in (b"no archive", None):
        (folder / image_export.PNG).unlink()
        if damage is not None:
            (folder / image_export.PNG).write_bytes(damage)
        again = new_engine(tmp_path)
        until(again, {"review": str(folder)}, "room")
        assert_same(get_pictures(again), wanted)
        if again.dossier is not None and again.dossier.archiving is not None:
            again.dossier.archiving.join()


def test_an_injection_under_live_imaging_is_kept_about_once_a_second(engine: Engine, clock: Clock) -> None:
    first_half(engine, clock)
    assert engine.runtime is not None
    times = np.array([item.time_s for item in engine.runtime.monitors.monitor.album.pictures if "injecting" in item.caption])
    assert len(times) >= 3
    assert np.all(np.diff(times)[:-1] >= INJECTING_S)  # the last one closes the run
    assert np.all(np.diff(times) < 1.5 * INJECTING_S)


def test_a_roadmap_goes_on_after_a_resume_and_at_another_size_of_the_monitor(engine: Engine, clock: Clock, tmp_path: Path) -> None:
    case = case_with(change_scenario(equipment={"dsa": True}))
    engine.cases = {CASE: case}
    say(engine, {"begin": {"case": CASE, "mode": "guided", "seed": 3}})
    act(engine, {"set-mode": {"mode": "dsa"}})
    say(engine, {"hold": {"pedal": True}})
    run(engine, clock, 1.0)
    say(engine, {"hold": {"pedal": False}})
    act(engine, {"set-mode": {"mode": "roadmap"}})
    again = new_engine(tmp_path, case)
    say(again, {"resume": str(folder_of(engine))})
    shown = []
    for one in (engine, again):
        say(one, {"screen": {"size": 1024}}, {"hold": {"pedal": True}})
        run(one, clock, 1.0)
        assert one.runtime is not None
        assert one.runtime.monitors.monitor.frame is not None
        shown.append(one.runtime.monitors.monitor.frame)
        assert len(one.runtime.monitors.monitor.album.pictures) == 2
    assert shown[0].mode is Mode.ROADMAP
    assert shown[0].index == shown[1].index
    assert np.array_equal(shown[0].pixels, shown[1].pixels)
