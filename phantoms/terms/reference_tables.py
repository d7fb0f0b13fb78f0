"""Published means, spreads and frequencies, from the tables that ship with the package (each row names its source)."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation of a quantity, in the unit that its name ends in."""

    mean: float
    sd: float


def rows(table: str) -> list[dict[str, str]]:
    """Rows of a CSV table in ``phantoms/data``, by column."""
    text = files("phantoms.data").joinpath(table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def spread(name: str) -> Spread:
    """Mean and spread of one quantity of ``population.csv``."""
    return _spreads()[name]


def prevalence(finding: str, age_years: float) -> float:
    """Share of adults of an age who have a finding (a column of ``prevalence.csv``), between its rows linearly."""
    ages, shares = _prevalences(finding)
    return float(np.interp(age_years, ages, shares))


@cache
def _spreads() -> dict[str, Spread]:
    return {row["name"]: Spread(float(row["mean"]), float(row["sd"])) for row in rows("population.csv")}


@cache
def _prevalences(finding: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    table = rows("prevalence.csv")
    return tuple(float(row["age_years"]) for row in table), tuple(float(row[finding]) for row in table)
