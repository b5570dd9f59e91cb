"""Procedural pictures in other art styles: the same scenes and people for the same random state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .. import landscape, portrait
from ..landscape.landscapes import average_down
from ..landscape.landscapes import paint as paint_landscape
from ..spectral_noise import F
from . import comic, inkwash, neon, thin_ink, watercolour, woodcut
from .guide import Guide, guide_of, guide_of_portrait

# Paints a subject on the canvas that a picture of that size is averaged down from: sRGB in 0..1, and what is where.
Painter = Callable[[np.random.Generator, int], tuple[np.ndarray, Guide | None]]
Filter = Callable[[np.ndarray, np.random.Generator, Guide | None], np.ndarray]

# Lines are drawn on a canvas of twice the size, but never a smaller one, so that small pictures look the same.
_SMALLEST_CANVAS = 128


def _landscape(rng: np.random.Generator, size: int) -> tuple[np.ndarray, Guide | None]:
    scene = paint_landscape(rng, size)
    return scene.image, guide_of(scene)


def _portrait(rng: np.random.Generator, size: int) -> tuple[np.ndarray, Guide | None]:
    portrait.check_size(size)
    if size >= portrait.FINE_SIZE:
        return _large_portrait(rng, size)
    painted = portrait.paint(portrait.random_person(rng), max(2 * size, _SMALLEST_CANVAS), fine=False)
    return painted.astype(F) / F(255), None


def _large_portrait(rng: np.random.Generator, size: int) -> tuple[np.ndarray, Guide | None]:
    """Painted as for a large picture even if it is averaged down to a small one."""
    portrait.check_size(size)
    person = portrait.random_person(rng)
    painting = portrait.paint_large(person, max(size, portrait.FINE_SIZE))
    return painting.image, guide_of_portrait(person, painting)


@dataclass(frozen=True)
class Style:
    """A subject and what is made of it. The version goes with both: a style's pictures change with those beneath."""

    painter: Painter
    filter: Filter
    version: int


def _comic(image: np.ndarray, rng: np.random.Generator, guide: Guide | None) -> np.ndarray:
    """A brush in small pictures, a pen where there are pixels for it."""
    return comic.apply(image, rng) if guide is None else thin_ink.apply(image, rng, guide)


STYLES = {
    "landscape-woodcut": Style(_landscape, woodcut.apply, 100 * landscape.VERSION + woodcut.VERSION),
    "landscape-neon": Style(_landscape, neon.apply, 100 * landscape.VERSION + neon.VERSION),
    "landscape-ink": Style(_landscape, inkwash.apply, 100 * landscape.VERSION + inkwash.VERSION),
    "portrait-comic": Style(_portrait, _comic, 100 * portrait.VERSION + comic.VERSION + thin_ink.VERSION),
    "portrait-watercolour": Style(_large_portrait, watercolour.apply, 100 * portrait.VERSION + watercolour.VERSION),
}


def render(rng: np.random.Generator, size: int = 128, *, name: str) -> np.ndarray:
    """Paint a subject in a style.

    Args:
        rng: Source of randomness; consumed. The same state gives the scene or person that the plain renderer gives.
        size: Side in pixels, a power of two from 8 on.
        name: Key of `STYLES`.

    Returns:
        `[size, size, 3]` uint8, sRGB.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    # A child of its own, so that the style takes nothing from the subject's stream.
    style_rng = rng.spawn(1)[0]
    style = STYLES[name]
    image, guide = style.painter(rng, size)
    drawn = style.filter(image, style_rng, guide)
    if len(drawn) % size:
        # Portraits of one and a half times the size.
        return (portrait.averaged(drawn.clip(0, 1), size) * 255 + F(0.5)).astype(np.uint8)
    return average_down(drawn, size)
