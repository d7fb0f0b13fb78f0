"""Puts a patient together: every structure of the anatomy as a compartment in its place in the tree."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from phantoms.bones.facet_joints import joint, seat
from phantoms.bones.skeleton import Thickness
from phantoms.bones.surface_roughness import roughen
from phantoms.field.compartments import Deeper, TissueCompartment
from phantoms.shapes.implicit import Ellipsoid, Shape
from phantoms.soft_tissue.canal import Strands
from phantoms.soft_tissue.canal_contents import canal
from phantoms.soft_tissue.discs import disc, disc_frame, probe_outline
from phantoms.soft_tissue.ligaments import Flavum, Interspinous, Membrane
from phantoms.soft_tissue.nerve_roots import Root, ganglion_mm, ganglion_place, lumbar_root, sacral_root
from phantoms.soft_tissue.soft_tissue_frame import Anatomy
from phantoms.soft_tissue.trunk_fitting import cavity, fit_trunk
from phantoms.soft_tissue.vessels import radicular_artery
from phantoms.terms.levels import Level, Side
from phantoms.terms.regions import Mark, Span
from phantoms.terms.tissues import Tissue

Array = NDArray[np.float64]

ARTERY_SIDE = Side.LEFT
# Mineral of spongy bone over that of the vertebral bodies: the sacrum's wings and the hip bones hold more fat; recalled, unverified.
SPONGY = {"sacrum": 0.82, "hip": 0.75, "femur": 0.9}
# Share of a bone's attenuation that is its mineral's, at 60 keV against marrow (FACTS 2.4): lost mineral leaves marrow behind, not air.
MINERAL_SHARE = {Tissue.CORTICAL_BONE: 0.67, Tissue.TRABECULAR_BONE: 0.33}


def build_compartments(body: Anatomy, roots: tuple[Root, ...]) -> TissueCompartment:
    """The whole tree of a patient, outermost the skin; `roots` as from `all_roots`."""
    torso = fit_trunk(body)
    inside = (*bones(body), *discs(body), *joints(body), *nerves(body, roots), *ligaments(body), canal(body, roots), cavity(body, torso))
    muscle = TissueCompartment(name="muscle", tissue=Tissue.MUSCLE, shape=torso.muscle, children=inside, pitch_mm=14.0, clipped=False)
    fat = TissueCompartment(
        name="subcutaneous fat", tissue=Tissue.SUBCUTANEOUS_FAT, shape=torso.fat, children=(muscle,), pitch_mm=14.0, clipped=False
    )
    return TissueCompartment(name="skin", tissue=Tissue.SKIN, shape=torso.skin, children=(fat,), pitch_mm=14.0, clipped=False)


def bone(name: str, smooth: Shape, thickness_mm: Thickness, levels: frozenset[Level], pitch_mm: float, body: Anatomy) -> TissueCompartment:
    """Cortex with trabecular bone inside, both with the relief that this patient's bone has."""
    mineral = body.params.bone_density
    outer, cortex_mm = roughen(smooth, thickness_mm, pitch_mm, np.random.default_rng([body.params.texture_seed, *name.encode()]))
    marrow = TissueCompartment(
        name=f"{name} trabecular",
        tissue=Tissue.TRABECULAR_BONE,
        shape=Deeper(shape=outer, thickness_mm=cortex_mm),
        levels=levels,
        pitch_mm=pitch_mm,
        density=_density(Tissue.TRABECULAR_BONE, mineral * SPONGY.get(name.split()[0], 1.0)),
        clipped=False,
    )
    return TissueCompartment(
        name=f"{name} cortex",
        tissue=Tissue.CORTICAL_BONE,
        shape=outer,
        children=(marrow,),
        levels=levels,
        pitch_mm=pitch_mm,
        density=_density(Tissue.CORTICAL_BONE, mineral),
        clipped=False,
    )


def _density(tissue: Tissue, mineral: float) -> float:
    """Factor on a bone tissue's mass density where its mineral is multiplied by `mineral`."""
    return 1.0 - MINERAL_SHARE[tissue] * (1.0 - mineral)


def bones(body: Anatomy) -> Iterator[TissueCompartment]:
    """Vertebrae, each hollowed for the inferior processes of the one above, then sacrum and the rest."""
    above: Shape | None = None
    for level, item in body.skeleton.vertebrae.items():
        outer = seat(item.outer, above) if above is not None else item.outer
        yield bone(level.value, outer, item.cortex_mm, frozenset({level}), 0.7, body)
        above = item.inferior_articular
    sacrum = body.skeleton.sacrum
    outer = seat(sacrum.outer, above) if above is not None else sacrum.outer
    yield bone("sacrum", outer, sacrum.cortex_mm, frozenset(body.region.sacral), 0.95, body)
    for other in body.skeleton.others:
        yield bone(other.name, other.outer, other.cortex_mm, other.levels, 1.7, body)


def _interspace(body: Anatomy, level: Level) -> frozenset[Level]:
    return frozenset({level, body.region.below(level)})


def _between(body: Anatomy, level: Level) -> str:
    return f"{level.value}-{body.region.below(level).value}"


def discs(body: Anatomy) -> Iterator[TissueCompartment]:
    """Annulus with nucleus for every disc."""
    for level in body.skeleton.levels:
        annulus, nucleus = _disc(body, level)
        core = TissueCompartment(
            name=f"nucleus {_between(body, level)}",
            tissue=Tissue.NUCLEUS,
            shape=nucleus,
            levels=_interspace(body, level),
            pitch_mm=1.5,
            clipped=False,
        )
        yield TissueCompartment(
            name=f"annulus {_between(body, level)}",
            tissue=Tissue.ANNULUS,
            shape=annulus,
            children=(core,),
            levels=_interspace(body, level),
            pitch_mm=1.2,
        )


def _disc(body: Anatomy, level: Level) -> tuple[Shape, Shape]:
    above, under = body.endplates(level)
    item = body.skeleton.vertebrae[level]
    left = item.landmarks.axes[:, 0]
    upper = probe_outline(item.outer, above, item.landmarks.axes, 1.0)
    if level is body.region.last_mobile:
        sacrum = body.skeleton.sacrum
        lower = probe_outline(sacrum.outer, under, sacrum.landmarks.axes, -1.0)
    else:
        next_item = body.skeleton.vertebrae[body.region.below(level)]
        lower = probe_outline(next_item.outer, under, next_item.landmarks.axes, -1.0)
    return disc(above, under, upper, lower, disc_frame(above, under, left))


def joints(body: Anatomy) -> Iterator[TissueCompartment]:
    """Facet joints, both sides of a level as one compartment."""
    for level, item in body.skeleton.vertebrae.items():
        shape = joint(body.superior_articular(level), item.inferior_articular)
        yield TissueCompartment(
            name=f"facet joints {_between(body, level)}",
            tissue=Tissue.FACET_JOINT,
            shape=shape,
            levels=_interspace(body, level),
            pitch_mm=0.6,
        )


def all_roots(body: Anatomy) -> tuple[Root, ...]:
    """All roots of the region, both sides."""
    found = [root for level in body.stations for root in _lumbar_roots(body, level)]
    marks = body.skeleton.sacrum.landmarks
    found += [sacral_root(body.profile, body.sacral, marks, level, side) for level in body.region.span(Span.SACRAL_ROOTS) for side in Side]
    return tuple(found)


def _lumbar_roots(body: Anatomy, level: Level) -> Iterator[Root]:
    station, size = body.stations[level], body.params.vertebrae[level]
    sizes = size.pedicle_width_mm, size.pedicle_height_mm
    places = np.array([ganglion_place(station, side, sizes) for side in Side])
    for side, (_, t), place in zip(Side, places, _free_places(body, level, places), strict=True):
        yield lumbar_root(body.profile, station, side, sizes, place, max(body.pedicle_below(level) - t, 12.0))


def _free_places(body: Anatomy, level: Level, places: Array) -> Array:
    """Where ganglia under places (u, t), shape (k, 2), find room: as near as they are free of bone, (u, v, t), shape (k, 3), mm."""
    heights = places[:, 1:] + [0.0, 1.5, 3.0, 5.0]
    u = np.broadcast_to(places[:, :1], heights.shape)
    v, room = (found.reshape(heights.shape) for found in body.clearest_v(level, u.ravel(), heights.ravel(), (1.0, 8.0)))
    free = room > ganglion_mm(level)[0] / 2 - 0.5
    best = np.arange(len(places)), np.where(free.any(axis=1), free.argmax(axis=1), room.argmax(axis=1))
    return np.stack([places[:, 0], v[best], heights[best]], axis=1)


def nerves(body: Anatomy, roots: tuple[Root, ...]) -> Iterator[TissueCompartment]:
    """Roots with their ganglia, and the radicular artery beside one of them."""
    for root in roots:
        levels = frozenset({root.level})
        name = f"{root.level.value} {root.side.value}"
        yield TissueCompartment(
            name=f"ganglion {name}", tissue=Tissue.DORSAL_ROOT_GANGLION, shape=root.ganglion, levels=levels, pitch_mm=0.8
        )
        yield TissueCompartment(name=f"root {name}", tissue=Tissue.NERVE_ROOT, shape=root.nerve, levels=levels, pitch_mm=1.0)
    at = body.region.at(Mark.RADICULAR_ARTERY)
    sizes = body.params.vertebrae[at].pedicle_width_mm, body.params.vertebrae[at].pedicle_height_mm
    shape = radicular_artery(body.profile, body.stations[at], ARTERY_SIDE, sizes)
    yield TissueCompartment(
        name="radicular artery", tissue=Tissue.RADICULAR_ARTERY, shape=shape, levels=_interspace(body, at), pitch_mm=0.35
    )


def ligaments(body: Anatomy) -> Iterator[TissueCompartment]:
    """Flava, interspinous ligaments with their fat, supraspinous ligament, sacrococcygeal membrane."""
    for level in body.skeleton.levels:
        yield TissueCompartment(
            name=f"ligamentum flavum {_between(body, level)}",
            tissue=Tissue.LIGAMENTUM_FLAVUM,
            shape=_flavum(body, level),
            levels=_interspace(body, level),
            pitch_mm=0.7,
        )
    yield TissueCompartment(
        name="supraspinous ligament",
        tissue=Tissue.SUPRASPINOUS_LIGAMENT,
        shape=_supraspinous(body),
        levels=frozenset(body.region.vertebrae),
        pitch_mm=1.3,
    )
    for level in body.skeleton.levels:
        yield _interspinous(body, level)
    plate, buried = _membrane(body), frozenset(body.region.sacral[1:])
    yield TissueCompartment(name="sacrococcygeal membrane", tissue=Tissue.SACROCOCCYGEAL_LIGAMENT, shape=plate, levels=buried, pitch_mm=0.6)


def _membrane(body: Anatomy) -> Membrane:
    apex = float(body.curve.coordinates(body.skeleton.sacrum.landmarks.hiatus_apex[None])[0, 2])
    half_width = body.params.sacrum.intercornual_mm / 2 + 3.0
    return Membrane(curve=body.curve, lumen=body.skeleton.sacrum.canal, apex_mm=apex - 2.0, half_width_mm=half_width)


def _flavum(body: Anatomy, level: Level) -> Flavum:
    low, high = body.windows[level]
    start = max(low - 9.5, body.stations[level].t_upper + 2.0)
    gap = (low + 0.5 * (high - low), high) if body.params.discs[level].flavum_gap else None
    return Flavum(profile=body.profile, t_range_mm=(start, high + 1.5), half_width_mm=body.stations[level].half_width + 2.0, gap_mm=gap)


def _supraspinous(body: Anatomy) -> Strands:
    tips = body.curve.coordinates(np.array([item.landmarks.spinous_tip for item in body.skeleton.vertebrae.values()]))
    v = np.interp(body.profile.t_mm, tips[:, 2], tips[:, 1]) + 0.8
    offsets = np.array([-2.0, 0.0, 2.0])
    radius = np.where((body.profile.t_mm > tips[0, 2] - 6.0) & (body.profile.t_mm < tips[-1, 2] - 4.0), 1.6, -1.0)
    return Strands(
        curve=body.curve,
        u=np.broadcast_to(offsets, (len(v), 3)),
        v=np.repeat(v[:, None], 3, axis=1),
        radius=np.repeat(radius[:, None], 3, axis=1),
        t_range_mm=(float(tips[0, 2] - 6.0), float(tips[-1, 2] - 4.0)),
    )


def _interspinous(body: Anatomy, level: Level) -> TissueCompartment:
    shape = Interspinous(profile=body.profile, upper=_spinous_line(body, level), lower=_spinous_line_below(body, level), tuck_mm=0.0)
    middle = body.window_middle(level)
    start = body.profile.at("roof", middle) + body.profile.at("flavum", middle)
    place = body.curve.world(np.array([[0.0, start + 1.6, middle]]))[0]
    fat = TissueCompartment(
        name=f"interspinous fat {_between(body, level)}",
        tissue=Tissue.INTERSPINOUS_GAP,
        shape=Ellipsoid(place, np.array([0.65, 1.75, 4.0])),
        levels=_interspace(body, level),
        pitch_mm=0.4,
    )
    return TissueCompartment(
        name=f"interspinous ligament {_between(body, level)}",
        tissue=Tissue.INTERSPINOUS_LIGAMENT,
        shape=shape,
        children=(fat,),
        levels=_interspace(body, level),
        pitch_mm=1.1,
    )


def _spinous_line(body: Anatomy, level: Level) -> Array:
    """From the lower edge of a lamina to the tip of its spinous process, (v, t), shape (2, 2)."""
    marks = body.skeleton.vertebrae[level].landmarks
    return body.curve.coordinates(np.array([marks.lamina_lower, marks.spinous_tip]))[:, 1:]


def _spinous_line_below(body: Anatomy, level: Level) -> Array:
    """From the upper edge of the next lamina to the tip of its spinous process (at S1 of the median crest), (v, t), shape (2, 2)."""
    if level is body.region.last_mobile:
        t = body.sacral.t_lamina
        roof = body.profile.at("roof", t)
        return np.array([[roof, t + 1.0], [roof + 14.0, t + 4.0]])
    marks = body.skeleton.vertebrae[body.region.below(level)].landmarks
    return body.curve.coordinates(np.array([marks.lamina_upper, marks.spinous_tip]))[:, 1:]
