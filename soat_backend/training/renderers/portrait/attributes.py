"""What a person and the picture taken of them are made of, attribute by attribute.

Lengths are in head units (half the head's height), angles in degrees, colours sRGB 0..255, and what has no unit is
0..1 unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Pose:
    """How the head is held: yaw to the viewer's right, pitch up, roll to the viewer's left."""

    yaw: float
    pitch: float
    roll: float


@dataclass(frozen=True)
class Face:
    """The skull and where things sit on it. `width` is half of it; `eye_spacing` is 1 at the usual distance."""

    width: float
    jaw_taper: float
    squareness: float
    cheek: float
    chin: float
    brow_ridge: float
    ear: float
    eye_spacing: float
    age: float


@dataclass(frozen=True)
class Skin:
    """The complexion: linear colour, and strengths of blush, freckles and shine."""

    colour: Colour
    blush: float
    freckles: float
    shine: float


@dataclass(frozen=True)
class Eyes:
    """`width` is half of it, `height` from the middle to the upper lid; gaze is -1..1 to the right and up.

    `tilt` raises the outer corners, `makeup` is the strength of the eyeshadow, `lashes` thickens the lid's line.
    """

    width: float
    height: float
    tilt: float
    roundness: float
    opening: float
    iris: Colour
    iris_size: float
    gaze_x: float
    gaze_y: float
    makeup: float
    eyeshadow: Colour
    lashes: float


@dataclass(frozen=True)
class Brows:
    """`height` raises both, `anger` lowers the inner ends (-1..1), `uneven` raises one over the other."""

    colour: Colour
    thickness: float
    height: float
    arch: float
    anger: float
    uneven: float


@dataclass(frozen=True)
class Nose:
    """`width` and `bridge` (how far it stands out) in head units; `tip` shifts the tip up; `hump` is the ridge's."""

    width: float
    tip: float
    bridge: float
    hump: float


@dataclass(frozen=True)
class Mouth:
    """`width` is half of it; `smile` is -0.6 (sad) to 1; `opening` 0 is closed."""

    width: float
    smile: float
    opening: float
    teeth: bool
    upper_lip: float
    lower_lip: float
    colour: Colour
    gloss: float


@dataclass(frozen=True)
class Hair:
    """`cut` is one of haircuts.CUTS, `fringe` one of haircuts.FRINGES; `parting` is -1..1 to the right."""

    cut: str
    fringe: str
    colour: Colour
    tips: Colour
    volume: float
    length: float
    hairline: float
    wave: float
    gloss: float
    parting: float


@dataclass(frozen=True)
class Beard:
    """`style` is none, stubble, moustache, goatee or full."""

    style: str
    colour: Colour


@dataclass(frozen=True)
class Glasses:
    """`style` is none, round, square or cat; `tint` 0 is clear."""

    style: str
    frame: Colour
    thickness: float
    size: float
    lens: Colour
    tint: float


@dataclass(frozen=True)
class Hat:
    """`style` is none or beanie; `height` makes it taller."""

    style: str
    colour: Colour
    height: float


@dataclass(frozen=True)
class Clothes:
    """`collar` is crew, vneck or turtleneck; `neck` and `shoulders` are half-widths.

    `garment` is one of garments.GARMENTS that has this collar; it is seen in large pictures only.
    """

    collar: str
    colour: Colour
    stripes: bool
    stripe_colour: Colour
    neck: float
    shoulders: float
    garment: str = "tee"


@dataclass(frozen=True)
class Light:
    """The key light's direction and colour, the ambience, a rim from behind, and how the picture is developed."""

    azimuth: float
    elevation: float
    key: Colour
    sky: Colour
    ground: Colour
    rim: Colour
    key_gain: float
    rim_gain: float
    exposure: float
    vignette: float
    saturation: float
    contrast: float


@dataclass(frozen=True)
class Background:
    """`style` is gradient, studio, window, sky or foliage; `focus` the x of its brightest part, a fraction."""

    style: str
    dark: Colour
    bright: Colour
    focus: float
    seed: int
