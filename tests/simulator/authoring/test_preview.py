"""The preview is one page without addresses, with an image of every view and every criterion."""

import base64
import re
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from scenarios.errors import ScenarioError
from scenarios.loader import read
from simulator.authoring.ideal_needle_views import COURSE_COLOUR, TARGET_COLOUR
from simulator.authoring.preview import preview

CASE = "lumbar-interlaminar-l4-l5"
SIZE = 192


@pytest.fixture(scope="module")
def page() -> str:
    return preview(CASE, size=SIZE)


def images(page: str) -> list[np.ndarray]:
    found = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    return [np.asarray(Image.open(BytesIO(base64.b64decode(text)))) for text in found]


@pytest.mark.slow
def test_the_page_stands_alone(page: str) -> None:
    assert not re.search(r"https?://|<script|<link|src=\"(?!data:)", page)
    assert "never for guiding a real needle" in page


@pytest.mark.slow
def test_every_view_is_shown_twice_and_the_course_in_the_second(page: str) -> None:
    shown = images(page)
    assert len(shown) == 2 * len(read(CASE).views)
    for bare, planned in zip(shown[::2], shown[1::2], strict=True):
        assert bare.shape == planned.shape == (SIZE, SIZE, 3)
        for colour in (COURSE_COLOUR, TARGET_COLOUR):
            assert not (bare == colour).all(axis=2).any()
            assert (planned == colour).all(axis=2).sum() > 10


@pytest.mark.slow
def test_brief_and_criteria_are_on_the_page(page: str) -> None:
    scenario = read(CASE)
    assert scenario.title in page
    assert all(criterion.name in page for criterion in scenario.criteria)
    assert "Problems" not in page


def test_a_case_that_cannot_be_read_has_no_preview() -> None:
    with pytest.raises(ScenarioError, match="did you mean"):
        preview("lumbar-interlaminar-l4-l6")
