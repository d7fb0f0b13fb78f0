"""What was done is told as a clinician says it."""

import pytest

from scenarios.names.enums import Attachment, Posture, ReviewItem
from simulator.procedure.actions import actions as do
from simulator.reporting.action_text import describe_action


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (do.Review(item=ReviewItem.HISTORY), "read history"),
        (do.Position(posture=Posture.PRONE_PILLOW), "position: prone pillow"),
        (do.MoveTable(cranial_mm=-77.064), "centre 77 mm caudally"),
        (do.MoveTable(left_mm=12.0, dorsal_mm=35.0), "centre 12 mm left, 35 mm dorsally"),
        (do.MoveCArm(oblique_deg=-45.0, tilt_deg=0.0), "C-arm to oblique -45\u00b0, tilt 0\u00b0"),
        (do.Collimate(), "open the leaves"),
        (do.Collimate(left_mm=60.0, right_mm=60.0, top_mm=60.0, bottom_mm=36.0), "collimate to 120 x 96 mm"),
        (do.Attach(what=Attachment.NOTHING), "take the syringe off"),
        (do.Attach(what=Attachment.LOR_SALINE), "attach LOR syringe with saline"),
        (do.AimNeedle(), "aim the needle along the beam"),
        (do.Shoot(), "single shot"),
    ],
)
def test_phrases(action: do.Action, said: str) -> None:
    assert describe_action(action) == said
