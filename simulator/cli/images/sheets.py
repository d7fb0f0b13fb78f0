"""A labelled contact sheet of frames."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from simulator.cli.terminal import NOTICE

COLUMNS = 4
MARGIN = 6
LABEL_HEIGHT = 34
BACKGROUND, BRIGHT, DIM = 18, 235, 150


def lay_out_sheet(frames: Sequence[NDArray[np.uint8]], labels: Sequence[tuple[str, str]], title: str) -> NDArray[np.uint8]:
    """Lay frames out in rows of four, each over two lines of text, under a title and over the notice.

    Parameters
    ----------
    frames : sequence of ndarray, shape (rows, columns)
        Display values, all of one shape.
    labels : sequence of (str, str)
        Name and detail of each.
    title : str
        Line above.
    """
    rows, columns = frames[0].shape
    across, down = min(COLUMNS, len(frames)), -(-len(frames) // COLUMNS)
    cell = (columns + MARGIN, rows + LABEL_HEIGHT + MARGIN)
    sheet = Image.new("L", (across * cell[0] + MARGIN, down * cell[1] + 2 * LABEL_HEIGHT), BACKGROUND)
    draw = ImageDraw.Draw(sheet)
    draw.text((MARGIN, 8), title, fill=BRIGHT, font=ImageFont.load_default(17))
    for number, (frame, label) in enumerate(zip(frames, labels, strict=True)):
        corner = (MARGIN + number % COLUMNS * cell[0], LABEL_HEIGHT + number // COLUMNS * cell[1])
        sheet.paste(Image.fromarray(frame), corner)
        _draw_label(draw, (corner[0] + 2, corner[1] + rows + 2), label)
    draw.text((MARGIN, sheet.height - LABEL_HEIGHT + 6), NOTICE, fill=DIM, font=ImageFont.load_default(14))
    return np.asarray(sheet, dtype=np.uint8)


def _draw_label(draw: ImageDraw.ImageDraw, corner: tuple[int, int], label: tuple[str, str]) -> None:
    draw.text(corner, label[0], fill=BRIGHT, font=ImageFont.load_default(14))
    draw.text((corner[0], corner[1] + 16), label[1], fill=DIM, font=ImageFont.load_default(12))
