"""A plain below the horizon: meadow, steppe, desert or snow in perspective, with trees far off and a path or river."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .flora import foliage
from .palettes import mix
from .perspective import recede
from .rows import Paint, plant
from .scene import Scene, blend, choose, crest, random_origin, wrap
from .textures import textures

_GRASS_ROWS = 26
_TREE_ROWS = 6


def paint_plain(scene: Scene) -> None:
    """Paint the ground, what grows on it, and sometimes a winding path or river."""
    rng, palette = scene.rng, scene.palette
    start = scene.horizon + F(0.05)
    top = start - F(0.015) + F(0.02) * (crest(scene, textures().hills, 0.5) - F(0.5))
    first = max(int(top.min() * scene.side) - 1, 0)
    near = ((scene.position[first:] - start) / (1 - start)).clip(0, 1)
    cover = scene.below(top, first)
    row, column = random_origin(rng)
    depth = 1 / (near + 0.12)
    down = (row + depth * F(90)).astype(np.int32)[:, None]
    across = column + (scene.position[None] - 0.5) * (0.35 + depth[:, None] * 0.35) * F(260)
    # Not at the horizon, where a row of pixels is as deep as a patch.
    patches = wrap(textures().cumulus[0], down, across) * smoothstep(0.0, 0.06, near)[:, None]
    blades = wrap(choose(rng, textures().streaks), down * 3, across) * smoothstep(0.0, 0.2, near)[:, None]
    far_colour, near_colour = mix(palette.ground, scene.haze, F(0.45)), palette.ground * F(rng.uniform(0.6, 0.95))
    colour = mix(far_colour, near_colour, smoothstep(0, 0.7, near)[:, None])[:, None]
    relief = _relief(scene, near)
    colour = colour * (1 + patches * F(0.11) + blades * F(0.045) + relief)[..., None]
    tufts = smoothstep(0.5, 1.3, patches) * F(0.5 if not scene.flora.snowed else 0.12)
    colour = mix(colour, mix(palette.near, palette.ground, F(0.35)), tufts[..., None])
    blend(scene.image[first:], colour, cover)
    scene.mark("plain", cover, first)
    free = np.ones((len(near), scene.side), F)
    if rng.random() < 0.3:
        free = 1 - _path(scene, first, near, cover)
    _trees(scene, first, near, top, free)
    _grass(scene, first, near, free)


def _relief(scene: Scene, near: np.ndarray) -> np.ndarray:
    """Ripples of sand or snow, and the ground's unevenness, as a share of its brightness."""
    flora = scene.flora
    swell = recede(scene, textures().waves, near, random_origin(scene.details), 34, 2.2)
    fine = recede(scene, textures().waves, near, random_origin(scene.details), 330, 1.6)
    grain = recede(scene, textures().grain[1], near, random_origin(scene.details), 420)
    bare = max(flora.dry, float(flora.snowed))
    return swell * F(0.03 + 0.05 * bare) + fine * F(0.02 + 0.035 * flora.dry) + grain * F(0.035)


def _path(scene: Scene, first: int, near: np.ndarray, cover: np.ndarray) -> np.ndarray:
    """Paint a path or a river.

    Returns:
        `[rows, side]`, how much of it is at each pixel.
    """
    rng, palette = scene.rng, scene.palette
    centre = F(0.5) + F(rng.uniform(-0.3, 0.3))
    swing = F(rng.uniform(0.08, 0.25))
    bends = np.sin(F(rng.uniform(2, 6)) * near ** F(0.6) + F(rng.random() * 6))
    centre = centre + swing * bends * (0.25 + near)
    half_width = F(0.006) + F(rng.uniform(0.05, 0.13)) * near ** F(1.3)
    grain = recede(scene, textures().grain[0], near, random_origin(scene.details), 380)
    offset = (scene.position[None] - centre[:, None]) / half_width[:, None]
    inside = (half_width[:, None] * (1 - np.abs(offset) + F(0.05) * grain)) * scene.side * 0.5 + 0.5
    amount = np.clip(inside, 0, 1) * cover
    water = rng.random() < 0.6
    if water:
        shine = recede(scene, textures().waves, near, random_origin(scene.details), 300)
        colour = mix(palette.horizon, palette.water, (F(0.35) + F(0.10) * shine).clip(0, 1)[..., None])
        colour = colour * (1 - F(0.35) * smoothstep(0.75, 1.0, np.abs(offset)))[..., None]
    else:
        ruts = np.exp(-(((np.abs(offset) - F(0.5)) / F(0.17)) ** 2)) * smoothstep(0.1, 0.5, near)[:, None]
        colour = mix(palette.ground, palette.horizon, F(0.55)) * (1 + F(0.07) * grain - F(0.10) * ruts)[..., None]
    blend(scene.image[first:], colour, amount * F(0.9))
    scene.mark("river" if water else "path", np.minimum(inside, cover), first)
    return amount


def _trees(scene: Scene, first: int, near: np.ndarray, top: np.ndarray, free: np.ndarray) -> None:
    """Groups of trees far off on the plain, fewer and larger as they come nearer."""
    flora, palette = scene.flora, scene.palette
    if flora.woods < 0.3:
        return
    colour = mix(palette.near, palette.ground, F(0.3))
    name = "bushes" if flora.dry > 0.6 else flora.trees
    origin = random_origin(scene.details)
    for index in range(_TREE_ROWS):
        depth = (index + scene.details.uniform(0, 0.6)) / _TREE_ROWS
        at = F(0.015 + 0.20 * depth * depth)
        row = int(np.searchsorted(near, at).clip(0, len(near) - 1))
        groups = wrap(
            textures().cumulus[2], np.array(origin[0] + 40 * index), origin[1] + np.arange(scene.side) * scene.texel
        )
        density = smoothstep(0.3 + 0.6 * depth, 2.2, groups + F(1.4 * flora.woods)) * (free[row] > 0.5)
        line = np.maximum(top, scene.position[first + row]) + F(0.004) * groups
        paint = foliage(scene, mix(colour, scene.haze, F(0.38 * (1 - depth))))
        plant(scene, name, line, 0.022 + 0.055 * depth, paint, density, scatter=0.35)


def _grass(scene: Scene, first: int, near: np.ndarray, free: np.ndarray) -> None:
    """Rows of grass in the colours of the ground, or stones and a few bushes where it is dry."""
    flora = scene.flora
    bare = max(flora.dry, 0.85 if flora.snowed else 0.0)
    across = random_origin(scene.details)[1] + np.arange(scene.side) * (1.7 * scene.texel)
    for index in range(_GRASS_ROWS):
        depth = (index + 1) / _GRASS_ROWS
        at = F(0.06 + 1.0 * depth**1.35)
        row = int(np.searchsorted(near, at))
        patches = wrap(textures().cumulus[1], np.array(23 * index), across)
        line = scene.position[first] + F(at * (1 - scene.position[first])) + F(0.006 * depth) * patches
        height = 0.008 + 0.052 * depth
        density = smoothstep(1.2, -1.2, patches + F(2.4 * bare - 0.6)) * free[min(row, len(near) - 1)]
        paint = turf(scene, line)
        plant(scene, "grass", line, height, paint, density)
        if flora.blossom is not None and index % 3 == 1 and bare < 0.7:
            flowery = Paint(paint.shade, paint.light, flora.blossom)
            plant(scene, "flowers", line, height * 1.15, flowery, density * smoothstep(-0.3, 1.2, -patches) * F(0.8))
        if index % 4 == 2:
            name = "stones" if scene.details.random() < 0.6 else "bushes"
            plant(scene, name, line, height * (0.45 if name == "stones" else 0.8), paint, 0.03 + 0.12 * flora.dry)


def turf(scene: Scene, line: np.ndarray) -> Paint:
    """Colours of what grows along a line `[side]` of the ground, from those that are painted there."""
    row = (line * scene.side).astype(np.int32).clip(0, scene.side - 1)
    foot = scene.image[row, np.arange(scene.side)]
    return Paint(foot * F(0.72), foot * F(1.25) + scene.palette.sun * F(0.012 if scene.palette.night else 0.045))
