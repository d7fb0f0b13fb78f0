"""What was done, in a few words each."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from phantoms.terms.number_text import format_number
from scenarios.names.enums import Attachment
from simulator.geometry.angle_text import describe_angles
from simulator.procedure.actions import actions as do
from simulator.procedure.actions.held_parts import describe_held
from simulator.reporting.report import format_time

LEAST_MM = 0.5  # of a shift that is worth telling


def describe_action(action: do.Action) -> str:
    """What was done, in a few words: "advance 5 mm", "inject 2 mL at 0.4 mL/s"."""
    said = PHRASES.get(type(action))
    return " ".join([action.word.replace("-", " "), *_values(action)]) if said is None else said(action)


def _space_out(word: object) -> str:
    return str(word).replace("-", " ")


def _list_words(items: Sequence[object]) -> str:
    return ", ".join(_space_out(item) for item in items) or "nothing"


def _describe_angles(action: do.MoveCArm | do.AimNeedle) -> str:
    return describe_angles(action.oblique_deg, action.tilt_deg, getattr(action, "swivel_deg", None))


def _shift(action: do.MoveTable) -> str:
    ways = ((action.left_mm, "left", "right"), (action.dorsal_mm, "dorsally", "ventrally"), (action.cranial_mm, "cranially", "caudally"))
    said = [f"{abs(value):.0f} mm {more if value > 0 else less}" for value, more, less in ways if abs(value) >= LEAST_MM]
    return "centre " + (", ".join(said) or "a little")


def _describe_leaves(action: do.Collimate) -> str:
    left, right, top, bottom = action.left_mm, action.right_mm, action.top_mm, action.bottom_mm
    if left is None or right is None or top is None or bottom is None:
        return "open the leaves" if (left, right, top, bottom) == (None,) * 4 else "move the leaves"
    return f"collimate to {left + right:.0f} x {top + bottom:.0f} mm"


def _describe_attachment(action: do.Attach) -> str:
    if action.what is Attachment.NOTHING:
        return "take the syringe off"
    contents = ", ".join(f"{format_number(volume)} mL {agent}" for agent, volume in action.contents_ml)
    return f"attach {_space_out(action.what).replace('lor', 'LOR syringe with')}" + (f" with {contents}" if contents else "")


def _describe_technique(action: do.SetTechnique) -> str:
    told = (
        ("pulses", action.pulses_per_s, "/s"),
        ("tube voltage", action.kvp, " kV"),
        ("copper", action.copper_mm, " mm"),
    )
    said = [f"{name} {format_number(value)}{unit}" for name, value, unit in told if value is not None]
    said += [] if action.dose_level is None else [f"dose level {_space_out(action.dose_level)}"]
    said += [] if action.grid is None else ["grid in" if action.grid else "grid out"]
    return "set the technique: " + (", ".join(said) or "automatic")


def _describe_belief(action: do.CommitBelief) -> str:
    said = [_space_out(part) for part in (action.level, action.side, action.compartment) if part is not None]
    if action.level is not None:
        said[0] = action.level
    said += [] if action.vascular is None else ["in a vessel" if action.vascular else "in no vessel"]
    return f"{', '.join(said)} ({100 * action.confidence:.0f} % sure)"


def _describe_decision(action: do.Decide) -> str:
    said = f"decide to {action.decision}" + (f": {action.reason}" if action.reason else "")
    return said + (f"; particulate steroid because {action.particulate_reason}" if action.particulate_reason else "")


def _values(action: do.Action) -> Iterator[str]:
    """Words and numbers of an action without a phrase of its own."""
    for name in (item.name for item in fields(action)):
        value = getattr(action, name)
        if isinstance(value, str) and value:
            yield str(value)
        elif isinstance(value, tuple) and value and all(isinstance(item, str) for item in value):
            yield ", ".join(value)
        elif isinstance(value, float):
            yield f"{name.removesuffix('_mm').removesuffix('_deg').replace('_', ' ')} {value:g}"


PHRASES: dict[type[do.Action], Callable[[Any], str]] = {
    do.Review: lambda one: f"read {_space_out(one.item)}",
    do.Examine: lambda one: f"examine {_space_out(one.item)}",
    do.StopDrug: lambda one: f"stop {one.drug}",
    do.SetTechnique: _describe_technique,
    do.SetMode: lambda one: f"set the mode: {_space_out(one.mode)}",
    do.OrderTest: lambda one: f"{_space_out(one.test)} test",
    do.Contact: lambda one: f"contact {_space_out(one.party)}",
    do.Decide: _describe_decision,
    do.Consent: lambda one: f"take consent, naming {_list_words(one.risks)}",
    do.TimeOut: lambda one: f"time-out: {one.patient}, {one.level}, {one.side}",
    do.Position: lambda one: f"position: {_space_out(one.posture)}",
    do.Prepare: lambda one: f"clean with {_space_out(one.antiseptic)}" + (" and drape" if one.drape else ""),
    do.Protect: lambda one: f"wear {_list_words(one.items)}",
    do.MonitorVitals: lambda _: "attach the monitor",
    do.LocalAnaesthetic: lambda one: f"infiltrate {format_number(one.volume_ml)} mL of {one.agent}",
    do.MoveCArm: lambda one: f"C-arm to {_describe_angles(one)}",
    do.MoveTable: _shift,
    do.Collimate: _describe_leaves,
    do.Magnify: lambda one: f"field of {one.field_mm / 10:g} cm",
    do.Pedal: lambda one: "press the pedal" if one.down else "let the pedal go",
    do.Shoot: lambda _: "single shot",
    do.SaveReference: lambda _: "save the image to the reference monitor",
    do.MarkSkin: lambda _: "mark the skin",
    do.PlaceNeedle: lambda one: f"take the {one.gauge} G {str(one.bevel).capitalize()} needle, {one.length_mm:g} mm",
    do.AimNeedle: lambda one: f"aim the needle: {_describe_angles(one)}" if _describe_angles(one) else "aim the needle along the beam",
    do.Advance: lambda one: f"advance {format_number(one.distance_mm, 1)} mm" + (" or until loss of resistance" if one.until_loss else ""),
    do.Withdraw: lambda one: f"withdraw {format_number(one.distance_mm, 1)} mm",
    do.Roll: lambda one: f"roll {abs(one.angle_deg):.0f}\u00b0 {'clockwise' if one.angle_deg > 0 else 'anticlockwise'}",
    do.RemoveNeedle: lambda _: "remove the needle",
    do.Stylet: lambda one: "put the stylet in" if one.inserted else "take the stylet out",
    do.Attach: _describe_attachment,
    do.PressPlunger: lambda _: "thumb on the plunger",
    do.Inject: lambda one: f"inject {format_number(one.volume_ml)} mL at {format_number(one.rate_ml_s)} mL/s",
    do.CommitBelief: lambda one: f"commit to a belief: {_describe_belief(one)}",
    do.Ask: lambda one: f"ask about {_space_out(one.question)}",
    do.Wait: lambda one: f"wait {format_time(one.duration_s)}",
    do.Advise: lambda one: f"advise on {_space_out(one.item)}",
    do.Answer: lambda one: f"answer the question {_space_out(one.question)}: {_space_out(one.choice)}",
    do.Hint: lambda one: f"ask for a hint: {_space_out(one.step)}",
    do.LetGo: lambda one: f"connection lost, {describe_held(one.held)} let go by the system",
    do.Finish: lambda _: "end the attempt",
}
"""Phrases of actions whose fields do not speak for themselves."""
