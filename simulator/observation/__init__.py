"""What an actor may see of a procedure: images, readouts, feel, words, monitor, record. Never the hidden truth.

`observing` makes an `Observation` of a state, `monitors` develops the frames as a monitor shows them and keeps those worth keeping
(`album`, by the rule in `pulses`), `operating_room` sees what stands around the patient, `teaching` the step that is due, `slices` paints
the MR-like images of the record. Viewer, gym and operators look through here and nowhere else; what only a debrief may show is in `truth`.
"""

from simulator.observation.monitors import Monitor, watch, watch_all
from simulator.observation.observing import Observation, observe
from simulator.observation.operating_room import OperatingRoom, see_operating_room
from simulator.observation.slices import SLICES, render_slice
from simulator.procedure.state.carm_state import Pose

__all__ = [
    "SLICES",
    "Monitor",
    "Observation",
    "OperatingRoom",
    "Pose",
    "observe",
    "see_operating_room",
    "render_slice",
    "watch",
    "watch_all",
]
