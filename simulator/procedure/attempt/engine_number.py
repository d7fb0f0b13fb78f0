"""The engine number: what a log must share with this program to be played again."""

ENGINE = 2
"""Which rules turn actions into states.

Raise it by one whenever equal actions on an equal patient give other states than before: another physical constant, another rule, another
order of draws from a random stream, another duration of an action, a new field of the state that a digest reads. Do not raise it for
comments, names, moved modules, speed, images, scores or words of the page. After raising it, record the reference attempt anew (``python
-m tests.simulator.procedure.attempt.reference``): `tests/simulator/procedure/attempt/test_reference.py` plays it, and fails where its
states are others and the number is the same. Logs of another number open from their stored report and are marked *not replayed*.
"""

BEFORE_NUMBERS = 0
"""Stands for logs of format 2, which had no engine number."""
