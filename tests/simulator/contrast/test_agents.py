"""Agents, mixtures and the resistance of needles."""

import pytest

from phantoms.terms.tissues import Tissue
from scenarios.names.agents import Agent
from scenarios.names.compartments import Compartment
from simulator.contrast.agents import check_mixture, density_g_ml, iodine_mg_ml, mix, properties, viscosity_mpa_s
from simulator.contrast.data_tables import read_rows
from simulator.contrast.media import FluidSpace, medium_of, members, tissue_table
from simulator.contrast.plunger_pressure import tube_kpa

# FACTS.md 4.3: inner diameter in mm, then kPa at 0.1 mL/s over 89 mm of water, iohexol 180, 240, 300 at 37 C, as rounded there.
NEEDLES = {
    16: (1.194, 0.1, 0.4, 0.6, 1.1),
    17: (1.067, 0.2, 0.6, 1.0, 1.8),
    18: (0.838, 0.5, 1.5, 2.5, 4.6),
    20: (0.603, 1.9, 5.5, 9.3, 17),
    22: (0.413, 8.7, 25, 42, 79),
    25: (0.260, 55, 159, 270, 500),
    27: (0.210, 130, 370, 630, 1170),
}


def test_every_agent_has_a_row_and_every_row_an_agent() -> None:
    assert [row["agent"] for row in read_rows("agents.csv")] == [agent.value for agent in Agent]
    assert all(row["tag"] in {"R", "M"} and row["source"] for row in read_rows("agents.csv"))


def test_every_tissue_that_fluid_enters_has_a_row() -> None:
    named = {row["tissue"] for row in read_rows("tissues.csv")}
    assert named == {tissue.name for tissue in Tissue} - {"AIR"}
    assert {Compartment(row["compartment"]) for row in read_rows("tissues.csv")} == set(Compartment) - {Compartment.OUTSIDE}
    assert {FluidSpace(row["medium"]) for row in read_rows("tissues.csv")} == set(FluidSpace)
    assert sum(int(members(medium).sum()) for medium in FluidSpace) == len(named)
    assert (tissue_table().permeability_mm2[[Tissue[name] for name in named]] > 0).all()
    assert medium_of(Tissue.AIR) is None


@pytest.mark.parametrize("gauge", sorted(NEEDLES))
def test_needles_resist_as_the_table_says(gauge: int) -> None:
    bore_mm, *expected = NEEDLES[gauge]
    for agent, kpa in zip((Agent.SALINE, Agent.IOHEXOL_180, Agent.IOHEXOL_240, Agent.IOHEXOL_300), expected, strict=True):
        rounding = 0.05 if kpa < 10 else 0.5 if kpa < 100 else 5.0
        assert tube_kpa(bore_mm, 89.0, mix({agent: 1.0}), 0.1) == pytest.approx(kpa, abs=1.01 * rounding)


def test_mixtures_carry_what_their_parts_carry() -> None:
    half = mix({Agent.IOHEXOL_240: 2.0, Agent.SALINE: 2.0})
    assert iodine_mg_ml(half) == pytest.approx(120.0)
    assert density_g_ml(half) == pytest.approx((properties(Agent.IOHEXOL_240).density_g_ml + properties(Agent.SALINE).density_g_ml) / 2)
    assert viscosity_mpa_s(half) ** 2 == pytest.approx(
        properties(Agent.IOHEXOL_240).viscosity_mpa_s * properties(Agent.SALINE).viscosity_mpa_s
    )


def test_steroids_are_told_from_particulates() -> None:
    assert {agent for agent in Agent if properties(agent).steroid} == {
        Agent.DEXAMETHASONE,
        Agent.METHYLPREDNISOLONE,
        Agent.TRIAMCINOLONE,
        Agent.BETAMETHASONE,
    }
    assert not properties(Agent.DEXAMETHASONE).particulate
    assert properties(Agent.TRIAMCINOLONE).particulate


@pytest.mark.parametrize("volumes", [{}, {Agent.SALINE: 0.0}, {Agent.SALINE: -1.0, Agent.AIR: 2.0}, {Agent.SALINE: float("nan")}])
def test_a_mixture_needs_volume(volumes: dict[Agent, float]) -> None:
    with pytest.raises(ValueError, match="volumes"):
        mix(volumes)


def test_fractions_are_checked() -> None:
    with pytest.raises(ValueError, match="add up to 1"):
        check_mixture({Agent.SALINE: 0.7, Agent.AIR: 0.7})


def test_an_unknown_agent_is_refused() -> None:
    with pytest.raises(ValueError, match="not a valid Agent"):
        properties("water")  # type: ignore[arg-type]


def test_a_tube_needs_a_bore() -> None:
    with pytest.raises(ValueError, match="bore_mm"):
        tube_kpa(0.0, 89.0, mix({Agent.SALINE: 1.0}), 0.1)
