"""Tissue labels of the field and the X-ray materials of which the tissues are made."""

from enum import IntEnum, StrEnum


class Material(StrEnum):
    """What a tissue is made of, as the X-ray sees it; `simulator.xray` owns the numbers."""

    AIR = "air"
    SKIN = "skin"
    ADIPOSE = "adipose"
    MUSCLE = "muscle"
    SOFT_TISSUE = "soft tissue"
    LIGAMENT = "ligament"
    DISC = "disc"
    CSF = "csf"
    NERVE = "nerve"
    BLOOD = "blood"
    CORTICAL_BONE = "cortical bone"
    SPONGIOSA = "spongiosa"
    GAS = "gas"


class Tissue(IntEnum):
    """Label that `Patient.tissue` returns for a point (uint8)."""

    AIR = 0
    SKIN = 1
    SUBCUTANEOUS_FAT = 2
    MUSCLE = 3
    ABDOMINAL_FAT = 4
    VISCERA = 5
    BOWEL_GAS = 6
    SUPRASPINOUS_LIGAMENT = 10
    INTERSPINOUS_LIGAMENT = 11
    INTERSPINOUS_GAP = 12
    LIGAMENTUM_FLAVUM = 13
    SACROCOCCYGEAL_LIGAMENT = 14
    FACET_JOINT = 15
    EPIDURAL_DORSAL = 20
    EPIDURAL_LATERAL = 21
    EPIDURAL_VENTRAL = 22
    EPIDURAL_FORAMINAL = 23
    EPIDURAL_VEIN = 24
    RADICULAR_ARTERY = 25
    DURA = 30
    CSF = 31
    CORD = 32
    CAUDA_EQUINA = 33
    NERVE_ROOT = 34
    DORSAL_ROOT_GANGLION = 35
    CORTICAL_BONE = 40
    TRABECULAR_BONE = 41
    ENDPLATE = 42
    ANNULUS = 50
    NUCLEUS = 51
    CARTILAGE = 52


EPIDURAL = frozenset({Tissue.EPIDURAL_DORSAL, Tissue.EPIDURAL_LATERAL, Tissue.EPIDURAL_VENTRAL, Tissue.EPIDURAL_FORAMINAL})
"""Zones of the epidural fat."""

IN_SAC = frozenset({Tissue.CSF, Tissue.CORD, Tissue.CAUDA_EQUINA})
"""What lies within the dura."""

MATERIAL: dict[Tissue, Material] = {
    Tissue.AIR: Material.AIR,
    Tissue.SKIN: Material.SKIN,
    Tissue.SUBCUTANEOUS_FAT: Material.ADIPOSE,
    Tissue.MUSCLE: Material.MUSCLE,
    Tissue.ABDOMINAL_FAT: Material.ADIPOSE,
    Tissue.VISCERA: Material.SOFT_TISSUE,
    Tissue.BOWEL_GAS: Material.GAS,
    Tissue.SUPRASPINOUS_LIGAMENT: Material.LIGAMENT,
    Tissue.INTERSPINOUS_LIGAMENT: Material.LIGAMENT,
    Tissue.INTERSPINOUS_GAP: Material.ADIPOSE,
    Tissue.LIGAMENTUM_FLAVUM: Material.LIGAMENT,
    Tissue.SACROCOCCYGEAL_LIGAMENT: Material.LIGAMENT,
    Tissue.FACET_JOINT: Material.DISC,
    Tissue.EPIDURAL_DORSAL: Material.ADIPOSE,
    Tissue.EPIDURAL_LATERAL: Material.ADIPOSE,
    Tissue.EPIDURAL_VENTRAL: Material.ADIPOSE,
    Tissue.EPIDURAL_FORAMINAL: Material.ADIPOSE,
    Tissue.EPIDURAL_VEIN: Material.BLOOD,
    Tissue.RADICULAR_ARTERY: Material.BLOOD,
    Tissue.DURA: Material.LIGAMENT,
    Tissue.CSF: Material.CSF,
    Tissue.CORD: Material.NERVE,
    Tissue.CAUDA_EQUINA: Material.NERVE,
    Tissue.NERVE_ROOT: Material.NERVE,
    Tissue.DORSAL_ROOT_GANGLION: Material.NERVE,
    Tissue.CORTICAL_BONE: Material.CORTICAL_BONE,
    Tissue.TRABECULAR_BONE: Material.SPONGIOSA,
    Tissue.ENDPLATE: Material.CORTICAL_BONE,
    Tissue.ANNULUS: Material.DISC,
    Tissue.NUCLEUS: Material.DISC,
    Tissue.CARTILAGE: Material.DISC,
}
