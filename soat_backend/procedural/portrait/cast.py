"""Random people: who they are, how they look and what they wear."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import palettes
from .haircuts import FRINGES
from .person import (
    Background,
    Beard,
    Brows,
    Clothes,
    Colour,
    Eyes,
    Face,
    Glasses,
    Hair,
    Hat,
    Light,
    Mouth,
    Nose,
    Person,
    Pose,
    Skin,
)

Rng = np.random.Generator

# How often each is chosen.
_CUTS_MASCULINE = {
    "short": 0.27, "crop": 0.20, "quiff": 0.14, "buzz": 0.08, "bald": 0.07, "curly": 0.06, "afro": 0.06, "long": 0.05,
    "lob": 0.05, "bun": 0.02,
}  # fmt: skip
_CUTS_FEMININE = {
    "bob": 0.18, "lob": 0.17, "long": 0.20, "long curls": 0.11, "curly": 0.08, "afro": 0.07, "bun": 0.09, "short": 0.07,
    "crop": 0.02, "buzz": 0.01,
}  # fmt: skip
_FRINGES = {"swept back": 0.20, "blunt": 0.18, "side": 0.30, "curtain": 0.25, "tousled": 0.07}
_FRINGES_SHORT = {"swept back": 0.34, "blunt": 0.04, "side": 0.28, "curtain": 0.04, "tousled": 0.30}
_CUTS_SWEPT_BACK = ("quiff", "buzz", "afro", "bun")
_CUTS_UNDER_HATS = ("short", "crop", "buzz", "bald", "bob", "lob", "long")
_BEARDS = {"none": 0.76, "stubble": 0.09, "moustache": 0.03, "goatee": 0.04, "full": 0.08}
_COLLARS = {"crew": 0.50, "vneck": 0.28, "turtleneck": 0.22}


def random_person(rng: Rng) -> Person:
    """Draw everything a portrait shows.

    Args:
        rng: Source of randomness; consumed.
    """
    masculine = _chance(rng, 0.5)
    age = float(np.clip(rng.beta(1.1, 2.6) * 1.1, 0, 1))
    skin = _skin(rng)
    hair = _hair(rng, masculine, age, skin.colour)
    return Person(
        pose=Pose(_normal(rng, 16, 35), _normal(rng, 5, 12), _normal(rng, 2.2, 6)),
        face=_face(rng, masculine, age),
        skin=skin,
        eyes=_eyes(rng, masculine, skin.colour),
        brows=_brows(rng, masculine, hair.colour),
        nose=Nose(rng.uniform(0.060, 0.105), rng.uniform(-0.03, 0.05), rng.uniform(0.12, 0.20), _normal(rng, 0.010, 0.02)),
        mouth=_mouth(rng, masculine, skin.colour),
        hair=hair,
        beard=Beard(_weighted(rng, _BEARDS) if masculine else "none", _scaled(hair.colour, 0.8)),
        glasses=_glasses(rng),
        hat=_hat(rng, hair.cut),
        clothes=_clothes(rng, masculine),
        grain=rng.uniform(0, 100),
        **_surroundings(rng),
    )


def _face(rng: Rng, masculine: bool, age: float) -> Face:
    return Face(
        width=rng.uniform(0.69, 0.80),
        jaw_taper=rng.uniform(0.10, 0.26) if masculine else rng.uniform(0.20, 0.34),
        squareness=rng.uniform(0.25, 0.55) if masculine else rng.uniform(0.12, 0.38),
        cheek=rng.uniform(0.015, 0.065),
        chin=rng.uniform(0.02, 0.07),
        brow_ridge=rng.uniform(0.025, 0.05) if masculine else rng.uniform(0.005, 0.025),
        ear=rng.uniform(0.85, 1.12),
        eye_spacing=rng.uniform(0.94, 1.06),
        age=age,
    )


def _skin(rng: Rng) -> Skin:
    if _chance(rng, 0.025):
        colour = _pick(rng, palettes.FANTASY_SKINS)
    else:
        position = rng.beta(1.0, 1.25) * (len(palettes.SKINS) - 1)
        index = min(int(position), len(palettes.SKINS) - 2)
        colour = _mixed(palettes.SKINS[index], palettes.SKINS[index + 1], position - index)
    freckles = rng.uniform(0.4, 1) if _chance(rng, 0.10) else 0.0
    return Skin(_varied(rng, colour, 3), rng.uniform(0.15, 0.55), freckles, rng.uniform(0.4, 1.4))


def _eyes(rng: Rng, masculine: bool, skin: Colour) -> Eyes:
    browns = _chance(rng, _darkness(skin))
    return Eyes(
        width=rng.uniform(0.180, 0.215),
        height=rng.uniform(0.125, 0.160),
        tilt=float(rng.normal()) * 0.06 + 0.04,
        roundness=rng.uniform(0.1, 0.65),
        opening=rng.uniform(0.70, 0.97),
        iris=_varied(rng, _pick(rng, palettes.IRISES[:4] if browns else palettes.IRISES)),
        iris_size=rng.uniform(0.92, 1.10),
        gaze_x=_normal(rng, 0.3, 1),
        gaze_y=_normal(rng, 0.2, 0.6),
        makeup=rng.uniform(0.2, 0.8) if not masculine and _chance(rng, 0.4) else 0.0,
        eyeshadow=_varied(rng, _pick(rng, palettes.EYESHADOWS)),
        lashes=rng.uniform(0.15, 0.45) if masculine else rng.uniform(0.55, 1.05),
    )


def _brows(rng: Rng, masculine: bool, hair: Colour) -> Brows:
    return Brows(
        colour=_scaled(hair, 0.5 if sum(hair) > 180 else 0.8, 200),
        thickness=rng.uniform(0.036, 0.056) if masculine else rng.uniform(0.026, 0.042),
        height=_normal(rng, 0.7, 1.6) - 0.1,
        arch=rng.uniform(0.3, 1.2),
        anger=_normal(rng, 0.22, 0.6),
        uneven=float(rng.normal()) * 0.8 if _chance(rng, 0.2) else 0.0,
    )


def _mouth(rng: Rng, masculine: bool, skin: Colour) -> Mouth:
    red, green, blue = skin
    natural = (red * 0.86 + 16, green * 0.54 + 6, blue * 0.56 + 8)
    painted = not masculine and _chance(rng, 0.45)
    smile = float(np.clip(rng.normal() * 0.33 + 0.62, -0.35, 1.05))
    opening = rng.uniform(0.35, 0.95) if _chance(rng, 0.36) else 0.0
    return Mouth(
        width=rng.uniform(0.26, 0.33),
        smile=max(smile, 0.35) if opening else smile,
        opening=opening,
        teeth=_chance(rng, 0.9),
        upper_lip=rng.uniform(0.038, 0.055) if masculine else rng.uniform(0.048, 0.066),
        lower_lip=rng.uniform(0.050, 0.070) if masculine else rng.uniform(0.060, 0.084),
        colour=_varied(rng, _pick(rng, palettes.LIPSTICKS) if painted else natural, 4),
        gloss=rng.uniform(0.04, 0.18),
    )


def _hair(rng: Rng, masculine: bool, age: float, skin: Colour) -> Hair:
    cut = _weighted(rng, _CUTS_MASCULINE if masculine else _CUTS_FEMININE)
    dyed = _chance(rng, 0.15)
    natural = palettes.NATURAL_HAIR[:5] if _chance(rng, _darkness(skin)) else palettes.NATURAL_HAIR
    colour = _varied(rng, _pick(rng, palettes.DYED_HAIR if dyed else natural), 4)
    if age > 0.70 and not dyed:
        colour = _mixed(colour, (178, 176, 178), 0.7)
    fringe = _weighted(rng, _FRINGES_SHORT if cut in ("short", "crop") else _FRINGES)
    lighter = rng.uniform(1.0, 1.25)
    return Hair(
        cut=cut,
        fringe=FRINGES[0] if cut in _CUTS_SWEPT_BACK else fringe,
        colour=colour,
        tips=_varied(rng, _pick(rng, palettes.DYED_HAIR)) if _chance(rng, 0.03) else _scaled(colour, lighter, 246),
        volume=rng.uniform(0.8, 1.2),
        length=rng.uniform(0.88, 1.12),
        hairline=rng.uniform(-0.06, 0.08),
        wave=float(rng.uniform(0, 1) ** 1.5),
        gloss=rng.uniform(0.5, 1.2),
        parting=rng.uniform(-1, 1),
    )


def _glasses(rng: Rng) -> Glasses:
    return Glasses(
        style=_pick(rng, ("round", "square", "cat")) if _chance(rng, 0.18) else "none",
        frame=_varied(rng, _pick(rng, palettes.FRAMES)),
        thickness=rng.uniform(0.020, 0.034),
        size=rng.uniform(0.95, 1.08),
        lens=_varied(rng, _pick(rng, palettes.DARK_LENSES)),
        tint=rng.uniform(0.88, 0.97) if _chance(rng, 0.15) else rng.uniform(0.0, 0.06),
    )


def _hat(rng: Rng, cut: str) -> Hat:
    worn = _chance(rng, 0.11) and cut in _CUTS_UNDER_HATS
    return Hat(
        style="beanie" if worn else "none",
        colour=_varied(rng, _pick(rng, palettes.CLOTHS)),
        height=rng.uniform(0, 1),
    )


def _clothes(rng: Rng, masculine: bool) -> Clothes:
    return Clothes(
        collar=_weighted(rng, _COLLARS),
        colour=_varied(rng, _pick(rng, palettes.CLOTHS)),
        stripes=_chance(rng, 0.04),
        stripe_colour=_varied(rng, _pick(rng, palettes.CLOTHS)),
        neck=rng.uniform(0.34, 0.40) if masculine else rng.uniform(0.27, 0.32),
        shoulders=rng.uniform(1.55, 1.85) if masculine else rng.uniform(1.35, 1.55),
    )


def _surroundings(rng: Rng) -> dict[str, Light | Background]:
    """The light, and a background that goes with it."""
    kind = palettes.LIGHTS[int(rng.choice(len(palettes.LIGHTS), p=[kind.share for kind in palettes.LIGHTS]))]
    side = 1 if _chance(rng, 0.5) else -1
    light = Light(
        azimuth=side * rng.uniform(10, 50),
        elevation=rng.uniform(15, 45),
        key=_varied(rng, kind.key, 4),
        sky=_varied(rng, kind.sky, 4),
        ground=_varied(rng, kind.ground, 4),
        rim=_varied(rng, kind.rim, 4),
        key_gain=kind.gain * rng.uniform(0.96, 1.14),
        rim_gain=rng.uniform(0.3, 1.1),
        exposure=rng.uniform(1.0, 1.12),
        vignette=rng.uniform(0.05, 0.35),
        saturation=rng.uniform(0.95, 1.08),
        contrast=rng.uniform(0.05, 0.30),
    )
    style = _pick(rng, kind.backgrounds)
    dark, bright = _pick(rng, palettes.BACKDROPS)
    if style == "foliage":
        dark, bright = (58, 84, 58), (160, 188, 116)
    if style == "sky":
        dark, bright = _pick(rng, (((104, 150, 206), (214, 226, 234)), ((120, 138, 190), (246, 206, 180))))
    background = Background(
        style, _varied(rng, dark), _varied(rng, bright), rng.uniform(0.2, 0.8), int(rng.integers(1 << 30))
    )
    return {"light": light, "background": background}


def _darkness(skin: Colour) -> float:
    """Probability that only dark hair or eyes are drawn for a skin, which go together as a rule, not always."""
    return float(np.clip((240 - skin[0]) / 150, 0, 0.85))


def _chance(rng: Rng, probability: float) -> bool:
    return bool(rng.random() < probability)


def _pick(rng: Rng, options: Sequence):
    return options[int(rng.integers(len(options)))]


def _weighted(rng: Rng, shares: dict[str, float]) -> str:
    weights = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(shares), p=weights / weights.sum()))]


def _normal(rng: Rng, deviation: float, limit: float) -> float:
    return float(np.clip(rng.normal() * deviation, -limit, limit))


def _colour(values: np.ndarray) -> Colour:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _mixed(a: Colour, b: Colour, share: float) -> Colour:
    return _colour(np.array(a) + (np.array(b) - np.array(a)) * share)


def _scaled(colour: Colour, factor: float, limit: float = 230) -> Colour:
    return _colour(np.clip(np.array(colour) * factor, 8, limit))


def _varied(rng: Rng, colour: Colour, deviation: float = 6) -> Colour:
    """A little lighter or darker, and another hue."""
    return _colour(np.clip(np.array(colour) * (1 + rng.normal() * 0.06) + rng.normal(size=3) * deviation, 4, 252))
