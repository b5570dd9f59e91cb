"""The nearest things: a bank at the lower edge with what grows on it, and large firs at one side."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .flora import foliage
from .ground import turf
from .palettes import mix
from .rows import Paint, plant
from .scene import Scene, blend, crest, crop, fir_line, random_origin, wrap, wrap_smoothly
from .sprites import conifer
from .textures import textures

_ROWS = 9


def paint_foreground(scene: Scene, has_water: bool) -> None:
    """A bank, grassy or with firs, and sometimes a few large firs at one side."""
    if scene.rng.random() < 0.62:
        _bank(scene, has_water)
    if scene.rng.random() < 0.22:
        _large_firs(scene)


def _bank(scene: Scene, has_water: bool) -> None:
    rng, palette = scene.rng, scene.palette
    base = F(rng.uniform(0.80, 0.94))
    wooded = rng.random() < 0.4
    height = F(rng.uniform(0.05, 0.16))
    top = base - height * (crest(scene, textures().hills, rng.uniform(0.35, 0.9)) - F(0.5))
    colour = mix(palette.ground, palette.near, F(rng.uniform(0.25, 0.85))) * F(rng.uniform(0.6, 0.95))
    trees, tallest = 0, 0.0
    if wooded:
        trees, tallest = int(rng.integers(14, 46)), rng.uniform(0.05, 0.13)
        fir_line(scene, trees, 0.02, F(tallest), F(3.0))
        colour = colour * F(0.62)
    beach = has_water and not wooded and scene.details.random() < 0.4
    if beach:
        colour = mix(colour, mix(palette.ground, palette.horizon, F(0.5)), F(0.75))
        _surf(scene, top)
    first = max(int(top.min() * scene.side) - 1, 0)
    rows = scene.side - first
    if rows <= 2:
        return
    depth = (scene.position[first:, None] - top[None]).clip(0, 1)
    blades = crop(scene, textures().streaks[0], 1.6, 1.9, rows) * F(0.10)
    patches = crop(scene, textures().cumulus[1], 1.5, 1.0, rows) * F(0.10)
    rim = np.exp(-depth * 30) * F(0.05 if wooded else 0.22)
    shading = 1 + blades + patches + rim - depth * F(0.9)
    cover = scene.below(top, first)
    blend(scene.image[first:], colour * shading[..., None], cover)
    scene.mark("bank", cover, first)
    if wooded:
        firs = foliage(scene, colour)
        for share, density in ((0.8, 0.5), (1.0, 1.0)):
            density *= trees * tallest * 0.16
            plant(scene, "conifers", top + F(0.004), tallest * share * 1.15, firs, density, outlined=True)
    if beach:
        _strew(scene, top)
    else:
        _grow(scene, top)


def _surf(scene: Scene, top: np.ndarray) -> None:
    """Foam along a beach: its edge, and lines of broken waves before it."""
    details = scene.details
    row, column = random_origin(details)
    first, last = scene.row_of(top.min() - 0.12), min(scene.row_of(top.max() + 0.02), scene.side)
    out = top[None] - scene.position[first:last, None]  # to the water
    across = column + np.arange(scene.side)[None] * (1.3 * scene.texel)
    wander = wrap_smoothly(textures().cumulus[0], row + out * F(60), across * 0.6)
    froth = wrap_smoothly(textures().puffs, row + out * F(1500), across * 1.6)
    foam = np.zeros_like(out)
    for at, width in ((0.0, 0.006), (0.022, 0.0035), (0.055, 0.0025)):
        away = (out - F(at) - F(0.004 + 0.10 * at) * wander) / F(width)
        line = np.exp(-(np.where(away > 0, away * 2.2, away * 0.8) ** 2))
        foam = np.maximum(foam, line * smoothstep(-1.2 if at == 0 else 0.0, 1.0, froth + F(0.5) * wander))
    shallow = np.exp(-np.maximum(out, 0) / F(0.035)) * F(0.35)
    blend(scene.image[first:last], mix(scene.palette.water, scene.palette.ground, F(0.5)), shallow)
    white = mix(scene.palette.cloud_lit, scene.palette.horizon, F(0.3))
    blend(scene.image[first:last], white, foam * F(0.8))


def _strew(scene: Scene, top: np.ndarray) -> None:
    """Wet sand along the water, and stones on the dry."""
    first = scene.row_of(top.min())
    inland = scene.position[first:, None] - top[None]
    wet = np.exp(-np.maximum(inland, 0) / F(0.012)) * (inland > 0) * F(0.4)
    blend(scene.image[first:], mix(scene.palette.water, scene.palette.ground, F(0.6)) * F(0.7), wet)
    for index in range(5):
        line = top + F(0.02 + 0.05 * index)
        plant(scene, "stones", line, 0.016 + 0.008 * index, turf(scene, line), 0.12, scatter=1.0)
    if scene.flora.dry < 0.6:
        line = top + F(0.10)
        plant(scene, "grass", line, 0.07, turf(scene, line), 0.25, scatter=0.8)


def _grow(scene: Scene, top: np.ndarray) -> None:
    """Grass from the bank's top down to the lower border, flowers, stones and reeds in it."""
    flora, details = scene.flora, scene.details
    bare = max(flora.dry, 0.8 if flora.snowed else 0.0)
    across = random_origin(details)[1] + np.arange(scene.side) * (1.5 * scene.texel)
    lowest = 1.12 - top
    reeds = details.random() < 0.35
    for index in range(_ROWS):
        depth = index / (_ROWS - 1)
        line = top + F(0.006) + lowest * F(depth)
        patches = wrap(textures().cumulus[3], np.array(31 * index), across)
        paint = turf(scene, line)
        height = 0.04 + 0.06 * depth
        density = (F(0.75 - 0.6 * bare) - F(0.22) * patches).clip(0, 1)
        plant(scene, "grass", line, height, paint, density)
        if flora.blossom is not None and index % 2 and bare < 0.7:
            flowery = Paint(paint.shade, paint.light, flora.blossom)
            plant(scene, "flowers", line, height * 1.1, flowery, density * F(0.6))
        if index % 3 == 1:
            plant(scene, "stones", line, height * 0.6, paint, 0.05 + 0.2 * bare)
        if reeds and index in (1, 3):
            plant(scene, "reeds", line, height * 2.2, paint, (patches * F(0.35)).clip(0, 1))


def _large_firs(scene: Scene) -> None:
    rng = scene.rng
    on_the_left = rng.random() < 0.5
    colour = mix(scene.palette.near, scene.palette.ground, F(0.2)) * F(0.55)
    for _ in range(int(rng.integers(1, 5))):
        x = rng.uniform(-0.02, 0.26)
        _fir(scene, x if on_the_left else 1 - x, rng.uniform(0.93, 1.08), rng.uniform(0.3, 0.62), colour)


def _fir(scene: Scene, x: float, foot: float, height: float, colour: np.ndarray) -> None:
    """One fir: tapering tiers of branches, their needles a grain."""
    rng, side = scene.rng, scene.side
    first, last = scene.row_of(foot - height), min(int(foot * side), side)
    if last - first < 4:
        return
    tiers = rng.integers(6, 11)
    half_width = height * (0.16 + 0.06 * rng.random())
    rng.random()
    left, right = scene.row_of(x - half_width * 1.2), min(scene.row_of(x + half_width * 1.2) + 1, side)
    if right <= left:
        return
    up = (F(foot) - scene.position[first:last, None]) / F(height)
    across = (scene.position[None, left:right] - F(x)) / F(half_width)
    row, column = random_origin(scene.details)
    steps = np.arange(first, last)[:, None] * scene.texel * 2, np.arange(left, right)[None] * scene.texel * 2
    grain = wrap(textures().grain[0], row + steps[0], column + steps[1])
    branches = wrap(textures().waves, row + steps[0], column + steps[1] * 0.7)
    cover, light, snow = conifer(across * F(scene.light), up, tiers * 2.4, grain * F(1.0) + branches * F(1.1))
    paint = foliage(scene, colour)
    needles = mix(colour * F(0.62), colour * F(1.5) + scene.palette.sun * F(0.03), (light * F(0.5) + F(0.5))[..., None])
    if paint.accent is not None:
        needles = mix(needles, paint.accent, (snow * F(0.8))[..., None])
    blend(scene.image[first:last, left:right], needles, cover)
    scene.mark("fir", cover, first, left)
