"""The page: what it knows, what it asks for, and the messages between it and the engine."""

import asyncio
import base64
import logging
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from aiohttp import web
from trame.app import asynchronous, get_server

from simulator.viewer.access import access
from simulator.viewer.common import attempts
from simulator.viewer.common.case_titles import name_case
from simulator.viewer.common.engine_config import Setup
from simulator.viewer.common.messages import (
    BeginRequest,
    CaseNotice,
    ClickRequest,
    ComparedNotice,
    DebriefNotice,
    EngineNotice,
    ExportedNotice,
    ExportRequest,
    FactsNotice,
    FailedNotice,
    FinishedNotice,
    FrameNotice,
    HintRequest,
    ImageNotice,
    LeaveRequest,
    LogNotice,
    LogRequest,
    MomentNotice,
    MovesNotice,
    OpeningNotice,
    PageRequest,
    RefreshRequest,
    RefusedNotice,
    ReportedNotice,
    RestartedNotice,
    ResumeRequest,
    ReviewRequest,
    RoomNotice,
    TrackNotice,
    Trigger,
    VerifiedNotice,
)
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.common.wire import Refusal, make
from simulator.viewer.debrief.downloads import Downloads
from simulator.viewer.page import library, tour_controller
from simulator.viewer.page import tour as tours
from simulator.viewer.page.browser_socket import BrowserSocket
from simulator.viewer.page.cards import make_card
from simulator.viewer.page.engine_client import EngineProcess
from simulator.viewer.page.initial_state import FRESH, make_initial_state
from simulator.viewer.page.layout import lay_out
from simulator.viewer.page.options import Options
from simulator.viewer.page.script import build_page_script
from simulator.viewer.page.tour_controller import Touring
from simulator.viewer.room import view
from simulator.viewer.room.names import key
from simulator.viewer.text.strings import text

Plain = dict[str, Any]

STATIC = "epifluoro"
SCRIPT = "suite.js"
LOOK_S = 0.6  # a scene takes so long to come over and be drawn


class Trainer:
    """The page of one trainee, and the engine behind it."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.server = get_server("epifluoro", client_type="vue3")
        self.state = self.server.state
        self.loop: asyncio.AbstractEventLoop | None = None
        self.engine = EngineProcess(
            setup=Setup(attempts=options.attempts, trainee=options.trainee, database=options.database), listen=self._listen
        )
        self.stream = BrowserSocket(send=self.engine.send, refuse=self._receive)
        self.folder: str | None = None
        self.downloads = Downloads(send=self.engine.send)
        self.touring = Touring(state=self.state)
        self.look = False
        self.in_hand, self.number = False, 0
        self.scores: Mapping[str, str] = {}
        self.library, self.broken = library.read(options.case)
        self._serve_static()
        self._know()
        lay_out(self.server, self._send_click)
        self.server.controller.add("on_server_bind")(self._bind)
        self.server.controller.add("on_client_connected")(self.engine.start)  # its imports would hold up the first page
        self.server.controller.add_task("on_client_connected")(self._load_memory)
        for name, work in self._list_triggers().items():
            self.server.trigger(str(name))(work)

    @property
    def url(self) -> str:
        """Where the page is."""
        return self.options.access.url()

    def run(self, ready: Callable[[str], None]) -> None:
        """Serve until ended.

        Parameters
        ----------
        ready : callable
            Called with the page's address once it is served.
        """
        self.server.controller.add("on_server_ready")(lambda **_: ready(self.url))
        access.lock(self.server, self.options.access)
        if self.options.certificate is not None:
            self.server.cli.set_defaults(ssl=f"{self.options.certificate},{self.options.key}")
        try:
            self.server.start(
                host=self.options.host,
                port=self.options.port,
                open_browser=False,
                show_connection_info=False,
                timeout=0,
            )
        finally:
            self.engine.close()

    # state

    def _serve_static(self) -> None:
        folder = str(resources.files("simulator.viewer.page").joinpath("static"))
        self.server.enable_module({"serve": {STATIC: folder}, "scripts": [SCRIPT], "styles": [f"{STATIC}/suite.css"]})

    def _know(self) -> None:
        about = [{"name": str(mode), "about": text(f"start.about_{mode}")} for mode in TrainingMode]
        self.state.update(FRESH)
        self.state.update(
            {
                "stage": "start",
                "attempt": 0,
                "cases": self._make_cards(),
                "broken": self.broken,
                "modes": about,
                "mode_wanted": self.options.mode or str(TrainingMode.GUIDED),
                "mode_locked": self.options.mode is not None,
                "broken_off": self._list_broken_off(),
                "past": [],
                "has_tour": self.options.case in (None, tours.CASE) and self.options.mode in (None, TrainingMode.GUIDED),
                **tour_controller.OVER,
                "pedal_key": "",
                "sound": False,
                "voice_on": False,
                "trame__title": "epifluoro",
            }
        )

    # socket and engine

    def _bind(self, serving: Any) -> None:  # noqa: ANN401 - wslink's server
        self.loop = asyncio.get_event_loop()
        access.install(serving.app, self.options.access)
        own = [web.get("/suite.ws", self.stream.handle), web.get(f"/{SCRIPT}", _send_script)]
        serving.app.add_routes([*own, *self.downloads.make_routes(self._find_folder)])
        logging.getLogger("aiohttp.access").setLevel(logging.WARNING)

    def _find_folder(self, name: str) -> str | None:
        """The folder of a past attempt by its name; of the one in hand where there is none of that name."""
        return next((item["folder"] for item in self.state.past if item["name"] == name), self.folder)

    def _listen(self, notice: EngineNotice) -> None:
        """Take a message of the engine to the server's event loop: a frame to the browsers, everything else to the page's state."""
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._receive, notice)

    def _receive(self, notice: EngineNotice) -> None:
        """Heed a message of the engine; what comes late of an attempt that was left is for nobody."""
        if not self.in_hand and not isinstance(notice, ALWAYS):
            return
        if isinstance(notice, FrameNotice):
            self.stream.show(notice)
            return
        with self.state:
            HANDLERS[type(notice)](self, notice)
            self.touring.go_on()

    def _forget_attempt(self) -> None:
        """Nothing of the attempt before stays, on the page or in a browser: its image and its anatomy least of all."""
        self.in_hand, self.folder, self.look, self.number = False, None, False, self.number + 1
        self.stream.blank()
        view.clear(self.state)
        self.state.update(FRESH | {"attempt": self.number})

    # what the engine says

    def _enter_case(self, notice: CaseNotice) -> None:
        """The engine has an attempt in hand: one under way, or a past one on its way to its debrief."""
        if self.state.stage == "start" and not self.state.busy:
            return  # it was left before it was there
        kept = self.state.notice if self.state.notice == text("banner.restarted") else ""  # to be read, not to flash by
        self._forget_attempt()
        self.in_hand, self.folder = True, notice.folder
        if self.stream.pace is not None:
            self.engine.send(self.stream.pace)
        self.state.update({"scenario": notice.case, "mode": notice.mode, "notice": kept})
        if notice.past:
            self.state.update({"stage": "debrief", "opening": 0})
            return
        self.state.update(make_initial_state(notice.case) | {"stage": "suite"})
        self.engine.send(RefreshRequest())

    def _update_facts(self, notice: FactsNotice) -> None:
        facts = notice.facts
        if "time" in facts and self.state.refused and facts.get("events") is not None:
            self.state.refused = ""
        self._follow_shaft(self.state.needle, facts.get("needle"))
        self.state.update(dict(facts))

    def _follow_shaft(self, before: Plain | None, now: Plain | None) -> None:
        """Fields in which the shaft's angles are typed start at those it has; what is being typed stays until the shaft is turned."""
        for name in ("oblique", "tilt"):
            angle = f"{name}_deg"
            if now is not None and (before is None or before[angle] != now[angle]):
                self.state[f"aim_{name}"] = now[angle]

    def _show_refusal(self, notice: RefusedNotice) -> None:
        self.state.refused = notice.why

    def _show_failure(self, notice: FailedNotice) -> None:
        if notice.during in (ExportRequest.kind, LogRequest.kind):
            self.downloads.fail(notice.why)
        if not self.in_hand and notice.during not in OPENS:
            return
        if notice.during in OPENS:
            self.touring.end()
            self._go_to_start()
        self.state.update({"notice": notice.why, "busy": False})

    def _show_slice(self, notice: ImageNotice) -> None:
        source = "data:image/png;base64," + base64.b64encode(notice.png).decode()
        self.state.update({"slice_name": notice.name, "slice_src": source})

    def _load_room(self, notice: RoomNotice) -> None:
        view.load(self.state, notice.meshes, see_through=notice.see_through)
        self.look = True

    def _move_room(self, notice: MovesNotice) -> None:
        view.update(self.state, notice.placements)
        if notice.beam is not None:
            self.state[key("mesh", "beam")] = notice.beam
        if notice.cameras is not None:
            self.state.room_cameras = notice.cameras
            if self.look and self.loop is not None:
                self.look = False
                self.loop.call_later(LOOK_S, self._set_camera)

    def _deliver_log(self, notice: LogNotice) -> None:
        self.downloads.deliver(attempts.LOG, notice.data)

    def _deliver_export(self, notice: ExportedNotice) -> None:
        self.downloads.deliver(notice.name)

    def _enter_debrief(self, _: FinishedNotice) -> None:
        self.state.update({"stage": "debrief", "report": "", "notice": ""})

    def _show_progress(self, notice: OpeningNotice) -> None:
        self.state.opening = round(100 * notice.share)

    def _show_verdict(self, notice: VerifiedNotice) -> None:
        self.state.verified = notice.words

    def _show_debrief(self, notice: DebriefNotice) -> None:
        facts = notice.facts
        shown = {"replay_s": facts["end_s"], "replay_span": facts["work"], "debrief_tab": "score", "replay_playing": False}
        self.state.update({"opening": None, "debrief": facts, **shown})

    def _show_moment(self, notice: MomentNotice) -> None:
        self.state.replay = notice.shown

    def _show_figures(self, notice: ComparedNotice) -> None:
        self.state.update({"compared": notice.rows, "expert_playing": notice.playing})

    def _show_track(self, notice: TrackNotice) -> None:
        view.show(self.state, "expert-track", notice.mesh)

    def _offer_report(self, _: ReportedNotice) -> None:
        self.state.report = f"report.html?{Path(str(self.folder)).name}"

    def _tell_restart(self, notice: RestartedNotice) -> None:
        if notice.folder is not None:
            self.state.notice = text("banner.restarted")
            return
        self.touring.end()
        self._go_to_start()
        self.state.notice = text("banner.restarted_bare")

    def _set_camera(self) -> None:
        """The camera to the operator's place, once the scene has been drawn for the first time."""
        if self.state.room_cameras:
            self.server.js_call(view.VIEW, "setCamera", self.state.room_cameras["operator"])

    # what the page asks for

    def _list_triggers(self) -> Mapping[Trigger, Callable[..., None]]:
        """What the page's buttons call by name."""
        return {
            Trigger.BEGIN: self._begin,
            Trigger.RESUME: self._resume,
            Trigger.REVIEW: self._review,
            Trigger.LEAVE: self._leave,
            Trigger.HINT: self._hint,
            Trigger.TOUR: self._begin_tour,
            Trigger.TOUR_NEXT: self.touring.skip,
            Trigger.TOUR_END: self.touring.end,
        }

    def _send(self, kind: type[PageRequest], values: Mapping[str, object]) -> bool:
        """Send the engine a message with values that a browser gave; returns whether they could be sent. The page shows a refusal."""
        try:
            self.engine.send(make(kind, values))
        except Refusal as error:
            self.state.refused = self.state.notice = str(error)
            return False
        return True

    def _send_click(self, camera: Mapping[str, Any], across: float, down: float, aspect: float) -> None:
        self._send(ClickRequest, {"click": {"camera": camera, "across": across, "down": down, "aspect": aspect}})

    def _begin(self, case: str) -> None:
        """Begin a case, without the tour."""
        if not self.state.busy:
            self.touring.end()
            self._ask_to_begin(case)

    def _ask_to_begin(self, case: str, *, tour: bool = False) -> bool:
        """Ask the engine for a case; returns whether it could be asked."""
        start = {"case": case, "mode": self.options.mode or self.state.mode_wanted, "seed": _draw_seed(), "tour": tour}
        asked = self._send(BeginRequest, {"start": start})
        if asked:
            self._wait_for_case(text("start.loading"))
        return asked

    def _wait_for_case(self, words: str) -> None:
        """Nothing is in hand until the engine says that it has a case."""
        self.in_hand = False
        self.state.update({"busy": True, "notice": words})

    def _resume(self, folder: str) -> None:
        if not self.state.busy and folder in [item["folder"] for item in self.state.broken_off]:
            self.touring.end()
            self._wait_for_case(text("start.loading"))
            self.engine.send(ResumeRequest(folder=folder))

    def _leave(self) -> None:
        self.engine.send(LeaveRequest())
        self.touring.end()
        self._go_to_start()

    def _go_to_start(self) -> None:
        self._forget_attempt()
        self.state.update({"stage": "start", "broken_off": self._list_broken_off()})
        asynchronous.create_task(self._load_memory())

    def _review(self, folder: str) -> None:
        """Open a past attempt of the list."""
        if self.state.busy or not any(item["folder"] == folder and not item["why_not"] for item in self.state.past):
            return
        self.touring.end()
        self._wait_for_case(text("past.opening"))
        self.engine.send(ReviewRequest(folder=folder))

    def _hint(self) -> None:
        self.engine.send(HintRequest())

    def _begin_tour(self) -> None:
        """Begin the guided case with the tour beside it."""
        if self.state.busy:
            return
        self.state.mode_wanted = str(TrainingMode.GUIDED)
        if self._ask_to_begin(tours.CASE, tour=True):
            self.touring.begin()

    def _make_cards(self) -> list[Plain]:
        """The library with the best scores so far, the case for beginners first, then by difficulty."""
        cards = [
            make_card(scenario, self.scores.get(scenario.id), self.options.mode) | {"case": name} for name, scenario in self.library.items()
        ]
        return sorted(cards, key=lambda card: (card["id"] != tours.CASE, card["difficulty"], card["title"]))

    async def _load_memory(self) -> None:
        """Best scores and past attempts; the page is there before they are."""
        self.scores, past = await asyncio.to_thread(self._read_memory)
        with self.state:
            self.state.update({"cases": self._make_cards(), "past": past})

    def _read_memory(self) -> tuple[Mapping[str, str], list[Plain]]:
        from simulator.viewer.page.attempt_history import list_rows
        from simulator.viewer.page.high_scores import (
            read_best_scores,  # here, with what they import: a database's and the procedure's packages
        )

        options = self.options
        return read_best_scores(options.database, options.trainee), list_rows(options.attempts, options.trainee, self.library)

    def _list_broken_off(self) -> list[Plain]:
        newest = attempts.list_open(self.options.attempts)[:3]
        return [
            {"folder": str(folder), "case": self._name(about), "mode": about.mode, "started": about.started} for folder, about in newest
        ]

    def _name(self, about: attempts.About) -> str:
        """What an attempt's case is called in its mode; of a case outside the library an exam shows its mode alone."""
        known = self.library.get(about.case)
        if known is not None:
            return name_case(known, about.mode)
        return about.mode if about.mode == TrainingMode.EXAM else about.case


HANDLERS: Mapping[type[EngineNotice], Callable[[Trainer, Any], None]] = {
    FactsNotice: Trainer._update_facts,
    CaseNotice: Trainer._enter_case,
    RefusedNotice: Trainer._show_refusal,
    FailedNotice: Trainer._show_failure,
    ImageNotice: Trainer._show_slice,
    RoomNotice: Trainer._load_room,
    MovesNotice: Trainer._move_room,
    LogNotice: Trainer._deliver_log,
    ExportedNotice: Trainer._deliver_export,
    FinishedNotice: Trainer._enter_debrief,
    OpeningNotice: Trainer._show_progress,
    VerifiedNotice: Trainer._show_verdict,
    DebriefNotice: Trainer._show_debrief,
    MomentNotice: Trainer._show_moment,
    ComparedNotice: Trainer._show_figures,
    TrackNotice: Trainer._show_track,
    ReportedNotice: Trainer._offer_report,
    RestartedNotice: Trainer._tell_restart,
}
"""What the page does with a message of its engine, by its class; frames go to the browsers without it."""

OPENS = (BeginRequest.kind, ResumeRequest.kind, ReviewRequest.kind)
"""What brings an attempt into hand."""

ALWAYS = (CaseNotice, FailedNotice, RestartedNotice, LogNotice, ExportedNotice)
"""What is heeded while no attempt is in hand."""


async def _send_script(_: web.Request) -> web.Response:
    return web.Response(text=build_page_script(), content_type="text/javascript")


def _draw_seed() -> int:
    from secrets import randbelow

    return randbelow(2**31)
