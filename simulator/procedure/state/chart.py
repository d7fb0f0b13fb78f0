"""The chart: what has been read, examined, asked, decided and said, as the actor did it."""

from dataclasses import dataclass

from scenarios.names.enums import Advice, Antiseptic, Decision, Examination, OrderedTest, Party, Posture, Protection, ReviewItem, Risk


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """The actor's side of the checklist.

    Attributes
    ----------
    reviewed, tested, contacted, stopped, risks, advice : tuple
        Items in the order in which they were done.
    examined : tuple of (Examination, float)
        With the time, s.
    decision : Decision or None
        Not taken yet: None.
    consent, draped, monitored : bool
        Whether done.
    time_out : (str, str, str) or None
        Patient, level and side, as said.
    posture : Posture or None
        As positioned; None: face down as the patient came, without a pillow.
    antiseptic : Antiseptic or None
        On the skin.
    protection : tuple of Protection
        Worn.
    """

    reviewed: tuple[ReviewItem, ...] = ()
    examined: tuple[tuple[Examination, float], ...] = ()
    tested: tuple[OrderedTest, ...] = ()
    contacted: tuple[Party, ...] = ()
    stopped: tuple[str, ...] = ()
    decision: Decision | None = None
    consent: bool = False
    risks: tuple[Risk, ...] = ()
    time_out: tuple[str, str, str] | None = None
    posture: Posture | None = None
    antiseptic: Antiseptic | None = None
    draped: bool = False
    protection: tuple[Protection, ...] = ()
    monitored: bool = False
    advice: tuple[Advice, ...] = ()

    @property
    def prone(self) -> bool:
        """Whether the patient lies face down, as needle and C-arm need."""
        return self.posture in (None, Posture.PRONE, Posture.PRONE_PILLOW)


def add_once(items: tuple, item: object) -> tuple:
    """Items with one more, unless it is there already."""
    return items if item in items else (*items, item)
