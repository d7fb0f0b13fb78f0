r"""DICOM X-Ray Angiographic Image (XA): one frame, its geometry and its dose, of a patient who does not exist.

Geometry follows the conventions in :mod:`simulator.geometry`: with the detector over a prone back PositionerPrimaryAngle is 180
and PatientOrientation R\F. UIDs come from the content, so that equal frames make equal files. Needs the extra ``dicom``.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray

import simulator
from simulator.geometry.carm import CArm, dicom_angles

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

XA_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1.12.1"
EXPLICIT_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
NAMESPACE = UUID("6f0b7f5e-5f2b-5c3c-9a53-0c6a4b1f7d21")  # of this package's UIDs
IMPLEMENTATION_UID = f"2.25.{uuid5(NAMESPACE, 'implementation').int}"
WARNING = "SYNTHETIC - NOT FOR CLINICAL USE"
OBLIQUE_COSINE = 0.342  # an axis names a second direction where it leans to it by more than 20 degrees
DIRECTIONS = (("L", "R"), ("P", "A"), ("H", "F"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Acquisition:
    """What the generator and the dose meter read for one pulse.

    Attributes
    ----------
    tube_kv, tube_ma, pulse_ms : float
        Peak voltage, kV; current, mA; pulse width, ms.
    dap_gy_cm2 : float
        Dose-area product of this image, Gy cm2.
    entrance_mgy : float
        Air kerma at the patient entrance reference point, mGy.
    sod_mm : float
        Source to isocentre, mm.
    """

    tube_kv: float
    tube_ma: float
    pulse_ms: float
    dap_gy_cm2: float
    entrance_mgy: float
    sod_mm: float


def write_xa(path: Path, frame: NDArray[np.unsignedinteger], carm: CArm, acquisition: Acquisition, description: str = "") -> None:
    """Write a frame as a DICOM file.

    Parameters
    ----------
    path : Path
        File to write.
    frame : ndarray, shape (rows, columns)
        Display values, uint8 or uint16.
    carm : CArm
        The view that the frame shows.
    acquisition : Acquisition
        Technique and dose.
    description : str
        Goes into the series description after the warning.

    Raises
    ------
    ValueError
        If pydicom is missing, or the frame and the view differ in shape.
    TypeError
        If the frame is neither uint8 nor uint16.
    """
    make_xa_dataset(frame, carm, acquisition, description).save_as(path, enforce_file_format=True)


def make_xa_dataset(frame: NDArray[np.unsignedinteger], carm: CArm, acquisition: Acquisition, description: str = "") -> "Dataset":
    """Return the data set that `write_xa` writes; parameters and errors as there: frame of shape (rows, columns), uint8 or uint16."""
    _check(frame, carm)
    content = sha256(frame.tobytes() + repr((carm, acquisition, description)).encode()).hexdigest()
    dataset = _make_file(content)
    _identify(dataset, description, content)
    _place(dataset, carm, acquisition)
    _expose(dataset, acquisition)
    _show(dataset, frame)
    return dataset


def patient_orientation(carm: CArm) -> list[str]:
    r"""Directions of increasing column and increasing row in the patient, as in PatientOrientation; ``["R", "F"]`` at prone neutral."""
    return [_letters(carm.right), _letters(carm.down)]


def _letters(axis: NDArray[np.float64]) -> str:
    order = sorted(range(3), key=lambda i: -abs(axis[i]))
    named = [i for rank, i in enumerate(order) if rank == 0 or abs(axis[i]) > OBLIQUE_COSINE]
    return "".join(DIRECTIONS[i][0] if axis[i] > 0 else DIRECTIONS[i][1] for i in named)


def _check(frame: NDArray[np.unsignedinteger], carm: CArm) -> None:
    if frame.dtype not in (np.uint8, np.uint16):
        raise TypeError(f"a DICOM frame must be uint8 or uint16, got {frame.dtype}")
    if frame.shape != carm.shape:
        raise ValueError(f"the frame must have the view's shape {carm.shape}, got {frame.shape}")


def _uid(*parts: str) -> str:
    """UID from content, by the UUID-derived root 2.25 (DICOM PS3.5 B.2)."""
    return f"2.25.{uuid5(NAMESPACE, '/'.join(parts)).int}"


def _make_file(content: str) -> "Dataset":
    try:
        from pydicom.dataset import Dataset, FileMetaDataset
        from pydicom.uid import UID
    except ImportError as error:
        raise ValueError("DICOM files need pydicom: pip install 'epifluoro[dicom]'") from error
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = UID(XA_IMAGE_STORAGE)
    meta.MediaStorageSOPInstanceUID = UID(_uid("instance", content))
    meta.TransferSyntaxUID = UID(EXPLICIT_LITTLE_ENDIAN)
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = f"EPIFLUORO_{simulator.__version__}"[:16]
    dataset = Dataset()
    dataset.file_meta = meta
    return dataset


def _identify(dataset: "Dataset", description: str, content: str) -> None:
    """Patient, study, series, equipment and instance: nobody, nowhere, never."""
    dataset.SOPClassUID = XA_IMAGE_STORAGE
    dataset.SOPInstanceUID = _uid("instance", content)
    dataset.StudyInstanceUID = _uid("study", content)
    dataset.SeriesInstanceUID = _uid("series", content)
    dataset.PatientName = "SYNTHETIC^NOT FOR CLINICAL USE"
    dataset.PatientID = "EPIFLUORO"
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = "Synthetic: there is no person"
    for keyword in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID"):
        setattr(dataset, keyword, "")
    dataset.StudyDescription = WARNING
    dataset.SeriesDescription = f"{WARNING}: {description}"[:64].rstrip(": ")
    dataset.ImageComments = f"{WARNING}. Simulated fluoroscopy for education and research. {description}".strip()
    dataset.Modality = "XA"
    dataset.Manufacturer = "epifluoro"
    dataset.ManufacturerModelName = "simulated C-arm"
    dataset.SoftwareVersions = simulator.__version__
    dataset.SeriesNumber, dataset.InstanceNumber = "1", "1"
    dataset.BodyPartExamined = "LSPINE"


def _place(dataset: "Dataset", carm: CArm, acquisition: Acquisition) -> None:
    primary_deg, secondary_deg = dicom_angles(carm)
    dataset.PatientPosition = "HFP"
    dataset.PatientOrientation = patient_orientation(carm)
    dataset.PositionerMotion = "STATIC"
    dataset.PositionerPrimaryAngle = _decimal(primary_deg)
    dataset.PositionerSecondaryAngle = _decimal(secondary_deg)
    dataset.DistanceSourceToDetector = _decimal(carm.source_to_image_mm)
    dataset.DistanceSourceToPatient = _decimal(acquisition.sod_mm)
    dataset.EstimatedRadiographicMagnificationFactor = _decimal(carm.source_to_image_mm / acquisition.sod_mm)
    dataset.ImagerPixelSpacing = [_decimal(carm.pixel_mm)] * 2


def _expose(dataset: "Dataset", acquisition: Acquisition) -> None:
    charge_uas = acquisition.tube_ma * acquisition.pulse_ms
    dataset.KVP = _decimal(acquisition.tube_kv)
    dataset.RadiationSetting = "SC"
    dataset.XRayTubeCurrent = str(round(acquisition.tube_ma))
    dataset.ExposureTime = str(round(acquisition.pulse_ms))
    dataset.AveragePulseWidth = _decimal(acquisition.pulse_ms)
    dataset.Exposure = str(round(charge_uas / 1000.0))
    dataset.ExposureInuAs = str(round(charge_uas))
    dataset.ImageAndFluoroscopyAreaDoseProduct = _decimal(acquisition.dap_gy_cm2 * 10.0)  # the tag is in dGy cm2
    dataset.EntranceDoseInmGy = _decimal(acquisition.entrance_mgy)


def _show(dataset: "Dataset", frame: NDArray[np.unsignedinteger]) -> None:
    bits = frame.dtype.itemsize * 8
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.Rows, dataset.Columns = frame.shape
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit, dataset.PixelRepresentation = bits - 1, 0
    dataset.PixelIntensityRelationship = "DISP"
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"
    dataset.WindowCenter, dataset.WindowWidth = str(2 ** (bits - 1)), str(2**bits)
    data = frame.astype(frame.dtype.newbyteorder("<")).tobytes()
    dataset.add_new("PixelData", "OB" if bits == 8 else "OW", data + b"\0" * (len(data) % 2))


def _decimal(value: float) -> str:
    """A decimal string of at most 16 characters."""
    return f"{value:.10g}"[:16]
