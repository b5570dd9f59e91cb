"""The parts of a StyleGAN3 generator, bottom-up: input, layer, generator.

Module and parameter names are NVIDIA's, so that a state dict has the keys of our checkpoints. There is no loop over
the layers here: that is `synthesis/loop.py`, the only one.
Source: Karras et al. 2021 (StyleGAN3), section 3 and appendix C to F.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from ...geometry.canvas import Canvas, Window, read
from ...geometry.frame import Places
from ...ops import LRELU_GAIN, LRELU_SLOPE, convolve_points, demodulated_convolution, filtered_leaky_relu
from ...ops.kernels import kept_bytes
from ...support.runtime import MAP_LAYOUT
from ..generator import Generator
from ..kept_kernels import ConvolutionLayer
from ..layers import Layer, LayerTable
from ..mapping import FullyConnected, Mapping
from ..numbered import INPUT
from .config import StyleGAN3Config
from .numbered_layers import stylegan3_layers
from .reading import plan_reading
from .shapes import InputShape, LayerShape


class SynthesisInput(nn.Module):
    """Fourier features of places, turned and moved as the style says, and mixed."""

    freqs: torch.Tensor
    phases: torch.Tensor
    transform: torch.Tensor

    def __init__(self, shape: InputShape, w_dim: int) -> None:
        super().__init__()
        self.shape, self.out_channels = shape, shape.channels
        self.affine = FullyConnected(w_dim, 4)
        with torch.no_grad():
            self.affine.bias[0] = 1.0
        self.weight = nn.Parameter(torch.randn(shape.channels, shape.channels, dtype=torch.float32))
        directions = torch.randn(shape.channels, 2, dtype=torch.float32)
        radii = directions.square().sum(1, keepdim=True).sqrt()
        self.register_buffer("freqs", directions / (radii * radii.square().exp().pow(0.25)) * shape.bandwidth)
        self.register_buffer("phases", torch.rand(shape.channels, dtype=torch.float32) - 0.5)
        self.register_buffer("transform", torch.eye(3, dtype=torch.float32))

    def forward(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, field: Places
    ) -> torch.Tensor:
        """As of `LayerModule`; of x only the type counts. Float32 within, whatever that is.

        The style's numbers are cosine and sine of a turn, and a move to the right and down, all by the first two's
        length; the field's matrix, and the file's own before it, come before them.
        """
        moved = torch.tensor((*field.matrix, 0.0, 0.0, 1.0), dtype=torch.float32, device=self.freqs.device).reshape(
            3, 3
        )
        t = style.float()
        t = t / t[:, :2].norm(dim=1, keepdim=True)
        cosine, sine, right, down = t.unbind(1)
        # The turn times the move: `turn(place - move)`.
        rows = [
            torch.stack((cosine, -sine, sine * down - cosine * right), 1),
            torch.stack((sine, cosine, -sine * right - cosine * down), 1),
        ]
        matrix = torch.stack(rows, 1) @ (self.transform.float() @ moved)  # [B, 2, 3]
        waves = self.freqs.float() @ matrix  # [B, C, 3]: cycles per picture, right and down, and at the corner
        phases = waves[:, :, 2] + self.phases.float()
        length = waves[:, :, :2].norm(dim=2)
        low, high = self.shape.bandwidth, self.shape.rate / 2
        loudness = (1.0 - (length - low) / (high - low)).clamp(0.0, 1.0)
        features = torch.zeros([], dtype=torch.float32, device=self.freqs.device)
        for row in field.rows:
            vertical = _along(row.positions, waves[:, :, 1])[:, :, None]
            for column in field.columns:
                horizontal = _along(column.positions, waves[:, :, 0])[:, None] + phases[:, None, None]
                part = torch.sin(2.0 * math.pi * (vertical + horizontal))  # [B, h, w, C]
                if row.share is not None:
                    part = part * row.share.to(part.device, part.dtype)[:, None, None]
                if column.share is not None:
                    part = part * column.share.to(part.device, part.dtype)[:, None]
                features = features + part
        features = features * loudness[:, None, None]
        mixed = features @ (self.weight.float() / math.sqrt(self.out_channels)).t()
        mixed = mixed.expand(max(len(x), len(style)), -1, -1, -1)
        return mixed.permute(0, 3, 1, 2).to(x.dtype).contiguous(memory_format=MAP_LAYOUT)

    def flops(self, pixels: float) -> float:
        """As of `LayerModule`."""
        return 2.0 * self.weight.numel() * pixels

    def kernel_bytes(self, device_type: str, dtype: torch.dtype) -> int:
        """As of `LayerModule`."""
        del device_type, dtype
        return 0


def _along(positions: torch.Tensor, waves: torch.Tensor) -> torch.Tensor:
    """Cycles `[B, n, C]` at positions `[n]`, of waves `[B, C]` per unit."""
    return positions.to(waves.dtype).to(waves.device)[:, None] * waves[:, None]


class SynthesisLayer(ConvolutionLayer):
    """A modulated convolution, and a leaky ReLU between two filters at a higher rate."""

    magnitude_ema: torch.Tensor
    up_filter: torch.Tensor | None
    down_filter: torch.Tensor | None

    def __init__(self, shape: LayerShape, w_dim: int) -> None:
        super().__init__()
        self.shape, self.out_channels = shape, shape.out_channels
        self.affine = FullyConnected(w_dim, shape.in_channels, bias_init=1.0)
        side = shape.kernel
        self.weight = nn.Parameter(torch.randn(shape.out_channels, shape.in_channels, side, side, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(shape.out_channels, dtype=torch.float32))
        self.register_buffer("magnitude_ema", torch.ones([], dtype=torch.float32))
        taps, sides = shape.down_taps, 2 if shape.radial else 1
        self.register_buffer("up_filter", _box(shape.up_taps, 1) if shape.up_taps > 1 else None)
        self.register_buffer("down_filter", _box(taps, sides) if taps > 1 else None)

    def forward(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, field: None
    ) -> torch.Tensor:
        """As of `LayerModule`."""
        del field
        shape, reading = self.shape, plan_reading(self.shape, canvas, window)
        y = self._convolved(x, canvas, reading.window, style)
        gain, slope = (1.0, 1.0) if shape.to_rgb else (LRELU_GAIN, LRELU_SLOPE)
        return filtered_leaky_relu(
            y,
            self.bias,
            self.up_filter,
            self.down_filter,
            shape.up,
            shape.down,
            reading.padding,
            gain,
            slope,
            shape.clamp,
        )

    def convolved_weight(self, weight: torch.Tensor) -> torch.Tensor:
        """The weight of each output, brought to unit root mean square (Source: StyleGAN3, appendix F)."""
        weight = weight.float()
        return weight * weight.square().mean(dim=(1, 2, 3), keepdim=True).rsqrt()

    def _convolved(self, x: torch.Tensor, canvas: Canvas, reading: Window, style: torch.Tensor) -> torch.Tensor:
        """What the modulated convolution makes of a window that it reads; a kernel less one fewer along each axis."""
        gain, style = self.magnitude_ema.float().rsqrt(), style.float()
        if self.shape.to_rgb:
            scale = style * (gain / math.sqrt(self.weight[0].numel()))
            patch = read(x, canvas, reading, halo=0)
            batch = max(len(x), len(style))
            weights = self.weight.float().flatten(1) * scale[:, None]
            return convolve_points(patch.expand(batch, -1, -1, -1), weights)
        style = style * style.square().mean(dim=1, keepdim=True).rsqrt()
        halo = self.shape.kernel // 2
        window = Window(reading.top + halo, reading.left + halo, reading.height - 2 * halo, reading.width - 2 * halo)
        return demodulated_convolution(x, canvas, window, style, self.kernels(), gain)

    def flops(self, pixels: float) -> float:
        """As of `LayerModule`: the convolution, and the filters along both axes."""
        shape = self.shape
        taps = shape.up_taps / shape.up + shape.down_taps * (shape.down_taps if shape.radial else 1)
        inner = 2.0 * shape.out_channels * taps * pixels * shape.down**2
        return 2.0 * self.weight.numel() * pixels / shape.growth**2 + inner

    def kernel_bytes(self, device_type: str, dtype: torch.dtype) -> int:
        """As of `LayerModule`."""
        if self.shape.to_rgb:
            return 0
        normalised = self.weight.numel() * 4
        if device_type == "cpu" and self.shape.kernel == 1:
            return normalised  # Each call makes weights of its own of it.
        return normalised + kept_bytes(self.weight, device_type, dtype, doubled=False)


def _box(taps: int, sides: int) -> torch.Tensor:
    """A filter until the file's own comes: the mean of what it sees."""
    return torch.full((taps,) * sides, 1.0 / taps**sides, dtype=torch.float32)


class Synthesis(nn.Module):
    """The input and the layers, as `input`, `L0_36_512`, ... Run by `synthesis.synthesize`."""

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__()
        self.add_module(INPUT, SynthesisInput(config.input, config.w_dim))
        for layer, shape in zip(stylegan3_layers(config).layers[1:], config.layers, strict=True):
            self.add_module(layer.name, SynthesisLayer(shape, config.w_dim))


class StyleGAN3(Generator):
    """A StyleGAN3 generator, T or R: the weights of its mapping and of its synthesis.

    Args:
        config: Its shape.
        name: What to call it in messages.
        dtype: Type of the activations while it runs.
    """

    config: StyleGAN3Config
    architecture = "StyleGAN3"
    unbounded = True

    def __init__(self, config: StyleGAN3Config, *, name: str = "generator", dtype: torch.dtype = torch.float32) -> None:
        super().__init__(config, name, dtype)
        self.img_channels = config.img_channels
        self.mapping = Mapping(config.mapping_sizes, config.c_dim, config.embedding)
        self.synthesis = Synthesis(config)

    @property
    def layers(self) -> LayerTable:
        """Its layers in style space's order."""
        return stylegan3_layers(self.config)

    def begin(self, batch: int, canvas: Canvas | None = None) -> tuple[torch.Tensor, None]:
        """A canvas on which there is nothing yet."""
        side = self.config.input.size
        size = (side, side) if canvas is None else (canvas.height, canvas.width)
        return torch.empty(batch, 0, *size, dtype=self.dtype, device=self.device), None

    def module(self, layer: Layer) -> Any:
        """The SynthesisInput or SynthesisLayer of a layer."""
        return self.synthesis.get_submodule(layer.name)

    def to_picture(self, activation: torch.Tensor) -> torch.Tensor:
        """The last layer's output as a picture."""
        return activation.float() * self.config.output_scale

    def tile_halo(self, layer: Layer) -> int:
        """What all layers to come reach over, each in samples of the layer that is cut."""
        reach = 0.0
        for shape in reversed(
            self.config.layers[layer.style_index :] if layer.style_index >= 0 else self.config.layers
        ):
            reach = math.ceil(reach / shape.growth) + shape.reach
        return int(reach)
