"""The page: its layout, what it knows, and the messages between it and the engine."""

import asyncio
import base64
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from aiohttp import web
from trame.app import get_server
from trame.ui.vuetify3 import VAppLayout
from trame.widgets import html

from scenarios.errors import ScenarioError
from scenarios.models import Scenario
from scenarios.read import offered
from scenarios.read import read as read_case
from simulator.viewer import access, attempts
from simulator.viewer import tour as tours
from simulator.viewer.access import Access
from simulator.viewer.debrief.serving import Downloads
from simulator.viewer.engine import EngineProcess
from simulator.viewer.facing import case_card
from simulator.viewer.filing import best_scores
from simulator.viewer.modes import TrainingMode
from simulator.viewer.panels.banner import banner, keys, lost, tour
from simulator.viewer.panels.console import beam, carm
from simulator.viewer.panels.debrief import debrief, moments
from simulator.viewer.panels.monitors import live, reference
from simulator.viewer.panels.needling import hub, needle
from simulator.viewer.panels.start import start
from simulator.viewer.panels.steps import steps
from simulator.viewer.panels.voice import voice
from simulator.viewer.room import view
from simulator.viewer.room.names import key
from simulator.viewer.stream import Stream
from simulator.viewer.strings import text
from simulator.viewer.worker import Setup

Message = dict[str, Any]

STATIC = "epifluoro"
ANSWER_S = 30.0  # the engine may be working out where contrast medium goes
LOOK_S = 0.6  # a scene takes so long to come over and be drawn
NOTHING_YET: Message = {
    "scenario": {
        **dict.fromkeys(("title", "summary", "patient", "approach", "level", "side"), ""),
        **{
            name: []
            for name in ("needles", "agents", "rates", "presets", "fields_mm", "questions", "levels", "reviews", "examinations", "parties")
        },
        **{
            name: []
            for name in ("risks", "postures", "antiseptics", "protections", "questions_asked", "advices", "dose_levels", "compartments")
        },
        "dsa": False,
        "sod_over_sid": 0.7,
    },
    "time": "0:00",
    "chart": {
        **{name: [] for name in ("reviewed", "examined", "contacted", "stopped", "risks", "protection", "advice")},
        **dict.fromkeys(("decision", "time_out", "posture", "antiseptic")),
        **dict.fromkeys(("consent", "draped", "monitored"), False),
    },
    "record": {},
    "medicines": [],
    "slices": [],
    "readouts": {
        **dict.fromkeys(("oblique_deg", "tilt_deg", "swivel_deg", "kvp", "ma", "pulse_ms", "pulses_per_s", "exposures"), 0),
        **dict.fromkeys(("fluoro_s", "reference_kerma_mgy", "dap_gy_cm2", "rate_mgy_min"), 0),
        **{"field_mm": 300, "mode": "fluoroscopy", "pedal": False, "dose_level": "", "grid": False, "alarm": False},
    },
    "needle": None,
    "hub": {"attached": "nothing", "tubing": False, "contents": [], "left_ml": 0},
    "feel": {"force_n": 0, "pressure_kpa": 0, "gave": False, "lost_ml": 0, "moved_mm": 0},
    "events": [],
    "monitor": None,
    "beliefs": [],
    "answers": {},
    "marked": False,
    "over": False,
    "paused": False,
    "held": {"pedal": False, "thumb": False, "plunger": False, "carm": [0, 0, 0], "table": [0, 0, 0]},
    "undo": 0,
    "display": {"flip_columns": False, "quarter_turns": 0, "inverted": False, "contrast": 1, "brightness": 0},
    "size": 512,
    "saved": 0,
    "guide_svg": "",
    "slice_name": "",
    "slice_src": "",
    "refused": "",
    "trouble": "",
    "notice": "",
    "report": "",
    "debrief": None,
    "debrief_tab": "score",
    "compared": [],
    "expert_playing": False,
    "replay_s": 0,
    "replay_span": [0, 1],
    "replay": {"time": "", "readings": []},
}
"""What the page shows before the engine has said anything."""

HANDS: Message = {
    "tool": "mark",
    "step_mm": 1,
    "needle_choice": 0,
    "aim_oblique": 0,
    "aim_tilt": 0,
    "rate_ml_s": 0.3,
    "drawn": [],
    "draw_agent": "",
    "draw_ml": 3,
    "draw_tubing": True,
    "local_agent": "lidocaine",
    "local_ml": 3,
    "local_mm": 25,
    "risks": [],
    "reason": "",
    "said_patient": "",
    "said_level": "",
    "said_side": "",
    "belief_level": "",
    "belief_side": "",
    "belief_compartment": "",
    "belief_vascular": False,
    "confidence": 0.7,
    "kvp_by_hand": 0,
}
"""What the page itself remembers of forms that are being filled in."""


TOUR_OVER: Message = {"tour_at": "", "tour_text": "", "tour_count": ""}


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How the trainer is started.

    Attributes
    ----------
    host : str
        To listen on.
    port : int
        To listen on; 0 takes a free one.
    attempts : Path
        Folder for attempts.
    trainee : str
        Name or pseudonym.
    case, mode : str or None
        Fixed for this start, as in an exam; None leaves the choice to the trainee.
    database : str or None
        Where attempts are recorded; None for the user's own.
    access : Access
        Who may open the page.
    certificate, key : Path or None
        For TLS.
    """

    access: Access
    host: str = "127.0.0.1"
    port: int = 8080
    attempts: Path = field(default_factory=attempts.default_folder)
    trainee: str = ""
    database: str | None = None
    certificate: Path | None = None
    key: Path | None = None
    case: str | None = None
    mode: str | None = None


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
        self.step: int | None = None
        self.look = False
        self.wanted: asyncio.Future[bytes] | None = None
        self.library, self.broken = _library(options.case)
        self._serve_static()
        self._know()
        self._lay_out()
        self.server.controller.add("on_server_bind")(self._bind)
        asked = {"begin": self._begin, "resume": self._resume, "leave": self._leave, "hint": self._hint}
        asked |= {"tour": self._tour, "tour_next": self._tour_next, "tour_end": self._tour_end}
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
        self.engine.start()
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

    # layout and state

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
                "has_tour": self.options.case in (None, tours.CASE) and self.options.mode in (None, TrainingMode.GUIDED),
                **TOUR_OVER,
                "help_open": False,
                "sound": False,
                "voice_on": False,
                "trame__title": "epifluoro",
            }
        )

    def _lay_out(self) -> None:
        self.state.trame__template_error = lost()
        with VAppLayout(self.server, theme="dark"), html.Div(classes="page"):
            banner()
            keys()
            tour()
            start()
            with html.Main(v_show="stage !== 'start'", classes="suite", raw_attrs=[":class=\"{after: stage === 'debrief'}\""]):
                with html.Div(classes="column left"):
                    steps()
                    reference()
                with html.Div(classes="column middle"):
                    live()
                with html.Div(classes="column right"):
                    with html.Section(classes="panel room", raw_attrs=['data-testid="room"']):
                        view.room_view(self.server, self._clicked)
                    moments()
                    needle()
                    hub()
                with html.Div(classes="below"):
                    carm()
                    beam()
                    voice()
                debrief()

    # socket and engine

    def _bind(self, serving: Any) -> None:  # noqa: ANN401 - wslink's server
        self.loop = asyncio.get_event_loop()
        access.install(serving.app, self.options.access)
        own = [web.get("/suite.ws", self.stream.handle), web.get("/log.jsonl", self._log)]
        serving.app.add_routes([*own, *self.downloads.routes(lambda: self.folder)])
        logging.getLogger("aiohttp.access").setLevel(logging.WARNING)

    async def _log(self, _request: web.Request) -> web.StreamResponse:
        """The log as the engine has it, though the disk may have refused it."""
        if self.loop is None:
            raise web.HTTPNotFound
        self.wanted = self.loop.create_future()
        self.engine.send({"log": True})
        data = await asyncio.wait_for(self.wanted, ANSWER_S)
        return web.Response(
            body=data, content_type="application/jsonl", headers={"Content-Disposition": 'attachment; filename="attempt.jsonl"'}
        )

    def _listen(self, message: Message) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._heard, message)

    def _heard(self, message: Message) -> None:
        if "frame" in message:
            self.stream.show(message["frame"], message["jpeg"])
            return
        with self.state:
            self._told(message)

    def _told(self, message: Message) -> None:
        match message:
            case {"facts": facts}:
                self._facts(facts)
            case {"case": case, "mode": mode, "folder": folder}:
                self.folder = folder
                view.load(self.state, {}, see_through=False)  # nothing of the case before: its anatomy least of all
                self.state.update(NOTHING_YET | HANDS | _ready(case))
                self.state.update({"scenario": case, "mode": mode, "stage": "suite", "busy": False, "notice": ""})
                self.engine.send({"again": True})
            case {"refused": why}:
                self.state.refused = why
            case {"failed": why, "during": during}:
                if during == "export":
                    self.downloads.failed(why)
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

    def _facts(self, facts: Mapping[str, Any]) -> None:
        if "time" in facts and self.state.refused and facts.get("events") is not None:
            self.state.refused = ""
        self.state.update(dict(facts))
        if self.step is not None and self.state.stage == "suite":
            self._tour_at(tours.advanced(self.step, {name: self.state[name] for name in tours.NEEDS}))

    def _ended(self, message: Message) -> None:  # noqa: C901 - one match over all messages
        match message:
            case {"log": data}:
                if self.wanted is not None and not self.wanted.done():
                    self.wanted.set_result(data)
            case {"finished": _}:
                self.state.update({"stage": "debrief", "report": "", "notice": ""})
            case {"debrief": facts}:
                self.state.update({"debrief": facts, "replay_s": facts["end_s"], "replay_span": facts["work"], "debrief_tab": "score"})
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
        self.stream.blank()
        self._tour_end()
        self.state.update(NOTHING_YET | {"stage": "start", "broken_off": self._broken_off(), "cases": self._cards()})

    def _hint(self) -> None:
        self.engine.send({"hint": True})

    def _tour(self) -> None:
        """Begin the guided case with the tour beside it."""
        self.state.mode_wanted = str(TrainingMode.GUIDED)
        self._begin(tours.CASE)
        self._tour_at(0)

    def _tour_next(self) -> None:
        self._tour_at((self.step or 0) + 1)

    def _tour_end(self) -> None:
        self._tour_at(len(tours.STEPS))

    def _tour_at(self, number: int) -> None:
        if number == self.step:
            return
        self.step = number if number < len(tours.STEPS) else None
        if self.step is None:
            self.state.update(TOUR_OVER)
            return
        step = tours.STEPS[number]
        count = text("tour.of", {"number": number + 1, "count": len(tours.STEPS)})
        self.state.update({"tour_at": step.at, "tour_text": text(f"tour.{step.key}"), "tour_count": count})

    def _cards(self) -> list[Message]:
        """The library, with the best scores so far."""
        scores = best_scores(self.options.database, self.options.trainee)
        return [case_card(scenario, scores.get(scenario.id)) | {"case": name} for name, scenario in self.library.items()]

    def _broken_off(self) -> list[Message]:
        newest = attempts.open_ones(self.options.attempts)[:3]
        return [{"folder": str(folder), "case": about.case, "mode": about.mode, "started": about.started} for folder, about in newest]


def _library(wanted: str | None) -> tuple[dict[str, Scenario], list[Message]]:
    """Cases to choose from, and those that cannot be read, with the reason; raises where not one can."""
    found: dict[str, Scenario] = {}
    broken: list[Message] = []
    for name in offered(wanted):
        try:
            found[name] = read_case(name)
        except ScenarioError as error:
            broken.append({"case": name, "why": str(error)})
            refused = error
    if not found:
        raise refused
    return found, broken


def _ready(case: Message) -> Message:
    """Forms with their first choices."""
    return {
        "draw_agent": case["agents"][0],
        "said_patient": case["patient"],
        "said_level": case["levels"][0],
        "said_side": "left",
        "belief_level": case["levels"][0],
        "belief_side": "left",
        "belief_compartment": case["compartments"][0],
    }


def _seed() -> int:
    from secrets import randbelow

    return randbelow(2**31)
