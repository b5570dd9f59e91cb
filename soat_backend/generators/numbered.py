"""Layers that are called by a number, as StyleGAN3's: L0, L1, ... Other architectures' know what is meant."""

from __future__ import annotations

import math
import re

INPUT = "input"
# With the size and the channels that NVIDIA appends, or by its number alone.
_NUMBERED = re.compile(r"L([0-9]{1,3})(_[0-9]{1,5}_[0-9]{1,5})?")
# Of NVIDIA's own models.
USUAL_LAYERS = 14
_CRITICAL, _FIRST_STOPBAND, _LAST_STOPBAND_REL = 2, 2**2.1, 2**0.3


def number_of(name: str) -> int | None:
    """The number of a layer that is called L and a number; None if it is called otherwise."""
    match = _NUMBERED.fullmatch(name)
    return int(match[1]) if match else None


def usual_rate(number: int, img_resolution: int) -> int:
    """The sampling rate of a layer of NVIDIA's models of a resolution, by its number."""
    share = min(number / (USUAL_LAYERS - _CRITICAL), 1.0)
    stopband = _FIRST_STOPBAND * (img_resolution / 2 * _LAST_STOPBAND_REL / _FIRST_STOPBAND) ** share
    return int(2 ** math.ceil(math.log2(min(2 * stopband, img_resolution))))
