"""What an attempt is bound to: case, patient, engine and seed; and, as information, on what it was computed."""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from json import dumps
from platform import python_version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from phantoms.io import cache as entries
from phantoms.io.computed_on import describe_processor
from phantoms.terms.serialization import to_plain as plain_parameters
from phantoms.terms.value_text import shorten
from phantoms.threads import limit_blas
from simulator.procedure.attempt.engine_number import ENGINE
from simulator.procedure.state.case import Case
from simulator.procedure.state.state import ProcedureState

FORMAT = 3
OWN = "epifluoro"
LIBRARIES = (OWN, "numpy", "scipy", "scikit-image", "fast-simplification")
POINTS = 10_000
NOTICE = "For education and research only, never for guiding a real needle."
_ROOTS = 1 / np.array([1.2207440846057596, 1.2207440846057596**2, 1.2207440846057596**3])
"""Steps of the R3 sequence, whose base solves x^4 = x + 1 (M. Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018)."""
_SPINE = np.array([[0.35, 0.4, 0.0], [0.65, 1.0, 1.0]])
"""Part of the body's box in which half of the points lie: around the spine, where needles go; shares of its sides."""
Record = dict[str, Any]


def make_header(state: ProcedureState) -> Record:
    """What the first line of a log says of an attempt, ready for JSON."""
    case = state.case
    return {
        "epifluoro-log": FORMAT,
        "engine": ENGINE,
        "scenario": {"id": case.scenario.id, "version": case.scenario.version, "sha256": case.scenario.sha256},
        "patient": {**describe_patient(case), "surfaces": entries.make_key(case.patient.params, "surfaces", "all")},
        "seed": state.seed,
        "versions": read_versions(),
        "computed_on": describe_processor(),
        "notice": NOTICE,
    }


def describe_patient(case: Case) -> Record:
    """The parameters of a case's patient, a hash of them, and a hash of the tissues that they give; worked out once for a case."""
    return case.compute_once("patient of a log", lambda: _describe_patient(case))


def hash_tissue(case: Case) -> str:
    """SHA-256 of the tissue at 10,000 fixed points of a patient's own box, hexadecimal.

    Moved by 0.01 mm, some four of the points come to lie in another tissue; the last bits of a processor move them by 1e-12 mm.
    """
    with limit_blas():
        patient = case.patient
        points = lay_points(np.asarray(patient.compartments.shape.bounds, dtype=np.float64))
        return sha256(np.asarray(patient.tissue(points), dtype=np.uint8).tobytes()).hexdigest()


def lay_points(bounds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points of a low-discrepancy sequence: half of them in a whole box, half in the part of it that holds the spine.

    Parameters
    ----------
    bounds : ndarray, shape (2, 3)
        Lower and upper corner of the box, world frame, mm.

    Returns
    -------
    ndarray, shape (10000, 3)
        World frame, mm.
    """
    shares = (0.5 + np.arange(1, POINTS + 1)[:, None] * _ROOTS) % 1.0
    shares[POINTS // 2 :] = _SPINE[0] + shares[POINTS // 2 :] * (_SPINE[1] - _SPINE[0])
    return np.asarray(bounds[0] + shares * (bounds[1] - bounds[0]))


def read_versions() -> dict[str, str]:
    """Versions of this program and of everything that its states pass through."""
    return dict(_versions())


def describe_here() -> Record:
    """What this process computes on, and with which libraries: two that agree in both compute equal bits."""
    return describe_place(describe_processor(), read_versions())


def describe_place(on: object, libraries: object) -> Record:
    """What decides the last bits, of what a log's header or a line after a move says; this program's own version does not."""
    kept = {name: item for name, item in libraries.items() if name != OWN} if isinstance(libraries, Mapping) else {}
    return {"computed_on": on if isinstance(on, Mapping) else {}, "versions": kept}


def keep_common(one: object, other: object) -> object:
    """A record without what another one does not know, at any depth.

    Examples
    --------
    >>> keep_common({"a": {"x": 1, "y": 2}, "b": 3}, {"a": {"y": 0}})
    {'a': {'y': 2}}
    """
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return one
    return {name: keep_common(item, other[name]) for name, item in one.items() if name in other}


def describe_difference(recorded: object, present: object, name: str = "") -> str:
    """Name in words the first thing that differs between two records of plain data; empty where they agree.

    Examples
    --------
    >>> describe_difference({"canal": {"depth_mm": 15.0}}, {"canal": {"depth_mm": 16.0}})
    'canal.depth_mm is 15.0, here 16.0'
    >>> describe_difference({"features": ["AVX2", "AVX512F"]}, {"features": ["AVX2"]})
    'features has AVX512F, here none of it'
    """
    if recorded == present:
        return ""
    if isinstance(recorded, Mapping) and isinstance(present, Mapping):
        key = next(key for key in (*present, *recorded) if recorded.get(key) != present.get(key))
        return describe_difference(recorded.get(key), present.get(key), f"{name}.{key}".lstrip("."))
    if isinstance(recorded, list) and isinstance(present, list):
        gone, new = ([item for item in one if item not in other] for one, other in ((recorded, present), (present, recorded)))
        return f"{name} has {_list_items(gone)}, here {_list_items(new)}"
    return f"{name} is {shorten(recorded)}, here {shorten(present)}"


def _describe_patient(case: Case) -> Record:
    parameters = plain_parameters(case.patient.params)
    line = dumps(parameters, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return {"parameters": parameters, "sha256": sha256(line.encode()).hexdigest(), "tissue": hash_tissue(case)}


def _list_items(items: list[Any]) -> str:
    return ", ".join(shorten(item).strip("'") for item in items[:4]) or "none of it"


@cache
def _versions() -> Mapping[str, str]:
    return {name: version(name) for name in LIBRARIES} | {"python": python_version()}
