"""Mechanics of a needle in tissue: pure functions on frozen values.

`needle_spec` is the needle from its packet, `tissue_mechanics` what each tissue does to it, `handling` what a hand does with it,
`opening` what its opening is in, `loss_of_resistance` the syringe, `sensation` which nerve or bone of which side it touched,
`variation` how one patient differs from another.
"""

from scenarios.names.needles import Bevel, LorMedium
from simulator.needle.handling import NeedleState, advance, aim, place, redirect, roll, with_stylet, withdraw
from simulator.needle.insertion_record import NeedleEvent, NeedleEventKind, Passage, Profile
from simulator.needle.loss_of_resistance import advance_until_loss, push_until_loss, syringe_pressure_kpa
from simulator.needle.needle_spec import NeedleKit
from simulator.needle.sensation import Touched, identify_touched
from simulator.needle.variation import Individual

__all__ = [
    "Bevel",
    "NeedleEventKind",
    "Individual",
    "LorMedium",
    "NeedleEvent",
    "NeedleKit",
    "NeedleState",
    "Passage",
    "Profile",
    "Touched",
    "advance",
    "advance_until_loss",
    "aim",
    "place",
    "push_until_loss",
    "redirect",
    "roll",
    "syringe_pressure_kpa",
    "identify_touched",
    "with_stylet",
    "withdraw",
]
