"""Random choices, numbers and colours."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .attributes import Colour

Rng = np.random.Generator


def chance(rng: Rng, probability: float) -> bool:
    """True with a probability."""
    return bool(rng.random() < probability)


def pick(rng: Rng, options: Sequence):
    """One of the options, each as likely."""
    return options[int(rng.integers(len(options)))]


def weighted(rng: Rng, shares: dict[str, float]) -> str:
    """One of the keys, with a probability in proportion to its value."""
    weights = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(shares), p=weights / weights.sum()))]


def limited_normal(rng: Rng, deviation: float, limit: float) -> float:
    """A normally distributed number around 0, cut off at `limit` on both sides."""
    return float(np.clip(rng.normal() * deviation, -limit, limit))


def _colour(values: np.ndarray) -> Colour:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """`share` of the way from one colour to another."""
    return _colour(np.array(a) + (np.array(b) - np.array(a)) * share)


def scaled(colour: Colour, factor: float, limit: float = 230) -> Colour:
    """A colour lighter or darker by a factor, within 8 and `limit`."""
    return _colour(np.clip(np.array(colour) * factor, 8, limit))


def varied(rng: Rng, colour: Colour, deviation: float = 6) -> Colour:
    """A little lighter or darker, and another hue."""
    return _colour(np.clip(np.array(colour) * (1 + rng.normal() * 0.06) + rng.normal(size=3) * deviation, 4, 252))


def darkness(skin: Colour) -> float:
    """Probability that only dark hair or eyes are drawn for a skin, which go together as a rule, not always."""
    return float(np.clip((240 - skin[0]) / 150, 0, 0.85))
