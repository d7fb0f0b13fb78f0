"""Who is in the beam: the default patient, a drawn one, one from a file, or imported meshes."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from phantoms.soft_tissue.texture import Texture
from phantoms.terms.landmarks import Landmarks
from phantoms.terms.surface import Surface
from phantoms.terms.tissues import MATERIAL, Material, Tissue
from simulator.cli.images.trunk_phantom import surround_with_trunk
from simulator.cli.terminal import get_console, show_step
from simulator.door.words import match_word
from simulator.geometry.clear_path import Field

if TYPE_CHECKING:
    from phantoms.io.imported_meshes import Sidecar
    from phantoms.terms.parameters import PatientParameters

BONE = "bone"
WHOLE_BONE_DENSITY = 0.65  # of a vertebra's cortex and marrow together, over cortical bone's: 1.25 / 1.92 g/cm3, recalled, unverified
TISSUE_OF = {MATERIAL[tissue]: tissue for tissue in reversed(Tissue)}
MATERIALS: dict[str, tuple[Tissue, float]] = {BONE: (Tissue.CORTICAL_BONE, WHOLE_BONE_DENSITY)} | {
    material.value: (TISSUE_OF[material], 1.0) for material in Material if material is not Material.AIR
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """What the command line says about the subject; `check` refuses what does not go together."""

    patient: Path | None = None
    seed: int | None = None
    age: float | None = None
    sex: str | None = None
    bmi: float | None = None
    mesh: tuple[Path, ...] = ()
    material: tuple[str, ...] = ()
    axes: str = "lps"
    sidecar: Path | None = None
    surround: str | None = None

    def __post_init__(self) -> None:
        given = [
            name for name, value in (("--patient", self.patient), ("--seed", self.seed), ("--mesh", self.mesh)) if value not in (None, ())
        ]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} exclude each other: choose one")
        for name in ("age", "sex", "bmi"):
            if getattr(self, name) is not None and (self.patient or self.mesh):
                raise ValueError(f"--{name} describes a default or drawn patient; it does not go with {given[0]}")
        self._check_meshes()

    def _check_meshes(self) -> None:
        words = {"--material": self.material, "--sidecar": self.sidecar, "--surround": self.surround}
        given = [name for name, value in words.items() if value not in (None, ())]
        if given and not self.mesh:
            raise ValueError(f"{given[0]} says what a --mesh is made of or lies in; give one")
        if self.material and self.sidecar:
            raise ValueError("--material and --sidecar exclude each other: the file says what each mesh is made of")
        if len({path.name for path in self.mesh}) < len(self.mesh):
            raise ValueError(f"--mesh: two files have the same name; each of {', '.join(str(path) for path in self.mesh)} needs its own")
        if len(self.material) > 1 and len(self.material) != len(self.mesh):
            raise ValueError(f"give one --material for all meshes or one each: {len(self.mesh)} meshes, {len(self.material)} materials")


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class ImagingSubject:
    """What can be put in the beam.

    Attributes
    ----------
    title : str
        For labels.
    surfaces : tuple of Surface
        Closed meshes in a tree.
    texture : Texture or None
        Blobs of density, where there are any.
    landmarks : Landmarks or None
        None for meshes, which no view can be squared to.
    tissue : callable or None
        Points, shape (n, 3), mm -> tissue labels, 0 outside the body.
    centre : ndarray, shape (3,)
        Where to aim without landmarks, mm.
    """

    title: str
    surfaces: tuple[Surface, ...]
    texture: Texture | None
    landmarks: Landmarks | None
    tissue: Field | None
    centre: NDArray[np.float64]


def build_subject(choice: Choice) -> ImagingSubject:
    """Build or read the subject that was chosen.

    Raises
    ------
    ValueError
        Where a file, a word or a mesh is not usable.
    """
    return _from_meshes(choice) if choice.mesh else _from_patient(choice)


def _from_patient(choice: Choice) -> ImagingSubject:
    from phantoms.io import cache
    from phantoms.patient import build

    parameters, title = _read_parameters(choice)
    if cache.FOLDER_VARIABLE in os.environ:  # asked for by name; the system's own folder may silently be out of reach
        cache.check_writable(cache.find_folder())
    patient = build(parameters)
    with show_step("building the patient's surfaces"):
        surfaces = tuple(patient.surfaces())
    return ImagingSubject(
        title=title,
        surfaces=surfaces,
        texture=patient.texture,
        landmarks=patient.landmarks,
        tissue=patient.tissue,
        centre=np.zeros(3),
    )


def _read_parameters(choice: Choice) -> "tuple[PatientParameters, str]":
    from phantoms.population.population import parameters_of
    from phantoms.terms.parameters import Sex

    if choice.patient:
        from phantoms.io.patient_file import read

        return read(choice.patient), choice.patient.stem
    sex = Sex(match_word(choice.sex, Sex, "--sex")) if choice.sex else None
    who = {"seed": choice.seed, "sex": sex, "age_years": choice.age, "bmi": choice.bmi}
    title = "default patient" if choice.seed is None else f"patient {choice.seed}"
    return parameters_of({name: value for name, value in who.items() if value is not None}), title


def _from_meshes(choice: Choice) -> ImagingSubject:
    from phantoms.io.imported_meshes import import_patient
    from simulator.formats.meshes import read_mesh

    sidecar = _read_sidecar(choice)
    around = MATERIALS[match_word(choice.surround, MATERIALS, "--surround")][0] if choice.surround else None
    meshes = {path.name: read_mesh(path) for path in choice.mesh}
    found = import_patient(meshes, sidecar)
    for name, report in found.reports.items():
        for repair in report:
            get_console().print(f"{name}: {repair}", markup=False)
    corners = np.concatenate([[surface.vertices.min(axis=0), surface.vertices.max(axis=0)] for surface in found.shells])
    return ImagingSubject(
        title=" + ".join(path.stem for path in choice.mesh),
        surfaces=found.shells if around is None else surround_with_trunk(found.shells, around),
        texture=None,
        landmarks=None,
        tissue=None,
        centre=(corners.min(axis=0) + corners.max(axis=0)) / 2,
    )


def _read_sidecar(choice: Choice) -> "Sidecar":
    """What the meshes are: from the file that says so, or from the words --material and --axes."""
    from phantoms.io.imported_meshes import AXES, MeshEntry, Sidecar, read_sidecar

    if choice.sidecar:
        return read_sidecar(choice.sidecar)
    words: Sequence[str] = choice.material or (BONE,)
    words = words if len(words) > 1 else [words[0]] * len(choice.mesh)
    made_of = [MATERIALS[match_word(word, MATERIALS, "--material")] for word in words]
    entries = {path.name: MeshEntry(tissue=tissue, density=density) for path, (tissue, density) in zip(choice.mesh, made_of, strict=True)}
    return Sidecar(axes=match_word(choice.axes, AXES, "--axes"), meshes=entries)
