"""A straight synthetic canal, exactly symmetric left to right, and the solved flows that several tests look at."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from phantoms.soft_tissue.spine_curve import SpineCurve, spine_curve
from phantoms.terms.tissues import Tissue
from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.contrast.agents import mix
from simulator.contrast.bounds import Bounds
from simulator.contrast.domain import Domain, build_domain
from simulator.contrast.flow import Flow, solve_flow
from simulator.contrast.media import FluidSpace
from simulator.contrast.patient_variation import FluidVariation

EVEN = FluidVariation(texture=0.0)
SHORT = Bounds(along_canal=True, half_length_mm=40.0, half_width_mm=18.0, ventral_mm=12.0, dorsal_mm=11.0)
TIPS = {
    "epidural": (3.2, 7.0, 0.3),
    "foramen": (11.5, 0.2, 0.3),
    "intrathecal": (1.2, 0.3, 0.2),
    "subdural": (0.3, 5.75, 0.2),
    "muscle": (4.0, 20.0, 0.0),
    "disc": (0.2, -24.0, 0.2),
    "flavum": (0.2, 9.0, 0.2),
    "interspinous": (0.2, 13.0, 0.2),
}
CONTRAST = mix({Agent.IOHEXOL_240: 1.0})


def canal_tissue(points: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Labels of a straight canal along z: sac, epidural zones, foramina every 30 mm, bone around, a disc in front, muscle behind."""
    x, y, z = points.T
    labels = np.full(len(points), Tissue.CORTICAL_BONE, dtype=np.uint8)
    labels[(y > 14) | (np.abs(x) > 16)] = Tissue.MUSCLE
    labels[(np.abs(x) < 2) & (y > 10) & (y < 16)] = Tissue.INTERSPINOUS_LIGAMENT
    lumen = (x / 11) ** 2 + (y / 8.5) ** 2 < 1
    angle = np.arctan2(y / 5.8, np.abs(x) / 7.0)
    zones = np.where(angle > 0.6, Tissue.EPIDURAL_DORSAL, np.where(angle < -0.6, Tissue.EPIDURAL_VENTRAL, Tissue.EPIDURAL_LATERAL))
    labels[lumen] = zones[lumen]
    labels[(np.abs(x) < 3) & (y > 8) & (y < 10) & ~lumen] = Tissue.LIGAMENTUM_FLAVUM
    foramen = (np.abs(x) > 9) & (np.abs(x) < 16.5) & (np.abs(y) < 3) & (np.abs((z + 15) % 30 - 15) < 5)
    labels[foramen] = Tissue.EPIDURAL_FORAMINAL
    sac = (x / 7.0) ** 2 + (y / 5.8) ** 2
    labels[sac < 1] = Tissue.DURA
    labels[(x / 6.6) ** 2 + (y / 5.4) ** 2 < 1] = Tissue.CSF
    core = x**2 + (y + 24) ** 2
    labels[(core < 14**2) & (np.abs(z) < 6)] = Tissue.ANNULUS
    labels[(core < 8**2) & (np.abs(z) < 4)] = Tissue.NUCLEUS
    labels[y > 60] = Tissue.AIR
    return labels


@pytest.fixture(scope="session")
def curve() -> SpineCurve:
    """The canal's straight axis."""
    z = np.linspace(120.0, -120.0, 9)
    return spine_curve(np.column_stack([np.zeros((9, 2)), z]), np.tile([0.0, 1.0, 0.0], (9, 1)))


@pytest.fixture(scope="session")
def made(curve: SpineCurve) -> Callable[..., Flow]:
    """Flow at a named tip, each solved once."""
    known: dict[tuple[str, Compartment | None], Flow] = {}
    domains: dict[str, Domain] = {}

    def make(name: str, uptake: Compartment | None = None) -> Flow:
        if (name, uptake) not in known:
            medium = FluidSpace.SUBDURAL if name == "subdural" else None
            bounds = SHORT if name in ("epidural", "foramen", "intrathecal", "subdural") else None
            domains.setdefault(name, build_domain(canal_tissue, TIPS[name], curve, individual=EVEN, medium=medium, bounds=bounds))
            known[name, uptake] = solve_flow(domains[name], TIPS[name], uptake=uptake)
        return known[name, uptake]

    return make
