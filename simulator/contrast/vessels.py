"""Vessels that take up an injection: epidural veins that wander cephalad and cross, the artery straight to the midline with its hairpin.

A vessel is a tree of thin tubes from the tip; its cells lie beside the tissue's in the same lattice and exchange nothing with them but
at the needle. Courses are recalled (FACTS.md 1.7, 3.3), unverified; where veins are labelled near the tip, the course follows them.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phantoms.soft_tissue.spine_curve import SpineCurve
from phantoms.terms.tissues import Tissue
from scenarios.names.compartments import Compartment
from simulator.contrast.lattice import SPACING_MM, lay_middles
from simulator.contrast.media import code, tissue_table

if TYPE_CHECKING:
    from simulator.contrast.domain import Domain

Array = NDArray[np.float64]
Path = Array
"""Coordinates (u, v, t) along a tube, shape (k, 3), mm, from the tip on."""

VEIN_MM = 2.8  # across; recalled, unverified
ARTERY_MM = 1.3  # 0.8 to 1.3 (FACTS 1.7 [70]), the widest, so that a trainee can see it
PITCH_MM = 34.0  # between the veins' crossings behind the bodies; recalled, unverified
VEIN_U_MM, VEIN_V_MM = 8.0, -7.0  # where the ventral veins run if none is labelled
BOW_MM = 2.0  # how far they swing to either side over discs and bodies
STRAIGHT_MM = 15.0  # up to which a tributary is straight; recalled, unverified
END_ML_S_KPA = 2.0  # how easily a vessel's end drains, against some 0.3 mL/(s kPa) along 30 mm of it


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Vessel:
    """One tube's course and width, mm."""

    path: Path
    width_mm: float


def with_vessels(domain: "Domain", tip: Array, vessel: Compartment) -> "Domain":
    """The domain with a vessel's cells added, its course beginning at the tip.

    Parameters
    ----------
    domain : Domain
        Its tissue may be empty.
    tip : ndarray, shape (3,)
        World frame, mm.
    vessel : Compartment
        `VENOUS` or `ARTERIAL`.

    Raises
    ------
    ValueError
        For another compartment.
    """
    if vessel not in (Compartment.VENOUS, Compartment.ARTERIAL):
        raise ValueError(f"an uptake goes into a vein or an artery, got {vessel}")
    start = domain.curve.coordinates(tip[None])[0]
    courses = _veins(start, _measure_labelled_veins(domain)) if vessel is Compartment.VENOUS else _artery(start)
    return _join_vessels(domain, courses, vessel)


def with_drainage(domain: "Domain", tip: Array) -> "Domain":
    """Bone with the veins that drain its marrow: all that leaks from its cells runs into the veins' beginning at the tip.

    Parameters
    ----------
    domain : Domain
        Of bone; not empty.
    tip : ndarray, shape (3,)
        World frame, mm.
    """
    drained = with_vessels(domain, tip, Compartment.VENOUS)
    count, vein = len(domain), len(domain)
    leaking = np.flatnonzero(domain.leak_ml_s_kpa > 0)
    leak = drained.leak_ml_s_kpa.copy()
    leak[:count] = 0.0
    leak.setflags(write=False)
    return replace(
        drained,
        leak_ml_s_kpa=leak,
        face_a=_read_only(drained.face_a, leaking),
        face_b=_read_only(drained.face_b, np.full(len(leaking), vein, dtype=np.intp)),
        face_ml_s_kpa=_read_only(drained.face_ml_s_kpa, domain.leak_ml_s_kpa[leaking]),
    )


def _measure_labelled_veins(domain: "Domain") -> tuple[float, float]:
    """Distance from the midline and v of the labelled veins."""
    index = np.argwhere(domain.grid.values == Tissue.EPIDURAL_VEIN)
    if len(index) < 20:
        return VEIN_U_MM, VEIN_V_MM
    place = domain.curve.coordinates(lay_middles(domain.low + index))
    return float(np.median(np.abs(place[:, 0]))), float(np.median(place[:, 1]))


def _veins(start: Array, beside: tuple[float, float]) -> tuple[Vessel, ...]:
    """A tributary to the longitudinal vein of the tip's side, up along it, across behind the next bodies and up the other side."""
    side = 1.0 if start[0] >= 0 else -1.0
    u, v = beside
    first = start[2] - 6.0
    feeder = _wander(_curve([start, [0.5 * (start[0] + side * u), 0.5 * (start[1] + v), start[2] - 2.0], [side * u, v, first]]))
    up = _longitudinal(side * u, v, first, first - 2.6 * PITCH_MM)
    down = _longitudinal(side * u, v, first, first + 0.6 * PITCH_MM)
    cross_t = first - 0.9 * PITCH_MM
    at = up[np.argmin(np.abs(up[:, 2] - cross_t))]
    cross = _curve([at, [0.3 * at[0], v - 0.5, cross_t - 3.0], [-0.4 * at[0], v - 0.5, cross_t + 1.5], [-side * u, v, cross_t - 5.0]])
    other = _longitudinal(-side * u, v, cross[-1, 2], first - 2.2 * PITCH_MM)
    return tuple(Vessel(path=path, width_mm=VEIN_MM) for path in (feeder, up, cross, other, down))


def _wander(path: Path) -> Path:
    """A course that swings to either side where it is longer than a tributary within the canal, its ends where they are."""
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    swing = BOW_MM * np.clip((along[-1] - STRAIGHT_MM) / STRAIGHT_MM, 0.0, 1.0) * np.sin(np.pi * along / along[-1])
    phase = 2 * np.pi * along / (0.37 * PITCH_MM)
    return path + swing[:, None] * np.column_stack([np.sin(phase), np.zeros_like(phase), np.cos(1.3 * phase)])


def _longitudinal(u: float, v: float, start: float, end: float) -> Path:
    t = np.linspace(start, end, int(abs(end - start)) * 2 + 2)
    swing = BOW_MM * np.sin(2 * np.pi * (t - start) / PITCH_MM) + 0.7 * BOW_MM * np.sin(2 * np.pi * (t - start) / (0.37 * PITCH_MM))
    return np.column_stack([u - np.sign(u) * swing, np.full_like(t, v), t])


def _artery(start: Array) -> tuple[Vessel, ...]:
    """Medially and cephalad along the root to the front of the sac, up in the midline, and back down in a hairpin."""
    u, v, t = start
    front = min(v, VEIN_V_MM + 0.5)
    ascent = _curve([start, [0.75 * u, 0.5 * (v + front), t - 6.0], [0.35 * u, front, t - 16.0], [0.08 * u, front, t - 30.0]])
    top = _curve([ascent[-1], [0.0, front, t - 52.0], [-0.4, front, t - 56.0], [-1.2, front, t - 53.0], [-1.3, front, t - 40.0]])
    down = np.column_stack([np.full(40, -1.3), np.full(40, front), np.linspace(t - 40.0, t - 20.0, 40)])
    return tuple(Vessel(path=path, width_mm=ARTERY_MM) for path in (ascent, top, down))


def _curve(knots: list) -> Path:
    """Points every third of a millimetre or so along straight stretches between knots, rounded off."""
    points = np.array([np.asarray(knot, dtype=float) for knot in knots])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    fine = np.linspace(0.0, along[-1], max(3 * int(along[-1]), 4))
    return np.stack([np.interp(fine, along, column) for column in points.T], axis=1)


def _join_vessels(domain: "Domain", courses: tuple[Vessel, ...], kind: Compartment) -> "Domain":
    cells, volume, links = _chain(domain.curve, courses)
    count, first = len(cells), len(domain)
    table, label = tissue_table(), int(Tissue.EPIDURAL_VEIN if kind is Compartment.VENOUS else Tissue.RADICULAR_ARTERY)
    ends = np.bincount(links.ravel(), minlength=count) == 1
    ends[0] = False  # the tip
    return replace(
        domain,
        cells=_read_only(domain.cells, cells),
        place=_read_only(domain.place, domain.curve.coordinates(lay_middles(cells))),
        compartment=_read_only(domain.compartment, np.full(count, code(kind), dtype=np.uint8)),
        capacity_ml=_read_only(domain.capacity_ml, volume),
        compliance_ml_kpa=_read_only(domain.compliance_ml_kpa, volume * table.compliance_per_kpa[label]),
        leak_ml_s_kpa=_read_only(domain.leak_ml_s_kpa, np.where(ends, END_ML_S_KPA, 0.0)),
        face_a=_read_only(domain.face_a, first + links[:, 0]),
        face_b=_read_only(domain.face_b, first + links[:, 1]),
        face_ml_s_kpa=_read_only(domain.face_ml_s_kpa, np.full(len(links), 10.0)),
        bounded=_read_only(domain.bounded, np.zeros(count, dtype=bool)),
    )


def _chain(curve: SpineCurve, courses: tuple[Vessel, ...]) -> tuple[NDArray[np.intp], Array, NDArray[np.intp]]:
    """Cells that tubes pass, shape (k, 3), how much of each they fill, mL, and which follow each other, shape (m, 2)."""
    order: dict[tuple[int, ...], int] = {}
    volumes: list[float] = []
    links: set[tuple[int, int]] = set()
    for vessel in courses:
        points = curve.world(vessel.path)
        section_mm2 = np.pi * vessel.width_mm**2 / 4
        lengths = np.linalg.norm(np.gradient(points, axis=0), axis=1)
        previous = None
        for cell, length_mm in zip(np.floor(points / SPACING_MM).astype(int).tolist(), lengths, strict=True):
            number = order.setdefault(tuple(cell), len(order))
            if number == len(volumes):
                volumes.append(0.0)
            volumes[number] += section_mm2 * float(length_mm) / 1000.0
            if previous is not None and previous != number:
                links.add((min(previous, number), max(previous, number)))
            previous = number
    return np.array(list(order), dtype=np.intp), np.array(volumes), np.array(sorted(links), dtype=np.intp)


def _read_only(tissue: NDArray, vessel: NDArray) -> NDArray:
    joined = np.concatenate([tissue, vessel])
    joined.setflags(write=False)
    return joined
