"""Puts a patient together: every structure of the anatomy as a compartment in its place in the tree."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from phantoms.anatomy import Anatomy
from phantoms.bowel import Abdomen, abdomen, column, psoas
from phantoms.canal import DURA_MM, Column, EpiduralZones, Strands, lumen, sac_column
from phantoms.discs import disc, disc_frame, probe_outline
from phantoms.facets import joint, seat
from phantoms.landmarks import Plane
from phantoms.levels import PRESACRAL, SACRAL, Level, Side
from phantoms.ligaments import Flavum, Interspinous, membrane
from phantoms.roots import Root, cauda_equina, lumbar_root, sacral_root
from phantoms.shapes import Ellipsoid, Shape
from phantoms.skeleton import Thickness
from phantoms.swept import Swept
from phantoms.tissues import Tissue
from phantoms.tree import Compartment, Deeper
from phantoms.trunk import Trunk, TrunkAnchors, trunk
from phantoms.vessels import radicular_artery, ventral_veins

Array = NDArray[np.float64]

ABOVE_T11_MM = 175.0
BELOW_COCCYX_MM = 155.0
ARTERY_LEVEL, ARTERY_SIDE = Level.T12, Side.LEFT
# Skin-to-epidural depth less that at L3-4, mm (FACTS 1.8, recalled): the thoracic and sacral values recalled, unverified.
DEPTH_OFFSET_MM = {Level.T11: -7.0, Level.T12: -7.0, Level.L1: -6.0, Level.L2: -3.0, Level.L3: 0.0, Level.L4: 1.0, Level.L5: -2.0}
SACRAL_COVER_MM = 0.45  # of the dorsal fat at L3-4, over the sacrum's crest
SEED_GAS = 1


def compartments(body: Anatomy) -> Compartment:
    """The whole tree of a patient, outermost the skin."""
    torso = trunk(body.params, trunk_anchors(body))
    inside = (*bones(body), *discs(body), *joints(body), *nerves(body), *ligaments(body), canal(body), cavity(body, torso))
    muscle = Compartment(name="muscle", tissue=Tissue.MUSCLE, shape=torso.muscle, children=inside, pitch_mm=10.0, clipped=False)
    fat = Compartment(
        name="subcutaneous fat", tissue=Tissue.SUBCUTANEOUS_FAT, shape=torso.fat, children=(muscle,), pitch_mm=10.0, clipped=False
    )
    return Compartment(name="skin", tissue=Tissue.SKIN, shape=torso.skin, children=(fat,), pitch_mm=10.0, clipped=False)


def bone(name: str, outer: Shape, cortex_mm: Thickness, levels: frozenset[Level], pitch_mm: float, density: float) -> Compartment:
    """Cortex with trabecular bone inside."""
    marrow = Compartment(
        name=f"{name} trabecular",
        tissue=Tissue.TRABECULAR_BONE,
        shape=Deeper(shape=outer, thickness_mm=cortex_mm),
        levels=levels,
        pitch_mm=pitch_mm,
        density=density,
        clipped=False,
    )
    return Compartment(
        name=f"{name} cortex",
        tissue=Tissue.CORTICAL_BONE,
        shape=outer,
        children=(marrow,),
        levels=levels,
        pitch_mm=pitch_mm,
        density=density,
        clipped=False,
    )


def bones(body: Anatomy) -> Iterator[Compartment]:
    """Vertebrae, each hollowed for the inferior processes of the one above, then sacrum and the rest."""
    density = body.params.bone_density
    above: Shape | None = None
    for level, item in body.skeleton.vertebrae.items():
        outer = seat(item.outer, above) if above is not None else item.outer
        yield bone(level.value, outer, item.cortex_mm, frozenset({level}), 0.7, density)
        above = item.inferior_articular
    sacrum = body.skeleton.sacrum
    outer = seat(sacrum.outer, above) if above is not None else sacrum.outer
    yield bone("sacrum", outer, sacrum.cortex_mm, frozenset(SACRAL), 0.9, density)
    for other in body.skeleton.others:
        yield bone(other.name, other.outer, other.cortex_mm, other.levels, 1.5, density)


def _below(level: Level) -> Level:
    return PRESACRAL[PRESACRAL.index(level) + 1] if level is not PRESACRAL[-1] else Level.S1


def _interspace(level: Level) -> frozenset[Level]:
    return frozenset({level, _below(level)})


def _between(level: Level) -> str:
    return f"{level.value}-{_below(level).value}"


def endplates(body: Anatomy, level: Level) -> tuple[Plane, Plane]:
    """The endplates above and below the disc under a level."""
    above = body.skeleton.vertebrae[level].landmarks.lower_endplate
    if level is PRESACRAL[-1]:
        return above, body.skeleton.sacrum.landmarks.s1_endplate
    return above, body.skeleton.vertebrae[_below(level)].landmarks.upper_endplate


def discs(body: Anatomy) -> Iterator[Compartment]:
    """Annulus with nucleus for every disc."""
    for level in body.skeleton.levels:
        annulus, nucleus = _disc(body, level)
        core = Compartment(
            name=f"nucleus {_between(level)}", tissue=Tissue.NUCLEUS, shape=nucleus, levels=_interspace(level), pitch_mm=1.5, clipped=False
        )
        yield Compartment(
            name=f"annulus {_between(level)}",
            tissue=Tissue.ANNULUS,
            shape=annulus,
            children=(core,),
            levels=_interspace(level),
            pitch_mm=1.0,
        )


def _disc(body: Anatomy, level: Level) -> tuple[Shape, Shape]:
    above, below = endplates(body, level)
    item = body.skeleton.vertebrae[level]
    left = item.landmarks.axes[:, 0]
    upper = probe_outline(item.outer, above, item.landmarks.axes, 1.0)
    if level is PRESACRAL[-1]:
        sacrum = body.skeleton.sacrum
        lower = probe_outline(sacrum.outer, below, sacrum.landmarks.axes, -1.0)
    else:
        next_item = body.skeleton.vertebrae[_below(level)]
        lower = probe_outline(next_item.outer, below, next_item.landmarks.axes, -1.0)
    return disc(above, below, upper, lower, disc_frame(above, below, left))


def superior_articular(body: Anatomy, level: Level) -> Shape:
    """Superior processes of the bone below a level."""
    if level is PRESACRAL[-1]:
        return body.skeleton.sacrum.superior_articular
    return body.skeleton.vertebrae[_below(level)].superior_articular


def joints(body: Anatomy) -> Iterator[Compartment]:
    """Facet joints, both sides of a level as one compartment."""
    for level, item in body.skeleton.vertebrae.items():
        shape = joint(superior_articular(body, level), item.inferior_articular)
        yield Compartment(
            name=f"facet joints {_between(level)}", tissue=Tissue.FACET_JOINT, shape=shape, levels=_interspace(level), pitch_mm=0.6
        )


def roots(body: Anatomy) -> tuple[Root, ...]:
    """All roots T11 to S2, both sides."""
    found = []
    for level, station in body.stations.items():
        sizes = body.params.vertebrae[level].pedicle_width_mm, body.params.vertebrae[level].pedicle_height_mm
        found += [lumbar_root(body.profile, station, body.pedicle_below(level), side, sizes) for side in Side]
    marks = body.skeleton.sacrum.landmarks
    found += [sacral_root(body.profile, body.sacral, marks, level, side) for level in (Level.S1, Level.S2) for side in Side]
    return tuple(found)


def nerves(body: Anatomy) -> Iterator[Compartment]:
    """Roots with their ganglia, and the radicular artery beside one of them."""
    for root in roots(body):
        levels = frozenset({root.level})
        name = f"{root.level.value} {root.side.value}"
        yield Compartment(name=f"ganglion {name}", tissue=Tissue.DORSAL_ROOT_GANGLION, shape=root.ganglion, levels=levels, pitch_mm=0.8)
        yield Compartment(name=f"root {name}", tissue=Tissue.NERVE_ROOT, shape=root.nerve, levels=levels, pitch_mm=0.8)
    sizes = body.params.vertebrae[ARTERY_LEVEL].pedicle_width_mm, body.params.vertebrae[ARTERY_LEVEL].pedicle_height_mm
    shape = radicular_artery(body.profile, body.stations[ARTERY_LEVEL], ARTERY_SIDE, sizes)
    yield Compartment(name="radicular artery", tissue=Tissue.RADICULAR_ARTERY, shape=shape, levels=_interspace(ARTERY_LEVEL), pitch_mm=0.35)


def ligaments(body: Anatomy) -> Iterator[Compartment]:
    """Flava, interspinous ligaments with their fat, supraspinous ligament, sacrococcygeal membrane."""
    for level in body.skeleton.levels:
        yield Compartment(
            name=f"ligamentum flavum {_between(level)}",
            tissue=Tissue.LIGAMENTUM_FLAVUM,
            shape=_flavum(body, level),
            levels=_interspace(level),
            pitch_mm=0.7,
        )
    yield Compartment(
        name="supraspinous ligament",
        tissue=Tissue.SUPRASPINOUS_LIGAMENT,
        shape=_supraspinous(body),
        levels=frozenset(PRESACRAL),
        pitch_mm=1.0,
    )
    for level in body.skeleton.levels[:-1]:
        yield _interspinous(body, level)
    marks = body.skeleton.sacrum.landmarks
    plate = membrane(marks.hiatus_apex, _hiatus_end(body), marks.axes[:, 0], body.params.sacrum.intercornual_mm)
    yield Compartment(
        name="sacrococcygeal membrane", tissue=Tissue.SACROCOCCYGEAL_LIGAMENT, shape=plate, levels=frozenset(SACRAL), pitch_mm=0.6
    )


def _hiatus_end(body: Anatomy) -> Array:
    marks = body.skeleton.sacrum.landmarks
    cornua = (marks.cornu[Side.LEFT] + marks.cornu[Side.RIGHT]) / 2
    end = body.curve.world(np.array([[0.0, 0.5, body.curve.length_mm - 1.0]]))[0]
    return (cornua + end) / 2 + 0.5 * (end - cornua)


def _flavum(body: Anatomy, level: Level) -> Flavum:
    low, high = body.windows[level]
    start = max(low - 9.5, body.stations[level].t_upper + 2.0)
    gap = (low + 0.5 * (high - low), high) if body.params.discs[level].flavum_gap else None
    return Flavum(profile=body.profile, t_range_mm=(start, high + 1.5), half_width_mm=body.stations[level].half_width + 2.0, gap_mm=gap)


def _supraspinous(body: Anatomy) -> Strands:
    tips = body.curve.coordinates(np.array([item.landmarks.spinous_tip for item in body.skeleton.vertebrae.values()]))
    v = np.interp(body.profile.t_mm, tips[:, 2], tips[:, 1]) + 0.8
    offsets = np.array([-2.0, 0.0, 2.0])
    radius = np.where((body.profile.t_mm > tips[0, 2] - 6.0) & (body.profile.t_mm < tips[-1, 2] + 4.0), 1.6, -1.0)
    return Strands(
        curve=body.curve,
        u=np.broadcast_to(offsets, (len(v), 3)),
        v=np.repeat(v[:, None], 3, axis=1),
        radius=np.repeat(radius[:, None], 3, axis=1),
        t_range_mm=(float(tips[0, 2] - 6.0), float(tips[-1, 2] + 4.0)),
    )


def _interspinous(body: Anatomy, level: Level) -> Compartment:
    marks, below = body.skeleton.vertebrae[level].landmarks, body.skeleton.vertebrae[_below(level)].landmarks
    a, b, c, d = body.curve.coordinates(np.array([marks.lamina_lower, marks.spinous_tip, below.lamina_upper, below.spinous_tip]))
    shape = Interspinous(profile=body.profile, upper=np.array([a[1:], b[1:]]), lower=np.array([c[1:], d[1:]]), tuck_mm=0.0)
    middle = body.window_middle(level)
    start = body.profile.at("roof", middle) + body.profile.at("flavum", middle)
    place = body.curve.world(np.array([[0.0, start + 1.6, middle]]))[0]
    fat = Compartment(
        name=f"interspinous fat {_between(level)}",
        tissue=Tissue.INTERSPINOUS_GAP,
        shape=Ellipsoid(place, np.array([0.65, 1.75, 4.0])),
        levels=_interspace(level),
        pitch_mm=0.4,
    )
    return Compartment(
        name=f"interspinous ligament {_between(level)}",
        tissue=Tissue.INTERSPINOUS_LIGAMENT,
        shape=shape,
        children=(fat,),
        levels=_interspace(level),
        pitch_mm=0.8,
    )


def canal(body: Anatomy) -> Compartment:
    """Epidural fat with everything in it."""
    profile, start = body.profile, 4.0
    sac_range = (start + 1.0, body.sac_end_mm)
    sac = sac_column(profile, sac_range)
    strands = cauda_equina(profile, roots(body), body.conus_mm, body.sac_end_mm)
    cord = Compartment(name="cord", tissue=Tissue.CORD, shape=_cord(body, start + 2.0), pitch_mm=1.2, clipped=False)
    cauda = Compartment(name="cauda equina", tissue=Tissue.CAUDA_EQUINA, shape=strands, pitch_mm=0.8)
    fluid = Compartment(
        name="cerebrospinal fluid",
        tissue=Tissue.CSF,
        shape=Deeper(shape=sac, thickness_mm=lambda points: np.full(len(points), DURA_MM)),
        children=(cord, cauda),
        pitch_mm=1.2,
        clipped=False,
    )
    dura = Compartment(name="dura", tissue=Tissue.DURA, shape=sac, children=(fluid,), pitch_mm=1.2)
    t_veins = (body.stations[Level.T11].t_top, min(body.sac_end_mm + 15.0, body.curve.length_mm - 30.0))
    veins = Compartment(
        name="ventral epidural veins",
        tissue=Tissue.EPIDURAL_VEIN,
        shape=ventral_veins(profile, tuple(body.stations.values()), t_veins),
        pitch_mm=0.8,
    )
    shape = lumen(
        profile, (start, body.sacral.t_lamina + 6.0), body.skeleton.sacrum.canal, (*_channels(body), body.skeleton.sacrum.foramina)
    )
    return Compartment(
        name="epidural fat",
        tissue=Tissue.EPIDURAL_DORSAL,
        shape=shape,
        children=(dura, veins),
        zones=EpiduralZones(profile=profile),
        pitch_mm=1.0,
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
    high -= (0.0 if level is PRESACRAL[-1] else body.params.vertebrae[_below(level)].pedicle_height_mm / 2) - 1.5
    u, t = abs(float(pedicle[0])), (low + high) / 2
    front = body.profile.at("front", t)
    start, end = body.curve.world(
        np.array([[side.sign * (u - width_mm / 2 - 2.0), front + 6.0, t], [side.sign * (u + width_mm / 2 + 1.0), front + 4.0, t + 1.0]])
    )
    half = (high - low) / 2
    return Swept(
        start=start,
        end=end,
        reference=-body.curve.axis(t, 2),
        width_mm=(7.0, 6.5, 0.0),
        height_mm=(half, half, 0.0),
        cap_mm=2.0,
        power=2.5,
    )


def trunk_anchors(body: Anatomy) -> TrunkAnchors:
    """Where skin and muscle must pass."""
    tips = np.array([item.landmarks.spinous_tip for item in body.skeleton.vertebrae.values()])
    marks = body.skeleton.sacrum.landmarks
    canal_path = marks.canal[:: max(1, len(marks.canal) // 6)][1:]
    crest = canal_path + 14.0 * body.curve_back(canal_path)
    skin = np.array([_skin_anchor(body, level) for level in body.skeleton.levels])
    fascia = np.concatenate([tips[:, [2, 1]] + [0.0, 2.5], crest[:, [2, 1]]])
    first, tail = body.skeleton.vertebrae[PRESACRAL[0]].landmarks.body_centre, marks.coccyx_tip
    return TrunkAnchors(
        skin=_descending(np.concatenate([skin, _sacral_skin(body, crest)])),
        fascia=_descending(fascia),
        bones=_bone_points(body),
        z_range_mm=(float(tail[2]) - BELOW_COCCYX_MM, float(first[2]) + ABOVE_T11_MM),
        waist_z_mm=float(body.skeleton.vertebrae[Level.L3].landmarks.body_centre[2]),
        pelvis_z_mm=float(tail[2]),
    )


def _skin_anchor(body: Anatomy, level: Level) -> Array:
    middle = body.window_middle(level)
    depth = body.params.skin_to_epidural_mm + DEPTH_OFFSET_MM[level]
    point = body.curve.world(np.array([[0.0, body.profile.at("roof", middle) + depth, middle]]))[0]
    return point[[2, 1]]


def _sacral_skin(body: Anatomy, crest: Array) -> Array:
    from phantoms.trunk import fat_mm

    return crest[:, [2, 1]] + [0.0, 8.0 + SACRAL_COVER_MM * fat_mm(body.params)]


def _descending(knots: Array) -> Array:
    ordered = knots[np.argsort(-knots[:, 0])]
    keep = [0]
    for i in range(1, len(ordered)):
        if ordered[keep[-1], 0] - ordered[i, 0] > 6.0:
            keep.append(i)
    return ordered[keep]


def _bone_points(body: Anatomy) -> Array:
    """Points of a coarse grid that lie in or near a bone, shape (n, 3)."""
    shapes = [item.outer for item in body.skeleton.vertebrae.values()]
    shapes += [body.skeleton.sacrum.outer, *(other.outer for other in body.skeleton.others)]
    found = []
    for shape in shapes:
        low, high = shape.bounds
        grid = np.stack(np.meshgrid(*(np.arange(a, b + 8.0, 8.0) for a, b in zip(low, high, strict=True)), indexing="ij"), axis=-1)
        points = grid.reshape(-1, 3)
        found.append(points[shape(points) < 3.5])
    return np.concatenate(found)


def cavity(body: Anatomy, torso: Trunk) -> Compartment:
    """Abdominal and pelvic cavity with its organs."""
    parts = _abdomen(body, torso)
    gas = tuple(
        Compartment(name=f"bowel gas {i + 1}", tissue=Tissue.BOWEL_GAS, shape=shape, pitch_mm=2.0) for i, shape in enumerate(parts.gas)
    )
    kidneys = tuple(
        Compartment(name=f"kidney {side.value}", tissue=Tissue.VISCERA, shape=shape, pitch_mm=3.0)
        for side, shape in zip(Side, parts.kidneys, strict=True)
    )
    viscera = Compartment(name="viscera", tissue=Tissue.VISCERA, shape=parts.viscera, children=gas, pitch_mm=5.0)
    return Compartment(name="abdominal cavity", tissue=Tissue.ABDOMINAL_FAT, shape=parts.cavity, children=(*kidneys, viscera), pitch_mm=5.0)


def _abdomen(body: Anatomy, torso: Trunk) -> Abdomen:
    from phantoms.shapes import Union

    marks = {level: item.landmarks for level, item in body.skeleton.vertebrae.items()}
    l1 = marks[Level.L1]
    spacing = float(l1.body_centre[2] - marks[Level.L4].body_centre[2]) / 3
    centres = np.array([item.body_centre for item in marks.values()])
    first = centres[0] + [0.0, 0.0, 220.0]
    front = body.skeleton.sacrum.landmarks.canal[::8] - 16.0 * body.curve_back(body.skeleton.sacrum.landmarks.canal[::8])
    path = np.concatenate([[first], centres, front])
    radius = np.array([26.0] * (len(centres) + 1) + [24.0] * len(front))
    behind = Union(
        (column(path, radius), *(psoas(side is Side.LEFT, l1.body_centre, l1.axes, spacing) for side in Side)), blends_mm=(8.0, 8.0)
    )
    places = {side: l1.body_centre + np.array([side.sign * 72.0, -4.0, -14.0 - 8.0 * (side is Side.RIGHT)]) for side in Side}
    return abdomen(torso.cavity, behind, places, np.random.default_rng([body.params.texture_seed, SEED_GAS]))
