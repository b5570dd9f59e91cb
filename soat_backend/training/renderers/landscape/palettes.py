"""Colours of the landscapes: an hour, a season and a mood each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

F = np.float32

# Columns: zenith, middle of the sky, horizon, sun or moon, lit cloud, shaded cloud, far ridge, near ridge, ground,
# water; then whether it is night, and how likely snow lies on the ridges.
_TABLE = (
    # summer noon
    ((50, 112, 200), (118, 175, 232), (208, 228, 242), (255, 250, 230), (255, 255, 255), (165, 182, 210),
     (148, 175, 208), (46, 84, 74), (98, 146, 62), (40, 90, 130), 0, 0.5),
    # golden sunset
    ((64, 74, 140), (226, 136, 112), (255, 208, 124), (255, 242, 196), (255, 196, 136), (124, 82, 124),
     (206, 144, 134), (62, 36, 58), (84, 64, 46), (70, 50, 90), 0, 0.35),
    # pink dawn
    ((108, 140, 204), (238, 182, 202), (255, 222, 192), (255, 242, 224), (255, 208, 204), (152, 132, 178),
     (194, 168, 200), (72, 66, 108), (96, 110, 90), (90, 100, 150), 0, 0.5),
    # violet dusk
    ((34, 28, 82), (114, 66, 134), (244, 134, 122), (255, 204, 156), (226, 124, 144), (70, 50, 102),
     (124, 82, 140), (30, 22, 58), (40, 36, 56), (40, 30, 80), 0, 0.35),
    # blue night
    ((7, 11, 38), (20, 36, 84), (58, 90, 138), (236, 240, 250), (74, 94, 136), (20, 28, 56),
     (46, 72, 114), (8, 14, 34), (14, 28, 38), (10, 20, 50), 1, 0.5),
    # green night
    ((6, 16, 32), (12, 52, 74), (40, 120, 118), (230, 250, 240), (50, 110, 120), (10, 30, 44),
     (30, 84, 96), (6, 22, 30), (10, 36, 34), (8, 30, 44), 1, 0.4),
    # overcast
    ((142, 154, 166), (184, 192, 200), (222, 225, 226), (248, 248, 244), (228, 232, 235), (138, 147, 158),
     (176, 186, 194), (58, 72, 78), (104, 118, 88), (90, 105, 115), 0, 0.4),
    # autumn
    ((90, 150, 208), (168, 202, 224), (248, 232, 206), (255, 248, 224), (255, 248, 236), (190, 182, 188),
     (176, 172, 186), (146, 72, 34), (198, 138, 50), (60, 100, 130), 0, 0.3),
    # desert
    ((62, 138, 202), (156, 196, 218), (252, 228, 182), (255, 248, 220), (255, 246, 228), (206, 186, 172),
     (224, 174, 144), (172, 84, 48), (224, 170, 104), (90, 120, 130), 0, 0.0),
    # red evening
    ((50, 18, 54), (176, 42, 54), (255, 144, 52), (255, 224, 136), (255, 124, 74), (92, 26, 54),
     (156, 52, 64), (36, 10, 28), (48, 18, 26), (70, 20, 40), 0, 0.1),
    # spring
    ((112, 190, 204), (188, 226, 212), (252, 246, 212), (255, 252, 226), (255, 255, 246), (170, 200, 200),
     (138, 186, 182), (24, 82, 72), (124, 172, 72), (40, 110, 110), 0, 0.3),
    # winter
    ((116, 158, 208), (184, 210, 232), (242, 242, 248), (255, 250, 240), (252, 252, 255), (168, 184, 208),
     (178, 198, 224), (70, 96, 132), (232, 240, 250), (80, 120, 160), 0, 1.0),
    # lavender
    ((132, 124, 200), (200, 180, 224), (252, 228, 228), (255, 244, 236), (250, 230, 240), (150, 136, 190),
     (172, 156, 208), (70, 54, 122), (152, 112, 172), (100, 90, 160), 0, 0.3),
    # teal evening
    ((20, 60, 110), (70, 150, 170), (250, 220, 150), (255, 244, 200), (255, 226, 180), (80, 110, 140),
     (110, 150, 160), (16, 50, 66), (50, 84, 60), (24, 70, 90), 0, 0.4),
)  # fmt: skip
_COLOURS = np.array([row[:10] for row in _TABLE], F) / 255.0  # [palettes, 10, 3]
_MOODS = np.array([row[10:] for row in _TABLE], F)  # [palettes, 2]: night, snow


def mix(a, b, amount):
    """Linear interpolation from a to b."""
    return a + (b - a) * amount


@dataclass(frozen=True)
class Palette:
    """The colours of one picture, RGB in 0..1 as float32 `[3]` each.

    Attributes:
        night: Whether stars are out.
        snow: Probability of snow on the ridges.
    """

    zenith: np.ndarray
    middle: np.ndarray
    horizon: np.ndarray
    sun: np.ndarray
    cloud_lit: np.ndarray
    cloud_shade: np.ndarray
    far: np.ndarray
    near: np.ndarray
    ground: np.ndarray
    water: np.ndarray
    night: bool
    snow: float


def random_palette(rng: np.random.Generator) -> Palette:
    """Draw a palette, often mixed with another of the same time of day, slightly varied. Nights come half as often."""
    first = int(rng.integers(len(_TABLE)))
    if _MOODS[first, 0] > 0.5 and rng.random() < 0.5:
        first = int(rng.integers(len(_TABLE)))
    colours = _COLOURS[first].copy()
    mood = _MOODS[first].copy()
    if rng.random() < 0.55:
        second = int(rng.integers(len(_TABLE)))
        amount = F(rng.random() * 0.5)
        if abs(_MOODS[first, 0] - _MOODS[second, 0]) < 0.5:
            colours = mix(colours, _COLOURS[second], amount)
            mood = mix(mood, _MOODS[second], amount)
    tint = (1 + rng.normal(size=(1, 3)) * 0.05).astype(F)
    brightness = F(1 + rng.normal() * 0.05)
    colours = colours * tint * brightness + rng.normal(size=(10, 3)).astype(F) * F(0.012)
    colours = colours.clip(0.01, 1.06).astype(F)
    grey = colours.mean(1, keepdims=True)
    colours = mix(grey, colours, F(rng.uniform(0.85, 1.2)))
    zenith, middle, horizon, sun, lit, shade, far, near, ground, water = colours
    night, snow = bool(mood[0] > 0.5), float(mood[1])
    return Palette(zenith, middle, horizon, sun, lit, shade, far, near, ground, water, night, snow)
