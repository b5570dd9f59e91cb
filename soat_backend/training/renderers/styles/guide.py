"""What a filter may know about a picture beyond its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..landscape.scene import Scene
from ..portrait import Painting, Person
from ..portrait.brushes import PARTS
from ..spectral_noise import F


@dataclass(frozen=True)
class Guide:
    """The parts of a picture. Positions are fractions of the side, y pointing down.

    Attributes:
        regions: `[H, W]` uint8, the part seen at each pixel.
        kinds: What each part shows: sky, sun, ridge, water, plain, river, path, bank or fir.
        horizon: y of the horizon.
        light: The side the light comes from: 1 right, -1 left.
        night: Whether it is night.
        disc: x, y and radius of the sun or moon.
    """

    regions: np.ndarray
    kinds: tuple[str, ...]
    horizon: float
    light: float
    night: bool
    disc: tuple[float, float, float]

    def where(self, *kinds: str) -> np.ndarray:
        """`[H, W]` bool, the pixels of all parts of these kinds."""
        return np.array([kind in kinds for kind in self.kinds])[self.regions]

    def enlarged_disc(self, by: float) -> np.ndarray:
        """`[H, W]` float32, antialiased: the sun or moon, its radius larger by a share of the side, behind the land.

        All 0 if it is hidden or none is there.
        """
        side = len(self.regions)
        if not self.where("sun").any():
            return np.zeros((side, side), F)
        x, y, radius = self.disc
        position = (np.arange(side, dtype=F) + F(0.5)) / F(side)
        distance = np.hypot(position[None] - F(x), position[:, None] - F(y))
        return ((F(radius + by) - distance) * F(side) + F(0.5)).clip(0, 1) * self.where("sky", "sun")


def guide_of(scene: Scene) -> Guide:
    """Make the guide to a painted landscape: what a style needs to know of it."""
    disc = (float(scene.sun_x), float(scene.sun_y), float(scene.disc_radius))
    return Guide(scene.regions, tuple(scene.kinds), float(scene.horizon), scene.light, scene.palette.night, disc)


def guide_of_portrait(person: Person, painting: Painting) -> Guide:
    """The guide to a portrait: its parts are those of the canvas, and there is no horizon in it."""
    disc = (0.0, 0.0, 0.0)  # No sun.
    return Guide(painting.parts, PARTS, 1.0, 1.0 if person.light.azimuth > 0 else -1.0, False, disc)
