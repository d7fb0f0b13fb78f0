"""Published means, spreads and frequencies, from the tables that ship with the package (each row names its source)."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np

from phantoms.terms.levels import Level
from phantoms.terms.regions import REGIONS, Table


@dataclass(frozen=True, slots=True)
class MeanAndSd:
    """Mean and standard deviation of a quantity, in the unit that its name ends in."""

    mean: float
    sd: float


def read_rows(table: str) -> list[dict[str, str]]:
    """Rows of a CSV table in ``phantoms/data``, by column; lines that begin with ``#`` are comments."""
    return list(csv.DictReader(line for line in _text(table).splitlines() if not line.startswith("#")))


@cache
def level_rows(table: Table) -> Mapping[Level, Mapping[str, str]]:
    """Rows of a table by level, from the CSV files of all regions; levels in the order of the files."""
    found = (row for file in _files(table) for row in read_rows(file))
    return MappingProxyType({Level(row["level"]): row for row in found})


@cache
def level_entries(table: Table) -> Mapping[Level, Mapping[str, Any]]:
    """Entries of a table by level, from the JSON files of all regions; keys that are no level (``source``) are left out."""
    found = (json.loads(_text(file)) for file in _files(table))
    return MappingProxyType({Level(key): entry for one in found for key, entry in one.items() if key in list(Level)})


def level_numbers(table: Table, column: str) -> Mapping[Level, float]:
    """One column of a table by level, for the levels at which it is not empty."""
    return MappingProxyType({level: float(row[column]) for level, row in level_rows(table).items() if row[column]})


def read_spread(name: str) -> MeanAndSd:
    """Mean and spread of one quantity of ``population.csv``."""
    return _spreads()[name]


def prevalence(finding: str, age_years: float) -> float:
    """Share of adults of an age who have a finding (a column of ``prevalence.csv``), between its rows linearly."""
    ages, shares = _prevalences(finding)
    return float(np.interp(age_years, ages, shares))


@cache
def _spreads() -> dict[str, MeanAndSd]:
    return {row["name"]: MeanAndSd(float(row["mean"]), float(row["sd"])) for row in read_rows("population.csv")}


@cache
def _prevalences(finding: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    table = read_rows("prevalence.csv")
    return tuple(float(row["age_years"]) for row in table), tuple(float(row[finding]) for row in table)


def _files(table: Table) -> tuple[str, ...]:
    """Names of the files that hold a table, each once."""
    return tuple(dict.fromkeys(region.tables[table] for region in REGIONS.values() if table in region.tables))


def _text(file: str) -> str:
    return files("phantoms.data").joinpath(file).read_text(encoding="utf-8")
