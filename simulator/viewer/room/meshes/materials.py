"""What things are made of: their colours, and how their surfaces shine."""

from dataclasses import dataclass

from simulator.viewer.room.meshes.mesh import Colour

SKIN: Colour = (214, 166, 138)
GOWN: Colour = (148, 176, 190)
BLANKET: Colour = (176, 186, 192)
CAP: Colour = (120, 168, 196)
DRAPE: Colour = (58, 110, 138)
DRAPE_SHADE: Colour = (48, 90, 113)
DRAPE_EDGE: Colour = (118, 168, 190)
PAD: Colour = (44, 52, 62)
PILLOW: Colour = (196, 202, 206)
WHITE: Colour = (198, 203, 206)
PALE: Colour = (160, 168, 175)
STEEL: Colour = (168, 176, 184)
DARK: Colour = (52, 60, 70)
BLACK: Colour = (26, 30, 36)
CARBON: Colour = (36, 40, 46)
GLOVE: Colour = (232, 222, 196)
SLEEVE: Colour = (70, 120, 150)
CUFF: Colour = (216, 222, 224)
NEEDLE: Colour = (206, 212, 218)
HUB: Colour = (90, 170, 120)
STYLET: Colour = (236, 236, 236)
GLASS: Colour = (196, 216, 226)
PLUNGER: Colour = (238, 240, 242)
RUBBER: Colour = (40, 44, 50)
BEAM: Colour = (214, 176, 92)
BONE: Colour = (232, 220, 190)
DISC: Colour = (150, 178, 196)
FLAVUM: Colour = (236, 196, 84)
DURA: Colour = (150, 196, 236)
NERVE: Colour = (255, 226, 112)
TARGET: Colour = (129, 199, 132)
CORRIDOR: Colour = (129, 199, 132)
MARK: Colour = (120, 60, 170)
TRACK: Colour = (79, 195, 247)
EXPERT_TRACK: Colour = (255, 183, 77)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """How a surface answers light, each 0 to 1: opacity, and the share of highlights and of light from everywhere."""

    opacity: float = 1.0
    specular: float = 0.08
    ambient: float = 0.22
    shine: float = 12.0

    def plain(self) -> dict[str, float]:
        """As the browser's renderer takes it."""
        return {
            "opacity": self.opacity,
            "ambient": self.ambient,
            "diffuse": 1.0 - self.ambient,
            "specular": self.specular,
            "specularPower": self.shine,
        }


CLOTH = Look(specular=0.02, ambient=0.28)
ENAMEL = Look(specular=0.10, shine=24.0)
METAL = Look(specular=0.55, shine=40.0)
# What is translucent costs a browser without a graphics card a second pass over the whole picture: as little as can be.
LOOKS = {
    "skin": Look(specular=0.06, ambient=0.36, shine=10.0),
    "limbs": Look(specular=0.10, ambient=0.26, shine=10.0),
    "clothes": CLOTH,
    "drape": CLOTH,
    "table": Look(specular=0.12),
    "pillow": CLOTH,
    "suite": Look(specular=0.10, ambient=0.30),
    "floor": Look(specular=0.0, ambient=1.0),
    "carm": ENAMEL,
    "holder": ENAMEL,
    "column": ENAMEL,
    "base": ENAMEL,
    "beam": Look(specular=0.0, ambient=1.0),
    "hub": Look(specular=0.35),
    "stylet": Look(specular=0.35),
    **dict.fromkeys(("syringe", "lor"), Look(specular=0.4, shine=50.0)),
    **dict.fromkeys(("plunger", "lor-plunger"), Look(specular=0.3)),
    "tubing": Look(specular=0.5),
    **dict.fromkeys(("right-hand", "left-hand"), Look(specular=0.08, ambient=0.28)),
    "mark": Look(ambient=0.6, specular=0.0),
    "bones": Look(specular=0.12, ambient=0.3),
    "discs": Look(),
    "dura": Look(specular=0.2),
    "roots": Look(specular=0.1),
    "flavum": Look(),
    "target": Look(ambient=0.7, specular=0.0),
    "track": Look(ambient=0.7, specular=0.0),
    "expert-track": Look(ambient=0.7, specular=0.0),
    "corridor": Look(opacity=0.28, ambient=0.8, specular=0.0),
}
GLOW = 0.6  # share of light from everywhere of what one sees through: it must not turn the inside dark
SEE_THROUGH = {"skin": 0.36, "drape": 0.16}
"""Opacity of what covers the anatomy while one may see through it."""


def look_of(name: str, *, see_through: bool = False) -> Look:
    """The look of a mesh; parts of the needle's shaft are metal.

    Parameters
    ----------
    name : str
        Of the mesh.
    see_through : bool
        Whether what covers the anatomy is translucent.
    """
    look = LOOKS.get(name, METAL)
    if not see_through or name not in SEE_THROUGH:
        return look
    return Look(opacity=SEE_THROUGH[name], specular=look.specular, ambient=GLOW, shine=look.shine)
