"""The canal as a compartment: epidural fat with the dural sac, cord, cauda equina and veins in it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from phantoms.field.compartments import Deeper, TissueCompartment
from phantoms.shapes.implicit import Shape
from phantoms.shapes.swept import Swept
from phantoms.soft_tissue.canal import DURA_MM, Column, EpiduralZones, lumen, sac_column
from phantoms.soft_tissue.nerve_roots import Root, cauda_equina
from phantoms.soft_tissue.soft_tissue_frame import Anatomy
from phantoms.soft_tissue.vessels import ventral_veins
from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue

Array = NDArray[np.float64]


def canal(body: Anatomy, roots: tuple[Root, ...]) -> TissueCompartment:
    """Epidural fat with everything in it."""
    profile = body.profile
    start = max(4.0, next(iter(body.stations.values())).t_top - 6.0)
    sac_range = (start + 1.0, body.sac_end_mm)
    sac = sac_column(profile, sac_range)
    strands = cauda_equina(profile, roots, body.conus_mm, body.sac_end_mm)
    cord = TissueCompartment(name="cord", tissue=Tissue.CORD, shape=_cord(body, start + 2.0), pitch_mm=1.6, clipped=False, cut=True)
    cauda = TissueCompartment(name="cauda equina", tissue=Tissue.CAUDA_EQUINA, shape=strands, pitch_mm=1.0, cut=True)
    fluid = TissueCompartment(
        name="cerebrospinal fluid",
        tissue=Tissue.CSF,
        shape=Deeper(shape=sac, thickness_mm=lambda points: np.full(len(points), DURA_MM)),
        children=(cord, cauda),
        pitch_mm=1.6,
        clipped=False,
    )
    dura = TissueCompartment(name="dura", tissue=Tissue.DURA, shape=sac, children=(fluid,), pitch_mm=1.6, cut=True)
    t_veins = (body.stations[body.region.first].t_top, min(body.sac_end_mm + 15.0, body.curve.length_mm - 30.0))
    veins = TissueCompartment(
        name="ventral epidural veins",
        tissue=Tissue.EPIDURAL_VEIN,
        shape=ventral_veins(profile, tuple(body.stations.values()), t_veins),
        pitch_mm=1.0,
        cut=True,
    )
    shape = lumen(
        profile, (start, body.sacral.t_lamina + 6.0), body.skeleton.sacrum.canal, (*_channels(body), body.skeleton.sacrum.foramina)
    )
    return TissueCompartment(
        name="epidural fat",
        tissue=Tissue.EPIDURAL_DORSAL,
        shape=shape,
        children=(dura, veins),
        zones=EpiduralZones(profile=profile),
        pitch_mm=1.3,
        cut=True,
    )


def _cord(body: Anatomy, start: float) -> Column:
    t, profile = body.profile.t_mm, body.profile
    # Thoracic cord 6.5 x 8.5, lumbar enlargement 8 x 9.5 mm, the conus tapering over some 30 mm; recalled, unverified.
    swell = np.exp(-(((t - (body.conus_mm - 45.0)) / 30.0) ** 2))
    taper = np.sqrt(np.clip((body.conus_mm - t) / 32.0, 0.0, 1.0))
    depth = np.minimum((6.5 + 1.5 * swell) / 2, profile.sac_half_depth - 1.2) * taper
    return Column(
        curve=body.curve,
        centre=profile.sac_centre - 0.6,
        half_width=np.minimum((8.5 + swell) / 2, profile.sac_half_width - 1.2) * taper,
        half_depth=depth,
        t_range_mm=(start, body.conus_mm),
    )


def _channels(body: Anatomy) -> Iterator[Shape]:
    """Foraminal fat from the canal's side to the lateral border of the pedicles."""
    for level, station in body.stations.items():
        size = body.params.vertebrae[level]
        for side in Side:
            yield _channel(body, level, station.pedicle[side], size.pedicle_width_mm, size.pedicle_height_mm, side)


def _channel(body: Anatomy, level: Level, pedicle: Array, width_mm: float, height_mm: float, side: Side) -> Swept:
    low, high = float(pedicle[2]) + height_mm / 2 - 1.5, body.pedicle_below(level)
    under = 0.0 if level is body.region.last_mobile else body.params.vertebrae[body.region.below(level)].pedicle_height_mm / 2
    high -= under - 1.5
    u, t = abs(float(pedicle[0])), (low + high) / 2
    front = body.profile.at("front", t)
    start, end = body.curve.world(
        np.array([[side.sign * (u - width_mm / 2 - 2.0), front + 5.0, t], [side.sign * (u + width_mm / 2 + 1.0), front + 3.0, t + 1.0]])
    )
    half = (high - low) / 2
    return Swept(
        start=start,
        end=end,
        reference=-body.curve.axis(t, 2),
        width_mm=(8.0, 7.5, 0.0),
        height_mm=(half, half, 0.0),
        cap_mm=2.0,
        power=2.5,
    )
