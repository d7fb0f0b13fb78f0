"""How one patient's tissues differ from the table's: factors, drawn once by whoever makes the case."""

from dataclasses import dataclass

import numpy as np

from simulator.geometry.validate import as_between, as_positive

FORCE_SD, FLAVUM_SD, PRESSURE_SD = 0.15, 0.20, 0.10  # of the logarithm; the ranges of FACTS.md 4.2: recalled, unverified
MUSCLE_SD = 0.22  # of the logarithm of muscle's pressure over a ligament's: FACTS.md 4.2 gives 15-30 and 35-60 kPa, each taken as 2 SD wide
STIFFER_PER_YEAR = 0.004  # of the flavum from 40 years on (FACTS.md 4.2 [65] for the sign; the size recalled, unverified)
LOOSER_PER_YEAR = 0.004  # of muscle from 40 years on: the multifidus turns to fat with age (recalled, unverified, and so is the size)
BMI, BMI_PEAK_MMHG = (21.5, 30.0, 40.0, 48.0), (461.0, 430.0, 415.0, 376.0)  # peak by body mass index (FACTS.md 4.1 [152])
TABLE_MMHG = 450.0  # the table's 60 kPa


@dataclass(frozen=True, kw_only=True, slots=True)
class Individual:
    """Factors on the table of layers.

    Attributes
    ----------
    force_factor : float
        On every tissue's tip force and friction.
    flavum_factor : float
        On the ligamentum flavum's tip force besides.
    pressure_factor : float
        On every loss-of-resistance pressure.
    muscle_factor : float
        On that of muscle besides: where it is low, a needle that strays from the ligament into muscle loses its resistance falsely.

    Raises
    ------
    ValueError
        If a factor is not above 0.
    """

    force_factor: float = 1.0
    flavum_factor: float = 1.0
    pressure_factor: float = 1.0
    muscle_factor: float = 1.0

    def __post_init__(self) -> None:
        for name in ("force_factor", "flavum_factor", "pressure_factor", "muscle_factor"):
            as_positive(getattr(self, name), f"Individual.{name}")


TYPICAL = Individual()


def mean_individual(*, age_years: float, bmi: float) -> Individual:
    """Return the mean individual of an age and body mass index.

    Parameters
    ----------
    age_years : float
        Stiffens the ligamentum flavum and loosens muscle from 40 years on.
    bmi : float
        Body mass index, kg/m2; the peak pressure falls with it.

    Raises
    ------
    ValueError
        If the age is not from 0 to 120 or the body mass index not from 10 to 80.

    Examples
    --------
    >>> mean_individual(age_years=30, bmi=48).pressure_factor < mean_individual(age_years=30, bmi=22).pressure_factor
    True
    """
    older = max(as_between(age_years, 0, 120, "age_years") - 40.0, 0.0)
    peak_mmhg = float(np.interp(as_between(bmi, 10, 80, "bmi"), BMI, BMI_PEAK_MMHG))
    return Individual(
        flavum_factor=1.0 + STIFFER_PER_YEAR * older,
        pressure_factor=peak_mmhg / TABLE_MMHG,
        muscle_factor=1.0 - LOOSER_PER_YEAR * older,
    )


def draw(rng: np.random.Generator, *, age_years: float, bmi: float) -> Individual:
    """Draw an individual of an age and body mass index: lognormal about `mean_individual`.

    Parameters
    ----------
    rng : numpy.random.Generator
        Four numbers are drawn from it.
    age_years, bmi : float
        As for `mean_individual`.

    Raises
    ------
    ValueError
        As for `mean_individual`.
    """
    mean = mean_individual(age_years=age_years, bmi=bmi)
    force, flavum, pressure, muscle = np.exp(rng.standard_normal(4) * (FORCE_SD, FLAVUM_SD, PRESSURE_SD, MUSCLE_SD))
    return Individual(
        force_factor=float(force),
        flavum_factor=mean.flavum_factor * float(flavum),
        pressure_factor=mean.pressure_factor * float(pressure),
        muscle_factor=mean.muscle_factor * float(muscle),
    )
