"""How far bevel and bend turn a needle aside as it is pushed: the curvature of its course, by bevel, gauge and bend."""

from simulator.needle.needle_spec import GEL_22G_PER_MM, NeedleKit, bending_stiffness_n_mm2

STIFFNESS_22G_N_MM2 = 2240.0
STIFFNESS_POWER = 0.357  # curvature goes with stiffness to minus this: a 25 G Quincke's radius is 230 mm (assumed, FACTS.md 4.3)
BENT_15_DEG_PER_MM = 1 / 116.0  # radii 90-150 mm for 20-10 degrees (FACTS.md 4.3: recalled, unverified)
BENT_POWER = 0.74


def curvature_per_mm(kit: NeedleKit) -> float:
    """Curvature of a needle's course in gelatine, positive towards its notch, 1/mm.

    Parameters
    ----------
    kit : NeedleKit
        The needle. A bent tip takes over from its bevel where it steers more.

    Examples
    --------
    >>> from scenarios.names.needles import Bevel
    >>> round(1 / curvature_per_mm(NeedleKit(bevel=Bevel.QUINCKE, gauge=22, length_mm=89.0)))
    -364
    """
    gel = GEL_22G_PER_MM[kit.bevel]
    softer = (STIFFNESS_22G_N_MM2 / bending_stiffness_n_mm2(kit, stylet_in=False)) ** STIFFNESS_POWER
    bent = BENT_15_DEG_PER_MM * (kit.bend_deg / 15.0) ** BENT_POWER
    return kit.steers * max(abs(gel) * softer, bent)
