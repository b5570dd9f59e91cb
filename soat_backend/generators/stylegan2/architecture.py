"""The parts of a StyleGAN2 generator, bottom-up: synthesis layer, torgb, block, generator.

Module and parameter names are NVIDIA's, so that a state dict has the keys of our checkpoints. There is no loop over
the synthesis layers here: that is `synthesis/loop.py`, the only one.
Source: Karras et al. 2020 (StyleGAN2); gains as in stylegan2-ada-pytorch.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from ...geometry.canvas import Canvas, Window
from ...ops import Kernels, styled_convolution, to_rgb
from ...ops.kernels import kept_bytes
from ...support.runtime import MAP_LAYOUT, changes_of
from ..generator import Generator
from ..layers import Layer, LayerTable
from ..mapping import FullyConnected, Mapping
from .config import GeneratorConfig
from .layer_table import stylegan2_layers


class SynthesisLayer(nn.Module):
    """A 3x3 modulated convolution with noise, bias and leaky ReLU; a `conv0` doubles the resolution."""

    noise_const: torch.Tensor

    def __init__(self, in_channels: int, out_channels: int, layer: Layer, config: GeneratorConfig) -> None:
        super().__init__()
        self.affine = FullyConnected(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(out_channels, dtype=torch.float32))
        self.noise_strength = nn.Parameter(torch.zeros([], dtype=torch.float32))
        self.register_buffer("noise_const", torch.randn(layer.sampling_rate, layer.sampling_rate, dtype=torch.float32))
        self.out_channels = out_channels
        self.doubles = layer.growth == 2
        self.weight_gain = 1.0 / math.sqrt(in_channels * 9)
        self.clamp = config.conv_clamp
        self._kept: tuple[Any, Kernels] | None = None

    def forward(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, noise: torch.Tensor | None
    ) -> torch.Tensor:
        """As of `LayerModule`; a halo of one around the window is read. A conv0's window has even edges."""
        window = window.halved() if self.doubles else window
        style = style * self.weight_gain
        noise = None if noise is None else noise * self.noise_strength.float()
        return styled_convolution(
            x, canvas, window, style, self._kernels(), self.bias, noise, self.clamp, doubled=self.doubles
        )

    def flops(self, pixels: float) -> float:
        """As of `LayerModule`; a conv0 convolves at half the resolution."""
        return 2.0 * self.weight.numel() * (pixels / 4 if self.doubles else pixels)

    def kernel_bytes(self, device_type: str, dtype: torch.dtype) -> int:
        """As of `LayerModule`."""
        return kept_bytes(self.weight, device_type, dtype, doubled=self.doubles)

    def _apply(self, *args: Any, **options: Any) -> SynthesisLayer:
        moved = super()._apply(*args, **options)
        # What was made of a weight that has moved away would only take memory. Most calls move nothing.
        if self._kept and self._kept[0] != _state(self.weight):
            self._kept = None
        return moved

    def _kernels(self) -> Kernels:
        """The weight's forms, kept while it stays what it is and nobody wants its gradient."""
        if self.weight.requires_grad:
            return Kernels(self.weight)
        state = _state(self.weight)
        if self._kept is None or self._kept[0] != state:
            self._kept = (state, Kernels(self.weight.detach()))
        return self._kept[1]


def _state(weight: torch.Tensor) -> tuple[Any, ...]:
    """What changes when a weight does. Its address is that of its memory, or on devices without, its own."""
    return weight.data_ptr() or id(weight), weight.device, weight.dtype, changes_of(weight)


class ToRGB(nn.Module):
    """A 1x1 modulated convolution to RGB, without demodulation."""

    def __init__(self, in_channels: int, config: GeneratorConfig) -> None:
        super().__init__()
        self.affine = FullyConnected(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(3, in_channels, 1, 1, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(3, dtype=torch.float32))
        self.weight_gain = 1.0 / math.sqrt(in_channels)
        self.clamp = config.conv_clamp

    def flops(self, pixels: float) -> float:
        """What so many pixels cost."""
        return 2.0 * self.weight.numel() * pixels

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """`[B, C, h, w]` and this layer's affine output `[B or 1, C]` to RGB `[B, 3, h, w]` in float32."""
        return to_rgb(x, self.weight, style * self.weight_gain, self.bias, self.clamp)


class Block(nn.Module):
    """The layers of one resolution."""

    def __init__(self, resolution: int, config: GeneratorConfig) -> None:
        super().__init__()
        channels = config.channels[resolution]
        if resolution == 4:
            self.const = nn.Parameter(torch.randn(channels, 4, 4, dtype=torch.float32))
        for layer in stylegan2_layers(resolution):
            if layer.sampling_rate != resolution:
                continue
            kind = layer.name.partition(".")[2]
            if kind == "torgb":
                self.torgb = ToRGB(channels, config)
            else:
                in_channels = config.channels[resolution // layer.growth]
                setattr(self, kind, SynthesisLayer(in_channels, channels, layer, config))


class Synthesis(nn.Module):
    """The blocks, as `b4`, `b8`, ... Run by `synthesis.synthesize`."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        for resolution in config.resolutions:
            setattr(self, f"b{resolution}", Block(resolution, config))


class StyleGAN2(Generator):
    """A StyleGAN2 generator (skip architecture): the weights of its mapping and of its synthesis.

    Args:
        config: Its shape.
        name: What to call it in messages.
        dtype: Type of the activations while it runs.
    """

    # 1 if the cut is after a conv0, whose conv1 is still to come, then 1.5 for the first doubling block and half as
    # much for each one more, so less than 4 in all (the RGB skip's upsampling reaches less far).
    tile_halo = 4

    config: GeneratorConfig

    def __init__(self, config: GeneratorConfig, *, name: str = "generator", dtype: torch.dtype = torch.float32) -> None:
        super().__init__(config, name, dtype)
        self.mapping = Mapping(config.mapping_sizes, config.c_dim, config.embedding)
        self.synthesis = Synthesis(config)

    @property
    def layers(self) -> LayerTable:
        """Its layers in style space's order."""
        return stylegan2_layers(self.config.img_resolution)

    @property
    def const(self) -> torch.Tensor:
        """The learned constant the synthesis begins with, `[C, 4, 4]`."""
        return self.get_parameter("synthesis.b4.const")

    def begin(self, batch: int) -> tuple[torch.Tensor, torch.Tensor]:
        """The learned constant, and no colours yet."""
        const = self.const.to(self.dtype)
        activation = const.expand(batch, *const.shape).contiguous(memory_format=MAP_LAYOUT)
        return activation, torch.zeros(batch, 3, *const.shape[1:], dtype=torch.float32, device=const.device)

    def module(self, layer: Layer) -> Any:
        """The SynthesisLayer or ToRGB of a layer."""
        return self.synthesis.get_submodule(layer.name)
