"""Plausible patients: drawn by seed, age, sex and body-mass index, with sizes that go together as they do in people.

One factor makes the whole skeleton large or small; what is left varies by dimension and runs smoothly from level to level; the
means, spreads and frequencies stand with their sources in ``phantoms/data``. What lies beyond three standard deviations, or beyond what
the rest of the patient allows, is drawn again, so that nobody is impossible and nobody refused. Each concern draws from a stream of its
own: with the same seed, another BMI changes the habitus and no bone, as `replace` of the BMI does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from phantoms.bones.alignment import lordosis_range_deg, wedge_discs
from phantoms.population.defaults import default_parameters, sacrum_of, scale_fields, vertebra_of
from phantoms.population.disc_wear import sample_discs
from phantoms.population.sampling import draw_along_spine, draw_possible, draw_until, normal, normal_within, pick, standard
from phantoms.terms.levels import Level, Side, SpinalPart
from phantoms.terms.number_kinds import is_whole
from phantoms.terms.parameters import PatientParameters, SacrumParameters, Scoliosis, Sex, VertebraParameters, ranges, read_ranged
from phantoms.terms.reference_tables import level_numbers, prevalence, read_spread
from phantoms.terms.regions import DEFAULT_REGION, Region, Table
from phantoms.terms.value_text import describe_value

LEVEL_RESIDUALS: Mapping[str, tuple[str, ...]] = {
    "body_width_residual": ("upper_width_mm", "lower_width_mm"),
    "body_depth_residual": ("upper_depth_mm", "lower_depth_mm"),
    "body_height_residual": ("anterior_height_mm", "posterior_height_mm"),
    "canal_depth_residual": ("canal_depth_mm",),
    "canal_width_residual": ("canal_width_mm",),
    "pedicle_width_residual": ("pedicle_width_mm",),
    "pedicle_height_residual": ("pedicle_height_mm",),
    "process_residual": ("spinous_length_mm", "spinous_height_mm", "transverse_width_mm"),
}
"""Which dimensions share a residual; the rows of ``population.csv`` give its size."""

AGES = (18.0, 95.0)  # of the adults who are drawn, years
LEAST_COBB_DEG = 11.0
APICES: Mapping[Level, float] = level_numbers(Table.TRAITS, "apex_share")


@dataclass(frozen=True, slots=True)
class Streams:
    """One generator for each concern."""

    who: np.random.Generator
    skeleton: np.random.Generator
    discs: np.random.Generator
    posture: np.random.Generator
    habitus: np.random.Generator
    neuraxis: np.random.Generator


def parameters_of(who: Mapping[str, Any]) -> PatientParameters:
    """Parameters of a patient described by few words: of the mean adult or, where a seed is named, drawn with it.

    Parameters
    ----------
    who : mapping
        Any of ``seed``, ``sex``, ``age_years`` and ``bmi`` (kg/m^2); what is left out is the mean adult's, or drawn.

    Raises
    ------
    TypeError, ValueError
        As `default_parameters` and `sample` do.

    Examples
    --------
    >>> parameters_of({"bmi": 31}).bmi, parameters_of({"seed": 7}) == sample(7)
    (31.0, True)
    """
    if "seed" in who:
        return sample(who["seed"], age=who.get("age_years"), sex=who.get("sex"), bmi=who.get("bmi"))
    return default_parameters(**{**who, "sex": Sex(who.get("sex", Sex.MALE))})


def sample(seed: int, *, age: float | None = None, sex: Sex | None = None, bmi: float | None = None) -> PatientParameters:
    """A plausible patient; equal arguments give an equal patient.

    Parameters
    ----------
    seed : int
        Not negative.
    age : float, optional
        Years; drawn as of adults who come for epidural injections where None.
    sex : Sex, optional
        Drawn evenly where None.
    bmi : float, optional
        kg/m^2; drawn where None.

    Returns
    -------
    PatientParameters

    Raises
    ------
    TypeError, ValueError
        Where the seed is not a whole number >= 0, or an argument lies outside its range.

    Examples
    --------
    >>> sample(7) == sample(7)
    True
    >>> thin, stout = sample(7, bmi=20), sample(7, bmi=40)
    >>> thin.vertebrae == stout.vertebrae, thin.skin_to_epidural_mm < stout.skin_to_epidural_mm
    (True, True)
    """
    if not is_whole(seed) or seed < 0:
        raise ValueError(f"seed must be a whole number >= 0, got {describe_value(seed)}")
    streams = Streams(*np.random.default_rng(int(seed)).spawn(6))
    drawn_sex, drawn_age, drawn_bmi = _draw_person(streams.who)
    return draw(
        streams,
        sex=drawn_sex if sex is None else Sex(sex),
        age_years=drawn_age if age is None else read_ranged(PatientParameters, "age_years", age),
        bmi=drawn_bmi if bmi is None else read_ranged(PatientParameters, "bmi", bmi),
        texture_seed=int(seed),
    )


def draw(
    streams: Streams, *, sex: Sex, age_years: float, bmi: float, texture_seed: int, region: Region = DEFAULT_REGION
) -> PatientParameters:
    """A patient of the given sex, age, BMI and region from generators handed in."""
    scale = normal(streams.skeleton, "global_scale")
    vertebrae = draw_possible(lambda: _draw_vertebrae(streams.skeleton, region, sex, scale))
    upright = PatientParameters(
        sex=sex,
        age_years=age_years,
        bmi=bmi,
        vertebrae=vertebrae,
        discs=draw_possible(lambda: sample_discs(streams.discs, region, sex, age_years, scale)),
        sacrum=draw_possible(lambda: _draw_sacrum(streams.skeleton, sex, scale)),
        scoliosis=_draw_scoliosis(streams.posture, sex, age_years),
        texture_seed=texture_seed,
    )
    posed = _set_posture(streams.posture, upright)
    return _set_neuraxis(streams.neuraxis, _set_habitus(streams.habitus, posed))


def _draw_person(rng: np.random.Generator) -> tuple[Sex, float, float]:
    sex = Sex.FEMALE if rng.random() < 0.5 else Sex.MALE
    age = normal_within(rng, "age_years", *AGES)
    bmi = read_spread("bmi")
    log_sd = np.sqrt(np.log1p((bmi.sd / bmi.mean) ** 2))
    drawn = bmi.mean * np.exp(log_sd * standard(rng) - log_sd**2 / 2)
    return sex, age, float(drawn)


def _draw_vertebrae(rng: np.random.Generator, region: Region, sex: Sex, scale: float) -> dict[Level, VertebraParameters]:
    deviates = {name: draw_along_spine(rng, len(region.vertebrae)) for name in (*LEVEL_RESIDUALS, "facet_angle_deg", "body_wedge_deg")}
    return {
        level: _draw_vertebra(level, sex, scale, {name: float(along[i]) for name, along in deviates.items()})
        for i, level in enumerate(region.vertebrae)
    }


def _draw_vertebra(level: Level, sex: Sex, scale: float, deviates: Mapping[str, float]) -> VertebraParameters:
    factors: dict[str, float] = {}
    for residual, names in LEVEL_RESIDUALS.items():
        thoracic = residual == "pedicle_width_residual" and level.part is SpinalPart.THORACIC
        sd = read_spread("thoracic_pedicle_width_residual" if thoracic else residual).sd
        factors |= dict.fromkeys(names, scale * (1 + sd * deviates[residual]))
    bone = scale_fields(vertebra_of(level, sex), factors)
    depth = (bone.upper_depth_mm + bone.lower_depth_mm) / 2
    lean = depth * float(np.tan(np.radians(read_spread("body_wedge_deg").sd * deviates["body_wedge_deg"]) / 2))
    turn = read_spread("facet_angle_deg").sd * deviates["facet_angle_deg"]
    return replace(
        bone,
        anterior_height_mm=bone.anterior_height_mm + lean,
        posterior_height_mm=bone.posterior_height_mm - lean,
        facet_angle_deg=bone.facet_angle_deg + turn,
    )


def _draw_sacrum(rng: np.random.Generator, sex: Sex, scale: float) -> SacrumParameters:
    size, canal = (1 + read_spread(name).sd * standard(rng) for name in ("sacrum_residual", "sacral_canal_residual"))
    names = ("length_mm", "width_mm", "s1_width_mm", "s1_depth_mm")
    bone = scale_fields(
        sacrum_of(sex), dict.fromkeys(names, scale * size) | dict.fromkeys(("s1_canal_depth_mm", "s1_canal_width_mm"), scale * canal)
    )
    return replace(
        bone,
        kyphosis_deg=normal(rng, "sacral_kyphosis_deg"),
        hiatus_length_mm=_draw_within(rng, SacrumParameters, "hiatus_length_mm"),
        hiatus_depth_mm=_draw_within(rng, SacrumParameters, "hiatus_depth_mm"),
        intercornual_mm=_draw_within(rng, SacrumParameters, "intercornual_mm"),
    )


def _draw_scoliosis(rng: np.random.Generator, sex: Sex, age_years: float) -> Scoliosis:
    """A curve in those who have one: mostly mild, more often in women, the apex turned by half to two thirds of the Cobb angle."""
    share = prevalence("scoliosis", age_years) * (1.2 if sex is Sex.FEMALE else 0.8)
    someone, cobb = rng.random() < share, float(min(LEAST_COBB_DEG + rng.exponential(6.0), 45.0))
    apex, convex = pick(rng, APICES), Side.LEFT if rng.random() < 0.6 else Side.RIGHT
    rotation = cobb * float(rng.uniform(0.5, 0.7))
    return Scoliosis(cobb_deg=cobb, apex=apex, convex=convex, axial_rotation_deg=rotation) if someone else Scoliosis()


def _set_posture(rng: np.random.Generator, params: PatientParameters) -> PatientParameters:
    """Lordosis as the discs allow it, and the slope of the sacrum that goes with it."""
    low, high = lordosis_range_deg(params)
    wanted = normal_within(rng, "lordosis_deg", max(low, 0.0), high)
    lordosis, slope, follow = read_spread("lordosis_deg"), read_spread("sacral_slope_deg"), read_spread("slope_per_lordosis").mean
    own_sd = np.sqrt(max(slope.sd**2 - (follow * lordosis.sd) ** 2, 0.0))
    least, most = ranges(SacrumParameters)["slope_deg"]
    slope_deg = draw_until(
        lambda: slope.mean + follow * (wanted - lordosis.mean) + float(own_sd) * standard(rng), lambda angle: least <= angle <= most
    )
    return replace(params, discs=wedge_discs(params, wanted), sacrum=replace(params.sacrum, slope_deg=slope_deg))


def _set_habitus(rng: np.random.Generator, params: PatientParameters) -> PatientParameters:
    """What is this patient's own of what BMI, sex and age make of a body."""
    spread_of_log = read_spread(f"cover_log_{params.sex}").sd
    return replace(
        params,
        cover_factor=float(np.exp(spread_of_log * standard(rng) - spread_of_log**2 / 2)),
        trunk_factor=normal(rng, "trunk_residual"),
        density_factor=normal(rng, "bone_density_residual"),
    )


def _set_neuraxis(rng: np.random.Generator, params: PatientParameters) -> PatientParameters:
    sac, conus = (_draw_within(rng, PatientParameters, name) for name in ("dural_sac_end", "conus_end"))
    return replace(params, dural_sac_end=sac, conus_end=conus)


def _draw_within(rng: np.random.Generator, record: type, name: str) -> float:
    """A quantity of ``population.csv`` within the range of the field of that name."""
    return normal_within(rng, name, *ranges(record)[name])
