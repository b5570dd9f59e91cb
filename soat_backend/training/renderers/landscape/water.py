"""A lake or the sea: it mirrors what is painted above it, broken by waves."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .palettes import mix
from .perspective import recede
from .scene import Scene, crop, random_origin
from .textures import textures

# Texels over the ground, and how steep waves of that size are on a calm and on a rough day.
_WAVES = ((640.0, 0.6, 0.5), (260.0, 0.55, 0.7), (90.0, 0.35, 0.8), (30.0, 0.12, 0.7))


def paint_water(scene: Scene) -> None:
    """Reflections, waves that grow towards the viewer, the sun's path and a shore."""
    rng, palette, side = scene.rng, scene.palette, scene.side
    first = int((scene.horizon + F(0.035)) * side)
    rows = side - first
    row = np.arange(rows)
    near = ((row + F(0.5)) / rows).astype(F)
    streaks = crop(scene, textures().streaks[0], 2.2, 0.9, rows)
    roughness = F(rng.uniform(0.3, 1.0))
    waves = _waves(scene, near, roughness)
    near = near[:, None]
    ripple = streaks * (F(0.4) + near * F(1.2)) + waves * (F(0.6) + near * F(5.5) * roughness)
    ripple = ripple / F(scene.texel)  # pixels
    mirrored = (first - 1 - row[:, None] * F(1.05) + ripple * F(0.9)).astype(np.int32).clip(0, first - 1)
    column = (np.arange(side)[None] + ripple * F(0.4)).astype(np.int32).clip(0, side - 1)
    reflection = scene.image[mirrored, column] * F(0.93)
    # Waves that face the viewer let the eye into the water; their backs mirror the sky.
    into = F(0.16) + F(0.38) * near + F(0.10) * waves.clip(-2, 2) * (F(0.25) + near) * roughness
    water = mix(reflection, palette.water, into.clip(0, 1)[..., None])
    streaks = crop(scene, textures().streaks[1], 2.6, 0.55, rows)
    glitter = mix(palette.horizon, np.ones(3, F), F(0.3))
    shine = streaks * F(0.022) * (F(0.4) + near) - waves * F(0.02) * near
    water = water + shine[..., None] * glitter
    if scene.sun_visible:
        path = np.exp(-(((scene.position[None] - scene.sun_x) / (F(0.03) + near * F(0.09))) ** 2))
        low_sun = scene.sun_y > scene.horizon * 0.4
        sparkle = smoothstep(-0.3, 1.3, F(0.6) * streaks - F(0.8) * waves + 0.3)
        path = path * sparkle * (0.8 if low_sun else 0.42)
        water = mix(water, palette.sun, (path.clip(0, 1) * F(0.85))[..., None])
    shore = (np.exp(-near * F(22)) * F(0.35))[..., None]
    water = mix(water, mix(palette.horizon, scene.haze, F(0.5)), shore)
    edge = np.exp(-near * F(150)) * F(0.45)
    scene.image[first:] = mix(water, mix(palette.near, palette.ground, F(0.4)) * F(0.6), edge[..., None])
    scene.mark("water", np.ones((rows, side), bool), first)


def _waves(scene: Scene, near: np.ndarray, roughness: np.float32) -> np.ndarray:
    """How steeply the surface rises away from the viewer, `[rows, side]` around 0."""
    waves = np.zeros((len(near), scene.side), F)
    for scale, calm, rough in _WAVES:
        share = F(calm + (rough - calm) * roughness)
        waves += share * recede(scene, textures().waves, near, random_origin(scene.details), scale, 1.1)
    return waves
