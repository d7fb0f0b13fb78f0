"""DICOM XA: geometry tags follow the conventions, dose is in the tag's unit, the file reads back, and nobody can take it for a person."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.formats.dicom import XA_IMAGE_STORAGE, Acquisition, make_xa_dataset, patient_orientation, write_xa
from simulator.geometry.carm import CArm

pydicom = pytest.importorskip("pydicom")

ACQUISITION = Acquisition(tube_kv=75.0, tube_ma=20.0, pulse_ms=8.0, dap_gy_cm2=2e-4, entrance_mgy=0.009, sod_mm=700.0)


def frame(dtype: type = np.uint16) -> np.ndarray:
    return np.arange(15 * 15, dtype=dtype).reshape(15, 15)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_pixels_read_back(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "view.dcm"
    write_xa(path, frame(dtype), CArm.from_angles(size=15), ACQUISITION)
    read = pydicom.dcmread(path)
    assert (read.pixel_array == frame(dtype)).all()
    assert read.SOPClassUID == XA_IMAGE_STORAGE
    assert read.BitsStored == np.iinfo(dtype).bits


@pytest.mark.parametrize(
    ("angles", "primary_deg", "secondary_deg", "orientation"),
    [
        ({}, 180.0, 0.0, ["R", "F"]),
        ({"oblique_deg": 90.0}, 90.0, 0.0, ["P", "F"]),
        ({"oblique_deg": -90.0}, -90.0, 0.0, ["A", "F"]),
        ({"oblique_deg": 30.0}, 150.0, 0.0, ["RP", "F"]),
        ({"tilt_deg": 15.0}, 180.0, 15.0, ["R", "F"]),
        ({"oblique_deg": 90.0, "swivel_deg": 8.0}, 90.0, 8.0, ["P", "F"]),
    ],
)
def test_geometry_tags(angles: dict[str, float], primary_deg: float, secondary_deg: float, orientation: list[str]) -> None:
    carm = CArm.from_angles(**angles, size=15)
    dataset = make_xa_dataset(frame(), carm, ACQUISITION)
    assert float(dataset.PositionerPrimaryAngle) == pytest.approx(primary_deg, abs=1e-6)
    assert float(dataset.PositionerSecondaryAngle) == pytest.approx(secondary_deg, abs=1e-6)
    assert patient_orientation(carm) == orientation
    assert [float(pitch) for pitch in dataset.ImagerPixelSpacing] == pytest.approx([20.0, 20.0])
    assert float(dataset.DistanceSourceToDetector) == pytest.approx(1000.0)
    assert float(dataset.DistanceSourceToPatient) == pytest.approx(700.0)


def test_technique_and_dose_are_in_the_tags_units() -> None:
    dataset = make_xa_dataset(frame(), CArm.from_angles(size=15), ACQUISITION)
    assert dataset.KVP == 75.0
    assert dataset.ExposureInuAs == 160
    assert float(dataset.ImageAndFluoroscopyAreaDoseProduct) == pytest.approx(2e-3)  # dGy cm2


def test_nobody_is_in_it() -> None:
    dataset = make_xa_dataset(frame(), CArm.from_angles(size=15), ACQUISITION, "clo-left L4")
    assert str(dataset.PatientName) == "SYNTHETIC^NOT FOR CLINICAL USE"
    assert dataset.StudyDescription == "SYNTHETIC - NOT FOR CLINICAL USE"
    assert dataset.SeriesDescription.endswith("clo-left L4")
    assert dataset.PatientBirthDate == ""


def test_uids_come_from_the_content() -> None:
    carm = CArm.from_angles(size=15)
    first, again = (make_xa_dataset(frame(), carm, ACQUISITION) for _ in range(2))
    other = make_xa_dataset(frame(), carm, replace(ACQUISITION, tube_kv=80.0))
    assert first.SOPInstanceUID == again.SOPInstanceUID != other.SOPInstanceUID
    assert all(pydicom.uid.UID(uid).is_valid for uid in (first.SOPInstanceUID, first.StudyInstanceUID, first.SeriesInstanceUID))


def test_wrong_frames_are_refused() -> None:
    carm = CArm.from_angles(size=15)
    with pytest.raises(TypeError, match="must be uint8 or uint16, got float64"):
        make_xa_dataset(np.zeros((15, 15)), carm, ACQUISITION)
    with pytest.raises(ValueError, match=r"view's shape \(15, 15\), got \(15, 14\)"):
        make_xa_dataset(np.zeros((15, 14), dtype=np.uint8), carm, ACQUISITION)
