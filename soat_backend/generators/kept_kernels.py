"""What the layers of all architectures keep of their weights: the forms that a convolution takes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from ..ops import Kernels
from ..support.runtime import changes_of


class ConvolutionLayer(nn.Module):
    """A layer with a weight, whose forms for a convolution are kept as long as it stays what it is.

    Attributes:
        weight: `[C_out, C_in, k, k]`.
    """

    weight: nn.Parameter

    def __init__(self) -> None:
        super().__init__()
        self._kept: tuple[Any, Kernels] | None = None

    def convolved_weight(self, weight: torch.Tensor) -> torch.Tensor:
        """What the convolution takes of the weight: itself, as a rule."""
        return weight

    def kernels(self) -> Kernels:
        """The weight's forms, kept while it stays what it is and nobody wants its gradient."""
        if self.weight.requires_grad:
            return Kernels(self.convolved_weight(self.weight))
        state = _state(self.weight)
        if self._kept is None or self._kept[0] != state:
            # What is kept may later be part of a calculation that wants gradients of other things.
            with torch.inference_mode(False):
                self._kept = (state, Kernels(self.convolved_weight(self.weight.detach())))
        return self._kept[1]

    def _apply(self, *args: Any, **options: Any) -> ConvolutionLayer:
        moved = super()._apply(*args, **options)
        # What was made of a weight that has moved away would only take memory. Most calls move nothing.
        if self._kept and self._kept[0] != _state(self.weight):
            self._kept = None
        return moved


def _state(weight: torch.Tensor) -> tuple[Any, ...]:
    """What changes when a weight does. Its address is that of its memory, or on devices without, its own."""
    return weight.data_ptr() or id(weight), weight.device, weight.dtype, changes_of(weight)
