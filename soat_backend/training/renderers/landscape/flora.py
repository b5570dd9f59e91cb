"""The colours of plants, and where trees stand on ridges."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .palettes import mix
from .rows import Paint, plant
from .scene import Scene, blend, random_origin, wrap
from .terrain import Face
from .textures import textures


def foliage(scene: Scene, colour: np.ndarray) -> Paint:
    """The colours of plants on land of a colour."""
    palette = scene.palette
    light = mix(colour, palette.ground, F(0.35)) * F(1.12) + palette.sun * F(0.02 if palette.night else 0.07)
    snow = mix(palette.cloud_lit, palette.cloud_shade, F(0.2)) if scene.flora.snowed else None
    return Paint(colour * F(0.5), light, snow)


def wood_slopes(scene: Scene, face: Face, kind: str, nearness: float, colour: np.ndarray, dense: bool) -> None:
    """Trees on a range, in rows from its crest to its foot: below a tree line, in patches, thinner upwards."""
    flora = scene.flora
    woods = max(flora.woods, 0.9) if dense else flora.woods
    if kind == "mesas" or woods < 0.25 or not np.isfinite(face.ground).any():
        return
    steps = len(face.ground)
    tree_line = 2.0 if dense or kind == "hills" else 0.2 + 0.45 * woods
    height = (0.012 + 0.022 * nearness) * (1.25 if dense else 1.0)
    count = int(np.clip(face.amplitude / height * 2.9, 4, 15))
    row, column = random_origin(scene.details)
    across = column + np.arange(scene.side) * (1.6 * scene.texel)
    paint = foliage(scene, colour)

    def wooded(nearness, altitude):
        patches = wrap(textures().cumulus[1], row + nearness * 260, across)
        density = smoothstep(0.9, -0.4, patches - F(2.4 * woods - 1.0))
        return density * smoothstep(tree_line + 0.08, tree_line - 0.12, altitude)

    floor = wooded(face.nearness, face.height) * face.cover * F(0.8)
    blend(scene.image[face.first : face.first + len(floor)], mix(paint.shade, colour, F(0.35)), floor)
    for index in range(count):
        step = min(int((index + 0.5 + 0.3 * scene.details.random()) / count * steps), steps - 1)
        line = _smooth(face.ground[step], int(height * scene.side * 0.5))
        density = wooded(np.array(step / steps), face.crest_height * (1 - step / steps))
        plant(scene, flora.trees, line, height * scene.details.uniform(0.9, 1.2), paint, density, scatter=0.5)


def _smooth(line: np.ndarray, radius: int) -> np.ndarray:
    """The mean over a few pixels, infinite where one of them is: trees stand upright on slopes."""
    width = 2 * radius + 1
    total = np.cumsum(np.pad(np.where(np.isfinite(line), line, 1e3), (radius + 1, radius), mode="edge"))
    mean = (total[width:] - total[:-width]) / width
    return np.where(mean < 2, mean, np.inf).astype(F)
