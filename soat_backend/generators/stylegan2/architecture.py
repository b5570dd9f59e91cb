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
from ...ops import styled_convolution, to_rgb
from ...ops.kernels import kept_bytes
from ...support.runtime import MAP_LAYOUT
from ..generator import Generator
from ..kept_kernels import ConvolutionLayer
from ..layers import Layer, LayerTable
from ..mapping import FullyConnected, Mapping
from .config import USUAL_CONSTANT, GeneratorConfig
from .layer_table import stylegan2_layers
from .shortcut import BlockEnd, BlockStart, Shortcut


class SynthesisLayer(ConvolutionLayer):
    """A 3x3 modulated convolution with noise, bias and leaky ReLU; a `conv0` doubles the resolution."""

    noise_const: torch.Tensor

    def __init__(self, in_channels: int, out_channels: int, layer: Layer, config: GeneratorConfig) -> None:
        super().__init__()
        self.affine = FullyConnected(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(out_channels, dtype=torch.float32))
        self.noise_strength = nn.Parameter(torch.zeros([], dtype=torch.float32))
        self.register_buffer("noise_const", torch.randn(*config.size_at(layer.sampling_rate), dtype=torch.float32))
        self.out_channels = out_channels
        self.doubles = layer.growth == 2
        self.weight_gain = 1.0 / math.sqrt(in_channels * 9)
        self.clamp = config.conv_clamp

    def forward(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, field: torch.Tensor | None
    ) -> torch.Tensor:
        """As of `LayerModule`; a halo of one around the window is read. A conv0's window has even edges."""
        window = window.halved() if self.doubles else window
        style = style * self.weight_gain
        noise = None if field is None else field * self.noise_strength.float()
        return styled_convolution(
            x, canvas, window, style, self.kernels(), self.bias, noise, self.clamp, doubled=self.doubles
        )

    def flops(self, pixels: float) -> float:
        """As of `LayerModule`; a conv0 convolves at half the resolution."""
        return 2.0 * self.weight.numel() * (pixels / 4 if self.doubles else pixels)

    def kernel_bytes(self, device_type: str, dtype: torch.dtype) -> int:
        """As of `LayerModule`."""
        return kept_bytes(self.weight, device_type, dtype, doubled=self.doubles)


class ToRGB(nn.Module):
    """A 1x1 modulated convolution to colours, without demodulation."""

    def __init__(self, in_channels: int, config: GeneratorConfig) -> None:
        super().__init__()
        self.affine = FullyConnected(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(config.img_channels, in_channels, 1, 1, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(config.img_channels, dtype=torch.float32))
        self.weight_gain = 1.0 / math.sqrt(in_channels)
        self.clamp = config.conv_clamp

    def flops(self, pixels: float) -> float:
        """What so many pixels cost."""
        return 2.0 * self.weight.numel() * pixels

    def forward(self, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        """`[B, C, h, w]` and this layer's affine output `[B or 1, C]` to colours `[B, img_channels, h, w]` float32."""
        return to_rgb(x, self.weight, style * self.weight_gain, self.bias, self.clamp)


class Block(nn.Module):
    """The layers of one resolution."""

    def __init__(self, resolution: int, config: GeneratorConfig) -> None:
        super().__init__()
        channels = config.channels[resolution]
        if resolution == 4:
            self.const = nn.Parameter(torch.randn(channels, *config.constant, dtype=torch.float32))
        for layer in stylegan2_layers(config.img_resolution, config.block_architecture):
            if layer.sampling_rate != resolution:
                continue
            kind = layer.name.partition(".")[2]
            if kind == "torgb":
                self.torgb = ToRGB(channels, config)
            else:
                in_channels = config.channels[resolution // layer.growth]
                setattr(self, kind, SynthesisLayer(in_channels, channels, layer, config))
        if config.block_architecture == "resnet" and resolution > USUAL_CONSTANT:
            self.skip = Shortcut(config.channels[resolution // 2], channels)


class Synthesis(nn.Module):
    """The blocks, as `b4`, `b8`, ... Run by `synthesis.synthesize`."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        for resolution in config.resolutions:
            setattr(self, f"b{resolution}", Block(resolution, config))


class StyleGAN2(Generator):
    """A StyleGAN2 generator: the weights of its mapping and of its synthesis.

    Args:
        config: Its shape.
        name: What to call it in messages.
        dtype: Type of the activations while it runs.
    """

    config: GeneratorConfig

    def __init__(self, config: GeneratorConfig, *, name: str = "generator", dtype: torch.dtype = torch.float32) -> None:
        super().__init__(config, name, dtype)
        self.mapping = Mapping(config.mapping_sizes, config.c_dim, config.embedding)
        self.synthesis = Synthesis(config)
        self.architecture = f"StyleGAN2, {config.block_architecture} blocks"
        self.img_channels, self.picture = config.img_channels, config.picture

    @property
    def layers(self) -> LayerTable:
        """Its layers in style space's order."""
        return stylegan2_layers(self.config.img_resolution, self.config.block_architecture)

    @property
    def const(self) -> torch.Tensor:
        """The learned constant the synthesis begins with, `[C, height, width]`, 4 x 4 as a rule."""
        return self.get_parameter("synthesis.b4.const")

    def begin(self, batch: int, canvas: Canvas | None = None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The learned constant, which has one size, and no colours yet: zeros where each block adds some."""
        del canvas
        const = self.const.to(self.dtype)
        activation = const.expand(batch, *const.shape).contiguous(memory_format=MAP_LAYOUT)
        if self.config.block_architecture != "skip":
            return activation, None
        colours = torch.zeros(batch, self.img_channels, *const.shape[1:], dtype=torch.float32, device=const.device)
        return activation, colours

    def module(self, layer: Layer) -> Any:
        """The SynthesisLayer or ToRGB of a layer; in blocks with a shortcut what runs it along with the layer."""
        module = self.synthesis.get_submodule(layer.name)
        if self.config.block_architecture == "resnet" and layer.has_features and layer.sampling_rate > USUAL_CONSTANT:
            block = self.synthesis.get_submodule(layer.name.partition(".")[0])
            return BlockStart(module, block.skip) if module.doubles else BlockEnd(module)
        return module

    def tile_halo(self, layer: Layer) -> int:
        """Four, wherever it is.

        1 if the cut is after a conv0, whose conv1 is still to come, then 1.5 for the first doubling block and half as
        much for each one more, so less than 4 in all (the RGB skip's upsampling reaches less far).
        """
        del layer
        return 4
