"""The procedural landscapes in other art styles: the same scenes for the same random state."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import landscape
from ..landscape.render import average_down, paint
from . import neon, woodcut
from .guide import Guide, guide_of

Filter = Callable[[np.ndarray, np.random.Generator, Guide | None], np.ndarray]

STYLES: dict[str, Filter] = {"woodcut": woodcut.apply, "neon": neon.apply}
# A style's pictures change with the landscapes beneath them, too.
VERSIONS: dict[str, int] = {
    "woodcut": 100 * landscape.VERSION + woodcut.VERSION,
    "neon": 100 * landscape.VERSION + neon.VERSION,
}


def render(rng: np.random.Generator, size: int = 128, *, style: str) -> np.ndarray:
    """Paint a landscape in a style.

    Args:
        rng: Source of randomness; consumed. The same state gives the scene that `landscape.render` gives.
        size: Side in pixels, a power of two from 8 on.
        style: Key of `STYLES`.

    Returns:
        `[size, size, 3]` uint8, sRGB.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    # A child of its own, so that the style takes nothing from the scene's stream.
    style_rng = rng.spawn(1)[0]
    scene = paint(rng, size)
    return average_down(STYLES[style](scene.image, style_rng, guide_of(scene)), size)
