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
        (do.MoveCArm(oblique_deg=-45.0, tilt_deg=0.0), "C-arm to right oblique 45\u00b0, tilt 0\u00b0"),
        (do.Collimate(), "open the leaves"),
        (do.Collimate(left_mm=60.0, right_mm=60.0, top_mm=60.0, bottom_mm=36.0), "collimate to 120 x 96 mm"),
        (do.Attach(what=Attachment.NOTHING), "take the syringe off"),
        (do.Attach(what=Attachment.LOR_SALINE), "attach LOR syringe with saline"),
        (do.MoveCArm(oblique_deg=90.0), "C-arm to left lateral 90\u00b0"),
        (do.AimNeedle(oblique_deg=12.0, tilt_deg=-8.0), "aim the needle: left oblique 12\u00b0, caudal 8\u00b0"),
        (do.Roll(angle_deg=-15.0), "roll 15\u00b0 anticlockwise"),
        (do.AimNeedle(), "aim the needle along the beam"),
        (do.Shoot(), "single shot"),
    ],
)
def test_phrases(action: do.Action, said: str) -> None:
    assert describe_action(action) == said
