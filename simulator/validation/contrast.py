"""Spread of contrast in sampled patients against published epidurograms: one set of physical constants for every row."""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files

import numpy as np
from rich.table import Table

from phantoms.patient import Patient, build
from phantoms.population.population import sample
from phantoms.terms.levels import Level, Side
from phantoms.terms.regions import DEFAULT_REGION
from scenarios.names.agents import Agent
from simulator.contrast.agents import mix
from simulator.contrast.bounds import BOUNDS
from simulator.contrast.domain import Domain, build_domain
from simulator.contrast.epidurogram import reach, touches_laminar_margin, touches_spinolaminar_junction
from simulator.contrast.flow import Flow, solve_flow
from simulator.contrast.label_cache import LabelCache
from simulator.contrast.lattice import TissueField
from simulator.contrast.media import FluidSpace
from simulator.contrast.patient_variation import FluidVariation, draw_variation
from simulator.contrast.spread import Spread, empty, inject
from simulator.validation.approaches import caudal, interlaminar, transforaminal
from simulator.validation.intervals import Interval, mean_interval, wilson

Numbers = dict[str, float]

PATIENTS = 40
LEVEL = DEFAULT_REGION.usual
CONTRAST = mix({Agent.IOHEXOL_240: 1.0})
ASIDE_MM = 4.0  # of the midline: paramedian
FAR = replace(BOUNDS[FluidSpace.EPIDURAL], half_length_mm=90.0)  # nothing that is read here gets farther
FARTHER = replace(BOUNDS[FluidSpace.EPIDURAL], half_length_mm=125.0)  # a caudal injection climbs


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One published quantity: its name, how ours is drawn from a patient's numbers, and what was published.

    `level` is the one that contrast must reach, or from which levels are counted; None where the quantity is of another kind.
    """

    quantity: str
    key: str
    share: bool
    level: Level | None
    published: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """A row with our figure, its 95 % interval and the number of patients behind it."""

    row: Row
    ours: Interval
    patients: int


def _rows() -> Iterator[Row]:
    text = files("simulator.validation").joinpath("data/contrast_rows.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        level = Level(row["level"]) if row["level"] else None
        yield Row(
            quantity=row["quantity"],
            key=row["key"],
            share=row["share"] == "yes",
            level=level,
            published=row["published"],
            source=row["source"],
        )


ROWS: tuple[Row, ...] = tuple(_rows())
"""What was published (FACTS.md 3.3, 3.4, 5; numbers in brackets are its sources)."""


def measure(seed: int, tissue_of: Callable[[Patient], TissueField] = lambda patient: patient.tissue) -> Numbers:
    """Inject by every approach in one sampled patient; what `ROWS` asks for, by key.

    Parameters
    ----------
    seed : int
        Of the patient and of the patient's factors.
    tissue_of : callable
        The label field to use for a patient.
    """
    patient = build(sample(seed))
    tissue = tissue_of(patient)
    rng = np.random.default_rng([seed, 20])
    person, side, shelf = draw_variation(rng), Side.LEFT, LabelCache()
    return {
        **_interlaminar(patient, tissue, person, side, shelf),
        **_caudal(patient, tissue, person, shelf),
        **_transforaminal(patient, tissue, person, side, shelf),
    }


def compare(numbers: Sequence[Numbers]) -> tuple[Compared, ...]:
    """Every row over patients' numbers; rows that no patient has are left out."""
    found = []
    for row in ROWS:
        values = np.array([one[row.key] for one in numbers if row.key in one])
        if len(values):
            ours = wilson(int(values.sum()), len(values)) if row.share else mean_interval(values)
            found.append(Compared(row=row, ours=ours, patients=len(values)))
    return tuple(found)


def validate(patients: int = PATIENTS) -> tuple[Compared, ...]:
    """Compare with the literature over sampled patients of seeds 0 to `patients` - 1.

    Raises
    ------
    ValueError
        For fewer than 2 patients.
    """
    if patients < 2:
        raise ValueError(f"a comparison needs at least 2 patients, got {patients}")
    return compare([measure(seed) for seed in range(patients)])


def compare_lines(compared: Sequence[Compared]) -> list[tuple[str, str, str, str]]:
    """Rows of text for a table: quantity, ours with its interval, published, source."""
    return [(item.row.quantity, item.ours.text(percent=item.row.share), item.row.published, item.row.source) for item in compared]


def make_table(compared: Sequence[Compared]) -> Table:
    """The comparison as `rich` prints it, e.g. by ``rich.console.Console().print``."""
    patients = max((item.patients for item in compared), default=0)
    grid = Table(title=f"Contrast spread in {patients} sampled patients; the simulator's 95 % intervals in brackets")
    for heading in ("quantity", "simulated", "published", "source (FACTS.md)"):
        grid.add_column(heading)
    for row in compare_lines(compared):
        grid.add_row(*row)
    return grid


def _interlaminar(patient: Patient, tissue: TissueField, person: FluidVariation, side: Side, shelf: LabelCache) -> Numbers:
    tip = interlaminar(patient, LEVEL, side.sign * ASIDE_MM, tissue)
    cells = build_domain(tissue, tip, patient.anatomy.curve, individual=person, bounds=FAR, shelf=shelf)
    pressed = solve_flow(cells, tip)
    two = inject(empty(cells), pressed, CONTRAST, 0.3, 2 / 0.3)
    five = inject(two, pressed, CONTRAST, 0.3, 3 / 0.3)
    read = reach(five, tip, patient.landmarks)
    middle = interlaminar(patient, LEVEL, 0.0, tissue)
    midline = reach(inject(empty(cells), solve_flow(cells, middle), CONTRAST, 0.3, 2 / 0.3), middle, patient.landmarks)
    return {
        "il up": read.cephalad_levels,
        "il down": read.caudad_levels,
        "il dorsal": read.dorsal,
        "il ventral": read.ventral,
        "il unilateral": read.unilateral,
        "mid unilateral": midline.unilateral,
        "il clo": touches_laminar_margin(two, patient.landmarks, LEVEL, side),
        "il lateral": touches_spinolaminar_junction(two, patient.landmarks, LEVEL),
        "il kpa": 0.3 * pressed.tip_kpa_s_ml,
    }


def _caudal(patient: Patient, tissue: TissueField, person: FluidVariation, shelf: LabelCache) -> Numbers:
    tip = caudal(patient, tissue)
    cells = build_domain(tissue, tip, patient.anatomy.curve, individual=person, bounds=FARTHER, shelf=shelf)
    pressed = solve_flow(cells, tip)
    ten = inject(empty(cells), pressed, CONTRAST, 0.5, 10 / 0.5)
    twenty = reach(inject(ten, pressed, CONTRAST, 0.5, 10 / 0.5), tip, patient.landmarks)
    read, order = reach(ten, tip, patient.landmarks), patient.params.region.levels
    at = {row.key: order.index(row.level) for row in ROWS if row.level is not None}
    top, twenty_top = (order.index(one.top) if one.top else len(order) for one in (read, twenty))
    return {
        **{key: top <= at[key] for key in ("ca10 s1", "ca10 l5")},
        "ca10 dorsal": read.dorsal,
        "ca10 ventral": read.ventral,
        "ca20 l4": twenty_top <= at["ca20 l4"],
        "ca20 top": twenty_top - at["ca20 top"] + 1,
    }


def _transforaminal(patient: Patient, tissue: TissueField, person: FluidVariation, side: Side, shelf: LabelCache) -> Numbers:
    tip = transforaminal(patient, LEVEL, side, tissue)
    cells = build_domain(tissue, tip, patient.anatomy.curve, individual=person, bounds=FAR, shelf=shelf)
    pressed = solve_flow(cells, tip)
    found: Numbers = {}
    for volume_ml, spread in _grow_spread(cells, pressed, (0.2, 0.4, 0.6, 1.0, 1.2, 2.0)):
        read = reach(spread, tip, patient.landmarks)
        found |= {
            f"tf {volume_ml} up": read.cephalad_levels,
            f"tf {volume_ml} down": read.caudad_levels,
            f"tf {volume_ml} dorsal": read.dorsal,
            f"tf {volume_ml} ventral": read.ventral,
            f"tf {volume_ml} selective": max(read.cephalad_levels, read.caudad_levels) < 0.5,
        }
    return found


def _grow_spread(cells: Domain, pressed: Flow, volumes_ml: Sequence[float]) -> Iterator[tuple[float, Spread]]:
    spread, before = empty(cells), 0.0
    for volume_ml in volumes_ml:
        spread, before = inject(spread, pressed, CONTRAST, 0.2, (volume_ml - before) / 0.2), volume_ml
        yield volume_ml, spread
