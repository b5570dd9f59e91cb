"""Random hair, glasses, hats and clothes."""

from __future__ import annotations

from dataclasses import replace

from . import palettes
from .attributes import Clothes, Colour, Glasses, Hair, Hat
from .draws import Rng, chance, darkness, mixed, pick, scaled, varied, weighted
from .garments import GARMENTS
from .haircuts import FRINGES

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
_COLLARS = {"crew": 0.50, "vneck": 0.28, "turtleneck": 0.22}


def random_hair(rng: Rng, masculine: bool, age: float, skin: Colour) -> Hair:
    """Hair that goes with age (0..1) and skin, as a rule."""
    cut = weighted(rng, _CUTS_MASCULINE if masculine else _CUTS_FEMININE)
    dyed = chance(rng, 0.15)
    natural = palettes.NATURAL_HAIR[:5] if chance(rng, darkness(skin)) else palettes.NATURAL_HAIR
    colour = varied(rng, pick(rng, palettes.DYED_HAIR if dyed else natural), 4)
    if age > 0.70 and not dyed:
        colour = mixed(colour, (178, 176, 178), 0.7)
    fringe = weighted(rng, _FRINGES_SHORT if cut in ("short", "crop") else _FRINGES)
    lighter = rng.uniform(1.0, 1.25)
    return Hair(
        cut=cut,
        fringe=FRINGES[0] if cut in _CUTS_SWEPT_BACK else fringe,
        colour=colour,
        tips=varied(rng, pick(rng, palettes.DYED_HAIR)) if chance(rng, 0.03) else scaled(colour, lighter, 246),
        volume=rng.uniform(0.8, 1.2),
        length=rng.uniform(0.88, 1.12),
        hairline=rng.uniform(-0.06, 0.08),
        wave=float(rng.uniform(0, 1) ** 1.5),
        gloss=rng.uniform(0.5, 1.2),
        parting=rng.uniform(-1, 1),
    )


def random_glasses(rng: Rng) -> Glasses:
    """Draw a pair of glasses, mostly none."""
    return Glasses(
        style=pick(rng, ("round", "square", "cat")) if chance(rng, 0.18) else "none",
        frame=varied(rng, pick(rng, palettes.FRAMES)),
        thickness=rng.uniform(0.020, 0.034),
        size=rng.uniform(0.95, 1.08),
        lens=varied(rng, pick(rng, palettes.DARK_LENSES)),
        tint=rng.uniform(0.88, 0.97) if chance(rng, 0.15) else rng.uniform(0.0, 0.06),
    )


def random_hat(rng: Rng, cut: str) -> Hat:
    """A hat, rarely, and only over hair that fits under it."""
    worn = chance(rng, 0.11) and cut in _CUTS_UNDER_HATS
    return Hat(
        style="beanie" if worn else "none",
        colour=varied(rng, pick(rng, palettes.CLOTHS)),
        height=rng.uniform(0, 1),
    )


def random_clothes(rng: Rng, masculine: bool) -> Clothes:
    """Mostly plain clothes, and the shoulders in them."""
    return Clothes(
        collar=weighted(rng, _COLLARS),
        colour=varied(rng, pick(rng, palettes.CLOTHS)),
        stripes=chance(rng, 0.04),
        stripe_colour=varied(rng, pick(rng, palettes.CLOTHS)),
        neck=rng.uniform(0.34, 0.40) if masculine else rng.uniform(0.27, 0.32),
        shoulders=rng.uniform(1.55, 1.85) if masculine else rng.uniform(1.35, 1.55),
    )


def random_garment(rng: Rng, clothes: Clothes) -> Clothes:
    """The same clothes as a garment that has their collar."""
    return replace(clothes, garment=weighted(rng, GARMENTS[clothes.collar]))
