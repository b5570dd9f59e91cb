"""What grows in a picture, and its weather: drawn before anything is painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..spectral_noise import TEXTURE_SIDE, F, smoothstep
from .palettes import Palette, mix


@dataclass(frozen=True)
class Flora:
    """The plants of a picture.

    Attributes:
        trees: The strip that forests are made of.
        woods: How much of the land is wooded, 0..1.
        dry: 0 green, 1 desert.
        snowed: Whether snow lies on plants and plains.
        blossom: Colour of the flowers `[3]`, or None.
    """

    trees: str
    woods: float
    dry: float
    snowed: bool
    blossom: np.ndarray | None


_BLOSSOMS = np.array([(250, 210, 70), (250, 246, 236), (232, 92, 84), (176, 120, 220), (246, 150, 190)], F) / 255


def random_flora(rng: np.random.Generator, palette: Palette) -> Flora:
    """Draw what suits the colours of the ground: little where it is of the colour of sand, snow where it is white."""
    red, green, blue = ground = palette.ground
    # Sand is paler than leaves in autumn and redder than heather.
    dry = float(np.clip((red - green) * 6, 0, 1) * smoothstep(0.24, 0.36, blue) * smoothstep(0.0, 0.15, red - blue))
    snowed = bool(ground.min() > 0.68)
    trees = "conifers" if rng.random() < 0.62 or snowed else "broadleaf"
    woods = float(rng.uniform(0.1, 1.0) * (1 - 0.75 * dry))
    blossom = _BLOSSOMS[int(rng.integers(len(_BLOSSOMS)))] * (F(0.45) if palette.night else F(1.0))
    flowering = rng.random() < 0.45 and not snowed
    return Flora(trees, woods, dry, snowed, mix(blossom, palette.horizon, F(0.15)) if flowering else None)


@dataclass(frozen=True)
class Weather:
    """How much there is of each, 0 for none to 1, and where the fog lies.

    Attributes:
        rain: Curtains of rain.
        fog: A bank of fog.
        snowfall: Flakes.
        fog_height: How far above the horizon the bank's top is, as a share of the side.
        fog_thickness: Over which it thins out, as a share of the side.
        fog_origin: Row and column of the texture of its billows.
    """

    rain: float
    fog: float
    snowfall: float
    fog_height: float
    fog_thickness: float
    fog_origin: tuple[int, int]


def random_weather(rng: np.random.Generator, palette: Palette, snowed: bool) -> Weather:
    """Mostly fair; rain where the sky is grey, snow where it lies."""
    grey = float(np.ptp(palette.middle)) < 0.16
    rain, fog, snowfall, strength = rng.random(4)
    strength = 0.4 + 0.6 * strength
    return Weather(
        rain=strength * (rain < (0.0 if snowed else 0.30 if grey else 0.04)),
        fog=strength * (fog < 0.20),
        snowfall=strength * (snowfall < (0.4 if snowed else 0.12 if grey and palette.snow > 0.35 else 0.0)),
        fog_height=rng.uniform(-0.03, 0.03),
        fog_thickness=rng.uniform(0.025, 0.06),
        fog_origin=(int(rng.integers(TEXTURE_SIDE)), int(rng.integers(TEXTURE_SIDE))),
    )
