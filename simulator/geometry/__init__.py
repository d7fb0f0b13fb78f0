r"""Frames, units and signs: the one home of the conventions, and the values that carry them.

World frame
    The patient's, DICOM LPS: +x to the patient's left, +y posterior, +z superior, mm. Origin: centre of the L3 body. The patient lies
    prone on the table, so +y points up in the room and the table is at -y.
Units
    mm, s, radians, keV, 1/mm, mL, N, kPa. Points and directions are bare arrays (world frame, mm); every scalar quantity carries its
    unit in its name. Degrees live only at the doors: constructors named ``from_angles``, YAML, user interface, command line.
Matrices
    ``world_from_carm`` turns carm coordinates into world coordinates, so that adjacent names cancel.
Images
    Row 0 at the top is cranial, column 0 at the left; at oblique 0 the monitor shows the patient's left on the left, as a person
    standing behind the prone patient sees it: ``right`` = (-1, 0, 0), ``down`` = (0, 0, -1). Flips and rotation are display state.
C-arm
    world_from_carm = R_y(swivel) R_x(tilt) R_z(oblique). Right-hand tests fix the signs: ``oblique_deg`` + brings the detector
    towards the patient's left, ``tilt_deg`` + brings it cranial, ``swivel_deg`` + turns the detector-side end cranial in a lateral
    view (detector left).
    At 0/0/0 the detector is over the back (+y) and the tube under the table: on a prone patient an AP beam.
DICOM
    With d the unit vector from isocentre to detector: PositionerPrimaryAngle = atan2(d.x, -d.y) (180 at prone neutral),
    PositionerSecondaryAngle = asin(d.z), PatientOrientation R\F.
"""

from simulator.geometry.carm import CArm
from simulator.geometry.grid import Grid
from simulator.geometry.tube import PolylineTube

__all__ = ["CArm", "Grid", "PolylineTube"]
