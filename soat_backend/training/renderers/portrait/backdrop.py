"""What is behind: plain gradients, a studio wall, window light, and sky or leaves out of focus."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .attributes import Background
from .brushes import blend, filled, linear
from .lighting import Lamps
from .places import add_place
from .textures import SIDE, sample, textures


def paint_backdrop(background: Background, lamps: Lamps, side: int, fine: bool = False) -> np.ndarray:
    """Paint the backdrop `[side, side, 3]`, linear; a fine one shows a place."""
    rng = np.random.default_rng(background.seed)
    centres = (np.arange(side, dtype=F) + F(0.5)) / F(side)
    x, y = np.broadcast_arrays(centres[None], centres[:, None])
    column, row = rng.integers(0, SIDE, 2)
    # Of a few broad clouds: out of focus.
    clouds = sample(textures().soft, x * 40 + F(column), y * 40 + F(row))
    dark, bright, focus = linear(background.dark), linear(background.bright), background.focus
    image = filled((side, side), dark)
    if background.style == "studio":
        amount = np.exp(-((x - focus) ** 2 + (y - 0.42) ** 2) * F(1 / 0.36))
    elif background.style == "gradient":
        amount = smoothstep(1.05, -0.1, y * 0.8 + (x - 0.5) * ((focus - 0.5) * 1.4) + 0.1)
    elif background.style == "window":
        from_left = x if focus < 0.5 else 1 - x
        amount = 0.25 + 0.75 * np.exp(-((from_left + 0.25 * y) ** 2) * 5)
    elif background.style == "sky":
        amount = smoothstep(-0.1, 0.95, y)
    else:
        amount = np.clip(0.45 + 0.16 * clouds + 0.3 * (0.5 - y), 0, 1)
    blend(image, bright, amount)
    if background.style == "sky":
        blend(image, lamps.key * 0.8, smoothstep(-0.3, 2.4, clouds) * smoothstep(1.0, 0.3, y) * 0.5)
    if fine:
        add_place(background, lamps, image)
    return image
