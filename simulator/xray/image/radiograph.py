"""One call from line integrals to a frame: what the command line and a first look need."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.geometry.carm import CArm
from simulator.xray.image import modes
from simulator.xray.image.display import Display
from simulator.xray.image.pulse import expose
from simulator.xray.image.scene import Scene
from simulator.xray.physics import brightness
from simulator.xray.physics.collimator import Collimator
from simulator.xray.physics.detector import Panel
from simulator.xray.physics.dose import Dose, Operator, add_exposure
from simulator.xray.physics.technique import Technique

CONTROL_CELLS = 64


@dataclass(frozen=True, kw_only=True, eq=False, slots=True)
class Radiograph:
    """A single frame with its raw counts and its dose.

    Attributes
    ----------
    pixels : ndarray, shape (rows, columns)
        Grey levels, uint8, read-only.
    counts : ndarray, shape (rows, columns)
        Unprocessed counts, uint16, never flipped or turned.
    technique : Technique
        What was set, or what automatic brightness control chose.
    dose : Dose
        Of this one exposure.
    frame : Frame
        The frame as the modes know it.
    """

    pixels: NDArray[np.uint8]
    counts: NDArray[np.uint16]
    technique: Technique
    dose: Dose
    frame: modes.Frame

    def __repr__(self) -> str:
        rows, columns = self.pixels.shape
        beam = f"{self.technique.kvp:.1f} kV, {self.dose.reference_kerma_mgy:.3g} mGy"
        return f"<{type(self).__name__} {rows} x {columns}, {beam}>"


def render(
    scene: Scene,
    carm: CArm,
    *,
    technique: Technique | None = None,
    automatic: bool = True,
    kvp: float | None = None,
    collimator: Collimator | None = None,
    display: Display | None = None,
    panel: Panel | None = None,
    pulses: int = 8,
    seed: int = 0,
    index: int = 0,
    threads: int = 2,
) -> Radiograph:
    """Expose a scene once and develop it.

    Parameters
    ----------
    scene : Scene
        Line integrals on the C-arm's pixels.
    carm : CArm
        View.
    technique : Technique, optional
        Settings. With automatic brightness control only its rate, filter, grid, focal spot and dose level count.
    automatic : bool
        Let brightness control choose voltage, current and pulse length.
    kvp : float, optional
        Tube voltage set by hand, kV; automatic control then chooses current and pulse length only.
    collimator, display, panel : optional
        Leaves, monitor and detector; the default ones if left out.
    pulses : int
        Pulses averaged into the image, as last-image hold and digital spots do; each adds its dose. 1 is a live frame.
    seed, index : int
        The noise comes from ``default_rng([seed, index])``.
    threads : int
        1 or 2; the bits do not depend on it.

    Raises
    ------
    ValueError
        If the scene's shape is not the C-arm's.
    """
    scene.check_shape(carm.shape)
    collimator, technique = collimator or Collimator(), technique or Technique()
    if automatic:
        technique = brightness.control(scene.sample(CONTROL_CELLS), carm, technique, collimator, kvp=kvp)
    pulse = expose(scene, carm, technique, collimator, panel or Panel(), threads)
    carry, frame = modes.develop(
        modes.ImageMemory(), pulse, seed=seed, index=index, mode=modes.Mode.SINGLE, display=display, averaged=pulses, threads=threads
    )
    counts = modes.to_raw_counts(carry.reading, carm.pixel_mm) if carry.reading is not None else np.zeros(carm.shape, dtype=np.uint16)
    dose = add_exposure(Dose(), technique, carm, collimator, Operator(), pulses)
    return Radiograph(pixels=frame.pixels, counts=counts, technique=technique, dose=dose, frame=frame)
