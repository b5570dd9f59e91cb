"""The procedural portraits in other art styles: the same people for the same random state."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .. import portrait
from ..landscape.render import average_down
from ..noise import F
from . import comic

Filter = Callable[[np.ndarray, np.random.Generator], np.ndarray]

STYLES: dict[str, Filter] = {"comic": comic.apply}
# A style's pictures change with the portraits beneath them, too.
VERSIONS: dict[str, int] = {"comic": 100 * portrait.VERSION + comic.VERSION}
# Lines are drawn on a canvas of twice the size, but never a smaller one, so that small pictures look the same.
_SMALLEST_CANVAS = 128


def render(rng: np.random.Generator, size: int = 128, *, style: str) -> np.ndarray:
    """Paint the portrait of a random person in a style.

    Args:
        rng: Source of randomness; consumed. The same state gives the person that `portrait.render` gives.
        size: Side in pixels, a power of two from 8 on.
        style: Key of `STYLES`.

    Returns:
        `[size, size, 3]` uint8, sRGB.

    Raises:
        SoatError: The size is not a power of two >= 8.
    """
    # A child of its own, so that the style takes nothing from the person's stream.
    style_rng = rng.spawn(1)[0]
    person = portrait.random_person(rng)
    portrait.check_size(size)
    painted = portrait.paint(person, max(2 * size, _SMALLEST_CANVAS)).astype(F) / F(255)
    return average_down(STYLES[style](painted, style_rng), size)
