"""What is on the hub: what goes in comes out, in its order."""

import pytest

from scenarios.names.agents import Agent
from scenarios.names.enums import Attachment
from simulator.procedure.actions.actions import Attach
from simulator.procedure.state.syringe import TUBING_ML, Tray, Volumes, attach, push_in_steps, push_plunger, total_ml

OPEN = Tray(stylet=False)
ALLOWED = tuple(Agent)


def syringe(*contents: tuple[Agent, float], tubing: bool = False, primed: bool = True) -> Tray:
    return attach(OPEN, Attach(what=Attachment.SYRINGE, contents_ml=contents, tubing=tubing, primed=primed), ALLOWED)


def held_ml(tray: Tray) -> float:
    return tray.left_ml + sum(total_ml(plug) for plug in tray.tubing_ml or ())


def volume(volumes: Volumes, agent: Agent) -> float:
    return dict(volumes).get(agent, 0.0)


def test_what_leaves_the_syringe_comes_out_at_the_hub() -> None:
    tray, out = syringe((Agent.SALINE, 2.0), (Agent.DEXAMETHASONE, 1.0)), ()
    for part_ml in (0.4, 1.1, 1.5):
        before = held_ml(tray)
        tray, out = push_plunger(tray, part_ml)
        assert total_ml(out) == pytest.approx(part_ml)
        assert before - held_ml(tray) == pytest.approx(part_ml)
        assert volume(out, Agent.SALINE) == pytest.approx(2 * volume(out, Agent.DEXAMETHASONE))
    assert tray.left_ml == pytest.approx(0.0, abs=1e-12)


def test_the_air_of_unprimed_tubing_goes_in_first() -> None:
    tray = syringe((Agent.SALINE, 3.0), tubing=True, primed=False)
    tray, first = push_plunger(tray, TUBING_ML)
    _, then = push_plunger(tray, 0.5)
    assert first == ((Agent.AIR, pytest.approx(TUBING_ML)),)
    assert then == ((Agent.SALINE, pytest.approx(0.5)),)


def test_a_push_in_steps_is_the_pushes_one_after_the_other() -> None:
    tray = syringe((Agent.SALINE, 2.0), (Agent.DEXAMETHASONE, 1.0), tubing=True, primed=False)
    last, parts, out = push_in_steps(tray, 1.5, 3)
    expected = tray
    for part in parts:
        expected, alone = push_plunger(expected, 0.5)
        assert part == alone
    assert (last, len(parts)) == (expected, 3)
    assert total_ml(out) == pytest.approx(1.5)
    assert held_ml(tray) - held_ml(last) == pytest.approx(total_ml(out))
    with pytest.raises(ValueError, match=r"inject\.volume_ml: the syringe holds"):
        push_in_steps(tray, 30.0, 3)


def test_priming_takes_from_the_syringe_and_leaves_no_air() -> None:
    tray = syringe((Agent.IOHEXOL_240, 3.0), tubing=True)
    assert tray.left_ml == pytest.approx(3.0 - TUBING_ML)
    _, out = push_plunger(tray, tray.left_ml)
    assert volume(out, Agent.AIR) == 0


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (Attach(what=Attachment.SYRINGE), "holds more than 0"),
        (Attach(what=Attachment.SYRINGE, contents_ml=((Agent.SALINE, -1.0),)), "got -1"),
        (Attach(what=Attachment.SYRINGE, contents_ml=((Agent.SALINE, 15.0), (Agent.AIR, 15.0))), "at most 20 mL, got 30"),
        (Attach(what=Attachment.SYRINGE, contents_ml=((Agent.SALINE, 0.5),), tubing=True), "priming the tubing takes"),
        (Attach(what=Attachment.LOR_AIR, contents_ml=((Agent.AIR, 5.0),)), "leave contents_ml and tubing out"),
    ],
)
def test_what_no_syringe_can_hold_is_refused(action: Attach, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        attach(OPEN, action, ALLOWED)


def test_what_is_not_on_the_tray_and_a_stylet_in_the_way_are_named() -> None:
    gadolinium = Attach(what=Attachment.SYRINGE, contents_ml=((Agent.GADOLINIUM, 1.0),))
    with pytest.raises(ValueError, match="gadolinium is not on the tray; there are saline"):
        attach(OPEN, gadolinium, (Agent.SALINE,))
    with pytest.raises(ValueError, match="the stylet is in"):
        attach(Tray(), gadolinium, ALLOWED)


def test_more_than_is_left_cannot_be_pushed() -> None:
    with pytest.raises(ValueError, match="the syringe holds 1.00 mL, got 2"):
        push_plunger(syringe((Agent.SALINE, 1.0)), 2.0)
