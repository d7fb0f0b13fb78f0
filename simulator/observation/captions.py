"""What an image is, in one line: view, technique, mode, and what went on."""

from simulator.geometry.angle_text import describe_angles
from simulator.procedure.state.carm_state import Shot
from simulator.procedure.state.state import ProcedureState
from simulator.xray.image.modes import Mode


def caption(shot: Shot, state: ProcedureState) -> str:
    """What an image is: view, technique, mode, what went on.

    Parameters
    ----------
    shot : Shot
        The exposure or stretch of a run that the image belongs to.
    state : ProcedureState
        After the action that gave it.
    """
    pose = shot.pose
    angles = describe_angles(pose.oblique_deg, pose.tilt_deg, pose.swivel_deg)
    what = "injecting" if shot.injecting else "" if shot.mode is Mode.SINGLE else "live"
    kind = {Mode.DSA: "DSA", Mode.ROADMAP: "roadmap"}.get(shot.mode, "")
    after = state.done[-1].action.word if state.done and not what else ""
    extra = ", ".join(word for word in (kind, what, "" if after in ("shoot", "") else after.replace("-", " ")) if word)
    return f"{angles}; {shot.technique.kvp:.0f} kV" + (f"; {extra}" if extra else "")
