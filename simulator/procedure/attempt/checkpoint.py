"""Values of a state that a log carries beside its digest, so that another processor can be held to them within tolerances."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from types import MappingProxyType
from typing import Any

from phantoms.terms.serialization import to_plain
from simulator.contrast.epidurogram import by_compartment
from simulator.procedure.state.state import ProcedureState
from simulator.procedure.state.syringe import total_ml

Record = dict[str, Any]
DIGITS = 9  # of a value in the log: far finer than any tolerance
HASHED = 16  # hexadecimal digits of the hash of what must agree exactly


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerance:
    """How far a value may lie from the recorded one on another processor, or with other libraries.

    Attributes
    ----------
    absolute : float
        In the unit of the value.
    relative : float
        Share of the recorded value; the larger of both counts.
    why : str
        The reason for both numbers.
    """

    absolute: float
    relative: float = 0.0
    why: str

    def allows(self, recorded: float, present: float) -> bool:
        """Whether two values agree."""
        return abs(recorded - present) <= max(self.absolute, self.relative * abs(recorded))


_FINE = "last bits of a sum; 1e-13 was seen between kernels with and without AVX, and this is finer than anything reads it"
_DOSE = "meshes differ where decimation meets a tie (8e-6 was seen), and a control at the edge of a whole kV steps to the next one"
_PULSE = "an action that ends on a pulse gives it or not by the last bit of the time"
TOLERANCES: Mapping[str, Tolerance] = MappingProxyType(
    {
        "time_s": Tolerance(absolute=1e-6, why=_FINE),
        "tip_mm": Tolerance(absolute=0.001, why=_FINE),
        "depth_mm": Tolerance(absolute=0.001, why=_FINE),
        "force_n": Tolerance(absolute=0.001, relative=0.001, why=_FINE),
        "pressure_kpa": Tolerance(absolute=0.001, relative=0.001, why=_FINE),
        "delivered_ml": Tolerance(absolute=0.0001, relative=0.0001, why=_FINE),
        "compartments_ml": Tolerance(
            absolute=0.001, relative=0.001, why="the iterative flow solver stops within its residual; 4e-14 was seen"
        ),
        "gone_ml": Tolerance(absolute=0.001, relative=0.001, why="as compartments_ml: what leaked out, and what blood took away"),
        "kvp": Tolerance(absolute=1.0, why=_DOSE),
        "mas": Tolerance(absolute=0.001, relative=0.1, why=_DOSE + ", which changes the charge by up to a tenth"),
        "kerma_mgy": Tolerance(absolute=0.1, relative=0.05, why=_DOSE + ", which costs the skin 3 % less; or one pulse"),
        "dap_gy_cm2": Tolerance(absolute=0.01, relative=0.05, why="as kerma_mgy"),
        "fluoro_s": Tolerance(absolute=0.5, why=_PULSE),
        "pulses": Tolerance(absolute=1.0, why=_PULSE),
    }
)
"""The one table of tolerances of a replay elsewhere. What `EXACT` names must agree exactly."""
EXACT = {
    "events": "the events",
    "injections": "the tissues, media and vessels that were injected into",
    "over": "how the attempt ended",
    "decided": "what was read, decided, prepared, advised, believed and answered",
}


def make_checkpoint(state: ProcedureState) -> Record:
    """Values of a state for the log, ready for JSON.

    Parameters
    ----------
    state : ProcedureState

    Returns
    -------
    dict
        Numbers, lists or mappings of numbers by the names of `TOLERANCES`, units in the names; the count and hash of what happened by those
        of `EXACT`.
    """
    needle, technique, dose = state.needle, state.room.technique, state.room.dose
    numbers: Record = {
        "time_s": state.time_s,
        "pressure_kpa": state.feel.pressure_kpa or 0.0,
        "delivered_ml": sum(total_ml(item.delivered_ml) for item in state.injections),
        "compartments_ml": _compartments_ml(state),
        "gone_ml": sum(float(spread.leaked_ml.sum() + spread.washed_out_ml.sum()) for spread in state.fluid.spreads),
        "kvp": technique.kvp,
        "mas": technique.ma * technique.pulse_ms / 1000,
        "kerma_mgy": dose.reference_kerma_mgy,
        "dap_gy_cm2": dose.dap_gy_cm2,
        "fluoro_s": dose.fluoro_s,
        "pulses": state.room.pulse,
    }
    if needle is not None:
        numbers |= {"tip_mm": needle.tip.tolist(), "depth_mm": needle.depth_mm, "force_n": needle.force_n}
    return {name: _round(value) for name, value in numbers.items()} | _hash_exact(state)


def find_disagreement(recorded: Mapping[str, Any], present: Mapping[str, Any]) -> str:
    """Name in words the first value that does not agree within its tolerance; empty where all do.

    Parameters
    ----------
    recorded, present : mapping
        From `make_checkpoint`; the recorded one as the log holds it, which may be anything that JSON can say.
    """
    for name, words in EXACT.items():
        if recorded.get(name) != present[name]:
            return f"{words} are not those that were recorded"
    for name, tolerance in TOLERANCES.items():
        then, now = _read_numbers(recorded.get(name)), _read_numbers(present.get(name))
        for key in (*now, *(key for key in then if key not in now)):
            if not tolerance.allows(then.get(key, 0.0), now.get(key, 0.0)):
                where = f"{name} {key}".strip()
                return f"{where} is {now.get(key, 0.0):.6g}, recorded was {then.get(key, 0.0):.6g} (tolerance {_describe(tolerance)})"
    return ""


def _describe(tolerance: Tolerance) -> str:
    return f"{tolerance.absolute:g}" + (f" or {100 * tolerance.relative:g} %" if tolerance.relative else "")


def _compartments_ml(state: ProcedureState) -> dict[str, float]:
    """Volume of all agents in each compartment that holds any, mL."""
    found: dict[str, float] = {}
    for spread in state.fluid.spreads:
        for place, volumes in by_compartment(spread).items():
            found[str(place)] = found.get(str(place), 0.0) + sum(volumes.values())
    return found


def _hash_exact(state: ProcedureState) -> Record:
    events = [(str(item.kind), item.text, item.hidden) for item in state.events]
    injections = [(int(item.tissue), item.medium, item.vessel) for item in state.injections]
    examined = [str(item) for item, _ in state.chart.examined]
    chart = to_plain(state.chart) | {"examined": examined}  # the times are held by `time_s`, to its tolerance
    decided = [chart, *(to_plain(belief.said) for belief in state.beliefs), *(answer[:2] for answer in state.answers)]
    return {
        "events": _count(events),
        "injections": _count(injections),
        "over": None if state.over is None else str(state.over),
        "decided": _count(decided),
    }


def _count(items: Iterable[object]) -> str:
    """How many there are, and a hash of what they say."""
    rows = list(items)
    return f"{len(rows)} {sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()[:HASHED]}"


def _round(value: Any) -> Any:  # noqa: ANN401, a number, a list or a mapping
    if isinstance(value, Mapping):
        return {name: _round(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_round(item) for item in value]
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")


def _read_numbers(value: object) -> dict[str, float]:
    """A recorded value as numbers by their place; what is no number counts as none."""
    if isinstance(value, Mapping):
        return {str(name): found for name, item in value.items() if (found := _read_number(item)) is not None}
    if isinstance(value, list):
        return {str(number): found for number, item in enumerate(value) if (found := _read_number(item)) is not None}
    found = _read_number(value)
    return {} if found is None else {"": found}


def _read_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if isfinite(value) else None
    except OverflowError:
        return None
