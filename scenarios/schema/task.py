"""What is to be done: approach, level and side, with what, within which limits, and what may go wrong."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from phantoms.terms.levels import Level, Side
from scenarios.names.agents import Agent
from scenarios.names.approaches import RULES, Approach
from scenarios.names.needles import Bevel
from scenarios.names.strengths import STRENGTHS, Amounts, describe_agent
from scenarios.schema.base_model import Interspace, Line, Number, Part, Share, Whole, interspace_name

Band = tuple[Number, Number]


class Purpose(StrEnum):
    """Why contrast and drug are given."""

    THERAPEUTIC = "therapeutic"
    DIAGNOSTIC = "diagnostic"


class TargetSide(StrEnum):
    """Side of the needle as the request states it."""

    LEFT = "left"
    RIGHT = "right"
    MIDLINE = "midline"

    @property
    def lateral(self) -> Side | None:
        """The side, None in the midline."""
        return None if self is TargetSide.MIDLINE else Side(self.value)


class Task(Part):
    """The request. A foraminal case is named by foramen and root."""

    approach: Approach
    level: Interspace
    """``L4-L5``; for the S1 and caudal routes L5-S1, from which the sacrum is counted."""
    side: TargetSide
    root: Level
    """Root that the drug should reach."""
    purpose: Purpose = Purpose.THERAPEUTIC

    @property
    def interspace(self) -> str:
        """What a time-out calls the level: ``L4-L5``, ``S1`` or ``sacral hiatus``."""
        return RULES[self.approach].site or interspace_name(self.level)

    @model_validator(mode="after")
    def _check(self) -> Self:
        rule = RULES[self.approach]
        if rule.sided and self.side is TargetSide.MIDLINE:
            raise ValueError(f"side must be left or right for {self.approach}, got midline")
        if rule.only_level is not None and self.level is not rule.only_level:
            wanted, got = interspace_name(rule.only_level), interspace_name(self.level)
            raise ValueError(f"level must be {wanted} for {self.approach}, got {got}")
        return self


class NeedleOnTray(Part):
    """A needle that can be taken."""

    bevel: Bevel
    gauge: Whole = Field(ge=16, le=27)
    length_mm: Number = Field(ge=20, le=250)
    bend_deg: Number = Field(default=0.0, ge=0, le=30)
    bend_mm: Number = Field(default=0.0, ge=0, le=15)


class CArmLimits(Part):
    """What this C-arm reaches, degrees (recalled, unverified)."""

    oblique_deg: Band = (-100.0, 100.0)
    tilt_deg: Band = (-25.0, 25.0)
    swivel_deg: Band = (-12.0, 12.0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("oblique_deg", "tilt_deg", "swivel_deg"):
            low, high = getattr(self, name)
            if not -120 <= low <= high <= 120:
                raise ValueError(f"{name} must be [least, most] within -120 and 120 degrees, got [{low:g}, {high:g}]")
        return self

    @property
    def reach_deg(self) -> dict[str, tuple[float, float]]:
        """Least and greatest angle about each axis, by its name, degrees."""
        return {"oblique_deg": self.oblique_deg, "tilt_deg": self.tilt_deg, "swivel_deg": self.swivel_deg}


class DrugVial(Part):
    """What stands on a vial of the tray where it is not the usual one."""

    mg_ml: Number | None = Field(default=None, gt=0, le=200)
    """Strength of a steroid or a local anaesthetic; the usual one (`scenarios.names.strengths`) where it is left out."""
    brand: Line | None = None
    """Name under which it is sold there; menus show it behind the agent's."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.mg_ml is None and self.brand is None:
            raise ValueError("a vial needs mg_ml, brand or both; leave the agent out where it is the usual one")
        return self


class Equipment(Part):
    """What is in the room."""

    needles: tuple[NeedleOnTray, ...] = Field(min_length=1)
    agents: tuple[Agent, ...] = Field(min_length=1)
    """On the tray, the hazardous among them."""
    strengths: Mapping[Agent, DrugVial] = Field(default_factory=dict)
    """Vials that are not the usual ones, by agent: ``dexamethasone: {mg_ml: 4, brand: Decadron}``."""
    carm: CArmLimits = CArmLimits()
    dsa: bool = True
    source_to_image_mm: Number = Field(default=1000.0, ge=700, le=1300)
    source_to_isocentre_mm: Number = Field(default=700.0, ge=400, le=900)
    pulses_per_s: tuple[Number, ...] = (1.0, 2.0, 4.0, 8.0, 15.0)
    operator_side: Side = Side.LEFT
    """Side of the table on which operator and C-arm stand."""

    @property
    def set_strengths(self) -> Amounts:
        """Strengths that the case sets, mg/mL, in the order of `Agent`; the usual ones count for all others."""
        return tuple((agent, vial.mg_ml) for agent in Agent if (vial := self.strengths.get(agent)) and vial.mg_ml is not None)

    def describe(self, agent: Agent) -> str:
        """An agent with its brand and strength here, as menus and messages show it."""
        vial = self.strengths.get(agent)
        return describe_agent(agent, self.set_strengths, (vial.brand or "") if vial else "")

    @model_validator(mode="after")
    def _check(self) -> Self:
        missing = next((agent for agent in self.strengths if agent not in self.agents), None)
        if missing is not None:
            raise ValueError(f"strengths names {missing}, which agents lacks; add it there or leave it out here")
        fixed = next((agent for agent, vial in self.strengths.items() if vial.mg_ml is not None and not _has_vial(agent)), None)
        if fixed is not None:
            raise ValueError(
                f"strengths.{fixed}: only steroids and local anaesthetics take mg_ml, got one for {fixed}; give its brand alone"
            )
        return self


def _has_vial(agent: Agent) -> bool:
    """Whether an agent is a drug that comes in several strengths."""
    return agent in STRENGTHS and STRENGTHS[agent].substance.drug


class Help(Part):
    """What the trainee may use."""

    nominal_views: bool = True
    """Presets of nominal angles."""
    squared_views: bool = False
    """Views squared to this patient at a word: takes the skill of finding them away."""
    hints: bool = True
    reveal_tip: bool = False
    """Show the truth before the belief is committed."""


class VesselKind(StrEnum):
    """Which vessel the tip lies in."""

    VENOUS = "venous"
    ARTERIAL = "arterial"


class VascularUptake(Part):
    """Chance that a tip in the target's compartment lies in a vessel."""

    chance: Share
    kind: VesselKind = VesselKind.VENOUS
    note: Line
    """Where the figure is from, and whether it was raised for teaching."""


class Complications(Part):
    """What may happen by chance; each is drawn from the attempt's seed."""

    vascular_uptake: VascularUptake | None = None
    false_loss_of_resistance: bool = False
    """Whether a fat-filled gap between the spinous processes lies on the midline way."""


class Target(Part):
    """Where the tip should come to lie: the textbook point of the approach, shifted by an offset in the patient's axes."""

    left_mm: Number = 0.0
    dorsal_mm: Number = 0.0
    cranial_mm: Number = 0.0
    ideal_mm: Number = Field(default=2.0, gt=0, le=10)
    """Distance within which the tip is ideal (recalled, unverified; a proposal)."""
    acceptable_mm: Number = Field(default=5.0, gt=0, le=20)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.acceptable_mm < self.ideal_mm:
            raise ValueError(f"acceptable_mm must be at least ideal_mm {self.ideal_mm:g}, got {self.acceptable_mm:g}")
        return self
