"""The parts of a StyleGAN2 generator, bottom-up: fully connected, mapping, synthesis layer, torgb, block, generator.

Module and parameter names are NVIDIA's, so that a state dict has the keys of our checkpoints. There is no loop over
the synthesis layers here: that is `synthesis.py`, the only one.
Source: Karras et al. 2020 (StyleGAN2); gains as in stylegan2-ada-pytorch.
"""

from __future__ import annotations

import math
from functools import cached_property
from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from ..geometry.canvas import Canvas, Window
from ..ops import (
    Kernels,
    convolve,
    convolve_doubled,
    convolve_in_phases,
    demodulation,
    finish,
    is_whole_layer,
    native,
    pays,
    scaled_window,
    tamed,
    to_rgb,
    whole_layer,
    winograd_layer,
    winograd_phases,
)
from ..ops.finish import LRELU_GAIN, LRELU_SLOPE
from ..ops.native.binding import suits, wants_gradient
from ..support.runtime import changes_of, exact
from .config import GeneratorConfig
from .fingerprint import fingerprint
from .layers import Layer, style_layers

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
    """z, and a class for conditional models, to w."""

    w_avg: torch.Tensor

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        if config.c_dim:
            self.embed = FullyConnected(config.c_dim, config.embedding)
        self.num_layers = config.mapping_layers
        for index, (inputs, outputs) in enumerate(pairwise(config.mapping_sizes)):
            setattr(self, f"fc{index}", FullyConnected(inputs, outputs, lr_mul=MAPPING_LR_MUL))
        self.register_buffer("w_avg", torch.zeros(config.w_dim, dtype=torch.float32))

    def forward(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """Map z `[B, z_dim]` and one-hot labels `[B, c_dim]` (conditional models) to w `[B, w_dim]`, untruncated."""
        with exact(z.device):
            x = normalize_second_moment(z.float())
            if labels is not None:
                x = torch.cat((x, normalize_second_moment(self.embed(labels))), dim=1)
            for index in range(self.num_layers):
                x = F.leaky_relu(getattr(self, f"fc{index}")(x), LRELU_SLOPE) * LRELU_GAIN
            return x


class SynthesisLayer(nn.Module):
    """A 3x3 modulated convolution with noise, bias and leaky ReLU; a `conv0` doubles the resolution."""

    noise_const: torch.Tensor

    def __init__(self, in_channels: int, out_channels: int, layer: Layer, config: GeneratorConfig) -> None:
        super().__init__()
        self.affine = FullyConnected(config.w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out_channels, in_channels, 3, 3, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(out_channels, dtype=torch.float32))
        self.noise_strength = nn.Parameter(torch.zeros([], dtype=torch.float32))
        self.register_buffer("noise_const", torch.randn(layer.resolution, layer.resolution, dtype=torch.float32))
        self.doubles = layer.kind == "conv0"
        self.weight_gain = 1.0 / math.sqrt(in_channels * 9)
        self.clamp = config.conv_clamp
        self._kept: tuple[Any, Kernels] | None = None

    def forward(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, noise: torch.Tensor | None
    ) -> torch.Tensor:
        """Run on a window of the canvas: to `[B, C_out, h, w]`, twice the window's size for a conv0.

        Args:
            x: All of the canvas, `[B, C_in, H, W]`; a halo of one around the window is read.
            canvas: What x covers.
            window: Of that canvas.
            style: `[B or 1, C_in]`, this layer's affine output.
            noise: `[B or 1, 1, h, w]` of the output's size, or None.
        """
        style = style * self.weight_gain
        if x.dtype == torch.float16:
            style = tamed(style, 9)
        kernels = self._kernels()
        scaled_noise = None if noise is None else noise * self.noise_strength.float()
        scale = demodulation(style, kernels.power)
        if not self.doubles and pays(window, x, style, self.weight, self.bias, scaled_noise):
            return winograd_layer(
                x, canvas, window, kernels.winograd, style, scale, self.bias, scaled_noise, self.clamp
            )
        if is_whole_layer(x, canvas, window, style, kernels, scaled_noise, self.doubles):
            return whole_layer(x, style, scale, self.bias, scaled_noise, kernels, self.clamp, self.doubles)
        y = self._convolve(x, canvas, window, style, kernels)
        return finish(y, scale, self.bias, scaled_noise, self.clamp, doubled=self.doubles)

    def _apply(self, *args: Any, **options: Any) -> SynthesisLayer:
        moved = super()._apply(*args, **options)
        # What was made of a weight that has moved away would only take memory. Most calls move nothing.
        if self._kept and self._kept[0] != _state(self.weight):
            self._kept = None
        return moved

    def _convolve(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, kernels: Kernels
    ) -> torch.Tensor | tuple[torch.Tensor, ...]:
        if self.doubles and pays(window, x, style, self.weight, doubles=True):
            return winograd_phases(x, canvas, window, kernels.winograd_doubling, len(self.bias), style)
        patch = scaled_window(x, canvas, window, style, halo=1)
        if not self.doubles:
            return convolve(patch, kernels)
        # Only the native operators read the phases as they are.
        apart = suits(patch) and not wants_gradient(patch, self.weight) and native.library() is not None
        return convolve_in_phases(patch, kernels) if apart else convolve_doubled(patch, kernels)

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
        for layer in style_layers(resolution):
            if layer.resolution != resolution:
                continue
            kind = layer.kind
            if kind == "torgb":
                self.torgb = ToRGB(channels, config)
            else:
                in_channels = config.channels[resolution // 2] if kind == "conv0" else channels
                setattr(self, kind, SynthesisLayer(in_channels, channels, layer, config))


class Synthesis(nn.Module):
    """The blocks, as `b4`, `b8`, ... Run by `synthesis.synthesize`."""

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        for resolution in config.resolutions:
            setattr(self, f"b{resolution}", Block(resolution, config))


class Generator(nn.Module):
    """A StyleGAN2 generator: configuration, mapping and synthesis weights.

    Attributes:
        config: Its shape.
        dtype: Type of the activations while it runs; styles, demodulation and RGB are float32 whatever this is.
        allow_tf32: Whether CUDA may use TF32 where the type is float32: faster, about as coarse as half precision.
        name: What to call it in messages, e.g. the checkpoint's file name.
    """

    def __init__(self, config: GeneratorConfig, *, name: str = "generator", dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.config = config
        self.name = name
        self.dtype = dtype
        self.allow_tf32 = False
        self.mapping = Mapping(config)
        self.synthesis = Synthesis(config)

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.mapping.w_avg.device

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Its layers in style space's order."""
        return style_layers(self.config.img_resolution)

    @property
    def const(self) -> torch.Tensor:
        """The learned constant the synthesis begins with, `[C, 4, 4]`."""
        return self.get_parameter("synthesis.b4.const")

    def module(self, layer: Layer) -> Any:
        """The SynthesisLayer or ToRGB of a layer."""
        return getattr(getattr(self.synthesis, f"b{layer.resolution}"), layer.kind)

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the mapping and the affine layers; generators that share it share style space."""
        return fingerprint(self)

    def styles(self, w_rows: torch.Tensor) -> list[torch.Tensor]:
        """Style space: the rows of w through their affines, `[B, C_in]` float32 each, in S order.

        Args:
            w_rows: w_plus `[B, num_ws, w_dim]`, or `[B, layers, w_dim]` with a row for each style layer.
        """
        by_layer = w_rows.shape[1] == len(self.layers)
        with exact(w_rows.device):
            return [
                self.module(layer).affine(w_rows[:, layer.style_index if by_layer else layer.w_index])
                for layer in self.layers
            ]
