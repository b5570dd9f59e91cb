"""Places out of focus behind a person, for fine canvases: leaves against the light, rooms, streets, hills, shadows."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .attributes import Background
from .brushes import blend, linear
from .lighting import Lamps
from .textures import sample, textures

_LEAF_LIGHTS = 26
_STREET_LIGHTS = 9


def add_place(background: Background, lamps: Lamps, image: np.ndarray) -> None:
    """Paint what is far behind a person over a plain backdrop, in place.

    Args:
        background: Its seed says what is where.
        lamps: The colours of its lights.
        image: `[side, side, 3]`, linear.
    """
    rng = np.random.default_rng([background.seed, 1])
    _PLACES[background.style](background, lamps, image, rng)


def _positions(side: int) -> tuple[np.ndarray, np.ndarray]:
    centres = (np.arange(side, dtype=F) + F(0.5)) / F(side)
    return centres[None], centres[:, None]


def _disc(image: np.ndarray, colour: np.ndarray, x: float, y: float, radius: float, amount: float) -> None:
    """A light out of focus: an even disc, a little brighter at its rim, with a soft edge."""
    side = image.shape[0]
    left, right = max(int((x - radius * 1.3) * side), 0), min(int((x + radius * 1.3) * side) + 1, side)
    top, bottom = max(int((y - radius * 1.3) * side), 0), min(int((y + radius * 1.3) * side) + 1, side)
    if right <= left or bottom <= top:
        return
    columns, rows = _positions(side)
    away = np.sqrt((columns[:, left:right] - F(x)) ** 2 + (rows[top:bottom] - F(y)) ** 2) * F(1 / radius)
    cover = smoothstep(1.12, 0.80, away) * (0.75 + 0.25 * smoothstep(0.4, 0.9, away)) * F(amount)
    blend(image[top:bottom, left:right], colour, cover)


def _leaves(background: Background, lamps: Lamps, image: np.ndarray, rng: np.random.Generator) -> None:
    """Dark boughs and the sky's light between leaves."""
    x, y = _positions(image.shape[0])
    shift = F(rng.uniform(0, 200))
    boughs = sample(textures().soft, x * 75 + shift + 0 * y, y * 75 + 0 * x)
    blend(image, linear(background.dark) * 0.55, smoothstep(0.3, 1.8, boughs) * F(0.55))
    dark, bright = linear(background.dark), linear(background.bright)
    for _ in range(_LEAF_LIGHTS):
        share = rng.uniform(0, 1)
        colour = dark + (bright * 1.25 + lamps.key * 0.35 * share**3 - dark) * share
        place = rng.uniform(-0.02, 1.02), rng.beta(1.1, 1.7) * 1.1
        _disc(image, colour.astype(F), *place, rng.uniform(0.025, 0.075), rng.uniform(0.08, 0.38))


def _horizon(background: Background, lamps: Lamps, image: np.ndarray, rng: np.random.Generator) -> None:
    """Hills or roofs far off, below a sky."""
    x, y = _positions(image.shape[0])
    far = linear(background.dark) * 0.6 + linear((92, 104, 112)) * 0.4
    near = far * np.array([0.45, 0.50, 0.42], F)
    roofs = rng.random() < 0.4
    for level, (height, colour) in enumerate(((rng.uniform(0.58, 0.70), far), (rng.uniform(0.70, 0.82), near))):
        if roofs:
            steps = np.array(rng.uniform(-0.09, 0.05, 16), F)
            place = np.clip(x * F(7 + 3 * level), 0, 15)
            left = place.astype(int)
            turn = smoothstep(0.92, 1.0, place - left)
            line = steps[left] + (steps[np.minimum(left + 1, 15)] - steps[left]) * turn
        else:
            phases = rng.uniform(0, 6, 3)
            line = 0.035 * np.sin(x * 5 + F(phases[0])) + 0.018 * np.sin(x * 11 + F(phases[1]))
            line = line + 0.008 * np.sin(x * 27 + F(phases[2]))
        blend(image, colour, smoothstep(-0.018, 0.018, y - F(height) - line) * F(0.75))
    if roofs:
        for _ in range(_STREET_LIGHTS):
            light = linear((255, 222, 170)) * rng.uniform(0.5, 1.0)
            place = rng.uniform(0, 1), rng.uniform(0.68, 0.98)
            _disc(image, light, *place, rng.uniform(0.014, 0.028), rng.uniform(0.15, 0.45))


def _room(background: Background, lamps: Lamps, image: np.ndarray, rng: np.random.Generator) -> None:
    """A window with its bars on the bright side; a shelf and a picture on the other."""
    x, y = _positions(image.shape[0])
    from_left = x if background.focus < 0.5 else 1 - x
    soft = 0.022
    wide, high = rng.uniform(0.20, 0.30), rng.uniform(0.50, 0.72)
    left, top = rng.uniform(-0.06, 0.06), rng.uniform(-0.08, 0.08)
    across, down = (from_left - F(left)) * F(1 / wide), (y - F(top)) * F(1 / high)
    pane = _between(across, 0, 1, soft / wide) * _between(down, 0, 1, soft / high)
    bars = _between(across, 0.47, 0.53, soft / wide) + _between(down, 0.48, 0.52, soft / high)
    light = lamps.key * F(0.80) + linear(background.bright) * F(0.15)
    blend(image, light, pane * (1 - 0.75 * np.clip(bars, 0, 1)) * F(0.70))
    darker = linear(background.dark) * 0.55
    shelf = rng.uniform(0.30, 0.62)
    blend(image, darker, _between(y, shelf, shelf + 0.020, 0.016) * smoothstep(0.60, 0.64, from_left) * F(0.6))
    for start in np.cumsum(rng.uniform(0.04, 0.09, 5)) + 0.60:
        tall, colour = rng.uniform(0.06, 0.14), linear(tuple(rng.uniform(60, 180, 3)))
        thing = _between(from_left, start, start + 0.030, 0.016) * _between(y, shelf - tall, shelf, 0.016)
        blend(image, colour * 0.6, thing * F(0.45))


def _between(value: np.ndarray, low: float, high: float, soft: float) -> np.ndarray:
    """1 between two values, with soft edges."""
    return smoothstep(low - soft, low + soft, value) * smoothstep(high + soft, high - soft, value)


def _wall(background: Background, lamps: Lamps, image: np.ndarray, rng: np.random.Generator) -> None:
    """A wall: plain, with the light of a blind on it, or of two colours."""
    x, y = _positions(image.shape[0])
    mottled = sample(textures().soft, x * 55 + F(rng.uniform(0, 200)) + 0 * y, y * 55 + 0 * x)
    image *= (1 + 0.035 * mottled)[..., None]
    kind = rng.random()
    if kind < 0.25:
        slant, count = rng.uniform(-0.5, 0.5), rng.uniform(5, 9)
        bands = smoothstep(-0.55, 0.55, np.sin((y + slant * x) * F(2 * np.pi * count)))
        patch = np.exp(-(((x - F(background.focus)) * F(1 / 0.38)) ** 2 + ((y - 0.35) * F(1 / 0.40)) ** 2))
        image *= (1 + F(0.28) * (bands - 0.5) * patch)[..., None]
    elif kind < 0.40:
        edge = F(rng.uniform(0.55, 0.75))
        image *= (1 - F(0.22) * smoothstep(-0.008, 0.008, y - edge) * np.ones_like(x))[..., None]


def _canvas_wall(background: Background, lamps: Lamps, image: np.ndarray, rng: np.random.Generator) -> None:
    """A studio's painted canvas: clouds of tone, darker at the edges."""
    x, y = _positions(image.shape[0])
    clouds = sample(textures().soft, x * 60 + F(rng.uniform(0, 200)) + 0 * y, y * 60 + 0 * x)
    clouds = clouds + 0.5 * sample(textures().folds, x * 150 + 0 * y, y * 110 + F(rng.uniform(0, 200)) + 0 * x)
    image *= (1 + F(rng.uniform(0.02, 0.09)) * clouds)[..., None]


_PLACES = {"foliage": _leaves, "sky": _horizon, "window": _room, "gradient": _wall, "studio": _canvas_wall}
