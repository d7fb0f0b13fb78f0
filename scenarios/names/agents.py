"""Names of what a syringe may hold; `simulator.contrast` owns the properties."""

from enum import StrEnum


class Agent(StrEnum):
    """An injectable agent, as a case file and a log name it."""

    IOHEXOL_180 = "iohexol 180"
    IOHEXOL_240 = "iohexol 240"
    IOHEXOL_300 = "iohexol 300"
    SALINE = "saline"
    AIR = "air"
    LIDOCAINE = "lidocaine"
    BUPIVACAINE = "bupivacaine"
    ROPIVACAINE = "ropivacaine"
    DEXAMETHASONE = "dexamethasone"
    METHYLPREDNISOLONE = "methylprednisolone"
    TRIAMCINOLONE = "triamcinolone"
    BETAMETHASONE = "betamethasone"
    GADOLINIUM = "gadolinium"
