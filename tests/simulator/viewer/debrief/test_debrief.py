"""The debrief's data: thin states score as whole ones, the replay finds the pulse of a moment, curves and tracks tell what was so."""

import json
import tracemalloc
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest

from simulator.observation.album import Picture
from simulator.observation.pulses import pulse_at
from simulator.observation.truth import state_archive
from simulator.observation.truth.needle import tip_tracks
from simulator.observation.truth.playback import image_of
from simulator.observation.truth.state_archive import IODINE_S, RESTING, StateArchive, archive_states, make_sparse
from simulator.procedure.actions.action_codec import parse_action
from simulator.procedure.actions.actions import Advance, Withdraw
from simulator.procedure.imaging import RunMemory, develop, expose
from simulator.procedure.rules.stepping import step
from simulator.procedure.state.state import ProcedureState
from simulator.reporting.build import build_report, describe_action
from simulator.reporting.page import as_page
from simulator.reporting.to_json import as_plain
from simulator.viewer.common.messages import REQUESTS, FrameNotice, MomentNotice, MonitorKind
from simulator.viewer.common.wire import Refusal, read
from simulator.viewer.debrief import image_export
from simulator.viewer.debrief.controller import DebriefSide
from simulator.viewer.debrief.expert import Expert, ExpertPlay, load
from simulator.viewer.debrief.expert import as_plain as expert_as_plain
from simulator.viewer.debrief.figures import as_plain as figures_as_plain
from simulator.viewer.debrief.figures import compare_figures, compute_figures, from_plain
from simulator.viewer.debrief.serializers import describe_debrief, list_losses, list_moments, work
from simulator.viewer.debrief.step_views import show_steps, tell_view
from simulator.viewer.debrief.timelines import draw_svg, make_timelines
from simulator.viewer.text.strings import texts
from tests.simulator.procedure.toy import PLACED, begin_toy

FAINT_GREY = 1.0  # on the mean: less than the noise of a frame
STATE_BYTES = 10_000  # of a kept state; measured 3.8 kB in a real case
CONTRAST = {"attach": {"what": "syringe", "contents_ml": {"iohexol 240": 4.0}}}
SAID = (
    *PLACED,
    {"advance": {"distance_mm": 50.0}},
    {"advance": {"distance_mm": 3.5}},
    {"stylet": {"inserted": False}},
    CONTRAST,
    "shoot",
    {"inject": {"volume_ml": 1.0, "rate_ml_s": 0.5}},
    "shoot",
    {"wait": {"duration_s": 60.0}},
    {"commit-belief": {"compartment": "epidural-dorsal", "confidence": 0.8}},
    "finish",
)


@pytest.fixture(scope="module")
def states() -> list[ProcedureState]:
    found = [begin_toy()]
    for said in SAID:
        found.append(step(found[-1], parse_action(said)))
    return found


@pytest.fixture(scope="module")
def course(states: list[ProcedureState]) -> StateArchive:
    return archive_states(states)


def test_thin_states_score_as_whole_ones(states: list[ProcedureState], course: StateArchive) -> None:
    assert as_plain(build_report(course.states)) == as_plain(build_report(states))


def test_only_the_newest_state_keeps_its_fields_of_fluid(states: list[ProcedureState], course: StateArchive) -> None:
    assert any(state.fluid.spread is not None for state in states[:-1])
    assert all(state.fluid.spread is None and state.fluid.domain is None and not state.fluid.moments for state in course.states[:-1])
    assert course.states[-1] is states[-1]


def test_what_was_taken_back_is_forgotten(states: list[ProcedureState]) -> None:
    course = archive_states(states[:-1])
    assert course.extents
    back = next(number for number, state in enumerate(states) if state.fluid.spread is not None) - 1
    course.add(states[back])
    assert len(course.states) == back + 1
    assert course.extents == []
    assert course.iodine == []


def test_extents_hold_what_was_injected(course: StateArchive) -> None:
    assert sum(course.list_extents()[0].ml.values()) == pytest.approx(1.0, abs=0.02)


@pytest.fixture(scope="module")
def watched(states: list[ProcedureState]) -> list[ProcedureState]:
    """Two minutes of live imaging after an injection, pulse by pulse."""
    found = list(states[: next(number for number, state in enumerate(states) if state.injections) + 1])
    for said in ({"pedal": {"down": True}}, *({"wait": {"duration_s": 0.5}} for _ in range(240))):
        found.append(step(found[-1], parse_action(said)))
    return found


def test_iodine_at_rest_is_kept_seldomer_and_still_shows_what_was_seen(watched: list[ProcedureState]) -> None:
    course = archive_states(watched)
    times = np.array([time_s for time_s, _ in course.iodine])
    injected_s = watched[-1].injections[-1].end_s
    assert len(times) < 50
    assert np.all(np.diff(times) <= np.maximum(IODINE_S, RESTING * (times[1:] - injected_s)) + IODINE_S)
    shot = watched[-1].shots[-1]
    for pulse in (shot.index + 20, shot.index + shot.frames - 10):
        state = next(item for item in watched if pulse in range(item.fresh, item.room.pulse))
        whole = develop(RunMemory(), expose(state, pulse))[1].pixels.astype(float)
        assert np.abs(image_of(course, pulse) - whole).mean() < FAINT_GREY


def test_fields_of_iodine_never_take_more_than_their_share(watched: list[ProcedureState], monkeypatch: pytest.MonkeyPatch) -> None:
    one = archive_states(watched).iodine
    share = 6 * sum(item.nbytes for item in one[0][1])
    monkeypatch.setattr(state_archive, "MOST_BYTES", share)
    monkeypatch.setattr(state_archive, "RESTING", 0.0)
    course = StateArchive()
    for state in watched:
        course.add(state)
        assert course.iodine_bytes <= share
    assert len(course.iodine) >= 3
    assert course.iodine[0][0] == one[0][0]
    assert course.iodine[-1][0] > watched[-1].time_s - 60.0


def test_a_state_that_rests_on_contrast_costs_no_more_than_an_untouched_one(watched: list[ProcedureState]) -> None:
    tracemalloc.start()
    try:
        course = archive_states(watched)
        before = tracemalloc.get_traced_memory()[0]
        state = watched[-1]
        for number in range(200):
            state = step(state, parse_action({"advance" if number % 2 else "withdraw": {"distance_mm": 0.1}}))
            course.add(state)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    fields = course.iodine_bytes + sum(item.nbytes for item in (state.fluid.spread.mobile_ml, state.fluid.spread.stored_ml))
    assert grown - fields < 200 * STATE_BYTES


def test_iodine_comes_back_from_its_sparse_form() -> None:
    from simulator.geometry.grid import Grid

    values = np.zeros((3, 4, 5), dtype=np.float32)
    values[1, 2, 3] = 120.0
    grid = Grid(origin=np.ones(3), spacing=np.full(3, 2.0), axes=np.eye(3), values=values)
    kept = make_sparse(grid)
    assert kept.cells.size == 1
    assert np.array_equal(kept.to_grid().values, values)


def test_a_frame_made_again_is_the_frame_that_was_seen(states: list[ProcedureState], course: StateArchive) -> None:
    plain = next(state for state in states if state.shots)
    _, frame = develop(RunMemory(), expose(plain, 0, size=128))
    assert np.array_equal(image_of(course, 0, size=128), frame.pixels)


def test_contrast_is_on_the_frame_made_again(states: list[ProcedureState], course: StateArchive) -> None:
    last = states[-1].shots[-1]
    whole = next(state for state in states if state.room.pulse > last.index)
    _, frame = develop(RunMemory(), expose(whole, last.index, size=128))
    made = image_of(course, last.index, size=128)
    assert np.abs(made.astype(int) - frame.pixels).max() <= 2  # iodine is kept in half precision
    assert np.abs(made.astype(int) - image_of(course, 0, size=128)).max() > 20


def test_pulse_and_state_of_a_moment(course: StateArchive) -> None:
    shots = course.states[-1].shots
    assert pulse_at(shots, shots[0].time_s - 0.1) is None
    assert [pulse_at(shots, shot.time_s) for shot in shots] == [shot.index for shot in shots]
    assert course.state_at(-1.0) is course.states[0]
    assert course.state_at(1e9) is course.states[-1]


def test_the_track_ends_where_the_tip_was(course: StateArchive) -> None:
    (track,) = tip_tracks(course)
    tips = [state.needle.tip for state in course.states if state.needle is not None]
    assert np.linalg.norm(track[-1] - tips[-1]) < 1.0


def test_curves_rise_to_what_was_so(course: StateArchive) -> None:
    found = {item.what: item for item in make_timelines(course)}
    last = course.states[-1]
    assert found["dose"].most == pytest.approx(last.room.dose.dap_gy_cm2)
    assert found["depth"].most == pytest.approx(max(state.needle.depth_mm for state in course.states if state.needle is not None))
    assert found["dose"].lines[0].at(-1.0) is None
    assert found["contrast"].unit == "mL"
    assert draw_svg(found["dose"], last.time_s).count("<polyline") == 1


def test_the_work_lies_within_the_attempt(course: StateArchive) -> None:
    begin, end = work(course)
    last = course.states[-1]
    assert 0 <= begin <= last.shots[0].time_s < last.shots[-1].time_s <= end <= last.time_s


def test_pieces_of_one_movement_are_one_line(course: StateArchive) -> None:
    said = [item["text"] for item in list_moments(build_report(course.states).moments)]
    assert "Inject 1 mL at 0.5 mL/s" in said
    assert not any(text.startswith("Wait 0:01") for text in said)


def test_every_lost_point_has_its_reason_and_its_moment(course: StateArchive) -> None:
    score, end_s = build_report(course.states).score, course.states[-1].time_s
    found = list(list_losses(score, end_s))
    assert sum(not result.counts for result in score.losses) > 1
    assert sum(item["text"].startswith("Efficiency earns nothing") for item in found) == 1
    assert len(found) == 1 + sum(result.counts for result in score.losses)
    assert all(item["text"] and item["time"] and 0 <= item["time_s"] <= end_s for item in found)


def test_a_hundred_is_said_only_where_nothing_was_lost(course: StateArchive) -> None:
    report = build_report(course.states)
    for grade, said in ((1.0, 100), (0.9951, 99), (0.7499, 74), (0.75, 75)):
        assert describe_debrief(course, replace(report, score=replace(report.score, grade=grade)), ())["grade"] == said


def test_figures_survive_the_disk(course: StateArchive) -> None:
    own = compute_figures(course, build_report(course.states).score)
    assert from_plain(json.loads(json.dumps(figures_as_plain(own)))) == own
    rows = compare_figures(own, own)
    assert all(row["own"] == row["expert"] != "" for row in rows)
    assert all(row["expert"] == "" for row in compare_figures(own, None))


@pytest.fixture(scope="module")
def side(course: StateArchive) -> DebriefSide:
    pixels = image_of(course, 0, size=64)
    picture = Picture(caption="a shot", time_s=course.states[-1].shots[0].time_s, pulse=0, pixels=pixels)
    return DebriefSide(course=course, report=build_report(course.states, (picture,)))


def test_the_experts_step_stands_beside_the_trainees_moment(course: StateArchive, tmp_path: Path) -> None:
    report = build_report(course.states)
    steps = tuple(show_steps(course))
    played = ExpertPlay(figures=compute_figures(course, report.score), steps=steps)
    path = tmp_path / "expert.json"
    path.write_text(json.dumps(expert_as_plain(played)))
    assert load(path) == played
    side = DebriefSide(course=course, report=report, expert=Expert(path=path))
    for step_view in steps:
        side.seek(step_view.start_s)
        news = list(side.collect_news())
        beside = next(item.shown["beside"] for item in news if isinstance(item, MomentNotice))
        frames = [item for item in news if isinstance(item, FrameNotice) and item.header.kind is MonitorKind.EXPERT]
        assert [frame.jpeg for frame in frames] == [step_view.jpeg]
        assert beside["step"] == texts("debrief.steps")[step_view.kind]
        assert beside["why"]
        assert beside["expert"]["view"] == tell_view(step_view.angles_deg)
    assert [item.kind for item in steps if item.depth_mm is not None] == ["entry", "contrast"]
    assert not steps[0].image
    assert steps[-1].image


def test_the_newest_wish_wins(side: DebriefSide) -> None:
    list(side.collect_news())
    shots = side.course.states[-1].shots
    for time_s in (1.0, 2.0, shots[0].time_s):
        side.seek(time_s)
    frames = [message.header.pulse for message in side.collect_news() if isinstance(message, FrameNotice)]
    assert frames == [0]
    assert list(side.collect_news()) == []


@pytest.mark.parametrize("said", ["soon", None, True, float("nan")])
def test_a_moment_that_is_no_number_is_refused(said: object) -> None:
    with pytest.raises(Refusal, match="^replay: expected a (finite )?number, got"):
        read({"replay": said}, REQUESTS)


def test_what_the_page_is_told_is_plain(side: DebriefSide) -> None:
    first, second = (message.to_wire() for message in side.begin())
    json.dumps([first, second])
    told_once = first["debrief"]
    assert all(item["text"] and item["lost"] for item in told_once["losses"])
    assert told_once["beliefs"][0]["brier"] in ("0.04", "0.64")


def test_images_to_take_away(side: DebriefSide, tmp_path: Path) -> None:
    with zipfile.ZipFile(side.export(tmp_path, image_export.DICOM).path) as archive:
        dataset = pydicom.dcmread(BytesIO(archive.read("000000.dcm")))
    assert np.array_equal(dataset.pixel_array, side.report.pictures[0].pixels)
    with zipfile.ZipFile(side.export(tmp_path, image_export.PNG).path) as archive:
        assert sorted(archive.namelist()) == ["000000.png", "README.txt"]


@pytest.mark.parametrize("name", ["../report.html", "attempt.jsonl", "", 3])
def test_only_known_names_are_made(side: DebriefSide, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="expected one of"):
        side.export(tmp_path, name)


def test_a_phrase_says_its_word_once() -> None:
    assert describe_action(parse_action({"decide": {"decision": "proceed"}})) == "decide to proceed"
    assert describe_action(Advance(distance_mm=2.0)) == "advance 2 mm"
    assert describe_action(Withdraw(distance_mm=2.0)) == "withdraw 2 mm"


def test_the_report_has_a_sheet_for_print(side: DebriefSide) -> None:
    assert "@page" in as_page(side.report)
