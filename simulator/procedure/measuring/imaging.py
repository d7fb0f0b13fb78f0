"""Views, fields and dose."""

from collections.abc import Iterator

import numpy as np

from phantoms.terms.tissues import Tissue
from scenarios.names.enums import Approach
from scenarios.names.quantities import Quantity, ViewPurpose
from simulator.geometry.approaches import APPROACHES
from simulator.geometry.carm import project_points
from simulator.geometry.view_judges import Judge, Judges
from simulator.procedure.actions import actions as do
from simulator.procedure.imaging import pulses_of
from simulator.procedure.measuring.attempt import AttemptStates
from simulator.procedure.measuring.documentation import measure_yes_no
from simulator.procedure.state.carm_state import Shot, cut_shot
from simulator.procedure.state.events import EventKind
from simulator.procedure.state.state import ProcedureState
from simulator.scoring.measured import Measured
from simulator.xray.physics.collimator import opening_mm2

CELLS = 64
DEPTH_VIEW = 0.5  # of a true view's quality that a depth view needs
DORSAL_MM = 10.0  # of the flavum within which the tip must lie in it (DESIGN.md section 8)
MIDLINE_MM = 3.0  # within which a lateral shows depth as well (FACTS.md 3.1)


def measure_imaging(attempt: AttemptStates) -> dict[str, Measured]:
    """Quantities of images and dose."""
    return {**_dose(attempt), **_measure_duration(attempt), **_views(attempt), **_fields(attempt), **_measure_depth_view(attempt)}


def judges(state: ProcedureState) -> Judges:
    """What makes a view good for a task of this case: functions of the C-arm, 0 to 1; the best of them counts."""
    task, marks = state.case.scenario.task, state.case.patient.landmarks
    return APPROACHES[task.approach].judge_views(marks, task.level, task.side.lateral)


def _best(shots: Iterator[Shot], by: tuple[Judge, ...]) -> tuple[float, Shot | None]:
    best: tuple[float, Shot | None] = (0.0, None)
    for shot in shots:
        value = max(judge(shot.pose.carm(CELLS)) for judge in by)
        best = (value, shot) if value > best[0] or best[1] is None else best
    return best


def _views(attempt: AttemptStates) -> dict[str, Measured]:
    last = attempt.last
    if not last.shots:
        return {}
    found: dict[str, Measured] = {}
    for task, by in judges(last).items():
        value, shot = _best(iter(last.shots), by)
        found[f"{Quantity.VIEW_QUALITY}:{task}"] = _of_shot(value, shot)
    final = _final(attempt)
    return found if final is None else {**found, f"{Quantity.VIEW_QUALITY}:{ViewPurpose.FINAL}": final}


def _final(attempt: AttemptStates) -> Measured | None:
    """Half for an AP, half for a depth view, with the tip in the field where it then stayed until the first contrast medium was seen."""
    given = attempt.first_contrast or attempt.decisive
    if given is None:
        return None
    by = judges(attempt.last)
    here = [
        shot
        for shot in attempt.last.shots
        if shot.tip is not None and np.linalg.norm(np.subtract(shot.tip, given.tip)) < DORSAL_MM / 2 and shows_tip(shot)
    ]
    shares = [_best(iter(here), by[task])[0] for task in (ViewPurpose.AP, ViewPurpose.DEPTH)]
    return Measured(value=sum(min(2 * share, 1.0) for share in shares) / 2, time_s=given.start_s)


def _fields(attempt: AttemptStates) -> dict[str, Measured]:
    shots = attempt.last.shots
    if not shots:
        return {}
    weights = np.array([shot.pulses for shot in shots], dtype=float)
    shares = np.array([_open_share(shot) for shot in shots])
    found: dict[str, Measured] = {
        Quantity.FIELD_SHARE: Measured(value=float((weights * shares).sum() / weights.sum())),
        Quantity.REFERENCE_IMAGES: Measured(value=sum(1 for _ in attempt.find_actions(do.SaveReference))),
    }
    with_tip = [shot for shot in shots if shot.tip is not None]
    if with_tip:
        found[Quantity.HAND_IN_BEAM] = _hands(attempt)
        found[Quantity.TIP_IN_FIELD_SHARE] = Measured(value=_share_with_tip(with_tip))
    return found


def _share_with_tip(shots: list[Shot]) -> float:
    """Share of the images in which the tip lay in the open field."""
    images = np.array([shot.frames for shot in shots], dtype=float)
    return float(images @ np.array(list(map(shows_tip, shots)), dtype=float) / images.sum())


def _open_share(shot: Shot) -> float:
    """Irradiated area over the full field's."""
    full = shot.pose.carm(CELLS)
    return float(opening_mm2(shot.collimator, full) / (full.pixel_mm * CELLS) ** 2)


def shows_tip(shot: Shot) -> bool:
    """Whether the needle's tip lay in the open field of an exposure."""
    return shot.tip is not None and _is_lit(shot, np.array(shot.tip))


def _is_lit(shot: Shot, point: np.ndarray) -> bool:
    """Whether a point, shape (3,), mm, lies in the open field."""
    carm = shot.pose.carm(CELLS)
    pixel = project_points(carm, point[None])[0][0]
    right_mm, down_mm = (pixel - (CELLS - 1) / 2) * carm.pixel_mm
    half = carm.pixel_mm * CELLS / 2
    leaves = shot.collimator
    return bool(
        -min(half, leaves.left_mm) <= right_mm <= min(half, leaves.right_mm)
        and -min(half, leaves.top_mm) <= down_mm <= min(half, leaves.bottom_mm)
    )


def shots_of(state: ProcedureState) -> list[Shot]:
    """The exposures of a state's last action, the first of them cut to it."""
    found: list[Shot] = []
    for shot in reversed(state.shots):
        own = cut_shot(shot, pulses_of(state))
        if own is None:
            break
        found.insert(0, own)
    return found


def _hands(attempt: AttemptStates) -> Measured:
    """Exposures while a hand held the hub, or a syringe without tubing on it, with the hub in the field."""
    found = []
    for before, after in zip(attempt.states[:-1], attempt.states[1:], strict=True):
        held = isinstance(after.done[-1].action, do.Advance | do.Withdraw | do.Roll | do.AimNeedle)
        pressed = isinstance(after.done[-1].action, do.Inject) and before.tray.tubing_ml is None
        if not (held or pressed) or after.needle is None:
            continue
        hub = np.asarray(after.needle.tube().axis[0])
        found += [shot for shot in shots_of(after) if _is_lit(shot, hub)]
    return Measured(
        value=sum(shot.frames for shot in found),
        time_s=found[0].time_s if found else None,
        pulse=found[0].index if found else None,
    )


def is_depth_seen(attempt: AttemptStates) -> bool:
    """Whether depth was looked at before the flavum gave."""
    found = _measure_depth_view(attempt).get(Quantity.DEPTH_VIEW_BEFORE_FLAVUM)
    return found is not None and found.value >= 1.0


def _measure_depth_view(attempt: AttemptStates) -> dict[str, Measured]:
    """Whether depth was looked at in time: before the flavum gave, or, where no flavum is passed, before the first injection."""
    last = attempt.last
    task = last.case.scenario.task
    limit = _limit(attempt, task.approach)
    if limit is None:
        return {}
    time_s, crossing = limit
    by = judges(last)[ViewPurpose.DEPTH]
    for shot in last.shots:
        if shot.time_s >= time_s or shot.tip is None or not shows_tip(shot):
            continue
        near = crossing is None or 0.0 <= np.linalg.norm(np.subtract(shot.tip, crossing)) <= DORSAL_MM
        if near and _best(iter((shot,)), by)[0] >= DEPTH_VIEW:
            return {Quantity.DEPTH_VIEW_BEFORE_FLAVUM: _of_shot(1.0, shot)}
    return {Quantity.DEPTH_VIEW_BEFORE_FLAVUM: measure_yes_no(False, time_s)}


def _limit(attempt: AttemptStates, approach: Approach) -> tuple[float, tuple[float, ...] | None] | None:
    """When depth must have been looked at, s, and the place of the crossing, mm; None where the needle never came so far."""
    if not APPROACHES[approach].through_flavum:
        given = attempt.first_contrast or attempt.decisive
        return None if given is None else (given.start_s, None)
    for item in attempt.last.events:
        if item.kind is EventKind.PUNCTURE and item.get("tissue") == int(Tissue.LIGAMENTUM_FLAVUM):
            return item.time_s, tuple(float(item.get(f"{axis}_mm") or 0.0) for axis in "xyz")
    given = attempt.first_contrast or attempt.decisive
    return None if given is None else (given.start_s, None)


def _dose(attempt: AttemptStates) -> dict[str, Measured]:
    dose = attempt.last.room.dose
    found = {
        Quantity.FLUORO_S: Measured(value=dose.fluoro_s),
        Quantity.EXPOSURES: Measured(value=dose.exposures),
        Quantity.REFERENCE_KERMA_MGY: Measured(value=dose.reference_kerma_mgy),
        Quantity.DAP_GY_CM2: Measured(value=dose.dap_gy_cm2),
        Quantity.STAFF_UGY: Measured(value=dose.staff_ugy),
    }
    return {str(key): value for key, value in found.items()} if attempt.last.shots else {}


def _measure_duration(attempt: AttemptStates) -> dict[str, Measured]:
    """From time-out, or the first puncture where there was none, to the last needle out; of an attempt without an injection, nothing."""
    start_s = next((item.end_s for item in attempt.find_actions(do.TimeOut)), attempt.punctured_s)
    end = [item.end_s for item in attempt.find_actions(do.RemoveNeedle)]
    if not end or not attempt.last.injections:
        return {}
    return {Quantity.DURATION_MIN: Measured(value=(end[-1] - start_s) / 60.0, time_s=end[-1])}


def _of_shot(value: float, shot: Shot | None) -> Measured:
    return Measured(value=value, time_s=None if shot is None else shot.time_s, pulse=None if shot is None else shot.index)
