"""A report as one self-contained HTML page: no script, no address, printable."""

import base64
from functools import cache
from importlib import resources
from io import BytesIO

import numpy as np
from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from phantoms.terms.number_text import format_count, format_share
from simulator.observation.album import Picture
from simulator.reporting.first_page import AXIS_WORDS, choose_pictures, group_losses, list_circumstances, spell_belief
from simulator.reporting.plots import as_svg
from simulator.reporting.report import NOTICE, Report, format_time
from simulator.scoring.percent import percent
from simulator.scoring.quantity_text import name_criterion, tell_points_of, tell_quantity
from simulator.scoring.score import Result
from simulator.scoring.sentences import tell_bounds
from simulator.scoring.verdict import explain_verdict, tell_verdict

BLACK, RIM = 2, 6  # grey level up to which a pixel is outside the field, and pixels left around the field
EVIDENCE_WORDS = {
    "A": "told experts from novices in trials",
    "B": "measured in studies",
    "C": "consensus or guideline",
    "D": "opinion, or taken from another system",
}


def as_page(report: Report) -> str:
    """Return a report as HTML.

    Parameters
    ----------
    report : Report
        What to tell.
    """
    addresses = {picture.pulse: data_address(picture.pixels) for picture in report.pictures}
    pointed = [pulse for result in report.score.losses if (pulse := _nearest(result, report.pictures)) is not None]
    return _load_template().render(
        report=report,
        brief="" if report.heading != report.title else report.brief,
        about=list(list_circumstances(report)),
        score=report.score,
        verdict=tell_verdict(report.score),
        explained=explain_verdict(report.score),
        notice=NOTICE,
        axes=[(AXIS_WORDS[axis], share) for axis, share in report.score.axes.items()],
        losses=list(group_losses(report.score)),
        pictures=[(picture, addresses[picture.pulse]) for picture in report.pictures],
        chosen=[(picture, addresses[picture.pulse]) for picture in choose_pictures(report.pictures, pointed)],
        nearest=lambda result: _nearest(result, report.pictures),
        shown={picture.pulse for picture in report.pictures},
        plots=[Markup(as_svg(plot)) for plot in report.plots],  # noqa: S704 - made by the plotting library from numbers and escaped words
        clock=format_time,
        percent=percent,
        share=format_share,
        count=format_count,
        name=name_criterion,
        tell=tell_quantity,
        bounds=tell_bounds,
        points_of=tell_points_of,
        spell=spell_belief,
        evidence=EVIDENCE_WORDS,
    )


def data_address(pixels: NDArray[np.uint8]) -> str:
    """A grey image as a PNG within the page.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns), uint8
        Grey levels.
    """
    file = BytesIO()
    Image.fromarray(crop_to_field(pixels)).save(file, format="PNG", optimize=False)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def crop_to_field(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image without the black outside the collimator's leaves, but for a narrow rim; the whole image where all is black.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns), uint8
        Grey levels.
    """
    lit = pixels > BLACK
    rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
    if len(rows) == 0:
        return pixels
    (top, bottom), (left, right) = ((max(0, place[0] - RIM), place[-1] + 1 + RIM) for place in (rows, columns))
    return np.ascontiguousarray(pixels[top:bottom, left:right])


def _nearest(result: Result, pictures: tuple[Picture, ...]) -> int | None:
    """Pulse of the picture that shows a lost point best: its own, or the last one before it happened."""
    measured = result.measured
    if measured is None or not pictures:
        return None
    if measured.pulse is not None and any(picture.pulse == measured.pulse for picture in pictures):
        return measured.pulse
    if measured.time_s is None:
        return None
    before = [picture.pulse for picture in pictures if picture.time_s <= measured.time_s]
    return before[-1] if before else None


@cache
def _load_template() -> Template:
    text = resources.files("simulator.reporting").joinpath("data/report.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(text)
