"""Random people: who they are, how they look and what they wear."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from . import palettes
from .attributes import Beard, Brows, Colour, Eyes, Face, Mouth, Nose, Pose, Skin
from .draws import Rng, chance, darkness, limited_normal, mixed, pick, scaled, varied, weighted
from .person import Person
from .surroundings import random_background, random_light, random_light_kind
from .wardrobe import random_clothes, random_garment, random_glasses, random_hair, random_hat

_BEARDS = {"none": 0.76, "stubble": 0.09, "moustache": 0.03, "goatee": 0.04, "full": 0.08}


def random_person(rng: Rng) -> Person:
    """Draw everything a portrait shows.

    Args:
        rng: Source of randomness; consumed.
    """
    masculine = chance(rng, 0.5)
    age = float(np.clip(rng.beta(1.1, 2.6) * 1.1, 0, 1))
    skin = _skin(rng)
    hair = random_hair(rng, masculine, age, skin.colour)
    person = Person(
        pose=Pose(limited_normal(rng, 16, 35), limited_normal(rng, 5, 12), limited_normal(rng, 2.2, 6)),
        face=_face(rng, masculine, age),
        skin=skin,
        eyes=_eyes(rng, masculine, skin.colour),
        brows=_brows(rng, masculine, hair.colour),
        nose=_nose(rng),
        mouth=_mouth(rng, masculine, skin.colour),
        hair=hair,
        beard=Beard(weighted(rng, _BEARDS) if masculine else "none", scaled(hair.colour, 0.8)),
        glasses=random_glasses(rng),
        hat=random_hat(rng, hair.cut),
        clothes=random_clothes(rng, masculine),
        grain=rng.uniform(0, 100),
        light=random_light(rng, kind := random_light_kind(rng)),
        background=random_background(rng, kind),
    )
    # What only large pictures show is drawn last, so that people stay who they were.
    return replace(person, clothes=random_garment(rng, person.clothes))


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
    if chance(rng, 0.025):
        colour = pick(rng, palettes.FANTASY_SKINS)
    else:
        position = rng.beta(1.0, 1.25) * (len(palettes.SKINS) - 1)
        index = min(int(position), len(palettes.SKINS) - 2)
        colour = mixed(palettes.SKINS[index], palettes.SKINS[index + 1], position - index)
    freckles = rng.uniform(0.4, 1) if chance(rng, 0.10) else 0.0
    return Skin(varied(rng, colour, 3), rng.uniform(0.15, 0.55), freckles, rng.uniform(0.4, 1.4))


def _eyes(rng: Rng, masculine: bool, skin: Colour) -> Eyes:
    browns = chance(rng, darkness(skin))
    return Eyes(
        width=rng.uniform(0.180, 0.215),
        height=rng.uniform(0.125, 0.160),
        tilt=float(rng.normal()) * 0.06 + 0.04,
        roundness=rng.uniform(0.1, 0.65),
        opening=rng.uniform(0.70, 0.97),
        iris=varied(rng, pick(rng, palettes.IRISES[:4] if browns else palettes.IRISES)),
        iris_size=rng.uniform(0.92, 1.10),
        gaze_x=limited_normal(rng, 0.3, 1),
        gaze_y=limited_normal(rng, 0.2, 0.6),
        makeup=rng.uniform(0.2, 0.8) if not masculine and chance(rng, 0.4) else 0.0,
        eyeshadow=varied(rng, pick(rng, palettes.EYESHADOWS)),
        lashes=rng.uniform(0.15, 0.45) if masculine else rng.uniform(0.55, 1.05),
    )


def _brows(rng: Rng, masculine: bool, hair: Colour) -> Brows:
    return Brows(
        colour=scaled(hair, 0.5 if sum(hair) > 180 else 0.8, 200),
        thickness=rng.uniform(0.036, 0.056) if masculine else rng.uniform(0.026, 0.042),
        height=limited_normal(rng, 0.7, 1.6) - 0.1,
        arch=rng.uniform(0.3, 1.2),
        anger=limited_normal(rng, 0.22, 0.6),
        uneven=float(rng.normal()) * 0.8 if chance(rng, 0.2) else 0.0,
    )


def _nose(rng: Rng) -> Nose:
    return Nose(
        width=rng.uniform(0.060, 0.105),
        tip=rng.uniform(-0.03, 0.05),
        bridge=rng.uniform(0.12, 0.20),
        hump=limited_normal(rng, 0.010, 0.02),
    )


def _mouth(rng: Rng, masculine: bool, skin: Colour) -> Mouth:
    red, green, blue = skin
    natural = (red * 0.86 + 16, green * 0.54 + 6, blue * 0.56 + 8)
    painted = not masculine and chance(rng, 0.45)
    smile = float(np.clip(rng.normal() * 0.33 + 0.62, -0.35, 1.05))
    opening = rng.uniform(0.35, 0.95) if chance(rng, 0.36) else 0.0
    return Mouth(
        width=rng.uniform(0.26, 0.33),
        smile=max(smile, 0.35) if opening else smile,
        opening=opening,
        teeth=chance(rng, 0.9),
        upper_lip=rng.uniform(0.038, 0.055) if masculine else rng.uniform(0.048, 0.066),
        lower_lip=rng.uniform(0.050, 0.070) if masculine else rng.uniform(0.060, 0.084),
        colour=varied(rng, pick(rng, palettes.LIPSTICKS) if painted else natural, 4),
        gloss=rng.uniform(0.04, 0.18),
    )
