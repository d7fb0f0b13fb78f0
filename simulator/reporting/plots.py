"""Plots of a report as SVG."""

from io import StringIO
from typing import Any

from simulator.reporting.report import Plot

SIZE_INCH = (7.2, 2.6)
COLOURS = ("#0b5cad", "#b3400f", "#3c7a1e", "#6b3fa0")
STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "epifluoro",
    "font.size": 9.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def as_svg(plot: Plot) -> str:
    """Draw a plot; equal plots give equal text.

    Parameters
    ----------
    plot : Plot
        What to draw, in the units of its labels.

    Returns
    -------
    str
        An ``<svg>`` element.
    """
    import matplotlib as mpl  # here, since it takes half a second that a trainer without a report does not wait for
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(STYLE):
        figure = Figure(figsize=SIZE_INCH, layout="constrained")
        axes = figure.add_subplot()
        for low, high, word in plot.bands:
            axes.axhspan(low, high, color="#e3a008", alpha=0.18, lw=0, label=word)
        for colour, curve in zip(COLOURS * len(plot.curves), plot.curves, strict=False):
            axes.plot(curve.x, curve.y, color=colour, lw=1.3, label=curve.name, drawstyle="steps-post" if curve.step else "default")
        for place, word in plot.marks:
            axes.axvline(place, color="#777", lw=0.8, ls=":")
            axes.annotate(
                word, (place, 1.0), xycoords=("data", "axes fraction"), rotation=90, va="top", ha="right", fontsize=7, color="#444"
            )
        axes.set(title=plot.title, xlabel=plot.x_label, ylabel=plot.y_label)
        if len(plot.curves) + len(plot.bands) > 1:
            axes.legend(frameon=False, fontsize=8, loc="upper left")
        page = StringIO()
        FigureCanvasSVG(figure).print_svg(page, metadata={"Date": None, "Creator": None})
    text = page.getvalue()
    return text[text.index("<svg") :]
