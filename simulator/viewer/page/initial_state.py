"""The page's state before the engine has said anything, and of forms that nobody has filled in."""

from typing import Any

from simulator.geometry.angle_text import read_scale

Plain = dict[str, Any]

NOTHING_YET: Plain = {
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
        "drugs": {},
        "syringes_ml": [],
        "thumb_n": {"comfort": 25, "firm": 60, "most": 80},
        "tests": [],
        "dsa": False,
        "asks_particulate_reason": False,
        "sod_over_sid": 0.7,
    },
    "time": "0:00",
    "chart": {
        **{name: [] for name in ("reviewed", "examined", "tested", "contacted", "stopped", "risks", "protection", "advice")},
        **dict.fromkeys(("decision", "time_out", "posture", "antiseptic")),
        **dict.fromkeys(("consent", "draped", "monitored"), False),
    },
    "record": {},
    "medicines": [],
    "slices": [],
    "readouts": {
        **dict.fromkeys(("oblique_deg", "tilt_deg", "swivel_deg", "kvp", "ma", "pulse_ms", "pulses_per_s", "exposures"), 0),
        **dict.fromkeys(("oblique", "tilt", "swivel"), read_scale(0.0, "", "")),
        **dict.fromkeys(("fluoro_s", "reference_kerma_mgy", "dap_gy_cm2", "rate_mgy_min"), 0),
        **{"field_mm": 300, "mode": "fluoroscopy", "pedal": False, "dose_level": "", "grid": False, "alarm": False},
    },
    "needle": None,
    "hub": {"attached": "nothing", "tubing": False, "size_ml": 0, "holds": "", "tubing_holds": "", "contents": [], "left_ml": 0},
    "feel": {"force_n": 0, "pressure_kpa": 0, "effort_n": 0, "tip_kpa": 0, "gave": False, "lost_ml": 0, "moved_mm": 0},
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
    "guide": None,
    "guide_svg": "",
    "slice_name": "",
    "slice_src": "",
    "refused": "",
    "trouble": "",
    "lost": "",
    "stale": "",
    "leaves_svg": "",
    "notice": "",
    "report": "",
    "opening": None,
    "verified": "",
    "debrief": None,
    "debrief_tab": "score",
    "compared": [],
    "expert_playing": False,
    "replay_s": 0,
    "replay_span": [0, 1],
    "replay_playing": False,
    "replay_speed": 4,
    "replay": {"time": "", "readings": [], "beside": None},
}
"""What the page shows before the engine has said anything."""

HANDS: Plain = {
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
    "draw_size": 0,
    "local_agent": "lidocaine",
    "local_ml": 3,
    "local_mm": 25,
    "risks": [],
    "reason": "",
    "particulate_reason": "",
    "said_patient": "",
    "said_level": "",
    "said_side": "",
    "belief_level": "",
    "belief_side": "",
    "belief_compartment": "",
    "belief_vascular": False,
    "confidence": 0.7,
    "kvp_by_hand": 0,
    "guide_on": True,
}
"""What the page itself remembers of forms that are being filled in."""

OPEN: Plain = {"mode": "", "busy": False, "help_open": False, "pedal_learning": False}
"""What else of the page belongs to one attempt."""

FRESH = NOTHING_YET | HANDS | OPEN
"""Everything that is of one attempt, as it is before the first: nothing else may be left of the attempt before when another begins."""


def make_initial_state(case: Plain) -> Plain:
    """Forms with their first choices; what is to be said at the time-out and believed of the tip is never given away."""
    return {
        "draw_agent": case["agents"][0],
        "said_patient": case["patient"],
        **dict.fromkeys(("said_level", "said_side", "belief_level", "belief_side", "belief_compartment"), ""),
    }
