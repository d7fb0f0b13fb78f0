"""What an actor may see of a procedure: images, readouts, feel, words, monitor, record. Never the hidden truth.

`observing` makes an `Observation` of a state, `monitors` develops the frames as a monitor shows them, `slices` paints the MR-like images
of the record. Viewer, gym and operators look through here and nowhere else.
"""

from simulator.observation.monitors import Watching, watched
from simulator.observation.observing import Observation, observe
from simulator.observation.slices import SLICES, slice_image

__all__ = ["SLICES", "Observation", "Watching", "observe", "slice_image", "watched"]
