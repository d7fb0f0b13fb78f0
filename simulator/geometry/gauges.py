"""Outer and inner diameters of needles by gauge; what the X-ray draws and what bends in tissue are one needle."""

from collections.abc import Mapping
from types import MappingProxyType

GAUGES_MM: Mapping[int, tuple[float, float]] = MappingProxyType(
    {  # outer and inner diameter, regular wall, ISO 9626; recalled, unverified
        16: (1.651, 1.194),
        17: (1.473, 1.067),
        18: (1.270, 0.838),
        19: (1.067, 0.686),
        20: (0.908, 0.603),
        21: (0.819, 0.514),
        22: (0.718, 0.413),
        23: (0.642, 0.337),
        24: (0.566, 0.311),
        25: (0.515, 0.260),
        26: (0.464, 0.260),
        27: (0.413, 0.210),
    }
)
