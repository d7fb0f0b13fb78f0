"""Lesions: where they lie, and that they change only what they should."""

import numpy as np
import pytest

from phantoms.terms.levels import Level, Side
from phantoms.terms.tissues import Tissue
from scenarios.schema.record import Lesion, LesionKind
from simulator.procedure.state.lesions import centres, inside, with_gap, with_lesions
from tests.simulator.procedure.toy import SYRINGE, WINDOW_Z, begin_toy, case_with, change_scenario, do, place_in_epidural, tissue, toy_case

LEVEL = Level.L4


def lesion(kind: LesionKind, side: Side | None = None, *, blocks: bool = False, size_mm: float = 6.0) -> Lesion:
    return Lesion(kind=kind, level=LEVEL, side=side, size_mm=size_mm, blocks_contrast=blocks)


@pytest.mark.parametrize("kind", LesionKind)
def test_a_lesion_lies_on_its_side_and_is_as_large_as_it_says(kind: LesionKind) -> None:
    patient = toy_case().patient
    for side in Side:
        places = list(centres(patient, lesion(kind, side)))
        assert all(side.sign * place[0] > 0 for place in places)
        grid = places[0] + np.stack(np.meshgrid(*[np.arange(-9.0, 9.1, 0.5)] * 3, indexing="ij"), axis=-1)
        depth_mm = np.ptp(grid[inside(patient, lesion(kind, side), grid)][:, 1])
        assert depth_mm == pytest.approx(2 * 6.0, abs=1.01)  # both sides of where it springs from, on a grid of 0.5 mm


def test_scar_takes_the_place_of_epidural_fat_and_of_nothing_else() -> None:
    scar = lesion(LesionKind.SCAR, blocks=True)
    field = with_lesions(tissue, toy_case().patient, (scar,))
    points = np.array([0.0, 39.0, WINDOW_Z]) + np.random.default_rng(0).uniform(-8, 8, (4000, 3))
    before, after = tissue(points), field(points)
    altered = before != after
    assert altered.any()
    assert set(before[altered]) <= {Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL}
    assert set(after[altered]) == {Tissue.LIGAMENTUM_FLAVUM}
    assert with_lesions(tissue, toy_case().patient, (lesion(LesionKind.SCAR),)) is tissue  # one that blocks nothing


def test_contrast_does_not_pass_where_a_scar_blocks() -> None:
    imaging = toy_case().scenario.record.imaging.model_dump(mode="json", exclude_unset=True)
    record = toy_case().scenario.record.model_dump(mode="json", exclude_unset=True)
    scar = {"kind": "scar", "level": "L4", "side": "left", "size_mm": 3.5, "blocks_contrast": True}
    case = case_with(change_scenario(record={**record, "imaging": {**imaging, "lesions": [scar]}}))
    free, blocked = (do(place_in_epidural(begin_toy(case=found)), *SYRINGE, {"inject": {"volume_ml": 1.0}}) for found in (toy_case(), case))
    held = []
    for state in (free, blocked):
        assert state.fluid.spread is not None
        in_scar = inside(case.patient, case.scenario.record.imaging.lesions[0], state.fluid.spread.domain.centres)
        held.append(float(state.fluid.spread.ml[in_scar].sum()))
    assert held[0] > 0.02
    assert held[1] < 0.2 * held[0]


def test_a_gap_lies_only_in_the_interspinous_ligament() -> None:
    def ligament(points: np.ndarray) -> np.ndarray:
        labels = tissue(points)
        return np.where(
            (np.abs(points[:, 0]) < 2) & (points[:, 1] > 42) & (points[:, 1] < 75), np.uint8(Tissue.INTERSPINOUS_LIGAMENT), labels
        )

    field = with_gap(ligament, toy_case().patient, LEVEL)
    line = np.column_stack([np.zeros(80), np.linspace(36, 76, 80), np.full(80, WINDOW_Z)])
    altered = ligament(line) != field(line)
    assert set(ligament(line)[altered]) == {Tissue.INTERSPINOUS_LIGAMENT}
    assert set(field(line)[altered]) == {Tissue.INTERSPINOUS_GAP}
    assert 4 < altered.sum() < 40
