"""Ridges: mountains, alps, hills and mesas in layers of rising contrast, with facets, snow, forests and mist."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F, smoothstep
from .flora import wood_slopes
from .palettes import mix
from .scene import Scene, crest, crop, fir_line, random_origin, wrap
from .terrain import Face, margin_of, raise_range
from .textures import textures

_KINDS = ("mountains", "alps", "hills", "mesas", "mixed")
_KIND_ODDS = (0.28, 0.30, 0.20, 0.08, 0.14)
_KIND_HEIGHT = {"hills": 0.62, "mesas": 0.7}


def paint_ridges(scene: Scene, has_water: bool) -> None:
    """Paint two to four ridges, from far to near."""
    rng, palette = scene.rng, scene.palette
    count = int(rng.integers(2, 5))
    kind = _KINDS[rng.choice(5, p=_KIND_ODDS)]
    snowy = rng.random() < palette.snow
    relief = rng.uniform(0.10, 0.36)
    mistiness = F(rng.uniform(0.3, 0.9))
    for index in range(count):
        nearness = F(index / (count - 1)) if count > 1 else F(0.5)
        ridge_kind = _kind_of(rng, kind, index, count)
        amplitude = relief * (1 - 0.62 * nearness) * rng.uniform(0.75, 1.25) * _KIND_HEIGHT.get(ridge_kind, 1.0)
        _paint_ridge(scene, ridge_kind, nearness, amplitude, snowy, mistiness, has_water)


def _kind_of(rng: np.random.Generator, kind: str, index: int, count: int) -> str:
    if kind == "mixed":
        kind = "alps" if index == 0 else "mountains" if index < count - 1 else "hills"
    nearest_of_many = index == count - 1 and count > 2
    if kind in ("mountains", "alps") and nearest_of_many and rng.random() < 0.6:
        return "hills"
    return kind


def _paint_ridge(
    scene: Scene,
    kind: str,
    nearness: np.float32,
    amplitude: float,
    snowy: bool,
    mistiness: np.float32,
    has_water: bool,
) -> None:
    rng, palette = scene.rng, scene.palette
    zoom = rng.uniform(0.24, 0.62) * (1 - 0.2 * nearness) * (1.0 if kind != "hills" else 1.1)
    profile = crest(scene, getattr(textures(), kind), zoom, margin_of(scene))
    base = scene.horizon + F(0.012) + nearness * F(0.03 if has_water else 0.06)
    forest = bool(nearness > 0.45 and rng.random() < 0.15 and kind != "mesas")
    if forest:
        tallest = 0.018 + 0.035 * nearness
        fir_line(scene, int(60 + 60 * (1 - nearness)), tallest * 0.3, tallest, 2.6)
    form = "dunes" if kind == "hills" and scene.flora.dry > 0.6 else kind
    face = raise_range(scene, form, profile, float(base), amplitude, 0.01 * (1 - nearness))
    if forest or kind == "hills":
        crop(scene, textures().grain[0], 1.3, 1.3, 1)
    rows = len(face.cover)
    if not rows:
        return
    colour = mix(
        mix(palette.far, palette.near, F(0.16) * (1 - nearness)), palette.near, nearness ** F(1.15) * F(0.92) + F(0.04)
    )
    contrast = F(0.13 + 0.13 * nearness) * (F(0.55) if palette.night else 1)
    colour_of_rock = _layered(scene, colour, kind, float(nearness), face)
    lightness = face.relief - F(1.1) * face.shadow
    sunlight = (palette.sun - 0.5) * (F(0.10) * np.maximum(lightness, 0) * (1 - palette.night))[..., None]
    lit = colour_of_rock * (1 + lightness * contrast)[..., None] + sunlight
    if snowy and kind in ("mountains", "alps") and not forest:
        lit = _snow(scene, lit, nearness, face)
    depth = (F(1.0) - face.height).clip(0, 1)
    mist = smoothstep(0.15, 1.25, depth) * mistiness * F(0.75 - 0.55 * nearness)
    lit = mix(lit, scene.haze, mist[..., None])
    region = scene.image[face.first : face.first + rows]
    region += (lit - region) * face.cover[..., None]
    scene.mark("ridge", face.cover, face.first)
    wooded = mix(colour, scene.haze, mistiness * F(0.3 - 0.2 * nearness))
    wood_slopes(scene, face, kind, float(nearness), wooded, forest)


def _layered(scene: Scene, colour: np.ndarray, kind: str, nearness: float, face: Face) -> np.ndarray:
    """The ground's colour: strata where it is steep, meadows where it is low and gentle."""
    row, column = random_origin(scene.details)
    bands = wrap(textures().cumulus[3], row + face.height * F(260), np.array(column))
    fine = wrap(textures().grain[1], row + face.height * F(90), np.array(column))
    strength = F(0.10) if kind == "mesas" else F(0.0) if kind == "hills" else F(0.035)
    strata = (bands * F(0.7) + fine * F(0.6)) * face.steepness * strength
    grass = (1 - face.steepness) * smoothstep(0.75, 0.25, face.height) * F(0.4 * nearness * (1 - scene.flora.dry))
    meadow = mix(colour, scene.palette.ground, F(0.75))
    return mix(colour, meadow, grass[..., None]) * (1 + strata)[..., None]


def _snow(scene: Scene, lit: np.ndarray, nearness: np.float32, face: Face) -> np.ndarray:
    """Snow above a line, thin on walls, shaded where it turns from the light."""
    palette = scene.palette
    line = F(0.62 - 0.3 * palette.snow) * (1.1 - 0.35 * nearness)
    hold = face.height - F(0.30) * face.steepness + F(0.05) * face.relief
    amount = smoothstep(line - 0.22, line + 0.06, hold) * F(0.95)
    white = mix(palette.cloud_lit, np.ones(3, F) * (0.35 if palette.night else 1.0), F(0.4))
    white = mix(white, scene.haze, F(0.25) * (1 - nearness))
    shade = mix(palette.cloud_shade, palette.near, F(0.15))
    lightness = face.relief - F(1.1) * face.shadow
    snow = mix(white, shade, (0.42 - 0.42 * lightness).clip(0, 0.85)[..., None])
    return mix(lit, snow, amount[..., None])
