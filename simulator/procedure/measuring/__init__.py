"""What an attempt is measured by: every quantity of `scenarios.names.quantities`, read off its states.

One module per part of the attempt; each gives a mapping from ``quantity`` or ``quantity:of`` to `simulator.scoring.measured.Measured`.
What did not come about (a tip that was never placed) is left out, and the score says so.
"""

from simulator.procedure.measuring.attempt import AttemptStates, attempt_of
from simulator.procedure.measuring.measure import measure
from simulator.procedure.measuring.scoring import score_attempt

__all__ = ["AttemptStates", "attempt_of", "measure", "score_attempt"]
