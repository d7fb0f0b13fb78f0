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
from simulator.viewer.common.engine_config import Setup
from simulator.viewer.common.modes import TrainingMode
from simulator.viewer.debrief.downloads import Downloads
from simulator.viewer.page import library, tour_controller
from simulator.viewer.page import tour as tours
from simulator.viewer.page.cards import case_card
from simulator.viewer.page.engine_client import EngineProcess
from simulator.viewer.page.initial_state import HANDS, NOTHING_YET, ready
from simulator.viewer.page.layout import lay_out
from simulator.viewer.page.options import Options
from simulator.viewer.page.stream import Stream
from simulator.viewer.page.tour_controller import Touring
from simulator.viewer.room import view
from simulator.viewer.room.names import key
from simulator.viewer.text.strings import text

Message = dict[str, Any]

STATIC = "epifluoro"
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
        self.stream = Stream(send=self.engine.send)
        self.folder: str | None = None
        self.downloads = Downloads(send=self.engine.send)
        self.touring = Touring(state=self.state)
        self.look = False
        self.scores: Mapping[str, str] = {}
        self.library, self.broken = library.read(options.case)
        self._serve_static()
        self._know()
        lay_out(self.server, self._clicked)
        self.server.controller.add("on_server_bind")(self._bind)
        self.server.controller.add("on_client_connected")(self.engine.start)  # its imports would hold up the first page
        self.server.controller.add_task("on_client_connected")(self._remembered)
        asked = {"begin": self._begin, "resume": self._resume, "review": self._review, "leave": self._leave, "hint": self._hint}
        asked |= {"tour": self._tour, "tour_next": self.touring.skip, "tour_end": self.touring.end}
        for name, work in asked.items():
            self.server.trigger(name)(work)

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
        folder = str(resources.files("simulator.viewer").joinpath("static"))
        self.server.enable_module({"serve": {STATIC: folder}, "scripts": [f"{STATIC}/suite.js"], "styles": [f"{STATIC}/suite.css"]})

    def _know(self) -> None:
        about = [{"name": str(mode), "about": text(f"start.about_{mode}")} for mode in TrainingMode]
        self.state.update(NOTHING_YET | HANDS)
        self.state.update(
            {
                "stage": "start",
                "busy": False,
                "cases": self._cards(),
                "broken": self.broken,
                "modes": about,
                "mode": "",
                "mode_wanted": self.options.mode or str(TrainingMode.GUIDED),
                "mode_locked": self.options.mode is not None,
                "broken_off": self._broken_off(),
                "past": [],
                "has_tour": self.options.case in (None, tours.CASE) and self.options.mode in (None, TrainingMode.GUIDED),
                **tour_controller.OVER,
                "help_open": False,
                "pedal_learning": False,
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
        own = [web.get("/suite.ws", self.stream.handle)]
        serving.app.add_routes([*own, *self.downloads.routes(self._folder_of)])
        logging.getLogger("aiohttp.access").setLevel(logging.WARNING)

    def _folder_of(self, name: str) -> str | None:
        """The folder of a past attempt by its name; of the one in hand where there is none of that name."""
        return next((item["folder"] for item in self.state.past if item["name"] == name), self.folder)

    def _listen(self, message: Message) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._heard, message)

    def _heard(self, message: Message) -> None:
        if "frame" in message:
            self.stream.show(message["frame"], message["jpeg"])
            return
        with self.state:
            self._told(message)
            self.touring.go_on()

    def _told(self, message: Message) -> None:
        match message:
            case {"facts": facts}:
                self._facts(facts)
            case {"case": case, "mode": mode, "folder": folder}:
                self._entered(case, mode, folder, past=message.get("past", False))
            case {"refused": why}:
                self.state.refused = why
            case {"failed": why, "during": during}:
                if during in ("export", "log"):
                    self.downloads.failed(why)
                if during == "review":
                    self._to_start()
                self.state.update({"notice": why, "busy": False})
            case {"image": name, "png": data}:
                self.state.update({"slice_name": name, "slice_src": "data:image/png;base64," + base64.b64encode(data).decode()})
            case {"room": meshes, "see_through": inside}:
                view.load(self.state, meshes, see_through=inside)
                self.look = True
            case {"placements": _} | {"beam": _} | {"cameras": _}:
                self._moved(message)
            case _:
                self._ended(message)

    def _entered(self, case: Message, mode: str, folder: str, *, past: bool) -> None:
        """The engine has an attempt in hand: one under way, or a past one on its way to its debrief."""
        self.folder = folder
        if self.stream.pace is not None:
            self.engine.send(self.stream.pace)
        view.load(self.state, {}, see_through=False)  # nothing of the case before: its anatomy least of all
        kept = self.state.notice if self.state.notice == text("banner.restarted") else ""  # to be read, not to flash by
        self.state.update(NOTHING_YET | {"scenario": case, "mode": mode, "busy": False, "notice": kept})
        if past:
            self.state.update({"stage": "debrief", "opening": 0})
            return
        self.state.update(HANDS | ready(case) | {"stage": "suite"})
        self.engine.send({"again": True})

    def _facts(self, facts: Mapping[str, Any]) -> None:
        if "time" in facts and self.state.refused and facts.get("events") is not None:
            self.state.refused = ""
        self.state.update(dict(facts))

    def _ended(self, message: Message) -> None:  # noqa: C901 - one match over all messages
        match message:
            case {"log": data}:
                self.downloads.done(attempts.LOG, data)
            case {"finished": _}:
                self.state.update({"stage": "debrief", "report": "", "notice": ""})
            case {"verified": words}:
                self.state.verified = words
            case {"opening": share}:
                self.state.opening = round(100 * share)
            case {"debrief": facts}:
                self.state.update(
                    {"opening": None, "debrief": facts, "replay_s": facts["end_s"], "replay_span": facts["work"], "debrief_tab": "score"}
                )
            case {"replay": shown}:
                self.state.replay = shown
            case {"compared": rows, "playing": playing}:
                self.state.update({"compared": rows, "expert_playing": playing})
            case {"track": mesh}:
                view.show(self.state, "expert-track", mesh)
            case {"exported": name}:
                self.downloads.done(name)
            case {"reported": _}:
                self.state.report = f"report.html?{Path(str(self.folder)).name}"
            case {"restarted": None}:
                self.stream.blank()
                self.state.update(NOTHING_YET | {"stage": "start", "busy": False, "broken_off": self._broken_off()})
                self.state.notice = text("banner.restarted_bare")
            case {"restarted": _}:
                self.state.notice = text("banner.restarted")

    def _moved(self, message: Message) -> None:
        view.update(self.state, message.get("placements", {}))
        if "beam" in message:
            self.state[key("mesh", "beam")] = message["beam"]
        if "cameras" in message:
            self.state.room_cameras = message["cameras"]
            if self.look and self.loop is not None:
                self.look = False
                self.loop.call_later(LOOK_S, self._looked)

    def _looked(self) -> None:
        """The camera to the operator's place, once the scene has been drawn for the first time."""
        self.server.js_call(view.VIEW, "setCamera", self.state.room_cameras["operator"])

    # what the page asks for

    def _clicked(self, camera: Mapping[str, Any], across: float, down: float, aspect: float) -> None:
        self.engine.send({"click": {"camera": dict(camera), "across": across, "down": down, "aspect": aspect}})

    def _begin(self, case: str) -> None:
        if self.state.busy:
            return
        self.stream.blank()
        self.state.update({"busy": True, "notice": text("start.loading")})
        self.engine.send({"begin": {"case": case, "mode": self.options.mode or self.state.mode_wanted, "seed": _seed()}})

    def _resume(self, folder: str) -> None:
        if folder in [item["folder"] for item in self.state.broken_off]:
            self.stream.blank()
            self.state.update({"busy": True, "notice": text("start.loading")})
            self.engine.send({"resume": folder})

    def _leave(self) -> None:
        self.engine.send({"leave": True})
        self.touring.end()
        self._to_start()

    def _to_start(self) -> None:
        self.stream.blank()
        self.state.update(NOTHING_YET | {"stage": "start", "broken_off": self._broken_off()})
        asynchronous.create_task(self._remembered())

    def _review(self, folder: str) -> None:
        """Open a past attempt of the list."""
        if self.state.busy or not any(item["folder"] == folder and not item["why_not"] for item in self.state.past):
            return
        self.stream.blank()
        self.state.update({"busy": True, "notice": text("past.opening")})
        self.engine.send({"review": folder})

    def _hint(self) -> None:
        self.engine.send({"hint": True})

    def _tour(self) -> None:
        """Begin the guided case with the tour beside it."""
        self.state.mode_wanted = str(TrainingMode.GUIDED)
        self._begin(tours.CASE)
        self.touring.begin()

    def _cards(self) -> list[Message]:
        """The library with the best scores so far, the case for beginners first, then by difficulty."""
        cards = [case_card(scenario, self.scores.get(scenario.id)) | {"case": name} for name, scenario in self.library.items()]
        return sorted(cards, key=lambda card: (card["id"] != tours.CASE, card["difficulty"], card["title"]))

    async def _remembered(self) -> None:
        """Best scores and past attempts; the page is there before they are."""
        self.scores, past = await asyncio.to_thread(self._memory)
        with self.state:
            self.state.update({"cases": self._cards(), "past": past})

    def _memory(self) -> tuple[Mapping[str, str], list[Message]]:
        from simulator.viewer.page.attempt_history import rows
        from simulator.viewer.page.high_scores import best_scores  # here, with what they import: a database's and the procedure's packages

        options = self.options
        return best_scores(options.database, options.trainee), rows(options.attempts, options.trainee, self.library)

    def _broken_off(self) -> list[Message]:
        newest = attempts.open_ones(self.options.attempts)[:3]
        return [{"folder": str(folder), "case": about.case, "mode": about.mode, "started": about.started} for folder, about in newest]


def _seed() -> int:
    from secrets import randbelow

    return randbelow(2**31)
