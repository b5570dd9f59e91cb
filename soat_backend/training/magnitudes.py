"""Keeps the layers of a StyleGAN3 in training at unit magnitude."""

from __future__ import annotations

from typing import Any

import torch

from ..generators import Generator

# Half-life of the mean, in images, and the part of those seen that it is at most (Source: StyleGAN3, appendix F).
HALF_LIFE = 20_000.0
_RAMP = 0.25


class Magnitudes:
    """Follows the mean square of what goes into each layer, for the layer to divide by its root.

    Source: StyleGAN3, section 3.2. Of generators whose layers don't ask for it, there is nothing to follow.

    Args:
        generator: In training; its layers' `magnitude_ema` are kept.
        average: Its running average, which has the same magnitudes.
    """

    def __init__(self, generator: Generator, average: Generator) -> None:
        self._pairs = [
            (module, average.get_submodule(name))
            for name, module in generator.named_modules()
            if "magnitude_ema" in dict(module.named_buffers(recurse=False))
        ]
        self._seen: dict[torch.nn.Module, torch.Tensor] = {}
        for module, _ in self._pairs:
            module.register_forward_pre_hook(self._see)

    def _see(self, module: torch.nn.Module, inputs: tuple[Any, ...]) -> None:
        self._seen[module] = inputs[0].detach().float().square().mean()

    @torch.no_grad()
    def update(self, images: int, batch: int) -> None:
        """Move towards what was seen last.

        Args:
            images: Seen before this step.
            batch: Of this step.
        """
        weight = 1.0 - 0.5 ** (batch / min(HALF_LIFE, _RAMP * images + 1.0))
        for module, averaged in self._pairs:
            if module in self._seen:
                module.get_buffer("magnitude_ema").lerp_(self._seen[module], weight)
                averaged.get_buffer("magnitude_ema").copy_(module.get_buffer("magnitude_ema"))
