"""What an actor may see of a procedure: images, readouts, feel, words, monitor, record. Never the hidden truth.

`observing` makes an `Observation` of a state, `monitors` develops the frames as a monitor shows them and keeps those worth keeping
(`album`, by the rule in `pulses`), `slices` paints the MR-like images of the record. Viewer, gym and operators look through here and
nowhere else.
"""

from simulator.observation.monitors import Monitor, watch, watch_all
from simulator.observation.observing import Observation, observe
from simulator.observation.slices import SLICES, slice_image

__all__ = ["SLICES", "Monitor", "Observation", "observe", "slice_image", "watch", "watch_all"]
