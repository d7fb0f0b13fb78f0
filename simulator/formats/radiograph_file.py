"""A radiograph as a file of the kind that its name asks for."""

from pathlib import Path

from simulator.formats.images import write_png, write_tiff
from simulator.geometry.carm import CArm
from simulator.xray.image.radiograph import Radiograph

SUFFIXES = (".png", ".tif", ".tiff", ".dcm")


def write(path: Path, shot: Radiograph, carm: CArm, sod_mm: float, description: str) -> None:
    """Write PNG and DICOM XA as the monitor shows the frame (8 bit), TIFF as the panel counted it (16 bit).

    Parameters
    ----------
    path : Path
        Its suffix, one of `SUFFIXES`, says the kind.
    shot : Radiograph
        What was taken.
    carm : CArm
        From where.
    sod_mm : float
        Source to isocentre, mm.
    description : str
        Kept in the file.
    """
    suffix = path.suffix.lower()
    if suffix == ".png":
        write_png(path, shot.pixels, description)
    elif suffix in (".tif", ".tiff"):
        write_tiff(path, shot.counts, carm.pixel_mm, description)
    else:
        _write_dicom(path, shot, carm, sod_mm, description)


def _write_dicom(path: Path, shot: Radiograph, carm: CArm, sod_mm: float, description: str) -> None:
    from simulator.formats.dicom import Acquisition, write_xa

    acquisition = Acquisition(
        tube_kv=shot.technique.kvp,
        tube_ma=shot.technique.ma,
        pulse_ms=shot.technique.pulse_ms,
        dap_gy_cm2=shot.dose.dap_gy_cm2,
        entrance_mgy=shot.dose.reference_kerma_mgy,
        sod_mm=sod_mm,
    )
    write_xa(path, shot.pixels, carm, acquisition, description)
