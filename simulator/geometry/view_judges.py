"""What makes a view good for each approach: for an AP, for depth and down the needle, the judges of which the best counts.

All functions take landmarks, the upper vertebra of the interspace, and the needle's side, None in the midline.
"""

from collections.abc import Callable, Mapping

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from scenarios.names.quantities import ViewPurpose
from simulator.geometry import view_quality as quality
from simulator.geometry.carm import CArm
from simulator.geometry.courses import infraneural
from simulator.geometry.views import View

Judge = Callable[[CArm], float]
"""Quality of a view, 0 to 1."""
Judges = Mapping[ViewPurpose, tuple[Judge, ...]]


def judge_window_views(landmarks: Landmarks, level: Level, side: Side | None) -> Judges:
    """The interlaminar window from behind, the lamina in profile or a lateral for depth."""

    def window(carm: CArm) -> float:
        return quality.window_quality(carm, landmarks, level)

    lamina = tuple(_lamina(landmarks, level, one) for one in _sides(side))
    return {ViewPurpose.AP: (window,), ViewPurpose.DEPTH: (*lamina, _lateral(landmarks, level)), ViewPurpose.COAXIAL: (window,)}


def judge_pedicle_views(landmarks: Landmarks, level: Level, side: Side | None) -> Judges:
    """AP and lateral of the level, and the Scottie dog down the needle."""
    return _foraminal(landmarks, level, tuple(_foramen(landmarks, level, one) for one in _sides(side)))


def judge_kambin_views(landmarks: Landmarks, level: Level, side: Side | None) -> Judges:
    """AP and lateral of the level, and down the needle the oblique that is squared to the lower endplate."""
    return _foraminal(landmarks, level, tuple(_down_kambin(landmarks, level, one) for one in _sides(side)))


def judge_sacral_foramen_views(landmarks: Landmarks, level: Level, side: Side | None) -> Judges:
    """Down the dorsal foramen or the sacrum from behind, a lateral of the sacrum or of the level for depth."""
    down = tuple(_name_judge(View(f"s1-{one}"), landmarks, level) for one in _sides(side))
    return {
        ViewPurpose.AP: (*down, _name_judge(View.SACRUM_AP, landmarks, level)),
        ViewPurpose.DEPTH: (_name_judge(View.SACRUM_LATERAL, landmarks, level), _lateral(landmarks, level)),
        ViewPurpose.COAXIAL: down,
    }


def judge_sacral_canal_views(landmarks: Landmarks, level: Level, side: Side | None) -> Judges:  # noqa: ARG001 - one signature for all
    """The sacrum from behind, and a lateral of it or of the level for depth and for guiding the needle."""
    sacrum = (_name_judge(View.SACRUM_LATERAL, landmarks, level), _lateral(landmarks, level))
    return {ViewPurpose.AP: (_name_judge(View.SACRUM_AP, landmarks, level),), ViewPurpose.DEPTH: sacrum, ViewPurpose.COAXIAL: sacrum}


def _foraminal(landmarks: Landmarks, level: Level, down: tuple[Judge, ...]) -> Judges:
    return {
        ViewPurpose.AP: (_name_judge(View.AP, landmarks, level),),
        ViewPurpose.DEPTH: (_lateral(landmarks, level),),
        ViewPurpose.COAXIAL: down,
    }


def _sides(side: Side | None) -> tuple[Side, ...]:
    return (side,) if side else tuple(Side)


def _name_judge(view: View, landmarks: Landmarks, level: Level) -> Judge:
    return lambda carm: quality.named_quality(carm, view, landmarks, level)


def _lateral(landmarks: Landmarks, level: Level) -> Judge:
    return lambda carm: quality.lateral_quality(carm, landmarks, level)


def _lamina(landmarks: Landmarks, level: Level, side: Side) -> Judge:
    return lambda carm: quality.lamina_quality(carm, landmarks, level, side)


def _foramen(landmarks: Landmarks, level: Level, side: Side) -> Judge:
    return lambda carm: quality.foramen_quality(carm, landmarks, level, side)


def _down_kambin(landmarks: Landmarks, level: Level, side: Side) -> Judge:
    _, outward = infraneural(landmarks, level, side)
    return lambda carm: quality.beam_quality(carm, outward)
