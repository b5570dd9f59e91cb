"""What covers a surface before it is lit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .brushes import Window


@dataclass
class Paint:
    """Painted in place. All are `[rows, columns]`, the colour has a third axis.

    Attributes:
        x: Of the surface's points, in the head's coordinates.
        y: The same.
        z: The same.
        albedo: Linear colour.
        occlusion: What share of the ambience reaches the surface.
        gloss: Strength of its highlights.
        catch_light: Light to add after shading.
    """

    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    albedo: np.ndarray
    occlusion: np.ndarray
    gloss: np.ndarray
    catch_light: np.ndarray

    def part(self, window: Window) -> Paint:
        """A window of it, that shares its arrays."""
        fields = (self.x, self.y, self.z, self.albedo, self.occlusion, self.gloss, self.catch_light)
        return Paint(*(field[window] for field in fields))


def window_around(mask: np.ndarray) -> Window | None:
    """The smallest window around what is true; None where nothing is."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) == 0:
        return None
    return slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
