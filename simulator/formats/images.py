"""Frames as picture files: 8-bit PNG, 16-bit TIFF, and a sequence as GIF."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

NOTICE = "Synthetic image by epifluoro. For education and research only, never for guiding a real needle."
COMMENT = "Description"
JPEG_QUALITY = 85  # quantum noise survives, a 512 x 512 frame takes 50 kB


def write_png(path: Path, frame: NDArray[np.uint8], comment: str = "") -> None:
    """Write an 8-bit grey PNG that says what it is, of grey levels of shape (rows, columns); arguments and errors as of `encode_png`."""
    path.write_bytes(encode_png(frame, comment))


def encode_png(frame: NDArray[np.uint8], comment: str = "") -> bytes:
    """An 8-bit grey PNG that says what it is.

    Parameters
    ----------
    frame : ndarray, shape (rows, columns)
        Display values, 0 to 255.
    comment : str
        Kept in the file beside the notice.

    Raises
    ------
    TypeError
        If the frame is not 8-bit.
    """
    if frame.dtype != np.uint8:
        raise TypeError(f"a PNG frame must be uint8, got {frame.dtype}")
    text = PngImagePlugin.PngInfo()
    text.add_text("Disclaimer", NOTICE)
    if comment:
        text.add_text(COMMENT, comment)
    file = BytesIO()
    Image.fromarray(frame).save(file, format="PNG", pnginfo=text)
    return file.getvalue()


def jpeg(frame: NDArray[np.uint8], quality: int = JPEG_QUALITY) -> bytes:
    """A grey image as JPEG.

    Parameters
    ----------
    frame : ndarray, shape (rows, columns), uint8
        Display values, 0 to 255.
    quality : int
        1 to 95.
    """
    file = BytesIO()
    Image.fromarray(frame).save(file, format="JPEG", quality=quality)
    return file.getvalue()


def read_png(data: bytes) -> tuple[NDArray[np.uint8], str]:
    """A grey PNG that `encode_png` gave: display values, shape (rows, columns), 0 to 255, and the comment.

    Raises
    ------
    ValueError
        If it is none.
    """
    try:
        with Image.open(BytesIO(data), formats=["PNG"]) as found:
            if found.mode != "L":
                raise ValueError(f"expected a grey PNG of 8 bits, got one of mode {found.mode}")
            return np.asarray(found), str(found.info.get(COMMENT, ""))
    except (OSError, SyntaxError) as error:
        raise ValueError(f"expected a PNG: {error}") from error


def write_tiff(path: Path, frame: NDArray[np.uint16], pixel_mm: float, comment: str = "") -> None:
    """Write a 16-bit grey TIFF with its pixel pitch on the detector as resolution.

    Parameters
    ----------
    path : Path
        File to write.
    frame : ndarray, shape (rows, columns)
        The panel's counts, 0 to 65535.
    pixel_mm : float
        Pitch, mm.
    comment : str
        Kept in the file beside the notice.

    Raises
    ------
    TypeError
        If the frame is not 16-bit.
    """
    import tifffile  # only here: it is slow to import

    if frame.dtype != np.uint16:
        raise TypeError(f"a TIFF frame must be uint16, got {frame.dtype}")
    per_cm = 10.0 / pixel_mm
    description = f"{NOTICE} {comment}".strip()
    tifffile.imwrite(
        path,
        frame,
        photometric="minisblack",
        resolution=(per_cm, per_cm),
        resolutionunit="CENTIMETER",
        description=description,
        software="epifluoro",
        metadata=None,
    )


def write_gif(path: Path, frames: Sequence[NDArray[np.uint8]], frame_s: float) -> None:
    """Write frames as an endless GIF.

    Parameters
    ----------
    path : Path
        File to write.
    frames : sequence of ndarray, shape (rows, columns)
        Display values, 0 to 255.
    frame_s : float
        Time that each frame stands, s; the format rounds it to 10 ms.

    Raises
    ------
    ValueError
        If there is no frame.
    """
    if not frames:
        raise ValueError("a GIF needs at least one frame, got none")
    first, *rest = (Image.fromarray(frame) for frame in frames)
    first.save(path, format="GIF", save_all=True, append_images=rest, duration=round(frame_s * 1000), loop=0, comment=NOTICE.encode())
