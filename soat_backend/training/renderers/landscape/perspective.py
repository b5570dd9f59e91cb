"""Level ground and water: textures that recede to the horizon."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .scene import Scene, wrap

_NEAREST = F(0.12)  # keeps the horizon at a finite distance
_FADING, _FADED = F(3.0), F(8.0)  # texels from row to row of a canvas of 512


def recede(
    scene: Scene, texture: np.ndarray, near: np.ndarray, origin: tuple[int, int], scale: float, across: float = 1.0
) -> np.ndarray:
    """A texture lying on level ground, faded where it would be too fine for the picture.

    Args:
        scene: The picture.
        texture: Tileable texture.
        near: `[rows]`, 0 at the horizon to 1 at the lower border.
        origin: Row and column of the texture to begin at.
        scale: Texels from front to back over the nearest tenth of the ground, times ten.
        across: Stretches it along x above 1.

    Returns:
        `[rows, side]`.
    """
    distance = (1 + _NEAREST) / (near + _NEAREST)
    down = origin[0] - distance * F(scale)
    columns = origin[1] + (scene.position[None] - F(0.5)) * distance[:, None] * F(1.9 * scale / across)
    # The same at every size of the canvas, so that small pictures are of the same ground.
    step = distance * distance * F(scale / (1 + _NEAREST) / 220)
    return wrap(texture, down[:, None], columns) * smoothstep(_FADED, _FADING, step)[:, None]
