"""Sky: gradient, stars, aurora, sun or moon, clouds."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .clouds import paint_clouds
from .palettes import mix
from .scene import Scene, blend, choose, crest, crop, random_origin, wrap
from .textures import textures

_AURORA_COLOURS = ((0.15, 0.9, 0.55), (0.2, 0.8, 0.8), (0.6, 0.3, 0.85))


def sky_gradient(scene: Scene, middle_at: float) -> None:
    """Fill the canvas with the sky's three colours, the middle one at a fraction of the way down to the horizon."""
    palette = scene.palette
    height = scene.position / scene.horizon
    stops = zip(palette.zenith, palette.middle, palette.horizon, strict=True)
    column = np.stack([np.interp(height, [0, middle_at, 1], channel) for channel in stops], 1).astype(F)
    scene.image[:] = column[:, None]


def paint_sky(scene: Scene) -> None:
    """Stars and aurora at night, the sun or moon, and clouds, above the horizon."""
    rows = min(int(scene.horizon * scene.side) + 4, scene.side)
    sky = scene.image[:rows]
    if scene.palette.night:
        _stars(scene, sky)
        if scene.rng.random() < 0.3:
            _aurora(scene, sky)
    across = (scene.position - scene.sun_x)[None]
    down = (scene.position[:rows] - scene.sun_y)[:, None]
    distance = np.sqrt(across * across + down * down)
    if scene.sun_visible:
        _glow(scene, sky, across, down, distance)
        _disc(scene, sky, across, down, distance, scene.disc_radius)
    if scene.rng.random() < 0.78:
        paint_clouds(scene, sky, distance)


def _stars(scene: Scene, sky: np.ndarray) -> None:
    height = scene.position[: len(sky)] / scene.horizon
    stars = crop(scene, textures().stars, 1, 1, len(sky)) * smoothstep(1.0, 0.3, height)[:, None]
    sky += stars[..., None] * F(scene.rng.uniform(0.5, 1.0))
    if scene.details.random() < 0.4:
        _milky_way(scene, sky, height)


def _milky_way(scene: Scene, sky: np.ndarray, height: np.ndarray) -> None:
    details = scene.details
    lean = F(details.uniform(-1.2, 1.2))
    middle = F(details.uniform(0.3, 0.7)) - lean * (height[:, None] - F(0.5)) * F(0.5)
    offset = (scene.position[None] - middle) / F(0.13)
    dust = crop(scene, textures().cumulus[1], 1.6, 1.6, len(sky), details)
    light = np.exp(-offset * offset) * (F(0.6) + F(0.35) * dust).clip(0, 2) * smoothstep(1.0, 0.4, height)[:, None]
    sky += (light * F(0.16))[..., None] * mix(scene.palette.sun, scene.palette.horizon, F(0.4))


def _aurora(scene: Scene, sky: np.ndarray) -> None:
    rng = scene.rng
    lower_edge = F(rng.uniform(0.1, 0.3)) + F(0.10) * (crest(scene, textures().hills, 0.6) - F(0.5))
    above = (lower_edge[None] + scene.horizon * F(0.25) - scene.position[: len(sky), None]) / F(0.3)
    rays = 0.45 + 0.55 * smoothstep(-0.8, 1.2, crop(scene, textures().cirrus[0], 0.02, 2.2, len(sky)))
    curtain = np.where(above > 0, np.exp(-above * 3), np.exp(above * 14)) * rays
    sky += curtain[..., None].astype(F) * np.array(choose(rng, _AURORA_COLOURS), F) * F(0.55)


def _glow(scene: Scene, sky: np.ndarray, across: np.ndarray, down: np.ndarray, distance: np.ndarray) -> None:
    near_horizon = float(scene.sun_y > scene.horizon * 0.5)
    glow = np.exp(-distance / F(0.09)) * 0.45 + np.exp(-distance / F(0.32)) * 0.28
    glow = glow + np.exp(-np.abs(down) / 0.10 - np.abs(across) / 0.6) * 0.18 * near_horizon
    glow = (glow * (0.45 if scene.palette.night else 1.0)).astype(F)
    blend(sky, scene.palette.sun, np.minimum(glow, 1))


def _disc(
    scene: Scene, sky: np.ndarray, across: np.ndarray, down: np.ndarray, distance: np.ndarray, radius: np.float32
) -> None:
    disc = np.clip((radius - distance) * scene.side + 0.5, 0, 1)
    if scene.palette.night and scene.rng.random() < 0.5:
        offset = radius * 0.6
        shadow = np.sqrt((across - offset) ** 2 + (down + offset * 0.5) ** 2)
        disc = disc * (1 - np.clip((radius * 1.02 - shadow) * scene.side + 0.5, 0, 1))
    colour = np.minimum(scene.palette.sun * 1.06, 1.0)
    blend(sky, colour * _seas(scene, across, down, radius)[..., None] if scene.palette.night else colour, disc)
    scene.mark("sun", disc)


def _seas(scene: Scene, across: np.ndarray, down: np.ndarray, radius: np.float32) -> np.ndarray:
    """The moon's darker plains and its darker rim, around 1."""
    row, column = random_origin(scene.details)
    scale = F(34) / radius
    dark = smoothstep(0.1, 1.2, wrap(textures().cumulus[3], row + down * scale, column + across * scale))
    rim = ((across * across + down * down) / (radius * radius)).clip(0, 1)
    return F(1.02) - F(0.20) * dark - F(0.10) * rim
