"""What was given through the needle: volumes and doses, how hard it went in, and what that meant."""

from collections.abc import Iterator

from phantoms.terms.tissues import EPIDURAL, Tissue
from scenarios.names.enums import Attachment
from scenarios.names.strengths import describe_volumes
from simulator.contrast.media import FluidSpace, medium_of, tissue_table
from simulator.contrast.plunger_pressure import COMFORT_N, MOST_N
from simulator.needle.tissue_mechanics import NERVE
from simulator.procedure.actions.actions import Attach, LocalAnaesthetic
from simulator.procedure.state.events import Event
from simulator.procedure.state.state import ProcedureState
from simulator.procedure.state.syringe import Volumes, add_volumes
from simulator.reporting.report import Given

LEAST_ML = 0.005  # that is worth a line: half of the finest mark of a syringe
MOSTLY = 0.5  # of the pressure that is lost in the needle makes it the needle's
HIGH, SLOW = "High pressure", ", little flow"
SLOWED = 0.9  # of the rate that was wanted: below it the thumb could not give it
MEANT = {
    FluidSpace.BONE: (
        "the opening was in bone. What goes in stains the marrow round the tip and runs off in its veins, contrast and drug alike. "
        "Draw back and change direction; pressing harder only hurts."
    ),
    FluidSpace.DISC: "the opening was in the disc. Contrast stays between the endplates, and the pressure there stays high.",
}
NERVE_MEANT = (
    "the opening was in a nerve: a hand opens a root at 180 to 240 kPa, which a small syringe gives without effort. "
    "Stop at the first word of it and draw the needle back."
)
TIGHT_MEANT = "the opening was in tight tissue ({tissue}). Change depth or direction; do not press harder."
STUCK = "nothing: the plunger did not move"
STUCK_MEANT = "The opening lay against something that takes no fluid. Draw the needle back a little, or turn it; do not press harder."
EPIDURAL_MEANT = "The pressure at the tip came to what is felt in the epidural space; a slower push hurts less."


def list_given(state: ProcedureState) -> Iterator[Given]:
    """Every push through a needle, what it took, and what that meant; then those that moved nothing.

    Parameters
    ----------
    state : ProcedureState
        At the end.
    """
    for item in state.injections:
        yield Given(
            time_s=item.start_s,
            what=describe_volumes(item.delivered_ml, item.strengths),
            rate_ml_s=item.rate_ml_s,
            wanted_ml_s=item.wanted_ml_s,
            syringe_ml=item.syringe_ml,
            effort_n=item.effort_n,
            effort_share=item.effort_n / MOST_N,
            tip_kpa=item.tip_kpa,
            line_kpa=item.peak_kpa - item.tip_kpa,
            meant=explain_push(
                Tissue(item.tissue),
                item.medium,
                effort_n=item.effort_n,
                hub_kpa=item.peak_kpa,
                tip_kpa=item.tip_kpa,
                slowed=item.rate_ml_s < SLOWED * item.wanted_ml_s,
            ),
        )
    yield from (_tell_stuck(state, event) for event in state.events if event.get("what") == "stuck")


def explain_push(tissue: Tissue, medium: str, *, effort_n: float, hub_kpa: float, tip_kpa: float, slowed: bool) -> str:
    """What the effort of a push meant, in a sentence or two; empty where it was an easy one.

    Parameters
    ----------
    tissue : Tissue
        In which most of the opening lay.
    medium : str
        That took the fluid (`FluidSpace`).
    effort_n, hub_kpa, tip_kpa : float
        Force on the plunger, N; pressure in the syringe and at the tip, kPa.
    slowed : bool
        Whether it went in more slowly than was wanted.
    """
    high = HIGH + (SLOW if slowed else "")
    if tip_kpa < _find_felt_kpa(tissue, medium):
        hard = effort_n > COMFORT_N and hub_kpa - tip_kpa > MOSTLY * hub_kpa
        return f"The effort was the needle's: {tip_kpa:.0f} of {hub_kpa:.0f} kPa came to the tip, and hurt nobody." if hard else ""
    if tissue in NERVE:
        return f"{high}: {NERVE_MEANT}"
    if medium in MEANT:
        return f"{high}: {MEANT[FluidSpace(medium)]}"
    if tissue in EPIDURAL:
        return EPIDURAL_MEANT
    return f"{high}: {TIGHT_MEANT.format(tissue=tissue.name.lower().replace('_', ' '))}"


def total_given(state: ProcedureState) -> Volumes:
    """Volumes of each agent that left the needle, mL."""
    given: Volumes = ()
    for item in state.injections:
        given = add_volumes(given, item.delivered_ml)
    return tuple((agent, volume) for agent, volume in given if volume >= LEAST_ML)


def total_infiltrated(state: ProcedureState) -> Volumes:
    """Volumes of local anaesthetic that went into skin and muscle, mL."""
    given: Volumes = ()
    for item in state.done:
        if isinstance(item.action, LocalAnaesthetic):
            given = add_volumes(given, ((item.action.agent, item.action.volume_ml),))
    return given


def total_kept(states: tuple[ProcedureState, ...]) -> tuple[Volumes, Volumes]:
    """Volumes that were drawn up and never left syringe and tubing, mL: those in syringes, those in tubing.

    Parameters
    ----------
    states : tuple of ProcedureState
        Of the attempt, in order.
    """
    syringe: Volumes = ()
    tubing: Volumes = ()
    for before, after in zip(states, (*states[1:], None), strict=True):
        if before.tray.attached is not Attachment.SYRINGE or (after is not None and not _came_off(before, after)):
            continue
        syringe, tubing = add_volumes(syringe, before.tray.syringe_ml), add_volumes(tubing, before.tray.in_tubing)
    return syringe, tubing


def _came_off(before: ProcedureState, after: ProcedureState) -> bool:
    """Whether the syringe that was on the hub is there no more, or another one is."""
    return after.tray.attached is not Attachment.SYRINGE or (before is not after and isinstance(after.done[-1].action, Attach))


def _find_felt_kpa(tissue: Tissue, medium: str) -> float:
    """Pressure from which a push is felt where it went, kPa: the tissue's round the opening, or the least of the medium that took it."""
    table = tissue_table().felt_kpa
    if medium_of(tissue) == medium:
        return float(table[tissue])
    return min((float(table[one]) for one in Tissue if medium_of(one) == medium), default=float(table[tissue]))


def _tell_stuck(state: ProcedureState, event: Event) -> Given:
    """A push in vain; what it pressed against is known where the patient felt it."""
    felt = next((item for item in state.events if item.get("what") == "tip-pressure" and item.time_s >= event.time_s), None)
    pressure, tip = float(event.get("pressure_kpa") or 0.0), float(event.get("tip_kpa") or 0.0)
    effort = float(event.get("effort_n") or 0.0)
    meant = STUCK_MEANT
    if felt is not None:
        tissue = Tissue(int(felt.get("tissue") or 0))
        meant = (
            explain_push(tissue, str(medium_of(tissue) or ""), effort_n=effort, hub_kpa=pressure, tip_kpa=tip, slowed=True) or STUCK_MEANT
        )
    return Given(
        time_s=event.time_s,
        what=STUCK,
        rate_ml_s=0.0,
        wanted_ml_s=0.0,
        syringe_ml=0.0,
        effort_n=effort,
        effort_share=effort / MOST_N,
        tip_kpa=tip,
        line_kpa=pressure - tip,
        meant=meant,
    )
