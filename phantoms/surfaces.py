"""Meshes of a patient's compartments, made from the same effective shapes as the tissue field."""

import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from phantoms.field.compartments import CarvedCompartment, Deeper, Stretch, TissueCompartment, is_spinal, list_regions
from phantoms.mesh.decimation import find_first_sound
from phantoms.mesh.edge_subdivision import split_long_edges
from phantoms.mesh.edge_unpinching import unpinch_edges
from phantoms.mesh.meshing import mesh, mesh_levels
from phantoms.mesh.topology import Faces, Mesh, Vertices, is_closed, volume_mm3
from phantoms.shapes.loft import Loft
from phantoms.terms.levels import Level
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import MATERIAL, Tissue

Array = NDArray[np.float64]

SMOOTH_PITCH_MM = 4.0
"""From this pitch on nothing is decimated: the projector wants faces of less than some 8 mm even where a surface is flat."""
LEAST_VOLUME_MM3 = 6.0
KEPT_SHARE: dict[Tissue, float] = {Tissue.CORTICAL_BONE: 0.078, Tissue.TRABECULAR_BONE: 0.043}
OTHER_SHARE = 0.09
"""Faces kept of the marched ones: at 0.078 a vertebra marched at 0.7 mm stays within 0.1 mm."""
NEIGHBOUR = 1.4
"""Factor on the pitch of what a case does not ask for but sees beside it."""
TRIES = ((1.0, 7.0), (1.0, 5.0), (1.6, 5.0), (2.5, 5.0), (2.5, 3.0))
"""Factor on the wanted faces and aggressiveness, gentler each time."""
LEAST_FACES = 60
LONGEST_MM = 18.0
"""Edges are cut above this: a face's depth, taken for affine by the projector, is then off by 0.1 mm at most."""
CUT_TRIM_MM = 0.5
BONE = frozenset({Tissue.CORTICAL_BONE, Tissue.TRABECULAR_BONE})
BONE_SHIFT_MM, SOFT_SHIFT_MM = 0.08, 0.1
"""How far a surface may move on the average when it is decimated: thin tubes shrink, since chords lie inside."""


class WorkerLostError(RuntimeError):
    """Another process that was to make surfaces ended before it had answered."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """One evaluation that gives one mesh, or two where the second region is what lies deeper inside the first."""

    outer: CarvedCompartment
    inner: CarvedCompartment | None = None
    coarsened: float = 1.0

    @property
    def pitch_mm(self) -> float:
        """Spacing of the grid on which both are marched."""
        return self.outer.compartment.pitch_mm * self.coarsened

    @property
    def name(self) -> str:
        """Name of the outer compartment."""
        return self.outer.compartment.name


Elsewhere = Callable[[Job], tuple[Surface, ...]]


def neighbourhood(levels: Iterable[Level]) -> frozenset[Level]:
    """The levels with the next one above and below each."""
    found: set[Level] = set()
    for level in levels:
        found |= {other for other in (level.above, level, level.below) if other is not None}
    return frozenset(found)


def plan_jobs(root: TissueCompartment, levels: Sequence[Level] | None = None) -> tuple[Job, ...]:
    """What must be meshed for some levels and, more coarsely, their neighbours, or for all (None); the costliest first."""
    wanted = None if levels is None else neighbourhood(levels)
    chosen = [region for region in list_regions(root) if _visible(region) and (wanted is None or _near(region, wanted))]
    todo = list(_pair_nested(chosen))
    if wanted is not None and levels is not None:
        todo = [_coarsen(job, frozenset(levels)) for job in _cut(todo)]
    return tuple(sorted(todo, key=_cost, reverse=True))


def _cut(todo: Sequence[Job]) -> list[Job]:
    """The jobs with what runs all along the spine cut to the stretch of the vertebrae and sacrum among them."""
    boxes = np.array([job.outer.shape.bounds for job in todo if is_spinal(job.outer.compartment)])
    if len(boxes) == 0:
        return list(todo)
    low, high = float(boxes[:, 0, 2].min()), float(boxes[:, 1, 2].max())
    return [_shorten(job, low, high) if job.outer.compartment.cut else job for job in todo]


def _coarsen(job: Job, asked: frozenset[Level]) -> Job:
    """The job at the pitch that its place deserves: its own at the levels asked for (not of hips or ribs), and where it has no level."""
    item = job.outer.compartment
    near = item.levels & asked and (is_spinal(item) or item.tissue not in BONE)
    return job if near or not item.levels or item.pitch_mm >= SMOOTH_PITCH_MM else replace(job, coarsened=NEIGHBOUR)


def _shorten(job: Job, low_mm: float, high_mm: float) -> Job:
    # Each generation ends a little before its parent, inside which it must lie.
    trim = CUT_TRIM_MM * job.outer.depth
    shape = Stretch(shape=job.outer.shape, z_range_mm=(low_mm + trim, high_mm - trim))
    return replace(job, outer=replace(job.outer, shape=shape))


def _near(region: CarvedCompartment, wanted: frozenset[Level]) -> bool:
    levels = region.compartment.levels
    return not levels or bool(levels & wanted)


def _visible(region: CarvedCompartment) -> bool:
    """Whether an X-ray can tell the compartment from its parent, or from a child."""
    item, parent = region.compartment, region.parent_tissue
    return parent is None or bool(item.children) or MATERIAL[item.tissue] is not MATERIAL[parent]


def _pair_nested(chosen: Sequence[CarvedCompartment]) -> Iterator[Job]:
    """Couple every region that is the deeper part of its parent with that parent."""
    deeper = {region.parent: region for region in chosen if _is_deeper(region)}
    for region in chosen:
        if not _is_deeper(region):
            yield Job(outer=region, inner=deeper.get(region.compartment.name))


def _is_deeper(region: CarvedCompartment) -> bool:
    return isinstance(region.shape, Deeper)


def _cost(job: Job) -> float:
    """About the number of grid nodes near the surface."""
    size = job.outer.shape.bounds[1] - job.outer.shape.bounds[0]
    return float(np.prod(np.maximum(size, 0.0)) ** (2 / 3)) / job.pitch_mm**2


def mesh_surfaces(todo: Sequence[Job], beside: Elsewhere | None = None) -> tuple[Surface, ...]:
    """Surfaces of jobs in a fixed order, whoever makes which.

    Parameters
    ----------
    todo : sequence of Job
        The costliest first, so that both finish together.
    beside : callable, optional
        Makes the surfaces of a job in another process while this one works too; what it fails at is made here.
    """
    waiting, found = deque(range(len(todo))), dict[int, tuple[Surface, ...]]()
    helper = Thread(target=_work, args=(todo, waiting, found, beside), daemon=True) if beside else None
    if helper:
        helper.start()
    _work(todo, waiting, found, mesh_job)
    if helper:
        helper.join()
        _work(todo, waiting, found, mesh_job)  # what came back
    return tuple(surface for index in range(len(todo)) for surface in found[index])


def _work(todo: Sequence[Job], waiting: deque[int], found: dict[int, tuple[Surface, ...]], make: Elsewhere) -> None:
    """Take jobs one after the other until none waits."""
    while waiting:
        try:
            index = waiting.popleft()
        except IndexError:  # another took the last
            return
        try:
            found[index] = make(todo[index])
        except WorkerLostError as error:
            waiting.appendleft(index)
            warnings.warn(f"{error}; its surfaces are made in this process instead", RuntimeWarning, stacklevel=2)
            return


def mesh_job(job: Job) -> tuple[Surface, ...]:
    """Surfaces of one job; none where nothing of the compartment is left."""
    if job.inner is None:
        return _surface(job.outer, _mesh(job))
    outer, inner = _mesh_nested(job, job.inner)
    return (*_surface(job.outer, outer), *_surface(job.inner, inner))


EMPTY: Mesh = (np.zeros((0, 3)), np.zeros((0, 3), dtype=np.intp))


def _mesh(job: Job) -> Mesh:
    shape = job.outer.shape
    if isinstance(shape, Loft):
        return shape.mesh(job.pitch_mm)
    if not (shape.bounds[1] > shape.bounds[0]).all():
        return EMPTY
    try:
        found = mesh(shape, job.pitch_mm, max_error_mm=0.0, least_volume_mm3=_least(job.pitch_mm))
    except ValueError:  # nothing left of it at this pitch
        return EMPTY
    return _thin_faces(found, job, job.outer.compartment)


def _mesh_nested(job: Job, inner: CarvedCompartment) -> tuple[Mesh, Mesh]:
    item = job.outer.compartment
    if not isinstance(inner.shape, Deeper):
        raise TypeError(f"{inner.compartment.name}: expected the deeper part of {item.name}, got {type(inner.shape).__name__}")
    found = mesh_levels(job.outer.shape, inner.shape.thickness_mm, job.pitch_mm, max_error_mm=0.0, least_volume_mm3=_least(job.pitch_mm))
    return _thin_faces(found[0], job, item), _thin_faces(found[1], job, inner.compartment)


def _least(pitch_mm: float) -> float:
    return min(LEAST_VOLUME_MM3, 20.0 * pitch_mm**3)


def _thin_faces(found: Mesh, job: Job, item: TissueCompartment) -> Mesh:
    """The mesh with the share of its faces that its tissue deserves; closed still, its volume kept."""
    if job.pitch_mm >= SMOOTH_PITCH_MM or len(found[1]) < LEAST_FACES:
        return found
    volume, wanted = volume_mm3(*found), KEPT_SHARE.get(item.tissue, OTHER_SHARE) * len(found[1]) * job.coarsened**2
    allowed = (BONE_SHIFT_MM if item.tissue in BONE else SOFT_SHIFT_MM) * _area_mm2(*found)

    def check(vertices: Vertices, faces: Faces) -> Mesh | None:
        apart = (vertices, faces) if is_closed(vertices, faces) else unpinch_edges(vertices, faces)
        sound = apart is not None and is_closed(*apart) and abs(volume_mm3(*apart) - volume) < allowed
        return apart if sound else None

    tries = ((int(max(factor * wanted, LEAST_FACES)), aggressiveness) for factor, aggressiveness in TRIES)
    return find_first_sound(*found, tries, check) or found


def _area_mm2(vertices: Vertices, faces: Faces) -> float:
    corners = vertices[faces]
    return float(np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1).sum() / 2)


def _surface(region: CarvedCompartment, found: Mesh) -> tuple[Surface, ...]:
    if len(found[1]) == 0:
        return ()
    vertices, faces = split_long_edges(*found, LONGEST_MM)
    item = region.compartment
    return (Surface(name=item.name, vertices=vertices, faces=faces, tissue=item.tissue, parent=region.parent, density=item.density),)
