"""The register of approaches: what implements each of `scenarios.names.approaches.Approach`, in one record.

Whatever differs from approach to approach above this floor (measures, the room, lint, the command line) is a field of the record; no other
module names an approach. Where the patient's tissues are known, a course that would meet bone or nerve gives way to the nearest that does
not (:mod:`simulator.geometry.clear_path`): at L5-S1 the articular process of S1 and the iliac crest stand in the textbook's way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import EPIDURAL, Tissue
from scenarios.names.approaches import Approach
from scenarios.names.compartments import Compartment
from simulator.geometry import courses, view_judges
from simulator.geometry.clear_path import Course, Field, Search, find_nearest_clear, find_skin
from simulator.geometry.courses import Textbook
from simulator.geometry.view_judges import Judges
from simulator.geometry.views import View

Vector = NDArray[np.float64]

TUOHY_GAUGE, SPINAL_GAUGE = 18, 22  # interlaminar 17-20, all others 22 or 25
FORAMINAL_FAT = frozenset({Tissue.EPIDURAL_FORAMINAL})


@dataclass(frozen=True, kw_only=True, slots=True)
class ApproachFrame:
    """Directions that an approach goes by, and where its midline is.

    Attributes
    ----------
    axes : callable
        Landmarks and level -> left, posterior and superior unit vectors as columns, shape (3, 3).
    midline : callable
        Landmarks and level -> a point of the midline, shape (3,), mm, from which left and right are told.
    """

    axes: Callable[[Landmarks, Level], NDArray[np.float64]]
    midline: Callable[[Landmarks, Level], Vector]


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ApproachRecord:
    """What implements one approach.

    Attributes
    ----------
    word : str
        What the command line calls it; on a side with ``-left`` or ``-right``.
    sides : tuple of Side or None
        Sides that the command line offers, None for the midline.
    gauge : int
        Of the needle that a textbook uses.
    textbook : callable
        Landmarks, level and side -> tip and outward direction (:mod:`simulator.geometry.courses`).
    search : Search
        How far from the textbook's tip and direction a clear way is looked for, and the tissues in which it may end.
    frame : ApproachFrame
        Directions in which a case's offset shifts the tip.
    search_axes : callable
        Landmarks, level and side -> outward, dorsal and cranial unit vectors as columns, shape (3, 3), in which the search shifts the tip.
    compartments : frozenset of Compartment
        Where an injection is meant to go.
    judge_views : callable
        What makes a view good (:mod:`simulator.geometry.view_judges`).
    shown_in : mapping of View to Side or None
        Named views in which a contact sheet shows this approach's needle, and on which side.
    drape : callable
        Landmarks and level -> point over which the drape leaves the skin free, shape (3,), mm.
    elsewhere : Approach
        Approach whose tips stand for the other levels when the level of a tip is told.
    gives_way : bool
        Whether even a picture of the textbook's needle gives way to bone and nerve.
    through_flavum : bool
        Whether the needle passes the ligamentum flavum, so that depth is looked at before it gives.
    """

    word: str
    sides: tuple[Side | None, ...]
    gauge: int
    textbook: Callable[[Landmarks, Level, Side | None], Textbook]
    search: Search
    frame: ApproachFrame
    search_axes: Callable[[Landmarks, Level, Side | None], NDArray[np.float64]]
    compartments: frozenset[Compartment]
    judge_views: Callable[[Landmarks, Level, Side | None], Judges]
    shown_in: Mapping[View, Side | None]
    drape: Callable[[Landmarks, Level], Vector]
    elsewhere: Approach
    gives_way: bool = False
    through_flavum: bool = False


def _vertebral_axes(landmarks: Landmarks, level: Level) -> NDArray[np.float64]:
    return landmarks.vertebrae[level].axes


def _sacral_axes(landmarks: Landmarks, level: Level) -> NDArray[np.float64]:  # noqa: ARG001 - one signature for all frames
    return landmarks.sacrum.axes


def _outward_vertebral(landmarks: Landmarks, level: Level, side: Side | None) -> NDArray[np.float64]:
    return _turn_outward(_vertebral_axes(landmarks, level), side)


def _outward_sacral(landmarks: Landmarks, level: Level, side: Side | None) -> NDArray[np.float64]:
    return _turn_outward(_sacral_axes(landmarks, level), side)


def _turn_outward(axes: NDArray[np.float64], side: Side | None) -> NDArray[np.float64]:
    """Axes whose first column points away from the midline on a side."""
    return axes * np.array([side.sign if side else 1.0, 1.0, 1.0])


def _window_middle(landmarks: Landmarks, level: Level) -> Vector:
    return landmarks.interspaces[level].epidural_target


def _canal_end(landmarks: Landmarks, level: Level) -> Vector:  # noqa: ARG001 - one signature for all frames
    return landmarks.sacrum.canal[-1]


def _hiatus(landmarks: Landmarks, level: Level) -> Vector:  # noqa: ARG001 - one signature for all drapes
    return landmarks.sacrum.hiatus_apex


VERTEBRAL = ApproachFrame(axes=_vertebral_axes, midline=_window_middle)
SACRAL = ApproachFrame(axes=_sacral_axes, midline=_canal_end)
LATERAL_DORSAL_FORAMEN = frozenset({Compartment.FORAMINAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_DORSAL})
VENTRAL_FORAMEN = frozenset({Compartment.FORAMINAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_VENTRAL})

APPROACHES: Mapping[Approach, ApproachRecord] = MappingProxyType(
    {
        Approach.INTERLAMINAR: ApproachRecord(
            word="interlaminar",
            sides=(None, *Side),
            gauge=TUOHY_GAUGE,
            textbook=courses.interlaminar,
            search=Search(goal=EPIDURAL, lateral_mm=(0.0,), dorsal_mm=(0.0,), cranial_mm=(0.0,), aside_deg=20.0),
            frame=VERTEBRAL,
            search_axes=_outward_vertebral,
            compartments=frozenset({Compartment.EPIDURAL_DORSAL, Compartment.EPIDURAL_LATERAL}),
            judge_views=view_judges.judge_window_views,
            shown_in={
                View.AP: Side.LEFT,
                View.LATERAL_LEFT: Side.LEFT,
                View.LATERAL_RIGHT: Side.LEFT,
                View.CLO_LEFT: Side.LEFT,
                View.CLO_RIGHT: Side.RIGHT,
            },
            drape=_window_middle,
            elsewhere=Approach.INTERLAMINAR,
            through_flavum=True,
        ),
        Approach.SUBPEDICULAR: ApproachRecord(
            word="transforaminal",
            sides=tuple(Side),
            gauge=SPINAL_GAUGE,
            textbook=courses.subpedicular,
            search=Search(  # in the oblique view the tip stays at 6 o'clock; along the beam, and in the needle's angle, there is room
                goal=FORAMINAL_FAT,
                lateral_mm=(-1.5, -0.7, 0.0, 0.7, 1.5, 2.5),
                dorsal_mm=(-3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0),
                cranial_mm=(-0.4, 0.0, 0.4),
                aside_deg=30.0,
                beside_mm=0.6,
                wider=Search(  # beyond the pedicle's lateral border is outside the foramen
                    goal=FORAMINAL_FAT,
                    lateral_mm=(0.0, 2.0, 4.0, 6.0, 8.0),
                    dorsal_mm=(-4.0, -2.0, 0.0, 2.0),
                    cranial_mm=(-4.5, -3.0, -1.5, 0.0),
                    aside_deg=25.0,
                ),
            ),
            frame=VERTEBRAL,
            search_axes=courses.oblique_axes,
            compartments=VENTRAL_FORAMEN,
            judge_views=view_judges.judge_pedicle_views,
            shown_in={View.OBLIQUE_LEFT: Side.LEFT, View.OBLIQUE_RIGHT: Side.RIGHT},
            drape=_window_middle,
            elsewhere=Approach.SUBPEDICULAR,
            gives_way=True,  # over the sacrum the joint often stands behind the textbook's point
        ),
        Approach.INFRANEURAL: ApproachRecord(
            word="infraneural",
            sides=tuple(Side),
            gauge=SPINAL_GAUGE,
            textbook=courses.infraneural,
            search=Search(
                goal=EPIDURAL,
                lateral_mm=(-2.0, 0.0, 2.0, 4.0, 6.0),
                dorsal_mm=(-1.5, 0.0, 1.5, 3.0),
                cranial_mm=(-1.5, 0.0, 1.5, 3.0),
                aside_deg=25.0,
            ),
            frame=VERTEBRAL,
            search_axes=_outward_vertebral,
            compartments=VENTRAL_FORAMEN,
            judge_views=view_judges.judge_kambin_views,
            shown_in={},
            drape=_window_middle,
            elsewhere=Approach.SUBPEDICULAR,
            gives_way=True,  # the textbook's point is often too near to the articular process
        ),
        Approach.S1_TRANSFORAMINAL: ApproachRecord(
            word="s1",
            sides=tuple(Side),
            gauge=SPINAL_GAUGE,
            textbook=courses.s1_transforaminal,
            search=Search(
                goal=EPIDURAL, lateral_mm=(-2.0, 0.0, 2.0), dorsal_mm=(-2.0, 0.0, 2.0), cranial_mm=(-2.0, 0.0, 2.0), aside_deg=15.0
            ),
            frame=SACRAL,
            search_axes=_outward_sacral,
            compartments=LATERAL_DORSAL_FORAMEN,
            judge_views=view_judges.judge_sacral_foramen_views,
            shown_in={View.S1_LEFT: Side.LEFT, View.S1_RIGHT: Side.RIGHT},
            drape=_window_middle,
            elsewhere=Approach.SUBPEDICULAR,
        ),
        Approach.CAUDAL: ApproachRecord(
            word="caudal",
            sides=(None,),
            gauge=SPINAL_GAUGE,
            textbook=courses.caudal,
            search=Search(goal=EPIDURAL, lateral_mm=(0.0,), dorsal_mm=(0.0, 1.0), cranial_mm=(-2.0, 0.0), aside_deg=25.0),
            frame=SACRAL,
            search_axes=_outward_sacral,
            compartments=frozenset({Compartment.EPIDURAL_DORSAL, Compartment.EPIDURAL_LATERAL, Compartment.EPIDURAL_VENTRAL}),
            judge_views=view_judges.judge_sacral_canal_views,
            shown_in={View.SACRUM_AP: None, View.SACRUM_LATERAL: None},
            drape=_hiatus,
            elsewhere=Approach.INTERLAMINAR,
        ),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedCourse:
    """What a command line calls an approach on one side."""

    approach: Approach
    side: Side | None = None


def _word(record: ApproachRecord, side: Side | None) -> str:
    return f"{record.word}-{side}" if side else record.word


NAMED: Mapping[str, NamedCourse] = MappingProxyType(
    {_word(record, side): NamedCourse(approach=approach, side=side) for approach, record in APPROACHES.items() for side in record.sides}
)
SHOWN: Mapping[View, str] = MappingProxyType(
    {view: _word(record, side) for record in APPROACHES.values() for view, side in record.shown_in.items()}
)
"""Of `NAMED`, the needle that a contact sheet shows in each view."""


def find_course(
    approach: Approach, landmarks: Landmarks, level: Level, side: Side | None, tissue: Field | None = None, *, around: bool = True
) -> Course:
    """Straight way of an approach's needle in one patient.

    Parameters
    ----------
    approach : Approach
        Route.
    landmarks : Landmarks
        The patient's.
    level : Level
        Upper vertebra of the interspace; the sacral routes do not ask it.
    side : Side or None
        Of the needle; None in the midline, for the interlaminar and the caudal route.
    tissue : callable, optional
        Points, shape (n, 3), mm -> `Tissue` labels, shape (n,), 0 outside the body. Without it the textbook's way is taken, and the skin
        is supposed a short needle's length away.
    around : bool
        Whether to give way to bone and nerve; a picture of the textbook's needle does not.

    Returns
    -------
    Course
        Entry at the skin and tip, mm.

    Raises
    ------
    ValueError
        Where the approach needs a side, or the patient lacks the level.
    """
    tip, outward = textbook(Approach(approach), landmarks, level, side)
    if tissue is None:
        return Course(entry=find_skin(tip, outward, None), tip=tip)
    if around:
        record = APPROACHES[approach]
        tip, outward = find_nearest_clear(tip, outward, record.search_axes(landmarks, level, side), record.search, tissue)
    return Course(entry=find_skin(tip, outward, tissue), tip=tip)


def textbook(approach: Approach, landmarks: Landmarks, level: Level, side: Side | None) -> Textbook:
    """Tip, shape (3,), mm, and outward unit vector of an approach, whatever lies in its way; raises as `find_course` does."""
    if level not in landmarks.interspaces:
        raise ValueError(f"{approach} needs landmarks of {level}; this patient has {', '.join(sorted(landmarks.interspaces)) or 'none'}")
    return APPROACHES[approach].textbook(landmarks, level, side)


def usual_gauge(approach: Approach | None) -> int:
    """Gauge that a textbook uses for an approach; that of a spinal needle where there is none."""
    return SPINAL_GAUGE if approach is None else APPROACHES[approach].gauge
