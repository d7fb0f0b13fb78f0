"""The one exception of its own that a procedure raises; whatever else an actor gets wrong is a plain `ValueError`."""


class ProcedureOver(ValueError):  # noqa: N818 - a state of affairs rather than an error
    """An action came after the attempt had ended; a program that plays to the end may catch this alone."""
