"""Sky: gradient, stars, aurora, sun or moon, clouds."""

from __future__ import annotations

import numpy as np

from ..noise import F, smoothstep
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


def paint_sky(scene: Scene, disc_radius: np.float32) -> None:
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
        _disc(scene, sky, across, down, distance, disc_radius)
    if scene.rng.random() < 0.78:
        _clouds(scene, sky, distance)


def _stars(scene: Scene, sky: np.ndarray) -> None:
    height = scene.position[: len(sky)] / scene.horizon
    stars = crop(scene, textures().stars, 1, 1, len(sky)) * smoothstep(1.0, 0.3, height)[:, None]
    sky += stars[..., None] * F(scene.rng.uniform(0.5, 1.0))


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
    blend(sky, np.minimum(scene.palette.sun * 1.06, 1.0), disc)
    scene.mark("sun", disc)


def _clouds(scene: Scene, sky: np.ndarray, sun_distance: np.ndarray) -> None:
    """A sheet of clouds in perspective, shaded by the difference to the texture towards the light."""
    rng, palette = scene.rng, scene.palette
    heaped = rng.random() < 0.68
    texture = choose(rng, textures().cumulus if heaped else textures().cirrus)
    row, column = random_origin(rng)
    zoom = F(rng.uniform(0.5, 1.1))
    height = scene.position[: len(sky)] / scene.horizon
    depth = 0.42 / ((1.06 - height).clip(0.06, 2) + 0.16)
    # The second term keeps clouds overhead from being drawn out into curtains.
    down = depth * F(170) * zoom * (1 if heaped else 0.8) + height * F(80) * zoom
    down = (row + down).astype(np.int32)[:, None]
    across = (column + ((scene.position[None] - 0.5) * (0.55 + depth[:, None] * 0.7) * F(300) * zoom)).astype(np.int32)
    density = wrap(texture, down, across)
    towards_light = wrap(texture, down - 8, across + (9 if scene.light > 0 else -9))
    threshold = F(rng.uniform(-0.5, 1.1))
    cover = smoothstep(threshold, threshold + F(rng.uniform(0.5, 1.1)), density)
    cover = cover * smoothstep(0.95, 0.60, height)[:, None] * F(rng.uniform(0.55, 0.95))
    lit = (0.55 + 0.55 * (density - towards_light) - 0.16 * (density - threshold)).clip(0, 1)
    colour = mix(palette.cloud_shade, palette.cloud_lit, lit[..., None])
    if scene.sun_visible:
        colour = mix(colour, palette.sun, (np.exp(-sun_distance / F(0.2)) * 0.5)[..., None].astype(F))
    blend(sky, colour, cover)
    _forget_hidden_sun(scene, cover)


def _forget_hidden_sun(scene: Scene, clouds: np.ndarray) -> None:
    """What clouds cover is sky to those who ask the regions."""
    if scene.kinds[-1] != "sun":
        return
    regions = scene.regions[: len(clouds)]
    sun = regions == len(scene.kinds) - 1
    if sun.any() and clouds[sun].mean() > 0.5:
        regions[sun] = 0
