"""A case made ready: its scenario, its patient, and what is worked out of them once and kept."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from phantoms.patient import Patient, build
from simulator.imaging import AttenuationModel, check_view, lines, prepare
from simulator.needle import NeedleState
from simulator.procedure.state.carm_state import Pose
from simulator.procedure.state.collision import find_collision
from simulator.procedure.state.field import TissueField, field_of
from simulator.procedure.state.lesions import with_gap, with_lesions
from simulator.procedure.state.needle_image import needle_steel_mm
from simulator.xray.image.frame_cache import FrameCache, expose, update_view
from simulator.xray.numerics.interpolation import enlarge, pool
from simulator.xray.physics import brightness
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.technique import Technique

if TYPE_CHECKING:  # the models need pydantic, which an import of the procedure need not load
    from scenarios.schema.scenario import Scenario

T = TypeVar("T")

CONTROL_CELLS = 64  # on which brightness control and dose are worked out
ROUGH_CELLS = 256
POSES_KEPT = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A scenario with its patient; shared by all states of an attempt.

    Attributes
    ----------
    scenario : Scenario
        What the file says. Where another patient is given than its author's, it is told of that one: no record, header or report of an
        attempt tells of someone else than lies on the table. Raises ValueError where it cannot be (`Scenario.tell_of`).
    patient : Patient
        Built when something first asks for it.
    """

    scenario: "Scenario"
    patient: Patient

    def __post_init__(self) -> None:
        if self.scenario.subject.parameters != self.patient.params:
            object.__setattr__(self, "scenario", self.scenario.tell_of(self.patient.params))

    def __repr__(self) -> str:
        return f"<Case {self.scenario.id}, version {self.scenario.version}, {self.patient!r}>"

    @cached_property
    def tissue(self) -> TissueField:
        """The patient's tissue field with the case's findings, made ready for many questions in one place: a needle's."""
        return self._apply_findings(field_of(self.patient))

    @cached_property
    def wide_tissue(self) -> TissueField:
        """The same field, for many points in many places: a block of contrast."""
        return self._apply_findings(self.patient.tissue)

    def _apply_findings(self, tissue: TissueField) -> TissueField:
        """A tissue field with what the case says beyond the anatomy's parameters."""
        scenario = self.scenario
        if scenario.complications.false_loss_of_resistance:
            tissue = with_gap(tissue, self.patient, scenario.task.level)
        return with_lesions(tissue, self.patient, scenario.record.imaging.lesions)

    def inside(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether points, shape (n, 3), world frame, mm, lie in the body, shape (n,)."""
        return np.asarray(self.from_skin_mm(points) < 0)

    def from_skin_mm(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Signed distance of points, shape (n, 3), world frame, mm, to the skin, shape (n,), mm, negative in the body."""
        return np.asarray(self.patient.compartments.shape(points), dtype=float)

    @cached_property
    def meets(self) -> Callable[[Pose], str]:
        """What of the C-arm would meet what in a pose, in words; empty where it stands clear."""
        bounds = self.patient.compartments.shape.bounds
        return lru_cache(maxsize=POSES_KEPT)(lambda pose: find_collision(pose, self.inside, bounds))

    @cached_property
    def anatomy(self) -> AttenuationModel:
        """The patient ready to be projected."""
        return prepare(self.patient.surfaces(), self.patient.texture)

    @cached_property
    def technique(self) -> Callable[[Pose, Technique, Collimator, float | None], Technique]:
        """What the brightness control settles on: (pose, technique set, leaves, kV by hand) -> technique."""

        def settle(pose: Pose, technique: Technique, collimator: Collimator, kvp: float | None) -> Technique:
            return brightness.control(self._control_lines(pose), pose.carm(CONTROL_CELLS), technique, collimator, kvp=kvp)

        return lru_cache(maxsize=POSES_KEPT)(settle)

    @cached_property
    def layers(self) -> Callable[[Pose, int, Technique, Collimator, bool], FrameCache]:
        """The patient alone, exposed: (pose, pixels each way, technique, leaves, rough) -> layers to lay needle and contrast on."""

        def project(pose: Pose, size: int, rough: bool) -> FrameCache:
            return update_view(
                None, lambda carm: enlarge(self._rough_lines(pose), size) if rough else lines(self.anatomy, carm), pose.carm(size)
            )

        projected = lru_cache(maxsize=2)(project)

        def bare(pose: Pose, size: int, technique: Technique, collimator: Collimator, rough: bool) -> FrameCache:
            return expose(projected(pose, size, rough), technique, collimator, Panel())[0]

        return lru_cache(maxsize=1)(bare)

    @cached_property
    def steel(self) -> Callable[[NeedleState, Pose, int], NDArray[np.float32]]:
        """A needle's steel, shape (rows, columns), mm, by needle, pose and pixels each way: the same for all pulses while neither moves."""

        def draw(held: NeedleState, pose: Pose, size: int) -> NDArray[np.float32]:
            return needle_steel_mm(held, pose.carm(size))

        return lru_cache(maxsize=1)(draw)

    def compute_once(self, name: object, work: Callable[[], T]) -> T:
        """What was worked out under a name, now or before: it goes when the case goes, for a patient takes a hundred megabytes.

        Parameters
        ----------
        name : hashable
            Of what is worked out.
        work : callable
            Works it out, the first time.
        """
        if name not in self._kept:
            self._kept[name] = work()
        found: T = self._kept[name]
        return found

    @cached_property
    def _kept(self) -> dict[object, Any]:
        return {}

    @cached_property
    def _control_lines(self) -> Callable[[Pose], NDArray[np.float32]]:
        """Line integrals of the patient's surfaces on a few cells, by pose; refuses a pose that does not clear the body."""

        def project(pose: Pose) -> NDArray[np.float32]:
            check_view(self.anatomy, pose.carm(CONTROL_CELLS))
            return pool(self._rough_lines(pose), CONTROL_CELLS)

        return lru_cache(maxsize=POSES_KEPT)(project)

    @cached_property
    def _rough_lines(self) -> Callable[[Pose], NDArray[np.float32]]:
        """Line integrals of few faces on few pixels, by pose: enough for brightness control, and for the image while the C-arm moves."""
        return lru_cache(maxsize=1)(lambda pose: self.anatomy.projector.project(pose.carm(ROUGH_CELLS), rough=True))


def case_of(scenario: "Scenario") -> Case:
    """A case with the patient that its scenario describes; nothing is computed yet.

    Raises
    ------
    ValueError
        Where the scenario names meshes instead of an anatomy: they have an image, but no tissues to put a needle in.
    """
    if scenario.subject.mesh:
        raise ValueError(f"{scenario.id}: subject.mesh has an image only; a procedure needs subject.anatomy")
    return Case(scenario=scenario, patient=build(scenario.subject.parameters))
