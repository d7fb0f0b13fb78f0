"""A patient: parameters, and (built when first asked) tissue field, landmarks, surfaces and texture."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from phantoms.field.compartments import TissueCompartment, as_points, label
from phantoms.field.local_field import COARSEST_MM, LocalField, prepare_local_field
from phantoms.io import cache
from phantoms.io.paths import as_path
from phantoms.soft_tissue.assembly import all_roots, build_compartments
from phantoms.soft_tissue.interspaces import find_landmarks
from phantoms.soft_tissue.nerve_roots import Root
from phantoms.soft_tissue.soft_tissue_frame import Anatomy, measure_anatomy
from phantoms.soft_tissue.texture import Texture, make_texture
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.levels import Level
from phantoms.terms.parameters import PatientParameters, read_sex
from phantoms.terms.surface import Surface
from phantoms.terms.value_text import describe_value
from phantoms.threads import limit_blas


@dataclass(frozen=True, kw_only=True, eq=False)
class Patient:
    """A patient in the world frame; everything but the parameters is built when first asked for.

    Attributes
    ----------
    params : PatientParameters
        Everything of which the patient is built; `mean`, `sample` and `read` make them.

    Examples
    --------
    >>> patient = Patient.sample(seed=7, bmi=34)
    >>> str(patient.params.sex), patient.params.bmi
    ('male', 34.0)
    >>> patient.tissue([[0, 0, 0], [0, 500, 0]]).tolist()  # the middle of the L3 body, and air behind the back
    [41, 0]
    """

    params: PatientParameters

    def __post_init__(self) -> None:
        if not isinstance(self.params, PatientParameters):
            found = describe_value(self.params)
            raise TypeError(f"Patient.params: expected PatientParameters, got {found}; Patient.mean, sample and read make a patient")

    def __repr__(self) -> str:
        return f"<Patient {self.params.describe()}>"

    @classmethod
    def mean(cls, *, sex: str = "male", age: float = 45.0, bmi: float = 26.6) -> "Patient":
        """Return the mean adult of one sex, age and body-mass index, without deformity or disease.

        Parameters
        ----------
        sex : str
            "female" or "male".
        age : float
            Years.
        bmi : float
            Body-mass index, kg/m2.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of its kind, or outside its range.

        Examples
        --------
        >>> Patient.mean(sex="female", bmi=30).params.bmi
        30.0
        """
        from phantoms.population.defaults import default_parameters

        return cls(params=default_parameters(read_sex(sex), age_years=age, bmi=bmi))

    @classmethod
    def sample(cls, seed: int, *, age: float | None = None, sex: str | None = None, bmi: float | None = None) -> "Patient":
        """Draw a plausible patient from the population; equal arguments give an equal patient.

        Parameters
        ----------
        seed : int
            A whole number from 0.
        age : float, optional
            Years; drawn if left out.
        sex : str, optional
            "female" or "male"; drawn if left out.
        bmi : float, optional
            Body-mass index, kg/m2; drawn if left out.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of its kind, or outside its range.

        Examples
        --------
        >>> thin, stout = Patient.sample(7, bmi=20), Patient.sample(7, bmi=40)
        >>> thin.params.skin_to_epidural_mm < stout.params.skin_to_epidural_mm
        True
        """
        from phantoms.population.population import sample

        return cls(params=sample(seed, age=age, sex=None if sex is None else read_sex(sex), bmi=bmi))

    @classmethod
    def read(cls, path: str | Path) -> "Patient":
        """Read a patient from a YAML file (`phantoms.io.patient_file`).

        Parameters
        ----------
        path : str or Path
            Of the file.

        Raises
        ------
        TypeError
            If it is no path.
        ValueError
            If the file is missing, is no YAML mapping, or has an unknown key or an impossible value: names the file and the key.

        Examples
        --------
        >>> Patient.read("missing.yaml")
        Traceback (most recent call last):
        ...
        ValueError: missing.yaml: cannot be read (No such file or directory)
        """
        from phantoms.io.patient_file import read

        return cls(params=read(as_path(path)))

    @cached_property
    @limit_blas()
    def anatomy(self) -> Anatomy:
        """Posed skeleton and canal."""
        return measure_anatomy(self.params)

    @cached_property
    @limit_blas()
    def roots(self) -> tuple[Root, ...]:
        """Nerve roots T11 to S2, both sides."""
        return all_roots(self.anatomy)

    @cached_property
    @limit_blas()
    def compartments(self) -> TissueCompartment:
        """Tree of compartments, outermost the skin."""
        return build_compartments(self.anatomy, self.roots)

    @cached_property
    @limit_blas()
    def landmarks(self) -> Landmarks:
        """Named points, planes and curves of every level."""
        return find_landmarks(self.anatomy, self.roots, self.compartments.shape)

    @cached_property
    @limit_blas()
    def texture(self) -> Texture:
        """Trabecular pattern and bowel contents too fine for a surface."""
        return make_texture(self.compartments, self.params.texture_seed)

    @limit_blas()
    def tissue(self, points: ArrayLike) -> NDArray[np.uint8]:
        """Tissue at points.

        Parameters
        ----------
        points : array_like, shape (n, 3)
            World frame, mm.

        Returns
        -------
        ndarray, shape (n,), uint8
            Values of `Tissue`; air outside the skin.

        Raises
        ------
        ValueError
            Where the points are not finite or not of shape (n, 3).
        """
        return label(self.compartments, as_points(points))

    @limit_blas()
    def near(self, box: ArrayLike, cell_mm: float = COARSEST_MM) -> LocalField:
        """The tissue field inside a box, prepared for many questions there: a needle's steps, a block of contrast.

        Parameters
        ----------
        box : array_like, shape (2, 3)
            Lower and upper corner, world frame, mm.
        cell_mm : float
            Side of the cells that are decided beforehand, at most 2 mm. A slim box around a needle's way deserves 0.5 mm: then hardly any
            of its points needs a shape.

        Returns
        -------
        LocalField
            Its `tissue` gives the same labels as the patient's at points inside the box; its `depths` the distance from a tissue.

        Raises
        ------
        ValueError
            Where the box is not a finite lower and upper corner, or has more than 200,000 cells (116 mm cubed at 2 mm).
        """
        return prepare_local_field(self.compartments, box, cell_mm)

    def surfaces(self, levels: Iterable[Level] | None = None) -> tuple[Surface, ...]:
        """Closed surfaces of the compartments that an X-ray tells apart, built or read from the cache.

        Parameters
        ----------
        levels : iterable of Level, optional
            A case's levels: their bones, discs, ligaments and roots are built with those of the level above and below, and what runs
            all along (canal, trunk). By default everything.

        Returns
        -------
        tuple of Surface
            Parents before children do not matter: each names its parent. Equal parameters give equal bits.
        """
        chosen = None if levels is None else tuple(sorted(Level(level) for level in set(levels)))
        name = cache.make_key(self.params, "surfaces", "all" if chosen is None else [str(level) for level in chosen])
        return cache.load_surfaces(name, lambda: self._build_surfaces(chosen))

    def _build_surfaces(self, levels: tuple[Level, ...] | None) -> tuple[Surface, ...]:
        # Here, so that tissue and landmarks need neither marching cubes nor decimation.
        from phantoms.surfaces import mesh_surfaces, plan_jobs
        from phantoms.worker import run_worker

        with run_worker(self.params, levels) as beside, limit_blas():
            return mesh_surfaces(plan_jobs(self.compartments, levels), beside)


def build(params: PatientParameters) -> Patient:
    """A patient of given parameters; nothing is computed until it is asked for."""
    return Patient(params=params)
