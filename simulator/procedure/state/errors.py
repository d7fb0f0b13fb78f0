"""The one exception of its own that a procedure raises, for who drives an attempt to its end and wants to know that it is reached."""


class ProcedureOver(ValueError):  # noqa: N818 - a state of affairs rather than an error
    """An action came after the attempt had ended."""
