"""Procedural portraits: stylised people in soft light, every attribute of which can be changed alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from PIL import Image

from ....support.errors import SoatError
from ..spectral_noise import F
from .anatomy import place_head
from .attributes import Light
from .backdrop import paint_backdrop
from .body import draw_body
from .brushes import Canvas, filled
from .cast import random_person
from .glasses import draw_glasses
from .hair import draw_bun, draw_hair, draw_hair_behind, trace_hair
from .haircuts import hair_edge, hair_surface
from .hats import draw_hat, hat_edge
from .head import draw_ears, draw_head
from .lighting import Lamps
from .person import Person
from .tracing import Surface

# Part of the cache's name: raise it whenever the pictures change.
VERSION = 2
# Pictures are painted at twice their size, but never smaller than this, so that small ones look the same.
_SMALLEST_CANVAS = 128
# From this size on single hairs are painted, and one and a half times the size is enough to do it on.
FINE_SIZE = 256


def render(rng: np.random.Generator, size: int = 128) -> np.ndarray:
    """Paint the portrait of a random person.

    The same state of `rng` gives the same picture at every size, only sharper.

    Args:
        rng: Source of randomness; consumed.
        size: Side in pixels, a power of two from 8 on.

    Returns:
        `[size, size, 3]` uint8, sRGB.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    return paint(random_person(rng), size)


def check_size(size: int) -> None:
    """Refuse sizes that can't be averaged down to.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    if size < 8 or size & (size - 1):
        raise SoatError(f"A portrait's size is a power of two from 8 on, got {size}.", size=size)


def paint(person: Person, size: int = 128, fine: bool = True) -> np.ndarray:
    """Paint a person on a larger canvas and average it down.

    Args:
        person: Who, how and where.
        size: Side in pixels, a power of two from 8 on.
        fine: Whether pictures of `FINE_SIZE` and more show single hairs; without, they are small ones enlarged.

    Returns:
        `[size, size, 3]` uint8, sRGB.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    check_size(size)
    return _to_bytes(_develop(person.light, _draw(person, size, fine).image, size))


@dataclass(frozen=True)
class Painting:
    """A portrait of 256 px or more as large as it was painted, one and a half times as large, for styles to draw on.

    Attributes:
        image: `[side, side, 3]` float32, sRGB 0..1.
        parts: `[side, side]` uint8, an index into `canvas.PARTS`.
        depth: `[side, side]` float32, z towards the viewer in head units; canvas.FARTHEST where nobody is.
    """

    image: np.ndarray
    parts: np.ndarray
    depth: np.ndarray


def paint_large(person: Person, size: int) -> Painting:
    """Paint a person for a picture of a size, without averaging it down.

    Args:
        person: Who, how and where.
        size: Side in pixels, a power of two from `FINE_SIZE` on.
    """
    canvas = _draw(person, size, fine=True)
    return Painting(_develop(person.light, canvas.image, canvas.side), canvas.parts, canvas.depth)


def _draw(person: Person, size: int, fine: bool) -> Canvas:
    canvas, lamps, place = _canvas(size, fine), Lamps(person.light), place_head(person.pose)
    canvas.image[:] = paint_backdrop(person.background, lamps, canvas.side, canvas.fine)
    edge = hair_edge(person)
    hair = trace_hair(canvas, person, place, hair_surface(person, edge))
    canvas.part = "hair behind"
    if hair is not None:
        draw_hair_behind(canvas, person, lamps, hair)
    canvas.part = "hair"
    if person.hair.cut == "bun" and person.hat.style == "none":
        draw_bun(canvas, person, lamps, place)
    canvas.part = "body"
    draw_body(canvas, person, lamps, place)
    canvas.part = "head"
    draw_head(canvas, person, lamps, place, _cover(person, edge))
    draw_ears(canvas, person, lamps, place)
    canvas.part = "hair"
    if hair is not None:
        draw_hair(canvas, person, lamps, hair, edge)
    canvas.part = "glasses"
    if person.glasses.style != "none":
        draw_glasses(canvas, person, lamps, place)
    canvas.part = "hat"
    if person.hat.style != "none":
        draw_hat(canvas, person, lamps, place)
    return canvas


def _canvas(size: int, fine: bool) -> Canvas:
    if size < FINE_SIZE or not fine:
        return Canvas(max(2 * size, _SMALLEST_CANVAS))
    return Canvas(size * 3 // 2, fine=True)


def _cover(person: Person, hair: Surface) -> Surface:
    """Above 0 where hair or a hat lies on the skin."""
    bald, hatted = person.hair.cut == "bald", person.hat.style != "none"

    def cover(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        covered = np.full_like(x, -1) if bald else hair(x, y, z)
        return np.maximum(covered, hat_edge(x, y, z) - 0.02) if hatted else covered

    return cover


def _develop(light: Light, image: np.ndarray, size: int) -> np.ndarray:
    """Bloom, soft shoulder, vignette and grade, averaged down: sRGB 0..1."""
    image = (image + np.maximum(_blurred(image) - 0.4, 0) * 0.25) * F(light.exposure)
    image = image * (1.06 + image * 0.16) / (1 + image * 0.62)
    developed = averaged(np.sqrt(np.clip(image, 0, 1.2)), size)
    centres = (np.arange(size, dtype=F) + F(0.5)) / F(size) - F(0.5)
    grey = developed.mean(2, keepdims=True)
    developed = grey + (developed - grey) * light.saturation
    developed = developed * (1 - light.vignette * (centres[None] ** 2 + centres[:, None] ** 2))[..., None]
    curve = developed * developed * (3 - 2 * developed)
    return np.clip(developed + (curve - developed) * light.contrast, 0, 1)


def _to_bytes(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image * 255 + 0.5).astype(np.uint8)


def averaged(image: np.ndarray, size: int) -> np.ndarray:
    """Mean over equal squares: `[size, size, 3]`; their sides are a whole number of pixels, or one and a half."""
    if 2 * image.shape[0] == 3 * size:
        rows = _two_of_three(image)
        return _two_of_three(rows.transpose(1, 0, 2)).transpose(1, 0, 2)
    factor = image.shape[0] // size
    rows = reduce(np.add, [image[start::factor] for start in range(factor)])
    return reduce(np.add, [rows[:, start::factor] for start in range(factor)]) * F(1 / factor**2)


def _two_of_three(image: np.ndarray) -> np.ndarray:
    """Two rows for each three."""
    first, second, third = image[::3], image[1::3], image[2::3]
    rows = np.empty((2 * len(first), *image.shape[1:]), F)
    rows[::2] = (first + second * F(0.5)) * F(2 / 3)
    rows[1::2] = (third + second * F(0.5)) * F(2 / 3)
    return rows


def _blurred(image: np.ndarray) -> np.ndarray:
    """The picture seen very much out of focus."""
    small = averaged(image, 16)
    for axis in (0, 1):
        padded = np.concatenate([small.take([0, 0], axis), small, small.take([-1, -1], axis)], axis)
        shifted = [weight * padded.take(range(i, i + 16), axis) for i, weight in enumerate((0.1, 0.2, 0.4, 0.2, 0.1))]
        small = reduce(np.add, shifted)
    blurred = filled(image.shape[:2])
    for channel in range(3):
        plane = Image.fromarray(np.ascontiguousarray(small[..., channel], F))
        blurred[..., channel] = np.asarray(plane.resize(image.shape[1::-1], Image.Resampling.BILINEAR))
    return blurred
