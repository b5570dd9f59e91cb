"""The plain formulation that other packs run: weights for each sample in one grouped convolution, a filter of its own.

Written from the papers for comparison only: StyleGAN2, section 2.2, with the steps in the order in which NVIDIA's
reference path takes them (modulate weights, demodulate weights, grouped convolution, filter, noise, bias, activation).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from soat.soat_backend.generators import Generator

FILTER = torch.outer(torch.tensor([1.0, 3.0, 3.0, 1.0]), torch.tensor([1.0, 3.0, 3.0, 1.0])) / 64.0


def modulated(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, *, demodulate: bool, doubled: bool
) -> torch.Tensor:
    batch, (out_channels, in_channels, size, _) = len(x), weight.shape
    kernels = weight[None] * style[:, None, :, None, None]
    if demodulate:
        kernels = kernels * (kernels.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    x = x.reshape(1, batch * in_channels, *x.shape[2:])
    if doubled:
        kernels = kernels.transpose(1, 2).reshape(batch * in_channels, out_channels, size, size)
        x = F.conv_transpose2d(x, kernels, stride=2, groups=batch)
        x = filtered(x.reshape(batch, out_channels, *x.shape[2:]), 4.0, 1, 1)
    else:
        x = F.conv2d(x, kernels.reshape(batch * out_channels, in_channels, size, size), padding=size // 2, groups=batch)
        x = x.reshape(batch, out_channels, *x.shape[2:])
    return x


def filtered(x: torch.Tensor, gain: float, before: int, after: int) -> torch.Tensor:
    kernel = (FILTER.to(x) * gain).expand(x.shape[1], 1, 4, 4)
    return F.conv2d(F.pad(x, (before, after, before, after)), kernel, groups=x.shape[1])


def upsampled(rgb: torch.Tensor) -> torch.Tensor:
    batch, channels, height, width = rgb.shape
    spread = torch.zeros(batch, channels, 2 * height, 2 * width, dtype=rgb.dtype)
    spread[:, :, ::2, ::2] = rgb
    return filtered(spread, 4.0, 2, 1)


def synthesize(generator: Generator, styles: list[torch.Tensor], dtype: torch.dtype) -> torch.Tensor:
    """All layers, `[B, 3, R, R]`; noise is the models' own."""
    batch = len(styles[0])
    x = generator.const.expand(batch, -1, -1, -1).to(dtype)
    rgb = None
    for layer in generator.layers:
        module = generator.module(layer)
        style, weight = (styles[layer.style_index] * module.weight_gain).to(dtype), module.weight.to(dtype)
        bias = module.bias.to(dtype)[:, None, None]
        if not layer.has_features:
            added = (modulated(x, weight, style, demodulate=False, doubled=False) + bias).float()
            rgb = added if rgb is None else upsampled(rgb) + added
            continue
        x = modulated(x, weight, style, demodulate=True, doubled=layer.growth == 2)
        x = x + (module.noise_const * module.noise_strength).to(dtype)
        x = F.leaky_relu(x + bias, 0.2) * 2**0.5
    assert rgb is not None
    return rgb
