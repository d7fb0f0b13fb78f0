"""Fixed names by which a digest tells records and their fields apart: they outlive whatever Python calls the same things.

A digest reads the tags of this table, never the name of a class, module or field, nor the order of fields. After a rename
the old tag stays: a class keeps its line, a field is written ``new_name=old-tag``, a field that has moved into a record of its own
``record.new_name=old-tag``. A new type or field needs a new tag, and a tag that was once given is not given to anything else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from simulator.contrast.spread import Spread
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.needle_state import Front, Hole, NeedleState, Run
from simulator.needle.tip_trajectory import Track
from simulator.needle.variation import Individual
from simulator.procedure.actions.actions import CommitBelief
from simulator.procedure.state.carm_state import Pose, Room, Shot
from simulator.procedure.state.chart import Chart
from simulator.procedure.state.events import Event
from simulator.procedure.state.physiology import Body, Effect
from simulator.procedure.state.state import Belief, Feel, Injection, ProcedureState
from simulator.procedure.state.syringe import Tray
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.dose import Dose, Operator
from simulator.xray.physics.technique import Technique


@dataclass(frozen=True, kw_only=True, slots=True)
class Tagged:
    """How a digest reads a record.

    Attributes
    ----------
    tag : str
        Of the type.
    fields : tuple of (str, str, callable)
        Tag of each field, path of the attribute, and what reads it from a record; sorted by tag.
    left_out : frozenset of str
        Attributes that follow from the others or are bound by other means.
    """

    tag: str
    fields: tuple[tuple[str, str, Callable[[Any], Any]], ...]
    left_out: frozenset[str]


def read_tags(tag: str, fields: str, left_out: str = "") -> Tagged:
    """Read one line of the table.

    Parameters
    ----------
    tag : str
        Of the type.
    fields : str
        Attributes separated by spaces, each ``name`` where its tag is its name, else ``path=tag``.
    left_out : str
        Attributes that no digest reads, separated by spaces.

    Raises
    ------
    ValueError
        Where two fields have the same tag.

    Examples
    --------
    >>> [(item, path) for item, path, _ in read_tags("point", "y across=x").fields]
    [('x', 'across'), ('y', 'y')]
    """
    pairs = sorted((item.rpartition("=")[2], item.partition("=")[0]) for item in fields.split())
    if len({item for item, _ in pairs}) < len(pairs):
        raise ValueError(f"{tag}: expected tags that differ, got {', '.join(item for item, _ in pairs)}")
    return Tagged(
        tag=tag,
        fields=tuple((item, path, attrgetter(path)) for item, path in pairs),
        left_out=frozenset(left_out.split()),
    )


STATE = read_tags(
    "state",
    "seed time_s chart room tray body needle feel fluid.site=site fluid.site_at=site_at fluid.spread=spread "
    "fluid.elsewhere=elsewhere fluid.spread_s=spread_s injections events beliefs answers shots "
    "fresh over",
    "case done fluid.domain fluid.moments fluid.flow",  # the header binds the case; cells, flow and iodine follow; actions are the log
)
"""Of the state itself, which `digest` reads part by part."""

TAGS: dict[type, Tagged] = {
    ProcedureState: STATE,
    Chart: read_tags(
        "chart",
        "reviewed examined tested contacted stopped decision consent risks time_out posture antiseptic draped protection monitored advice",
    ),
    Room: read_tags("room", "pose collimator technique kvp mode next_pulse_s run pulse dose operator reference mark"),
    Pose: read_tags("pose", "oblique_deg tilt_deg swivel_deg isocentre field_mm sid_mm sod_mm"),
    Collimator: read_tags("collimator", "left_mm right_mm top_mm bottom_mm iris_mm"),
    Technique: read_tags("technique", "kvp ma pulse_ms pulses_per_s copper_mm grid focus_mm dose_level"),
    Dose: read_tags("dose", "reference_kerma_mgy dap_gy_cm2 fluoro_s exposures staff_ugy"),
    Operator: read_tags("operator", "side distance_cm height_cm"),
    Shot: read_tags("shot", "time_s index pulses interval_s run mode pose collimator technique tip injecting"),
    Tray: read_tags("tray", "stylet attached syringe_ml tubing_ml peak_kpa size_ml"),
    Body: read_tags("body", "effects numb_at numb_mm pricked"),
    Effect: read_tags("effect", "kind onset_s size push_s"),
    NeedleState: read_tags(
        "needle",
        "kit individual entry tip hub_direction direction notch track runs front holes roll_rad depth_mm pressed_mm force_n side_force_n "
        "walked_rad redirections travelled_mm stylet_in",
    ),
    NeedleKit: read_tags("kit", "bevel gauge length_mm bend_deg bend_mm"),
    Individual: read_tags("individual", "force_factor flavum_factor pressure_factor muscle_factor"),
    Track: read_tags("track", "depth_mm points directions notches"),
    Run: read_tags("run", "tissue from_mm"),
    Front: read_tags("front", "tissue from_mm floor_n cut behind"),
    Hole: read_tags("hole", "tissue point"),
    Feel: read_tags("feel", "force_n pressure_kpa effort_n tip_kpa gave lost_ml moved_mm"),
    Spread: read_tags("spread", "agents mobile_ml stored_ml leaked_ml washed_out_ml due_ml held_ml elapsed_s", "domain"),
    Injection: read_tags(
        "injection",
        "start_s end_s delivered_ml rate_ml_s tip tissue medium vessel live_ml peak_kpa tip_kpa effort_n wanted_ml_s syringe_ml strengths",
        "deposits",  # they follow from the spreads before and after
    ),
    Event: read_tags("event", "time_s kind text data hidden"),
    Belief: read_tags("belief", "time_s said"),
    CommitBelief: read_tags("commit-belief", "level side compartment vascular confidence"),
}
"""Every record that a state can hold. The domain of a spread follows from the site, and is left out."""
