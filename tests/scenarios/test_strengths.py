"""Strengths and doses: one table, which a case may change within reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from scenarios.loader import read
from scenarios.names.agents import Agent
from scenarios.names.strengths import STRENGTHS, Substance, describe_agent, describe_volumes, doses, strength_per_ml
from scenarios.schema.task import Equipment
from simulator.authoring.lint import lint

CASE = "lumbar-interlaminar-l4-l5"


def equip(**strengths: dict[str, Any]) -> Equipment:
    return Equipment.model_validate(read(CASE).equipment.model_dump(mode="json") | {"strengths": strengths})


def test_every_agent_that_carries_something_has_a_strength_that_is_sold_and_a_source() -> None:
    assert set(STRENGTHS) == set(Agent) - {Agent.SALINE, Agent.AIR}
    for agent, found in STRENGTHS.items():
        assert found.per_ml in found.sold_per_ml, agent
        assert found.source, agent
    for agent, found in STRENGTHS.items():
        if found.substance is Substance.IODINE:
            assert str(agent).endswith(f"{found.per_ml:g}")


def test_a_case_sets_strengths_and_brands() -> None:
    tray = equip(dexamethasone={"mg_ml": 4.0, "brand": "Decadron"})
    assert tray.set_strengths == ((Agent.DEXAMETHASONE, 4.0),)
    assert tray.describe(Agent.DEXAMETHASONE) == "dexamethasone (Decadron) 4 mg/mL"
    assert describe_volumes(((Agent.DEXAMETHASONE, 0.7),), tray.set_strengths) == "0.7 mL dexamethasone (2.8 mg)"
    assert read(CASE).equipment.set_strengths == ()


def test_what_a_case_leaves_out_is_at_its_usual_strength() -> None:
    for agent in Agent:
        assert strength_per_ml(agent, ((Agent.DEXAMETHASONE, 4.0),)) == (
            4.0 if agent is Agent.DEXAMETHASONE else STRENGTHS[agent].per_ml if agent in STRENGTHS else 0.0
        )
    assert doses(((Agent.SALINE, 3.0), (Agent.AIR, 1.0))) == ()
    assert describe_agent(Agent.AIR) == "air"


@pytest.mark.parametrize(
    ("strengths", "message"),
    [
        ({"saline": {"mg_ml": 9.0}}, "only steroids and local anaesthetics take mg_ml"),
        ({"iohexol 240": {"mg_ml": 180.0}}, "only steroids and local anaesthetics take mg_ml"),
        ({"gadolinium": {"brand": "Gadovist"}}, "strengths names gadolinium, which agents lacks"),
        ({"dexamethasone": {}}, "a vial needs mg_ml, brand or both"),
        ({"dexamethasone": {"mg_ml": 0.0}}, "greater than 0"),
        ({"dexamethasone": {"mg_ml": -4.0}}, "greater than 0"),
        ({"dexamethasone": {"mg_ml": "4"}}, "valid number"),
        ({"dexamethason": {"mg_ml": 4.0}}, "Input should be"),
    ],
)
def test_what_cannot_be_is_refused(strengths: dict[str, dict[str, Any]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        equip(**strengths)


def test_lint_finds_a_slip_of_the_decimal_point(tmp_path: Any) -> None:
    folder = tmp_path / CASE
    folder.mkdir()
    source = read(CASE).folder
    assert source is not None
    for path in source.iterdir():
        text = path.read_text(encoding="utf-8")
        if path.name == "case.yaml":
            text = text.replace("equipment:\n", "equipment:\n  strengths: {dexamethasone: {mg_ml: 0.4}, lidocaine: {mg_ml: 20.0}}\n", 1)
        (folder / path.name).write_text(text, encoding="utf-8")
    (problem,) = lint(folder)
    assert problem.key == "equipment.strengths.dexamethasone.mg_ml"
    assert "0.4 mg/mL is far from what is sold (3.3, 4, 8, 10 mg/mL)" in problem.what
