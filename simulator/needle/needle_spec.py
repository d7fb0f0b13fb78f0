"""The needle as it comes out of its packet: bevel, gauge, length, a bend put into its tip, and the steel's stiffness."""

from dataclasses import dataclass

import numpy as np

from scenarios.names.needles import Bevel
from simulator.geometry.gauges import GAUGES_MM
from simulator.geometry.validate import as_between, as_positive

STEEL_N_MM2 = 193_000.0  # Young's modulus (FACTS.md 4.3)
STYLET_FIT = 0.95  # stylet's diameter over the bore's, as in the beam constants of FACTS.md 4.3
FIXED_PINNED = 20.19  # Euler's load is this x EI / length^2 with the hub held and the point free to turn
MAX_BEND_DEG, MAX_BEND_MM = 45.0, 15.0
STANDARD_LENGTHS_MM = (51.0, 64.0, 89.0, 127.0, 152.0, 203.0)  # 2, 2.5, 3.5, 5, 6 and 8 inches (FACTS.md 3.2)
OPENING_DIAMETERS = {  # from the point back to the opening's near end, and the opening's length, outer diameters; recalled, unverified
    Bevel.TUOHY: (0.2, 2.0),
    Bevel.QUINCKE: (0.0, 2.75),  # a face at 20 degrees
    Bevel.WHITACRE: (1.5, 1.2),  # a port in the side
}

# Curvature in gelatine at 22 G, towards the notch, 1/mm: radii 423, 364 and 4380 mm (FACTS.md 4.3 [163]). A Tuohy deviates towards its
# opening, a Quincke away from its face, a Whitacre hardly (its sign recalled, unverified).
GEL_22G_PER_MM = {Bevel.TUOHY: 1 / 423.0, Bevel.QUINCKE: -1 / 364.0, Bevel.WHITACRE: 1 / 4380.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class NeedleKit:
    """One needle.

    Attributes
    ----------
    bevel : Bevel
        Tuohy, Quincke or Whitacre.
    gauge : int
        16 to 27.
    length_mm : float
        From the hub's face to the point, mm; `STANDARD_LENGTHS_MM` are on the shelf.
    bend_deg, bend_mm : float
        A bend that the operator put in, degrees, and how far behind the point, mm; both 0 for a straight needle. The tip is bent to
        the side to which its bevel steers anyway (recalled, unverified).

    Raises
    ------
    ValueError
        If the bevel or gauge is unknown, a length is not above 0, or only one of the bend's two numbers is given.

    Examples
    --------
    >>> NeedleKit(bevel=Bevel.QUINCKE, gauge=22, length_mm=89.0).outer_mm
    0.718
    """

    bevel: Bevel
    gauge: int
    length_mm: float
    bend_deg: float = 0.0
    bend_mm: float = 0.0

    def __post_init__(self) -> None:
        if self.bevel not in tuple(Bevel):
            raise ValueError(f"NeedleKit.bevel must be one of {', '.join(Bevel)}, got {self.bevel!r}")
        if self.gauge not in GAUGES_MM:
            raise ValueError(f"NeedleKit.gauge must be one of {', '.join(map(str, GAUGES_MM))}, got {self.gauge}")
        object.__setattr__(self, "bevel", Bevel(self.bevel))
        object.__setattr__(self, "length_mm", as_positive(self.length_mm, "NeedleKit.length_mm"))
        as_between(self.bend_deg, 0.0, MAX_BEND_DEG, "NeedleKit.bend_deg")
        as_between(self.bend_mm, 0.0, MAX_BEND_MM, "NeedleKit.bend_mm")
        if (self.bend_deg > 0) != (self.bend_mm > 0):
            raise ValueError(f"a bent tip needs both bend_deg and bend_mm above 0, got {self.bend_deg} and {self.bend_mm}")

    @property
    def outer_mm(self) -> float:
        """Outer diameter, mm."""
        return GAUGES_MM[self.gauge][0]

    @property
    def inner_mm(self) -> float:
        """Diameter of the bore, mm."""
        return GAUGES_MM[self.gauge][1]

    @property
    def steers(self) -> int:
        """Side to which it curves and its tip is bent: 1 towards the notch, -1 away from it."""
        return 1 if GEL_22G_PER_MM[self.bevel] > 0 else -1

    @property
    def opening_mm(self) -> tuple[float, float]:
        """Where the opening begins behind the point, and where it ends, mm."""
        near, length = OPENING_DIAMETERS[self.bevel]
        return near * self.outer_mm, (near + length) * self.outer_mm


def bending_stiffness_n_mm2(kit: NeedleKit, *, stylet_in: bool) -> float:
    """Bending stiffness EI of the shaft, N mm2 (FACTS.md 4.3).

    Parameters
    ----------
    kit : NeedleKit
        The needle.
    stylet_in : bool
        Whether the stylet bends with it.

    Examples
    --------
    >>> round(bending_stiffness_n_mm2(NeedleKit(bevel=Bevel.TUOHY, gauge=18, length_mm=89.0), stylet_in=False), -2)
    20000.0
    """
    fourth_mm4 = kit.outer_mm**4 - kit.inner_mm**4 + (STYLET_FIT * kit.inner_mm) ** 4 * stylet_in
    return STEEL_N_MM2 * np.pi / 64 * fourth_mm4


def buckling_load_n(kit: NeedleKit, free_mm: float, *, stylet_in: bool) -> float:
    """Axial load at which a free length of shaft bows out, hub held, point pinned, N (Euler; FACTS.md 4.3).

    Parameters
    ----------
    kit : NeedleKit
        The needle.
    free_mm : float
        Length outside the tissue, mm.
    stylet_in : bool
        Whether the stylet bends with it.

    Raises
    ------
    ValueError
        If the length is not above 0.

    Examples
    --------
    >>> round(buckling_load_n(NeedleKit(bevel=Bevel.QUINCKE, gauge=22, length_mm=89.0), 89.0, stylet_in=False), 1)
    5.7
    """
    return FIXED_PINNED * bending_stiffness_n_mm2(kit, stylet_in=stylet_in) / as_positive(free_mm, "free_mm") ** 2
