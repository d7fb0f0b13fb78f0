"""A case on one self-contained HTML page: brief, record, views with the ideal needle, plan, teaching, criteria, and what lint says."""

import base64
from functools import cache
from importlib import resources
from io import BytesIO
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined, Template
from numpy.typing import NDArray
from PIL import Image

from phantoms.terms.number_text import format_number
from scenarios.loader import read
from scenarios.names.enums import Axis, ReviewItem
from scenarios.schema.base_model import join_lines
from scenarios.schema.scenario import NOTICE, Scenario
from scenarios.scored_criteria import list_criteria
from simulator.authoring.ideal_needle_views import ViewPicture, render_views, target_of
from simulator.authoring.lint import lint
from simulator.scoring.sentences import tell_bounds

SIZE = 448


def preview(name: str | Path, *, size: int = SIZE) -> str:
    """HTML page of a case.

    Parameters
    ----------
    name : str or Path
        As `scenarios.loader.locate` takes it.
    size : int
        Pixels each way of an image.

    Raises
    ------
    ScenarioError
        Where the case cannot be read; what only lint finds stands on the page.
    ValueError
        Where its patient cannot be shown in its views.
    """
    scenario = read(name)
    if scenario.subject.mesh:
        raise ValueError(f"{scenario.id}: a patient of meshes has no landmarks to preview by; use epifluoro sheet --mesh")
    shown = list(render_views(scenario, size=size))
    course = target_of(scenario).course
    return _load_template().render(
        case=scenario,
        notice=NOTICE,
        words=join_lines,
        bounds=tell_bounds,
        number=format_number,
        record=[(str(item), scenario.record.read(item).splitlines()) for item in ReviewItem],
        pictures=[(picture, data_address(picture.plain), data_address(picture.planned)) for picture in shown],
        reach=_reach(scenario, course.depth_mm, shown),
        axes=[(axis, [item for item in list_criteria(scenario) if item.axis is axis]) for axis in Axis],
        problems=lint(name),
    )


def data_address(pixels: NDArray[np.uint8]) -> str:
    """An image, shape (rows, columns, 3), as a PNG within the page."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, format="PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")


def _reach(scenario: Scenario, depth_mm: float, shown: list[ViewPicture]) -> list[tuple[str, str]]:
    """The plan in words, for the table beside the images."""
    needle = next((item for item in scenario.equipment.needles if item.length_mm > depth_mm + 5), scenario.equipment.needles[-1])
    return [
        ("Approach", f"{scenario.task.approach}, {scenario.task.interspace}, {scenario.task.side}"),
        ("Root", str(scenario.task.root)),
        ("Depth of the target from the skin", f"{depth_mm:.0f} mm along the needle"),
        ("First needle on the tray that reaches", f"{needle.bevel} {needle.gauge} G, {needle.length_mm:g} mm"),
        ("Views", ", ".join(picture.view for picture in shown)),
        ("Target", f"ideal within {scenario.target.ideal_mm:g} mm, acceptable within {scenario.target.acceptable_mm:g} mm"),
    ]


@cache
def _load_template() -> Template:
    text = resources.files("simulator.authoring").joinpath("data/preview.html").read_text(encoding="utf-8")
    return Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(text)
