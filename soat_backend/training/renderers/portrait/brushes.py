"""The picture while it is painted: linear colour with depth, and the brushes every part of it uses."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .attributes import Colour

# Pictures are `HEAD_SCALE` heads' half-heights high; the head's middle is at `CENTRE_Y` from the top.
HEAD_SCALE = 0.355
CENTRE_Y = 0.49
FARTHEST = -9.0
PARTS = ("backdrop", "hair behind", "body", "cloth", "head", "hair", "glasses", "hat")

Window = tuple[slice, slice]
Box = tuple[float, float, float, float]


def linear(colour: Colour | tuple[int, int, int]) -> np.ndarray:
    """An sRGB colour of 0..255 as linear float32 `[3]` (squared: near enough, and undone by a square root)."""
    return (np.asarray(colour, F) / F(255)) ** 2


def filled(shape: tuple[int, ...], colour: np.ndarray | float = 0.0) -> np.ndarray:
    """`[rows, columns, 3]` of one colour, stored channel by channel, which blends three times faster."""
    image = np.empty((3, *shape), F).transpose(1, 2, 0)
    image[:] = colour
    return image


def blend(image: np.ndarray, colour: np.ndarray, amount: np.ndarray) -> None:
    """Paint `colour` `[3]` or `[rows, columns, 3]` over an image in place, by `amount` `[rows, columns]`."""
    image += (colour - image) * amount[..., None]


def bump(x: np.ndarray, centre: float, width: float) -> np.ndarray:
    """The Gaussian `exp(-((x - centre) / width)^2)`, of height 1."""
    return np.exp(-(((x - centre) * F(1 / width)) ** 2))


def smooth_maximum(a: np.ndarray, b: np.ndarray, width: float) -> np.ndarray:
    """Maximum, rounded off where both are within `width`."""
    return 0.5 * (a + b + np.sqrt((a - b) ** 2 + width * width))


class Canvas:
    """A square picture; positions are in head units (half the head's height) from the picture's centre of the head.

    Attributes:
        side: In pixels.
        pixel: Side of a pixel in head units.
        across: `[side]` x of the columns, to the right.
        up: `[side]` y of the rows, upwards.
        image: `[side, side, 3]` float32, linear colour.
        depth: `[side, side]` float32, z of what is painted, towards the viewer.
        part: What is painted now, one of PARTS.
        parts: `[side, side]` uint8, the part that is seen, an index into PARTS.
        fine: Whether there are pixels for single hairs, pores and threads: pictures of 256 px and more.
    """

    def __init__(self, side: int, fine: bool = False) -> None:
        centres = (np.arange(side, dtype=F) + F(0.5)) / F(side)
        self.side = side
        self.fine = fine
        self.pixel = 1 / (side * HEAD_SCALE)
        self.across = (centres - F(0.5)) / F(HEAD_SCALE)
        self.up = (F(CENTRE_Y) - centres) / F(HEAD_SCALE)
        self.image = filled((side, side))
        self.depth = np.full((side, side), F(FARTHEST))
        self.part = PARTS[0]
        self.parts = np.zeros((side, side), np.uint8)

    def window(self, box: Box) -> Window | None:
        """The part of the picture in `(left, right, bottom, top)`; None where less than two pixels are in it."""
        left, right, bottom, top = box
        first_column, last_column = np.searchsorted(self.across, (left, right))
        first_row, last_row = np.searchsorted(-self.up, (-top, -bottom))
        if last_column - first_column < 2 or last_row - first_row < 2:
            return None
        return slice(first_row, last_row), slice(first_column, last_column)

    def edge(self, distance: np.ndarray, softness: float = 1.0) -> np.ndarray:
        """Antialiased coverage 0..1 of what lies at `distance` (head units) inside an outline."""
        return np.clip(distance * (1 / (softness * self.pixel)) + 0.5, 0, 1)

    def lay(self, window: Window, colour: np.ndarray, alpha: np.ndarray, depth: np.ndarray | None = None) -> None:
        """Paint over a window; with `depth`, only what is in front of what is there, and remember it."""
        if depth is not None:
            alpha = alpha * np.clip((depth - self.depth[window]) * 33.0 + 0.5, 0, 1)
            np.copyto(self.depth[window], depth, where=alpha > 0.5)
        np.copyto(self.parts[window], np.uint8(PARTS.index(self.part)), where=alpha > 0.5)
        blend(self.image[window], colour, alpha)
