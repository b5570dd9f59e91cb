"""Filters that resampling needs, made once for each device and type."""

from __future__ import annotations

from functools import lru_cache

import torch


@lru_cache(maxsize=64)
def fir_kernel(device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """The filter that doubling blurs with, outer([1, 3, 3, 1]) / 16: `[4, 4]`, its gain 4.

    Made once, and on the device itself: an upload would wait for all that runs there. It is an ordinary tensor even if
    made in inference mode: what comes after may want gradients of other things.
    """
    with torch.inference_mode(False):
        k = torch.arange(4, device=device, dtype=dtype)
        taps = (k * (3 - k) + 1) / 4  # [1, 3, 3, 1] / 4
        return torch.outer(taps, taps)
