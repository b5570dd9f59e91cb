"""Noise as something that can be fitted, and what keeps the picture out of it (Source: StyleGAN2, appendix D)."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from ..generators import Generator

_SMALLEST_SIDE = 8


def noise_maps(generator: Generator) -> list[torch.Tensor]:
    """The constant noise buffers of a generator, the smallest left out: they have nothing to be fitted to."""
    noisy = [layer for layer in generator.layers if layer.has_noise and layer.sampling_rate >= _SMALLEST_SIDE]
    return [generator.module(layer).noise_const for layer in noisy]


def self_correlation(maps: list[torch.Tensor]) -> torch.Tensor:
    """Squared correlation of maps with themselves moved by one, on all scales down to 8 px, on average.

    Deviation from the source: each is multiplied with the number of values, which makes it 1 for white noise of any
    size; so the noise isn't driven to be whiter than random noise is.
    """
    values = []
    for noise in maps:
        scaled = noise[None, None]
        while True:
            for axis in (2, 3):
                values.append((scaled * scaled.roll(1, axis)).mean().square() * scaled.numel())
            if min(scaled.shape[2:]) <= _SMALLEST_SIDE:
                break
            scaled = F.avg_pool2d(scaled, 2) * 2.0  # The mean of four has half their deviation.
    return torch.stack(values).mean()


@torch.no_grad()
def normalise(maps: list[torch.Tensor]) -> None:
    """Bring each map to mean 0 and deviation 1, in place."""
    for noise in maps:
        noise.sub_(noise.mean()).div_(noise.std(correction=0).clamp_min(1e-8))
