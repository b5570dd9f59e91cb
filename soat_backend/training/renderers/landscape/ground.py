"""Everything below the horizon: water with reflections, or a plain with a path; a foreground; single firs."""

from __future__ import annotations

import numpy as np

from ..noise import F, smoothstep
from .palettes import mix
from .scene import Scene, blend, choose, crest, crop, fir_line, random_origin, wrap
from .textures import textures


def paint_water(scene: Scene) -> None:
    """A lake that mirrors what is painted above it, with ripples, streaks and the sun's path."""
    rng, palette, side = scene.rng, scene.palette, scene.side
    first = int((scene.horizon + F(0.035)) * side)
    rows = side - first
    row = np.arange(rows)
    near = (row / rows).astype(F)[:, None]
    ripple = crop(scene, textures().streaks[0], 2.2, 0.9, rows) * (F(0.5) + near * F(5.0) * F(rng.uniform(0.3, 1.0)))
    ripple = ripple / F(scene.texel)  # pixels
    mirrored = (first - 1 - row[:, None] * F(1.05) + ripple * F(0.9)).astype(np.int32).clip(0, first - 1)
    column = (np.arange(side)[None] + ripple * F(0.5)).astype(np.int32).clip(0, side - 1)
    reflection = scene.image[mirrored, column] * F(0.93)
    water = mix(reflection, palette.water, (F(0.16) + F(0.38) * near)[..., None])
    streaks = crop(scene, textures().streaks[1], 2.6, 0.55, rows)
    glitter = mix(palette.horizon, np.ones(3, F), F(0.3))
    water = water + ((streaks * F(0.028)) * (0.4 + near))[..., None] * glitter
    if scene.sun_visible:
        path = np.exp(-(((scene.position[None] - scene.sun_x) / (F(0.03) + near * F(0.09))) ** 2))
        low_sun = scene.sun_y > scene.horizon * 0.4
        path = path * smoothstep(-0.2, 1.3, streaks + 0.4) * (0.75 if low_sun else 0.4)
        water = mix(water, palette.sun, (path.clip(0, 1) * F(0.8))[..., None])
    haze = mix(palette.horizon, palette.middle, F(0.25))
    shore = (np.exp(-near * F(22)) * F(0.35))[..., None]
    scene.image[first:] = mix(water, mix(palette.horizon, haze, F(0.5)), shore)
    scene.mark("water", np.ones((rows, side), bool), first)


def paint_plain(scene: Scene) -> None:
    """A meadow or desert in perspective, sometimes with a winding path or river."""
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
    patches = wrap(textures().cumulus[0], down, across)
    blades = wrap(choose(rng, textures().streaks), down * 3, across)
    haze = mix(palette.horizon, palette.middle, F(0.25))
    far_colour, near_colour = mix(palette.ground, haze, F(0.45)), palette.ground * F(rng.uniform(0.6, 0.95))
    colour = mix(far_colour, near_colour, smoothstep(0, 0.7, near)[:, None])[:, None]
    colour = colour * (1 + patches * F(0.11) + blades * F(0.045))[..., None]
    tufts = smoothstep(0.5, 1.3, patches) * F(0.5)
    colour = mix(colour, mix(palette.near, palette.ground, F(0.35)), tufts[..., None])
    blend(scene.image[first:], colour, cover)
    scene.mark("plain", cover, first)
    if rng.random() < 0.3:
        _path(scene, first, near, cover)


def _path(scene: Scene, first: int, near: np.ndarray, cover: np.ndarray) -> None:
    rng, palette = scene.rng, scene.palette
    centre = F(0.5) + F(rng.uniform(-0.3, 0.3))
    swing = F(rng.uniform(0.08, 0.25))
    bends = np.sin(F(rng.uniform(2, 6)) * near ** F(0.6) + F(rng.random() * 6))
    centre = centre + swing * bends * (0.25 + near)
    half_width = F(0.006) + F(rng.uniform(0.05, 0.13)) * near ** F(1.3)
    inside = (half_width[:, None] - np.abs(scene.position[None] - centre[:, None])) * scene.side * 0.5 + 0.5
    water = rng.random() < 0.6
    if water:
        colour = mix(palette.horizon, palette.water, F(0.35))
    else:
        colour = mix(palette.ground, palette.horizon, F(0.55))
    blend(scene.image[first:], colour, np.clip(inside, 0, 1) * cover * F(0.9))
    scene.mark("river" if water else "path", np.minimum(inside, cover), first)


def paint_foreground(scene: Scene) -> None:
    """A bank at the lower edge, grassy or with firs, and sometimes a few large firs at one side."""
    if scene.rng.random() < 0.62:
        _bank(scene)
    if scene.rng.random() < 0.22:
        _large_firs(scene)


def _bank(scene: Scene) -> None:
    rng, palette = scene.rng, scene.palette
    base = F(rng.uniform(0.80, 0.94))
    wooded = rng.random() < 0.4
    height = F(rng.uniform(0.05, 0.16))
    top = base - height * (crest(scene, textures().hills, rng.uniform(0.35, 0.9)) - F(0.5))
    colour = mix(palette.ground, palette.near, F(rng.uniform(0.25, 0.85))) * F(rng.uniform(0.6, 0.95))
    if wooded:
        top = top - fir_line(scene, int(rng.integers(14, 46)), 0.02, F(rng.uniform(0.05, 0.13)), F(3.0))
        colour = colour * F(0.62)
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


def _large_firs(scene: Scene) -> None:
    rng = scene.rng
    on_the_left = rng.random() < 0.5
    colour = mix(scene.palette.near, scene.palette.ground, F(0.2)) * F(0.55)
    for _ in range(int(rng.integers(1, 5))):
        x = rng.uniform(-0.02, 0.26)
        _fir(scene, x if on_the_left else 1 - x, rng.uniform(0.93, 1.08), rng.uniform(0.3, 0.62), colour)


def _fir(scene: Scene, x: float, foot: float, height: float, colour: np.ndarray) -> None:
    """One fir: a cone of tapering tiers, its needles a grain that differs left and right of the trunk."""
    rng, side, position = scene.rng, scene.side, scene.position
    first, last = scene.row_of(foot - height), min(int(foot * side), side)
    if last - first < 4:
        return
    down = (position[first:last] - (foot - height)) / height  # 0 at the tip, 1 at the foot
    tiers = rng.integers(6, 11)
    half_width = height * (0.16 + 0.06 * rng.random()) * (down * (0.62 + 0.38 * ((down * tiers) % 1.0))) + 0.002
    half_width = np.where(down > 0.94, height * 0.02, half_width)
    needles = textures().grain[0][: last - first, :2] * 0.06 + 1
    needles = np.where(position[None] < x, needles[:, :1], needles[:, 1:])
    cover = np.clip((half_width[:, None] * needles - np.abs(position[None] - x)) * side + 0.5, 0, 1)
    left = scene.row_of(x - height * 0.3)
    right = min(scene.row_of(x + height * 0.3) + 1, side)
    if right <= left:
        return
    shading = 0.8 + 0.35 * (position[None, left:right] - x) / (half_width[:, None] + 0.01) * np.sign(0.5 - rng.random())
    cover = cover[:, left:right]
    blend(scene.image[first:last, left:right], colour * shading.clip(0.5, 1.3)[..., None], cover)
    scene.mark("fir", cover, first, left)
