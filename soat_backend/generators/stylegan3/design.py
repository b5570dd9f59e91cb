"""A StyleGAN3 from a few settings: its layers' rates, sizes and channels, and its filters.

Source: Karras et al. 2021 (StyleGAN3), section 3, appendix C.1 (layers) and C.2 (filters); NVIDIA's settings.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import torch

from .config import StyleGAN3Config
from .numbered_layers import stylegan3_layers
from .shapes import InputShape, LayerShape

# Points of the mean that gives Bessel's function; it converges faster than any power of them.
_ANGLES = 512


@dataclass(frozen=True)
class Settings:
    """What NVIDIA's generators are made of. The defaults are those of configuration T, at 512 px and more.

    Attributes:
        img_resolution: Side of the picture in pixels, a power of two.
        channel_base: Channels at a cutoff of 2 cycles per picture, before the limit.
        channel_max: The limit.
        num_layers: Layers but the last, which makes the picture.
        num_critical: Layers at the end that leave nothing of the band below half the rate out.
        first_cutoff: Highest frequency of the first layer, in cycles per picture.
        first_stopband: From where on it hears nothing.
        last_stopband_rel: The last layers' stopband, in halves of the resolution.
        margin_size: Samples beyond each edge of the picture.
        conv_kernel: Side of the kernels; 1 in configuration R.
        filter_size: Samples of the slower side that a filter sees.
        lrelu_upsampling: How many times the higher of a layer's two rates its leaky ReLU has.
        use_radial_filters: Whether filters after the leaky ReLU are round, as in configuration R.
        conv_clamp: Limit of the layers' values, or None.
    """

    img_resolution: int
    channel_base: int = 32768
    channel_max: int = 512
    num_layers: int = 14
    num_critical: int = 2
    first_cutoff: float = 2.0
    first_stopband: float = 2.0**2.1
    last_stopband_rel: float = 2.0**0.3
    margin_size: int = 10
    conv_kernel: int = 3
    filter_size: int = 6
    lrelu_upsampling: int = 2
    use_radial_filters: bool = False
    conv_clamp: float | None = 256.0

    def share(self, index: int) -> float:
        """How far a layer is on the way from the first to the critical ones, 0 to 1."""
        return min(index / (self.num_layers - self.num_critical), 1.0)

    def cutoff(self, index: int) -> float:
        """Highest frequency of a layer's output, in cycles per picture."""
        return self.first_cutoff * (self.img_resolution / 2 / self.first_cutoff) ** self.share(index)

    def stopband(self, index: int) -> float:
        """From where on a layer's output has nothing."""
        last = self.img_resolution / 2 * self.last_stopband_rel
        return self.first_stopband * (last / self.first_stopband) ** self.share(index)

    def rate(self, index: int) -> int:
        """Samples of a layer's output along a picture's side."""
        return int(2 ** math.ceil(math.log2(min(2 * self.stopband(index), self.img_resolution))))

    def half_width(self, index: int) -> float:
        """Half of the band in which a layer's filters fall."""
        return max(self.stopband(index), self.rate(index) / 2) - self.cutoff(index)

    def size(self, index: int) -> int:
        """Samples of a layer's output, with the margin that all but the last two have."""
        return self.img_resolution if index >= self.num_layers - 1 else self.rate(index) + 2 * self.margin_size

    def channels(self, index: int) -> int:
        """Channels of a layer's output."""
        count = round(min(self.channel_base / 2 / self.cutoff(index), self.channel_max))
        return 3 if index == self.num_layers else count

    @property
    def input(self) -> InputShape:
        """Where it begins."""
        return InputShape(self.channels(0), self.size(0), self.rate(0), self.cutoff(0))

    def layer(self, index: int) -> LayerShape:
        """The shape of a layer."""
        before, to_rgb = max(index - 1, 0), index == self.num_layers
        fastest = max(self.rate(before), self.rate(index))
        inner = fastest * (1 if to_rgb else self.lrelu_upsampling)
        up, down = inner // self.rate(before), inner // self.rate(index)
        critical = index >= self.num_layers - self.num_critical
        return LayerShape(
            in_channels=self.channels(before),
            out_channels=self.channels(index),
            kernel=1 if to_rgb else self.conv_kernel,
            in_size=self.size(before),
            out_size=self.size(index),
            in_rate=self.rate(before),
            out_rate=self.rate(index),
            inner_rate=inner,
            up_taps=self.filter_size * up if up > 1 and not to_rgb else 1,
            down_taps=self.filter_size * down if down > 1 and not to_rgb else 1,
            radial=self.use_radial_filters and not critical and down > 1,
            clamp=self.conv_clamp,
            to_rgb=to_rgb,
        )

    def config(self, **more: Any) -> StyleGAN3Config:
        """The configuration; `more` are its other attributes."""
        layers = tuple(self.layer(index) for index in range(self.num_layers + 1))
        return StyleGAN3Config(self.img_resolution, self.input, layers, **more)

    def filters(self) -> dict[str, torch.Tensor]:
        """All filters, by their names in a state dict."""
        config, made = self.config(), {}
        for index, (layer, shape) in enumerate(zip(stylegan3_layers(config).layers[1:], config.layers, strict=True)):
            before, prefix = max(index - 1, 0), f"synthesis.{layer.name}"
            sides = (
                ("up", shape.up_taps, before, False),
                ("down", shape.down_taps, index, shape.radial),
            )
            for name, taps, end, radial in sides:
                if taps > 1:
                    band = self.cutoff(end), self.half_width(end), float(shape.inner_rate)
                    made[f"{prefix}.{name}_filter"] = lowpass(taps, *band, radial=radial)
        return made


def lowpass(taps: int, cutoff: float, half_width: float, rate: float, *, radial: bool = False) -> torch.Tensor:
    """A lowpass filter under Kaiser's window.

    Args:
        taps: Its length.
        cutoff: Frequencies below stay.
        half_width: Half of the band in which it falls, in the same unit.
        rate: Samples for a unit of length.
        radial: Whether it is round, as jinc, and not the same along both axes, as sinc.

    Returns:
        `[taps]`, or `[taps, taps]` if radial, float32; its sum is 1.
    """
    beta = _kaiser_beta(taps, 2 * half_width / (rate / 2))
    window = torch.kaiser_window(taps, periodic=False, beta=beta, dtype=torch.float64, device="cpu")
    places = torch.arange(taps, dtype=torch.float64, device="cpu") - (taps - 1) / 2
    if radial:
        distance = torch.hypot(places[:, None], places) / rate
        values = _bessel(2 * math.pi * cutoff * distance) / (math.pi * distance).clamp_min(1e-12)
        # At the middle its limit; only filters of odd lengths have one.
        values = torch.where(distance == 0, math.pi * cutoff**2 / math.pi, values) * torch.outer(window, window)
    else:
        values = torch.sinc(2 * cutoff / rate * places) * window
    return (values / values.sum()).float()


def _kaiser_beta(taps: int, width: float) -> float:
    """The window's parameter, for the attenuation that a length and a width (of half the rate) allow."""
    attenuation = 2.285 * (taps - 1) * math.pi * width + 7.95
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    return 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21) if attenuation > 21 else 0.0


def _bessel(x: torch.Tensor) -> torch.Tensor:
    """Bessel's function of the first kind and first order, by its integral."""
    angle = (torch.arange(_ANGLES, dtype=torch.float64, device="cpu") + 0.5) * (math.pi / _ANGLES)
    return torch.cos(angle - x[..., None] * torch.sin(angle)).mean(-1)


def with_channels(config: StyleGAN3Config, counts: list[int], kernels: list[int]) -> StyleGAN3Config:
    """The same with other channels, of the input and of each layer, and other kernels."""
    layers = tuple(
        replace(layer, in_channels=before, out_channels=after, kernel=kernel)
        for layer, before, after, kernel in zip(config.layers, counts[:-1], counts[1:], kernels, strict=True)
    )
    return replace(config, input=replace(config.input, channels=counts[0]), layers=layers)
