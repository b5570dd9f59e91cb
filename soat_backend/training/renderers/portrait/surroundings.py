"""Random light, and a background that goes with it."""

from __future__ import annotations

from .attributes import Background, Light
from .draws import Rng, chance, pick, varied
from .palettes import BACKDROPS, FOLIAGE, LIGHTS, SKIES, LightKind


def random_light_kind(rng: Rng) -> LightKind:
    """A kind of light, by its share."""
    return LIGHTS[int(rng.choice(len(LIGHTS), p=[kind.share for kind in LIGHTS]))]


def random_light(rng: Rng, kind: LightKind) -> Light:
    """Light of a kind, from the left or the right of the viewer and always from above."""
    side = 1 if chance(rng, 0.5) else -1
    return Light(
        azimuth=side * rng.uniform(10, 50),
        elevation=rng.uniform(15, 45),
        key=varied(rng, kind.key, 4),
        sky=varied(rng, kind.sky, 4),
        ground=varied(rng, kind.ground, 4),
        rim=varied(rng, kind.rim, 4),
        key_gain=kind.gain * rng.uniform(0.96, 1.14),
        rim_gain=rng.uniform(0.3, 1.1),
        exposure=rng.uniform(1.0, 1.12),
        vignette=rng.uniform(0.05, 0.35),
        saturation=rng.uniform(0.95, 1.08),
        contrast=rng.uniform(0.05, 0.30),
    )


def random_background(rng: Rng, kind: LightKind) -> Background:
    """A background that goes with a kind of light."""
    style = pick(rng, kind.backgrounds)
    dark, bright = pick(rng, BACKDROPS)
    if style == "foliage":
        dark, bright = FOLIAGE
    if style == "sky":
        dark, bright = pick(rng, SKIES)
    return Background(
        style=style,
        dark=varied(rng, dark),
        bright=varied(rng, bright),
        focus=rng.uniform(0.2, 0.8),
        seed=int(rng.integers(1 << 30)),
    )
