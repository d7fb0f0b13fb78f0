"""Labels along the canal: the same whoever asked first, and kept."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.soft_tissue.spine_curve import SpineCurve
from scenarios.names.compartments import Compartment
from simulator.contrast.domain import Domain, build_domain
from simulator.contrast.flow import RTOL, solve_flow
from simulator.contrast.label_cache import SLAB_CELLS, LabelCache
from tests.simulator.contrast.conftest import EVEN, SHORT, TIPS, canal_tissue


class Counting:
    """The synthetic canal's field, which counts the points that it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, points: NDArray[np.float64]) -> NDArray[np.uint8]:
        self.asked += len(points)
        return canal_tissue(points)


def same(one: Domain, other: Domain) -> bool:
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("cells", "capacity_ml", "face_a", "face_ml_s_kpa"))


def test_a_shelf_changes_nothing_but_the_asking(curve: SpineCurve, tmp_path: Path) -> None:
    bare = build_domain(canal_tissue, TIPS["epidural"], curve, individual=EVEN, bounds=SHORT)
    first, again, later = Counting(), Counting(), Counting()
    shelf = LabelCache(name="a canal", folder=tmp_path)
    for field, kept in ((first, shelf), (again, shelf), (later, LabelCache(name="a canal", folder=tmp_path))):
        assert same(build_domain(field, TIPS["epidural"], curve, individual=EVEN, bounds=SHORT, shelf=kept), bare)
    assert first.asked > 10_000
    assert max(again.asked, later.asked) < 10  # the tip's own medium


def test_another_patient_asks_anew(curve: SpineCurve, tmp_path: Path) -> None:
    counts = []
    for name in ("one", "other"):
        field = Counting()
        build_domain(field, TIPS["epidural"], curve, individual=EVEN, bounds=SHORT, shelf=LabelCache(name=name, folder=tmp_path))
        counts.append(field.asked)
    assert counts[0] == counts[1]


def test_a_tip_farther_on_asks_only_the_slabs_that_are_new(curve: SpineCurve) -> None:
    shelf, first, second = LabelCache(), Counting(), Counting()
    build_domain(first, TIPS["epidural"], curve, individual=EVEN, bounds=SHORT, shelf=shelf)
    slabs = len(shelf.held)
    x, y, z = TIPS["epidural"]
    moved = build_domain(second, (x, y, z + SLAB_CELLS), curve, individual=EVEN, bounds=SHORT, shelf=shelf)
    assert len(shelf.held) == slabs + 1
    assert second.asked < 1.5 * first.asked / slabs
    assert same(moved, build_domain(canal_tissue, (x, y, z + SLAB_CELLS), curve, individual=EVEN, bounds=SHORT))


def test_the_pressure_solves_what_it_should(curve: SpineCurve) -> None:
    """Each cell's inflow is its outflow: the preconditioner changes how soon that is found, not what is."""
    cells = build_domain(canal_tissue, TIPS["epidural"], curve, individual=EVEN, bounds=SHORT)
    found = solve_flow(cells, TIPS["epidural"])
    pressure = found.pressure_kpa_s_ml
    through = cells.face_ml_s_kpa * (pressure[cells.face_a] - pressure[cells.face_b])
    balance = found.source - found.swelling - found.leaving
    balance += np.bincount(cells.face_b, through, minlength=len(cells)) - np.bincount(cells.face_a, through, minlength=len(cells))
    assert np.linalg.norm(balance) < 10 * RTOL * np.linalg.norm(found.source)


@pytest.mark.parametrize("shift", [-30.0, 0.0, 17.0])
def test_no_seam_shows_between_slabs(curve: SpineCurve, shift: float) -> None:
    """Fat that runs through all slabs alike holds as much in every plane."""
    cells = build_domain(canal_tissue, (3.2, 7.0, shift), curve, individual=EVEN, bounds=SHORT)
    fat = ~cells.inside([Compartment.FORAMINAL])
    planes, number = np.unique(cells.cells[fat, 2], return_inverse=True)
    capacity = np.bincount(number, cells.capacity_ml[fat])
    assert len(planes) == np.ptp(planes) + 1
    apart = np.abs((planes + 15) % 30 - 15) > 7  # away from the foramina, whose mouths take from the lateral fat
    assert np.ptp(capacity[apart]) < 1e-9
