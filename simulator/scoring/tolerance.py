"""The one scoring primitive: how far a value is from the bounds in which it is right."""

from math import inf, isfinite, log

AT_MARGIN = 0.1  # credit that is left at the margin's distance outside the bounds
STEEPNESS = -log(AT_MARGIN)


def tolerance(value: float, bounds: tuple[float, float] = (-inf, inf), margin: float = 0.0) -> float:
    """Credit for a value: 1 inside the bounds, falling outside as a Gaussian that has come down to 0.1 at the margin.

    Parameters
    ----------
    value : float
        What was measured, in the criterion's unit.
    bounds : (float, float)
        Lowest and highest right value, inclusive, in the same unit; infinite where there is none.
    margin : float
        In the same unit; 0 gives no credit outside the bounds.

    Returns
    -------
    float
        From 0 to 1.

    Raises
    ------
    ValueError
        If the value is not a number, the bounds are crossed, or the margin is negative or not finite.

    Examples
    --------
    >>> tolerance(2.0, (0.0, 3.0)), round(tolerance(5.0, (0.0, 3.0), margin=2.0), 3), tolerance(5.0, (0.0, 3.0))
    (1.0, 0.1, 0.0)
    """
    low, high = bounds
    if value != value:
        raise ValueError("value must be a number, got nan: leave out what was not measured")
    if low > high:
        raise ValueError(f"bounds must not be crossed, got {low:g} above {high:g}")
    if not (isfinite(margin) and margin >= 0):
        raise ValueError(f"margin must be finite and not below 0, got {margin:g}")
    outside = max(low - value, value - high, 0.0)
    if outside == 0.0:
        return 1.0
    if margin == 0.0 or not isfinite(outside):
        return 0.0
    return float(AT_MARGIN ** ((outside / margin) ** 2))
