"""What is hidden from an actor while an attempt is under way: for the debrief, and for a mode that shows what lies under the skin.

No module of `simulator.observation` outside this folder imports it, nor do operators: import contracts hold both.
"""

from simulator.procedure.state.carm_state import Shot

__all__ = ["Shot"]  # the procedure's own value, which tells where the tip was
