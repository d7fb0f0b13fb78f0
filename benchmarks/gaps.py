"""Why a target is missed, where it is: said under the table beside by how much, so that a gap never stands unexplained."""

from collections.abc import Iterator, Sequence

CALIBRATION = "calibration"
REFERENCE_MS = 7.2  # calibration row of the machine on which most gaps were last judged

WHY = {
    "projection, both channels, 512": (
        "Time goes with crossings of edges and columns (634,000 a view, 122,000 edges in the picture): some 20 passes of NumPy over "
        "each, about 55 ns. Fewer faces are no way out: the level of detail already spends its 0.1 mm RMS. Gathers sorted by number "
        "of crossings, planar channels, complex scatter, bincount and rows instead of columns were tried and gained nothing."
    ),
    "projection, both channels, 1024": (
        "As at 512, with 1.29 million crossings. Two threads share little: NumPy calls of 0.1 ms each queue for the interpreter's "
        "lock, so they gain only where both cores are free. Two processes over shared memory would share more, for the memory of a "
        "second process."
    ),
    "whole frame": (
        "Projection (two thirds) beside texture, then the chain on two threads. With the projection at its target the frame would "
        "be near its own."
    ),
    "needle frame": (
        "The chain over a million pixels: exposure of what the needle touched, noise, filter and display, each a handful of passes."
    ),
    "contrast frame": "As the needle frame; a kept view of the cells makes the medium itself 2-3 ms.",
    "patient: parameters": (
        "Seven vertebrae, sacrum and canal are posed and measured (150 ms), compartments laid out (100), landmarks searched (65), "
        "tissues asked (140)."
    ),
    "procedure: 76 actions": (
        "The projector's first level of detail takes a third, carrying what is injected a third; where the canal's labels are not kept on "
        "disk yet, asking the tissue field for them adds some 2 s."
    ),
    "tissue at 50 points": "Some 0.1-0.2 ms of NumPy calls for each compartment that a needle's way comes near.",
    "surfaces, one case": (
        "Marching cubes and decimation of 79 surfaces in two processes; skin, fat and muscle are built whole for any case."
    ),
    "lengths in patient:": (
        "The unweighted sum over all nested surfaces: single precision on either side, half of the difference ours. "
        "Skin, bones and spine agree alone, and a ray caster in double precision agrees on 99.9 % of pixels (tests)."
    ),
    "peak memory": "The surfaces' builders hold the trunk's grids; within noise of the limit.",
    "same meshes": ("gVirtualXray as it comes leaves artefacts in the patient's image; with its filter off it is right, and quicker."),
    "without its filter": (
        "The only setting in which its image of the patient is right, and one that makes it quicker than the target assumed."
    ),
    "as it comes": "Near the target: its filter takes most of its time, and the ratio goes with the processor and its load.",
}


def explain(missed: Sequence[tuple[str, float]], calibration_ms: float | None) -> Iterator[str]:
    """Lines for the end of a report.

    Parameters
    ----------
    missed : sequence of (str, float)
        Row and ratio of each target that was missed.
    calibration_ms : float or None
        What the calibration row read, ms.
    """
    if calibration_ms is not None:
        slower = calibration_ms / REFERENCE_MS
        yield f"Calibration {calibration_ms:.1f} ms: {slower:.2f} times the machine on which the gaps were judged; load adds to it."
    for row, ratio in missed:
        why = next(
            (text for start, text in WHY.items() if start in row), "Not seen before: look at this machine's load, then at the last changes."
        )
        yield f"{row}: {ratio:.2f} of its target. {why}"
