"""What a filter may know about a picture beyond its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..landscape.scene import Scene
from ..portrait import Painting, Person
from ..portrait.canvas import PARTS


@dataclass(frozen=True)
class Guide:
    """The parts of a picture. Positions are fractions of the side, y pointing down.

    Attributes:
        regions: `[H, W]` uint8, the part seen at each pixel.
        kinds: What each part shows: sky, sun, ridge, water, plain, river, path, bank or fir.
        horizon: y of the horizon.
        light: The side the light comes from: 1 right, -1 left.
        night: Whether it is night.
    """

    regions: np.ndarray
    kinds: tuple[str, ...]
    horizon: float
    light: float
    night: bool

    def where(self, *kinds: str) -> np.ndarray:
        """`[H, W]` bool, the pixels of all parts of these kinds."""
        return np.array([kind in kinds for kind in self.kinds])[self.regions]


def guide_of(scene: Scene) -> Guide:
    """The guide to a painted landscape."""
    return Guide(scene.regions, tuple(scene.kinds), float(scene.horizon), scene.light, scene.palette.night)


def guide_of_portrait(person: Person, painting: Painting) -> Guide:
    """The guide to a portrait: its parts are those of the canvas, and there is no horizon in it."""
    return Guide(painting.parts, PARTS, 1.0, 1.0 if person.light.azimuth > 0 else -1.0, False)
