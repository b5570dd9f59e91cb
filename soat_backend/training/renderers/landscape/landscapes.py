"""Procedural landscapes: skies, ridges, lakes and plains at any hour and season, to train and test generators on."""

from __future__ import annotations

import copy

import numpy as np

from ....support.errors import SoatError
from ..spectral_noise import F
from .foreground import paint_foreground
from .ground import paint_plain
from .nature import random_flora, random_weather
from .palettes import random_palette
from .ridges import paint_ridges
from .scene import REFERENCE_SIDE, Scene
from .sky import paint_sky, sky_gradient
from .water import paint_water
from .weather import paint_fog, paint_rain, paint_snowfall

# Part of the cache's name: raise it whenever the pictures change.
VERSION = 3


def render(rng: np.random.Generator, size: int = 128) -> np.ndarray:
    """Paint one landscape, at twice its size or more, and average it down.

    The same state of `rng` gives the same picture at every size up to 128, only sharper.

    Args:
        rng: Source of randomness; consumed.
        size: Side in pixels, a power of two from 8 on.

    Returns:
        `[size, size, 3]` uint8, sRGB.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    return average_down(paint(rng, size).image, size)


def average_down(image: np.ndarray, size: int) -> np.ndarray:
    """Box-average `[side, side, 3]` float, 0..1, to `[size, size, 3]` uint8."""
    factor = image.shape[0] // size
    image = image.clip(0, 1).reshape(size, factor, size, factor, 3).mean((1, 3))
    return (image * 255 + 0.5).astype(np.uint8)


def paint(rng: np.random.Generator, size: int) -> Scene:
    """Paint one landscape on the canvas that a picture of `size` is averaged down from.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    if size < 8 or size & (size - 1):
        raise SoatError(f"A landscape's size is a power of two from 8 on, got {size}.", size=size)
    side = max(2 * size, REFERENCE_SIDE)
    # What is drawn for details leaves the scene as it is: rng itself isn't moved.
    details = np.random.default_rng(copy.deepcopy(rng).integers(2**63))
    palette = random_palette(rng)
    horizon = F(rng.uniform(0.46, 0.66))
    middle_at = rng.uniform(0.35, 0.65)
    sun_x = F(rng.uniform(0.1, 0.9))
    sun_y = horizon * F(rng.uniform(0.12, 0.6 if palette.night else 0.95))
    disc_radius = F(rng.uniform(0.022, 0.05))
    flora = random_flora(details, palette)
    scene = Scene(
        rng=rng,
        palette=palette,
        image=np.empty((side, side, 3), F),
        position=((np.arange(side) + 0.5) / side).astype(F),
        horizon=horizon,
        sun_x=sun_x,
        sun_y=sun_y,
        sun_visible=bool(rng.random() < 0.75),
        details=details,
        flora=flora,
        weather=random_weather(details, palette, flora.snowed),
        disc_radius=disc_radius,
    )
    sky_gradient(scene, middle_at)
    paint_sky(scene)
    paint_rain(scene)
    has_water = bool(rng.random() < 0.55)
    paint_ridges(scene, has_water)
    paint_fog(scene, 0.8)
    if has_water:
        paint_water(scene)
    else:
        paint_plain(scene)
    paint_fog(scene, 0.6)
    paint_foreground(scene, has_water)
    paint_snowfall(scene)
    return scene
