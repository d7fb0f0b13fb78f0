"""Simulated fluoroscopy-guided epidural injection: patients, X-ray, needle, contrast medium, whole procedures and their score.

For education and research only; never for guiding a real needle. Not a medical device, not validated against patients.

Start
-----
::

    import simulator as ef

    case = ef.load_case("lumbar-interlaminar-l4-l5")
    state = ef.begin(case, seed=1)
    state = ef.step(state, ef.actions.Shoot())
    ef.render(state, size=512)                      # the monitor, uint8
    states = ef.play(case, "expert", seed=1)
    ef.score(states).grade
    ef.report(states).save("report.html")
    patient = ef.Patient.sample(seed=7, bmi=34)
    ef.shoot(patient, view="clo-left", level="L4").pixels

Names
-----
Choose a case
    `list_cases`, `load_case`, `list_scripts`
Do the procedure
    `begin`, `step` with one of `actions`, `observe`; or `play` a script
See it
    `render` the monitor; `expose` and `develop` a pulse
Judge it
    `score`, `report`
Image a patient
    `Patient`, `shoot`; `list_views`, `list_levels`, `aim`, `CArm`; `list_needles`, `make_needle`

Each is loaded when it is first used. ``help(ef.shoot)`` explains one, with an example; nothing else needs to be known.

Conventions
-----------
World frame: the patient's, DICOM LPS (+x left, +y posterior, +z superior), mm, origin in the middle of the L3 body; the patient lies prone.
Images: row 0 is cranial, column 0 the patient's left at oblique 0. Angles at the door are degrees, seeds decide all that chance decides.
A state is a frozen value: an action makes another one. Equal cases, seeds and actions give equal bits, on one thread of linear algebra.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

_load, _, __all__ = _lazy.attach_stub(__name__, __file__)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


def __getattr__(name: str) -> object:
    if name in __all__:
        return _load(name)
    raise AttributeError(_explain_missing(name))


def _explain_missing(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, __all__, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(__all__)}"
    return f"module '{__name__}' has no '{name}'; {hint}"
