"""From z to w: the mapping network that all architectures share.

Source: Karras et al. 2019 (StyleGAN), 2020 (StyleGAN2); gains as in stylegan2-ada-pytorch.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import nn

from ..ops.finish import LRELU_GAIN, LRELU_SLOPE
from ..support.runtime import exact

MAPPING_LR_MUL = 0.01


def normalize_second_moment(x: torch.Tensor) -> torch.Tensor:
    """Scale each row to a mean square of one."""
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


class FullyConnected(nn.Module):
    """Equalised linear layer: weights are stored divided by `lr_mul` and scaled by 1/sqrt(fan_in) as they are used."""

    def __init__(self, in_features: int, out_features: int, *, lr_mul: float = 1.0, bias_init: float = 0.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out_features, in_features, dtype=torch.float32) / lr_mul)
        self.bias = nn.Parameter(torch.full((out_features,), bias_init / lr_mul, dtype=torch.float32))
        self.weight_gain = lr_mul / math.sqrt(in_features)
        self.bias_gain = lr_mul

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """`[B, in_features]` to `[B, out_features]`, always in float32."""
        return F.linear(x.float(), self.weight.float() * self.weight_gain, self.bias.float() * self.bias_gain)


class Mapping(nn.Module):
    """z, and a class for conditional models, to w.

    Args:
        sizes: What goes into each layer (z, with a class's embedding), and at last w.
        c_dim: Number of class labels; 0 if unconditional.
        embedding: Length of a class's embedding.
    """

    w_avg: torch.Tensor

    def __init__(self, sizes: Sequence[int], c_dim: int = 0, embedding: int = 0) -> None:
        super().__init__()
        if c_dim:
            self.embed = FullyConnected(c_dim, embedding)
        self.num_layers = len(sizes) - 1
        for index, (inputs, outputs) in enumerate(pairwise(sizes)):
            setattr(self, f"fc{index}", FullyConnected(inputs, outputs, lr_mul=MAPPING_LR_MUL))
        self.register_buffer("w_avg", torch.zeros(sizes[-1], dtype=torch.float32))

    def forward(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Map z `[B, z_dim]` and one-hot labels `[B, c_dim]` (conditional models) to w `[B, w_dim]`, untruncated."""
        with exact(z.device):
            x = normalize_second_moment(z.float())
            if labels is not None:
                x = torch.cat((x, normalize_second_moment(self.embed(labels))), dim=1)
            for index in range(self.num_layers):
                x = F.leaky_relu(getattr(self, f"fc{index}")(x), LRELU_SLOPE) * LRELU_GAIN
            return x
