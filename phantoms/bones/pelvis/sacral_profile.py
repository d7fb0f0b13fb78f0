"""How the sacrum's measures run along its axis: one table of stations, scaled to the patient.

The proportions are those of a textbook sacrum (recalled, unverified); the absolute sizes are the parameters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from phantoms.bones.pelvis.sacral_axis import SacralAxis
from phantoms.shapes.implicit import Array
from phantoms.terms.parameters import SacrumParameters

SEGMENT_SHARES = np.array([0.265, 0.225, 0.195, 0.17, 0.145])
"""Share of the sacrum's length taken by S1 to S5 (recalled, unverified)."""
TURN_SHARES = np.array([0.04, 0.15, 0.37, 0.29, 0.15])
"""Share of the kyphosis taken by S1 to S5: most of it at S3 (FACTS.md 1.1, recalled)."""

STEP_MM = 0.5
MARGIN_MM = 40.0

# Stations: the S1 endplate, the four fused joints S1-S2 ... S4-S5, the apex. In mm at the default parameters.
BODY_HALF_WIDTH = (25.0, 17.0, 15.0, 13.2, 12.0, 8.5)
BODY_HALF_DEPTH = (16.5, 12.0, 9.2, 7.4, 6.0, 4.8)
CANAL_HALF_WIDTH = (15.5, 13.2, 11.0, 9.0, 7.2, 5.6)
CANAL_DEPTH_SHARE = (1.0, 0.72, 0.46, 0.18, 0.0, 0.0)
WING_VENTRAL_INNER = (-6.0, -8.5, -7.6, -6.0, -4.6, -3.6)
WING_VENTRAL_OUTER = (2.0, -2.5, -5.5, -5.0, -3.0, -1.5)
WING_DORSAL = (30.0, 27.5, 20.5, 14.5, 9.5, 5.0)
LAMINA = (5.5, 5.0, 4.5, 4.0, 3.4, 3.0)
LATERAL_SLANT = (0.34, 0.30, 0.24, 0.20, 0.2, 0.2)
OUTLINE_AT = (-0.2, 0.0, 0.09, 0.17, 0.30, 0.42, 0.52, 0.61, 0.72, 0.82, 0.89, 0.95, 1.0, 1.04)
OUTLINE = (0.86, 0.95, 0.99, 1.0, 0.97, 0.89, 0.77, 0.665, 0.58, 0.53, 0.50, 0.36, 0.20, 0.13)
WAIST_MM = 1.3


@dataclass(frozen=True, kw_only=True, eq=False)
class SacralProfile:
    """Measures of one sacrum as functions of the arc length along its axis.

    Attributes
    ----------
    axis : SacralAxis
        The curve through the middle of the bodies.
    columns : mapping of str to ndarray, shape (m,)
        Each measure, mm, every `STEP_MM` from `-MARGIN_MM` on.
    apex_mm : float
        Arc length of the hiatus' apex, mm.
    half_width_mm : float
        Half of the sacrum's greatest width, mm.
    """

    axis: SacralAxis
    columns: Mapping[str, Array]
    apex_mm: float
    half_width_mm: float

    @cached_property
    def length_mm(self) -> float:
        """Arc length of the axis, mm."""
        return float(self.axis.joints_mm[-1])

    def at(self, arc_mm: Array, *names: str) -> tuple[Array, ...]:
        """Measures at arc lengths, each of shape (n,), mm; constant beyond the table's ends."""
        place = np.clip((np.asarray(arc_mm) + MARGIN_MM) / STEP_MM, 0.0, len(self.columns[names[0]]) - 1.001)
        low = place.astype(np.intp)
        part = place - low
        return tuple(_lerp(self.columns[name], low, part) for name in names)

    def value(self, arc_mm: float, name: str) -> float:
        """One measure at one arc length, mm."""
        return float(self.at(np.array([arc_mm]), name)[0][0])


@lru_cache(maxsize=4)  # sacrum, coccyx and pelvis of one patient ask for the same one
def sacral_profile(params: SacrumParameters) -> SacralProfile:
    """Table of measures whose straight ventral length, widths and depths are the patient's."""
    arc = params.length_mm
    for _ in range(6):
        profile = _profile(params, arc)
        arc *= params.length_mm / _ventral_chord_mm(profile)
    return _profile(params, arc)


def _profile(params: SacrumParameters, arc_mm: float) -> SacralProfile:
    axis = SacralAxis(lengths_mm=arc_mm * SEGMENT_SHARES, turns=np.deg2rad(params.kyphosis_deg) * TURN_SHARES)
    apex = arc_mm - params.hiatus_length_mm
    sample = np.arange(-MARGIN_MM, arc_mm + MARGIN_MM, STEP_MM)
    columns = _columns(params, axis.joints_mm, apex, sample)
    for column in columns.values():
        column.setflags(write=False)
    return SacralProfile(axis=axis, columns=MappingProxyType(columns), apex_mm=apex, half_width_mm=params.width_mm / 2)


def _columns(params: SacrumParameters, joints: Array, apex_mm: float, sample: Array) -> dict[str, Array]:
    depth, width = params.s1_depth_mm / 33.0, params.s1_width_mm / 50.0
    canal, wide = params.s1_canal_width_mm / 31.0, params.width_mm / 110.0
    outline = params.width_mm / 2 * _curve(np.array(OUTLINE_AT) * joints[-1], OUTLINE, sample)
    body = depth * _curve(joints, BODY_HALF_DEPTH, sample)
    return {
        "body_half_width": width * _curve(joints, BODY_HALF_WIDTH, sample),
        "body_dorsal": body,
        "body_ventral": body - _waist(sample, joints),
        "canal_half_width": canal * _curve(joints, CANAL_HALF_WIDTH, sample),
        "canal_depth": _canal_depth(params, joints, apex_mm, sample),
        "wing_inner": depth * _curve(joints, WING_VENTRAL_INNER, sample),
        "wing_outer": depth * _curve(joints, WING_VENTRAL_OUTER, sample),
        "wing_dorsal": depth * _curve(joints, WING_DORSAL, sample),
        "lamina": _curve(joints, LAMINA, sample),
        "slant": wide * _curve(joints, LATERAL_SLANT, sample),
        "outline": outline,
        "outline_slope": np.gradient(outline, STEP_MM),
    }


def _canal_depth(params: SacrumParameters, joints: Array, apex_mm: float, sample: Array) -> Array:
    """Canal depth: from the S1 depth to the hiatus' at its apex, where the fall ends wherever the apex lies."""
    stations = np.array([*(joints[:4] * apex_mm / joints[4]), apex_mm, joints[-1]])
    extra = params.s1_canal_depth_mm - params.hiatus_depth_mm
    return params.hiatus_depth_mm + extra * _curve(stations, CANAL_DEPTH_SHARE, sample)


def _waist(sample: Array, joints: Array) -> Array:
    """Hollow of each body between the transverse ridges, shape (m,), mm."""
    segment = np.clip(np.searchsorted(joints, sample, side="right") - 1, 0, len(joints) - 2)
    share = (sample - joints[segment]) / np.diff(joints)[segment]
    return np.where((sample > 0) & (sample < joints[-1]), WAIST_MM * np.sin(np.pi * share) ** 2, 0.0)


def _ventral_chord_mm(profile: SacralProfile) -> float:
    ends = [[0.0, -profile.value(arc, "body_ventral"), -arc] for arc in (0.0, profile.length_mm)]
    low, high = profile.axis.bend(np.array(ends))
    return float(np.linalg.norm(high - low))


def _curve(at: Array, values: tuple[float, ...], sample: Array) -> Array:
    """Monotone cubic through stations, constant beyond them."""
    return PchipInterpolator(at, values)(np.clip(sample, at[0], at[-1]))


def _lerp(column: Array, low: NDArray[np.intp], part: Array) -> Array:
    value = column[low]
    return value + part * (column[low + 1] - value)
