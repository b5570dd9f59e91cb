"""Weather: rain under the clouds, banks of fog before the ridges, falling snow."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .palettes import mix
from .scene import Scene, blend, crop, random_origin, wrap_smoothly
from .textures import textures

_FLAKES = ((1.0, 0.9), (1.6, 0.75), (2.6, 0.55))  # texels a pixel of the reference canvas, opacity


def paint_rain(scene: Scene) -> None:
    """A curtain or two from the clouds to the ground far off, leaning with the wind. Painted before the ridges."""
    if not scene.weather.rain:
        return
    details, palette = scene.details, scene.palette
    rows = int((scene.horizon + 0.04) * scene.side)
    height = (scene.position[:rows] / scene.horizon)[:, None]
    colour = mix(mix(palette.cloud_shade, palette.middle, F(0.25)) * F(0.80), palette.horizon, F(0.10))
    swell = wrap_smoothly(textures().cumulus[2], height * F(150), scene.position[None] * F(130))
    deck = smoothstep(0.62, 0.2, height + F(0.09) * swell) * F(0.8 * scene.weather.rain)
    blend(scene.image[:rows], colour * (F(1.0) + F(0.09) * swell)[..., None], deck)
    lean = F(details.uniform(0.12, 0.4)) * (1 if details.random() < 0.5 else -1)
    for _ in range(2):
        centre, width = F(details.uniform(0.1, 0.9)), F(details.uniform(0.08, 0.22))
        x = scene.position[None] - centre + lean * (height - F(0.5))
        row, column = random_origin(details)
        threads = wrap_smoothly(textures().cirrus[1], row + height * F(26), column + x * F(420))
        curtain = np.exp(-((x / width) ** 2)) * smoothstep(0.15, 0.5, height) * (F(0.75) + F(0.25) * threads)
        blend(scene.image[:rows], colour, (curtain * F(0.85 * scene.weather.rain)).clip(0, 1))


def paint_fog(scene: Scene, share: float) -> None:
    """A share of the bank of fog at the foot of the ridges. Painted before and after what it lies upon."""
    weather, palette = scene.weather, scene.palette
    if not weather.fog:
        return
    top = scene.horizon - F(weather.fog_height)
    first, last = scene.row_of(top - 0.22), min(scene.row_of(top + 0.2), scene.side)
    up = (top - scene.position[first:last, None]) / F(weather.fog_thickness)
    row, column = weather.fog_origin
    billows = wrap_smoothly(textures().cumulus[0], row - up * F(9), column + scene.position[None] * F(170))
    bank = smoothstep(1.5, -0.6, up + F(0.55) * billows) * smoothstep(-3.2, -0.8, up + F(0.4) * billows)
    colour = mix(palette.horizon, palette.cloud_lit, F(0.35)) * (F(1.0) + F(0.03) * billows)[..., None]
    blend(scene.image[first:last], colour, bank * F(0.9 * share * weather.fog))


def paint_snowfall(scene: Scene) -> None:
    """Flakes over the whole picture, the nearer the larger, and the haze that comes with them. Painted last."""
    if not scene.weather.snowfall:
        return
    strength = F(scene.weather.snowfall)
    scene.image += (scene.palette.horizon - scene.image) * (F(0.16) * strength)
    for step, opacity in _FLAKES:
        flakes = crop(scene, textures().flakes, step, step, scene.side, scene.details)
        blend(scene.image, mix(scene.palette.cloud_lit, np.ones(3, F), F(0.3)), flakes * (F(opacity) * strength))
