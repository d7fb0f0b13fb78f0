"""The second process: the same bits as the first alone, and none the worse where it fails."""

import os
import sys

import numpy as np
import pytest

from phantoms import worker as second
from phantoms.surfaces import WorkerLostError, mesh_job, mesh_surfaces, plan_jobs

pytestmark = pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="on one core no second process is started")

NAMES = ("annulus L4-L5", "root L4 left", "root L4 right", "facet joints L4-L5")


@pytest.fixture(scope="module")
def todo(patient):
    return [job for job in plan_jobs(patient.compartments) if job.name in NAMES]


@pytest.fixture(scope="module")
def alone(todo):
    return mesh_surfaces(todo)


def same(some, others):
    return len(some) == len(others) and all(
        (a.name, a.tissue, a.parent, a.density) == (b.name, b.tissue, b.parent, b.density)
        and np.array_equal(a.vertices, b.vertices)
        and np.array_equal(a.faces, b.faces)
        for a, b in zip(some, others, strict=True)
    )


def test_whoever_meshes_the_bits_are_the_same(patient, todo, alone):
    with second.run_worker(patient.params, None) as beside:
        assert same([surface for job in todo for surface in beside(job)], alone)
        assert same(mesh_surfaces(todo, beside), alone)


def test_surfaces_from_the_second_process_are_read_only(patient, todo):
    with second.run_worker(patient.params, None) as beside:
        assert not beside(todo[0])[0].vertices.flags.writeable


def test_a_worker_that_dies_leaves_its_jobs_to_this_process(patient, todo, alone, monkeypatch):
    monkeypatch.setattr(second, "COMMAND", ("-c", "raise SystemExit('no room')"))
    with second.run_worker(patient.params, None) as beside, pytest.warns(RuntimeWarning, match="no room"):
        assert same(mesh_surfaces(todo, beside), alone)


def test_without_an_interpreter_there_is_no_worker(patient, todo, alone, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with second.run_worker(patient.params, None) as beside:
        assert beside is None
        assert same(mesh_surfaces(todo, beside), alone)


def test_an_unknown_job_ends_the_worker_and_is_named(patient, todo):
    with second.run_worker(patient.params, []) as beside, pytest.raises(WorkerLostError, match=todo[0].name):
        beside(todo[0])


def test_an_error_of_a_job_comes_out_of_this_process(todo):
    def fails(job):
        raise WorkerLostError(f"gone at {job.name}")

    with pytest.warns(RuntimeWarning, match="gone"):
        assert same(mesh_surfaces(todo[:1], fails), mesh_job(todo[0]))
    with pytest.raises(AttributeError):
        mesh_surfaces([None])
