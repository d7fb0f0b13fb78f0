"""Images of an attempt as files to take away: PNG, or DICOM XA, in one archive."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.formats.atomic import replace_atomically
from simulator.formats.dicom import Acquisition, make_xa_dataset
from simulator.formats.images import encode_png, read_png
from simulator.observation.album import Picture
from simulator.observation.pulses import shot_of
from simulator.observation.truth import Shot
from simulator.viewer.common.attempts import DICOM, PNG
from simulator.xray.image.modes import Mode
from simulator.xray.physics.dose import REFERENCE_POINT_MM, dose_area_product_gy_cm2, kerma_at_ugy
from simulator.xray.physics.technique import source_to_object_mm

Stored = dict[int, tuple[NDArray[np.uint8], str]]


def write(folder: Path, name: str, pictures: Sequence[Picture], shots: Sequence[Shot]) -> Path:
    """Write an archive of an attempt's images into its folder; returns its path.

    Parameters
    ----------
    folder : Path
        Of the attempt.
    name : str
        `PNG` or `DICOM`.
    pictures : sequence of Picture
        Those that were kept.
    shots : sequence of Shot
        All of the attempt.

    Raises
    ------
    ValueError
        If the name is another, or the folder cannot be written.
    """
    if name not in KINDS:
        raise ValueError(f"export: expected one of {', '.join(KINDS)}, got {name!r}")
    suffix, encode = KINDS[name]
    path = folder / name
    with (
        replace_atomically(path, "--attempts") as temporary,
        zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for picture, shot in _pair_with_shots(pictures, shots):
            archive.writestr(f"{picture.pulse:06d}.{suffix}", encode(picture, shot))
        archive.writestr("README.txt", "".join(f"{item.pulse:06d}: {item.time_s:.1f} s; {item.caption}\n" for item in pictures))
    return path


def read_stored(folder: Path) -> Stored | None:
    """Images of an attempt from the archive of PNG in its folder; None where there is none, or it is damaged."""
    try:
        with zipfile.ZipFile(folder / PNG) as archive:
            names = [name for name in archive.namelist() if name.endswith(".png")]
            return {int(name.removesuffix(".png")): read_png(archive.read(name)) for name in names}
    except (OSError, ValueError, zipfile.BadZipFile, zlib.error):
        return None


def restore_pictures(found: Stored, shots: Sequence[Shot]) -> tuple[Picture, ...]:
    """Stored images as pictures in order of time, of those pulses that an attempt's shots have.

    Parameters
    ----------
    found : mapping of int to (ndarray, str)
        Pixels and caption by number of the pulse.
    shots : sequence of Shot
        All of the attempt.
    """
    return tuple(
        Picture(caption=caption, time_s=shot.pulse_s(pulse), pulse=pulse, pixels=pixels)
        for pulse, (pixels, caption) in sorted(found.items())
        if (shot := shot_of(shots, pulse)) is not None
    )


def make_acquisition(shot: Shot, size: int) -> Acquisition:
    """Technique and dose of one image of a shot."""
    carm, technique = shot.pose.carm(size), shot.technique
    pulses = shot.pulses if shot.mode is Mode.SINGLE else 1
    kerma_mgy = kerma_at_ugy(technique, source_to_object_mm(carm) - REFERENCE_POINT_MM) / 1000
    return Acquisition(
        tube_kv=technique.kvp,
        tube_ma=technique.ma,
        pulse_ms=technique.pulse_ms,
        dap_gy_cm2=pulses * dose_area_product_gy_cm2(technique, carm, shot.collimator),
        entrance_mgy=pulses * kerma_mgy,
        sod_mm=shot.pose.sod_mm,
    )


def _pair_with_shots(pictures: Sequence[Picture], shots: Sequence[Shot]) -> Iterator[tuple[Picture, Shot]]:
    for picture in pictures:
        shot = shot_of(shots, picture.pulse)
        if shot is not None:
            yield picture, shot


def _encode_png(picture: Picture, _: Shot) -> bytes:
    return encode_png(picture.pixels, picture.caption)


def _encode_dicom(picture: Picture, shot: Shot) -> bytes:
    size = picture.pixels.shape[0]
    dataset = make_xa_dataset(picture.pixels, shot.pose.carm(size), make_acquisition(shot, size), picture.caption)
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


KINDS: dict[str, tuple[str, Callable[[Picture, Shot], bytes]]] = {PNG: ("png", _encode_png), DICOM: ("dcm", _encode_dicom)}
