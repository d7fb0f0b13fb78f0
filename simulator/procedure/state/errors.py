"""The one exception of its own that a procedure raises; everything else that an actor gets wrong is a `ValueError`."""


class ProcedureOver(Exception):  # noqa: N818 - a state of affairs rather than an error; STYLE.md point 7 names it so
    """An action came after the attempt had ended."""
