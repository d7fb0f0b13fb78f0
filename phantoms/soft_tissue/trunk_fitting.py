"""The trunk fitted around a patient's bones, and the cavity with its organs as compartments."""

import numpy as np
from numpy.typing import NDArray

from phantoms.field.compartments import TissueCompartment
from phantoms.population.habitus import Habitus, habitus_of
from phantoms.shapes.implicit import Union
from phantoms.soft_tissue.bowel import FLANK, GAS_DENSITY, Abdomen, abdomen, column, flank, iliacus, psoas
from phantoms.soft_tissue.soft_tissue_frame import Anatomy
from phantoms.soft_tissue.trunk import Trunk, TrunkAnchors, make_trunk
from phantoms.terms.levels import Level, Side
from phantoms.terms.reference_tables import level_numbers
from phantoms.terms.regions import Mark, Table
from phantoms.terms.tissues import Tissue

Array = NDArray[np.float64]

ABOVE_FIRST_MM = 175.0
BELOW_COCCYX_MM = 155.0
DEPTH_OFFSET_MM = level_numbers(Table.TRAITS, "skin_offset_mm")  # skin-to-epidural depth less that at the waist's interspace
SACRAL_COVER_MM = 0.45  # of the dorsal fat at L3-4, over the sacrum's crest
CREST_MM = (17.0, 6.0)  # from the middle of the sacral canal to the median crest, at S1 and at the hiatus; recalled, unverified
HOLLOW_MM = 4.0  # of the lumbosacral hollow that skin leaves; recalled, unverified
BONE_GRID_MM = 10.0
BETWEEN_MM = 7.0  # how far a bone may reach beyond the outermost point of the grid in it
BESIDE_TIP_MM = 1.0  # how far a process reaches beyond its tip's height beside it
FOSSA_MM = 16.0  # fillet between column and muscles: what fills the lumbosacral fossa between them
SEED_GAS = 1


def fit_trunk(body: Anatomy) -> Trunk:
    """Skin, fat, muscle and cavity of a patient, around their bones."""
    habitus = habitus_of(body.params)
    return make_trunk(habitus, trunk_anchors(body, habitus))


def trunk_anchors(body: Anatomy, habitus: Habitus) -> TrunkAnchors:
    """Where skin and muscle must pass."""
    tips = np.array([item.landmarks.spinous_tip for item in body.skeleton.vertebrae.values()])
    marks = body.skeleton.sacrum.landmarks
    canal_path = marks.canal[:: max(1, len(marks.canal) // 6)][1:]
    height = np.linspace(*CREST_MM, len(canal_path))[:, None]
    crest = canal_path + height * body.curve_back(canal_path)
    skin = np.array([_skin_anchor(body, level, habitus.skin_to_epidural_mm) for level in body.skeleton.levels])
    fascia = np.concatenate([tips[:, [2, 1]] + [0.0, 2.5], crest[:, [2, 1]]])
    first, tail = body.skeleton.vertebrae[body.region.first].landmarks.body_centre, marks.coccyx_tip
    hips_mm = float(skin[body.skeleton.levels.index(body.region.at(Mark.ILIAC_CREST)), 0])
    return TrunkAnchors(
        skin=_bridge_hollows(_sort_descending(np.concatenate([skin, _sacral_skin(crest, habitus.dorsal_fat_mm)])), hips_mm),
        fascia=_sort_descending(fascia),
        bones=_bone_points(body),
        z_range_mm=(float(tail[2]) - BELOW_COCCYX_MM, float(first[2]) + ABOVE_FIRST_MM),
        waist_z_mm=float(body.skeleton.vertebrae[body.region.at(Mark.WAIST)].landmarks.body_centre[2]),
        pelvis_z_mm=float(tail[2]),
    )


def _skin_anchor(body: Anatomy, level: Level, skin_to_epidural_mm: float) -> Array:
    middle = body.window_middle(level)
    depth = skin_to_epidural_mm + DEPTH_OFFSET_MM[level]
    point = body.curve.world(np.array([[0.0, body.profile.at("roof", middle) + depth, middle]]))[0]
    return point[[2, 1]]


def _sacral_skin(crest: Array, dorsal_fat_mm: float) -> Array:
    return crest[:, [2, 1]] + [0.0, 5.0 + SACRAL_COVER_MM * dorsal_fat_mm]


def _bridge_hollows(knots: Array, below_mm: float) -> Array:
    """Skin knots with the hollows below a height bridged: skin spans the step from the last spinous process to the sacrum."""
    filled = knots.copy()
    for i in range(1, len(knots) - 1):
        if knots[i, 0] < below_mm:
            spans = [np.interp(-knots[i, 0], -knots[[a, b], 0], knots[[a, b], 1]) for a in range(i) for b in range(i + 1, len(knots))]
            filled[i, 1] = max(knots[i, 1], max(spans) - HOLLOW_MM)
    return filled


def _sort_descending(knots: Array) -> Array:
    ordered = knots[np.argsort(-knots[:, 0])]
    keep = [0]
    for i in range(1, len(ordered)):
        if ordered[keep[-1], 0] - ordered[i, 0] > 6.0:
            keep.append(i)
    return ordered[keep]


def _bone_points(body: Anatomy) -> Array:
    """Points inside the bones, with signed distances, shape (n, 4), mm: the vertebrae's tips, a coarse grid of the others.

    The grid has a plane in the middle, where the sacrum's crest is thin.
    """
    marks = [item.landmarks for item in body.skeleton.vertebrae.values()]
    tips = np.array([point for item in marks for point in (item.spinous_tip, *item.transverse_tip.values())])
    found = [np.column_stack([tips, np.full(len(tips), -BESIDE_TIP_MM)])]
    for shape in (body.skeleton.sacrum.outer, *(other.outer for other in body.skeleton.others)):
        low, high = shape.bounds
        axes = (BONE_GRID_MM * np.arange(np.ceil(a / BONE_GRID_MM), b / BONE_GRID_MM) for a, b in zip(low, high, strict=True))
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
        inside = points[shape(points) < 0.0]
        found.append(np.column_stack([inside, np.full(len(inside), -BETWEEN_MM)]))
    return np.concatenate(found)


def cavity(body: Anatomy, torso: Trunk) -> TissueCompartment:
    """Abdominal and pelvic cavity with its organs."""
    parts = _abdomen(body, torso)
    gas = tuple(
        TissueCompartment(name=f"bowel gas {i + 1}", tissue=Tissue.BOWEL_GAS, shape=shape, pitch_mm=2.0, density=GAS_DENSITY)
        for i, shape in enumerate(parts.gas)
    )
    kidneys = tuple(
        TissueCompartment(name=f"kidney {side.value}", tissue=Tissue.VISCERA, shape=shape, pitch_mm=5.0)
        for side, shape in zip(Side, parts.kidneys, strict=True)
    )
    viscera = TissueCompartment(name="viscera", tissue=Tissue.VISCERA, shape=parts.viscera, children=gas, pitch_mm=11.0)
    return TissueCompartment(
        name="abdominal cavity", tissue=Tissue.ABDOMINAL_FAT, shape=parts.cavity, children=(*kidneys, viscera), pitch_mm=9.5
    )


def _abdomen(body: Anatomy, torso: Trunk) -> Abdomen:
    marks = {level: item.landmarks for level, item in body.skeleton.vertebrae.items()}
    levels, region = body.skeleton.levels, body.region
    top, bottom = region.at(Mark.PSOAS_TOP), region.at(Mark.PSOAS_BOTTOM)
    upper = marks[top]
    spacing = float(upper.body_centre[2] - marks[bottom].body_centre[2]) / (levels.index(bottom) - levels.index(top))
    centres = np.array([item.body_centre for item in marks.values()])
    first = centres[0] + [0.0, 0.0, 220.0]
    front = body.skeleton.sacrum.landmarks.canal[::8] - 16.0 * body.curve_back(body.skeleton.sacrum.landmarks.canal[::8])
    path = np.concatenate([[first], centres, front])
    radius = np.array([26.0] * (len(centres) + 1) + [24.0] * len(front))
    back = np.concatenate([[centres[0] + [0.0, 0.0, 40.0]], centres, [centres[-1] + [0.0, 12.0, -30.0]]])
    muscles = [psoas(side is Side.LEFT, upper.body_centre, upper.axes, spacing) for side in Side]
    muscles += [iliacus(side is Side.LEFT, upper.body_centre, upper.axes, spacing) for side in Side]
    muscles += [flank(side is Side.LEFT, back, row) for row in FLANK for side in Side]
    behind = Union((column(path, radius), *muscles), blends_mm=(FOSSA_MM,) * len(muscles))
    places = {side: upper.body_centre + np.array([side.sign * 72.0, -4.0, -14.0 - 8.0 * (side is Side.RIGHT)]) for side in Side}
    return abdomen(torso.cavity, behind, places, np.random.default_rng([body.params.texture_seed, SEED_GAS]))
