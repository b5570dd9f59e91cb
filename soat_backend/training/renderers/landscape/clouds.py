"""Clouds: a sheet in perspective, wisps, or banks of cumulus with flat bases; all lit from the sun's side."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .palettes import mix
from .scene import Scene, blend, choose, random_origin, smoothed, wrap_smoothly
from .textures import textures

_BANKS = 4


def paint_clouds(scene: Scene, sky: np.ndarray, sun_distance: np.ndarray) -> None:
    """Paint one kind of cloud over the sky.

    Args:
        scene: What to paint on.
        sky: Its rows above the horizon, `[rows, side, 3]`.
        sun_distance: From the sun or moon, as a share of the side, `[rows, side]`.
    """
    rng = scene.rng
    heaped = rng.random() < 0.68
    texture = choose(rng, textures().cumulus if heaped else textures().cirrus)
    origin = random_origin(rng)
    zoom = F(rng.uniform(0.5, 1.1))
    threshold = rng.uniform(-0.5, 1.1)
    softness, opacity = rng.uniform(0.5, 1.1), F(rng.uniform(0.55, 0.95))
    if heaped and scene.details.random() < 0.55:
        cover, lit = _banks(scene, texture, origin, zoom, threshold, len(sky))
        cover = cover * np.maximum(opacity, F(0.8))
    else:
        cover, lit = _sheet(scene, texture, origin, zoom, threshold, softness, heaped, len(sky))
        cover = cover * opacity
    palette = scene.palette
    colour = mix(palette.cloud_shade, palette.cloud_lit, lit[..., None])
    height = scene.position[: len(sky), None] / scene.horizon
    colour = mix(colour, palette.horizon, (smoothstep(0.55, 1.05, height) * F(0.45))[..., None])
    if scene.sun_visible:
        # What is thin glows near the sun.
        glow = np.exp(-sun_distance / F(0.2)) * (F(0.35) + F(0.45) * (1 - cover))
        colour = mix(colour, palette.sun, glow[..., None].astype(F))
    blend(sky, colour, cover)
    _forget_hidden_sun(scene, cover)


def _sheet(
    scene: Scene,
    texture: np.ndarray,
    origin: tuple[int, int],
    zoom: np.float32,
    threshold: float,
    softness: float,
    heaped: bool,
    rows: int,
) -> tuple[np.ndarray, np.ndarray]:
    """A sheet in perspective: coverage and light, `[rows, side]` each."""
    height = scene.position[:rows] / scene.horizon
    depth = 0.42 / ((1.06 - height).clip(0.06, 2) + 0.16)
    # The second term keeps clouds overhead from being drawn out into curtains.
    down = origin[0] + (depth * F(170) * zoom * (1 if heaped else 0.8) + height * F(80) * zoom)[:, None]
    across = origin[1] + (scene.position[None] - 0.5) * (0.55 + depth[:, None] * 0.7) * F(300) * zoom
    if not heaped:
        across = across + wrap_smoothly(textures().cumulus[0], down * F(0.5), across * F(0.5)) * F(14)
    density = wrap_smoothly(texture, down, across)
    if heaped:
        density = density + F(0.22) * wrap_smoothly(textures().puffs, down * 2, across * 2)
    cover = smoothstep(threshold, threshold + softness, density)
    cover = cover * smoothstep(0.95, 0.60, height)[:, None]
    lit = 0.92 - 0.50 * _in_the_way(scene, cover) - 0.10 * (density - F(threshold)) + 0.5 * _rise(scene, density)
    return cover, lit.clip(0, 1).astype(F)


def _banks(
    scene: Scene, texture: np.ndarray, origin: tuple[int, int], zoom: np.float32, threshold: float, rows: int
) -> tuple[np.ndarray, np.ndarray]:
    """Cumulus in banks from the horizon to overhead, the nearer the larger: coverage and light, `[rows, side]` each."""
    cover, light = np.zeros((rows, scene.side), F), np.zeros((rows, scene.side), F)
    position = scene.position
    for index in range(_BANKS):
        nearness = (index + scene.details.uniform(-0.25, 0.25)) / (_BANKS - 1)
        base = float(scene.horizon) * (0.90 - 0.52 * nearness)
        size = (0.07 + 0.22 * nearness) * float(0.6 + 0.7 / (zoom + 0.4))
        first = max(int((base - 1.15 * size) * scene.side), 0)
        last = min(int((base + 0.2 * size) * scene.side) + 1, rows)
        if last - first < 2:
            continue
        up = (F(base) - position[first:last, None]) / F(size)
        steps = F(60 / size) * position[None]
        row, column = origin[0] + 211.0 * index, origin[1] + 97.0 * index
        swell = wrap_smoothly(texture, np.full_like(steps[0], row), column + steps[0])
        swell = smoothed(swell, 0.22 * size * scene.side)
        tallness = smoothstep(threshold * 0.7 - 0.25, threshold * 0.7 + 1.5, swell)[None]
        puffs = wrap_smoothly(textures().puffs, row - up * F(48), column + steps * F(0.8))
        body = tallness * F(0.85) - np.abs(up) + F(0.20) * puffs * (F(0.35) + up.clip(0, 1)) - F(0.10)
        ragged = up + F(0.05) * puffs
        bank = smoothstep(0.0, 0.16, body) * smoothstep(-0.06, 0.05, ragged) * (tallness > F(0.02))
        inner = (up / (tallness + F(0.25))).clip(0, 1)
        lit = 0.25 + 0.55 * inner + 0.75 * _rise(scene, puffs) - 0.30 * _in_the_way(scene, bank) + 0.10 * puffs
        below = 1 - bank
        light[first:last] = light[first:last] * below + lit.clip(0, 1) * bank
        cover[first:last] = cover[first:last] * below + bank
    return cover, light / np.maximum(cover, F(1e-3))


def _rise(scene: Scene, field: np.ndarray) -> np.ndarray:
    """How much a field rises away from the light, up and to one side: bright on the lit side of its bumps."""
    step = max(round(3 / scene.texel), 1)
    across = _moved(field, step * (1 if scene.light > 0 else -1), 1)
    down = _moved(field, -step, 0)
    return (field * F(1.5) - across - F(0.5) * down) * F(0.6)


def _in_the_way(scene: Scene, cover: np.ndarray) -> np.ndarray:
    """Mean coverage between a place and the light, 0..1."""
    total = np.zeros_like(cover)
    for tap in (2, 5, 9, 14):
        step = max(round(tap / scene.texel), 1)
        total += _moved(_moved(cover, step * (1 if scene.light > 0 else -1), 1), -step, 0)
    return total * F(0.25)


def _moved(field: np.ndarray, step: int, axis: int) -> np.ndarray:
    """`field` read `step` pixels further along an axis, its border repeated."""
    index = (np.arange(field.shape[axis]) + step).clip(0, field.shape[axis] - 1)
    return np.take(field, index, axis)


def _forget_hidden_sun(scene: Scene, clouds: np.ndarray) -> None:
    """What clouds cover is sky to those who ask the regions."""
    if scene.kinds[-1] != "sun":
        return
    regions = scene.regions[: len(clouds)]
    sun = regions == len(scene.kinds) - 1
    if sun.any() and clouds[sun].mean() > 0.5:
        regions[sun] = 0
