"""StyleGAN2 and what SOAT does with it once more, slow and literal, in float64: what the library is held against.

Nothing here comes from the library but a generator's tensors, under NVIDIA's names. Weights are made per sample and
convolved in groups as the paper writes it, resampling inserts zeros and filters, and one loop like rosinality's gives
the picture. The loop is told what a layer is (`Voice`, or a mix of two) and what is done after each (`edit`), so that
every manipulation of the reference can be written in a few lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
import torch.nn.functional as F

TAPS = (1 / 8, 3 / 8, 3 / 8, 1 / 8)
MASK_64 = 2**64 - 1

# The result of a layer, by its name, on an activation.
LayerFunction = Callable[[str, torch.Tensor], torch.Tensor]
# Noise [B or 1, 1, H, W] of a layer, by its name and the canvas's height and width there.
NoiseFunction = Callable[[str, int, int], torch.Tensor]
# B's share [.., H, W] at a layer, by its name and the canvas's height and width there.
ShareFunction = Callable[[str, int, int], torch.Tensor | float]


def layer_names(img_resolution: int, tensors: dict[str, torch.Tensor]) -> list[str]:
    """In style space's order; blocks without a torgb make no colours."""
    names = ["b4.conv1", "b4.torgb"]
    for power in range(3, int(math.log2(img_resolution)) + 1):
        names += [f"b{2**power}.{kind}" for kind in ("conv0", "conv1", "torgb")]
    return [name for name in names if f"synthesis.{name}.weight" in tensors]


def w_index(name: str) -> int:
    """Row of w_plus."""
    block, kind = name.split(".")
    level = int(math.log2(int(block[1:])))
    return 2 * level - {"conv0": 5, "conv1": 4, "torgb": 3}[kind]


def zeros_between(x: torch.Tensor) -> torch.Tensor:
    """Each pixel followed by a zero, on both axes."""
    spaced = x.new_zeros(*x.shape[:2], 2 * x.shape[2], 2 * x.shape[3])
    spaced[:, :, ::2, ::2] = x
    return spaced


def filtered(x: torch.Tensor, before: int, after: int, gain: float) -> torch.Tensor:
    """Zero padding, then outer([1, 3, 3, 1]) / 64 times a gain."""
    x = F.pad(x, (before, after, before, after))
    height, width = x.shape[2] - 3, x.shape[3] - 3
    total = x.new_zeros(*x.shape[:2], height, width)
    for i, tap_y in enumerate(TAPS):
        for j, tap_x in enumerate(TAPS):
            total = total + gain * tap_y * tap_x * x[:, :, i : i + height, j : j + width]
    return total


def upsample(x: torch.Tensor) -> torch.Tensor:
    """Twice the size: `upfirdn2d` with up 2, padding (2, 1), gain 4."""
    return filtered(zeros_between(x), 2, 1, gain=4.0)


def modulated_conv(
    x: torch.Tensor,
    weight: torch.Tensor,
    style: torch.Tensor,
    *,
    demodulate: bool = True,
    double: bool = False,
    gain: float | None = None,
) -> torch.Tensor:
    """StyleGAN2's eq. 1 and 3: a kernel per sample, zeros around the input, 'same' or doubled size."""
    out_channels, in_channels, k, _ = weight.shape
    batch = max(len(x), len(style))
    x, style = x.expand(batch, -1, -1, -1), style.expand(batch, -1)
    gain = 1 / math.sqrt(in_channels * k * k) if gain is None else gain
    kernels = gain * weight[None] * style[:, None, :, None, None]  # [B, O, I, k, k]
    if demodulate:
        kernels = kernels / torch.sqrt((kernels**2).sum(dim=(2, 3, 4), keepdim=True) + 1e-8)
    padding = k // 2
    if double:  # a transposed convolution of stride 2 is one with the flipped kernel after zeros are inserted
        x, kernels, padding = zeros_between(x)[:, :, :-1, :-1], kernels.flip(3, 4), k - 1
    grouped = x.reshape(1, batch * in_channels, *x.shape[2:])
    y = F.conv2d(grouped, kernels.reshape(batch * out_channels, in_channels, k, k), padding=padding, groups=batch)
    y = y.reshape(batch, out_channels, *y.shape[2:])
    return filtered(y, 1, 1, gain=4.0) if double else y


def activate(x: torch.Tensor, bias: torch.Tensor, noise: torch.Tensor | float, clamp: float | None) -> torch.Tensor:
    """Noise, bias, leaky ReLU of slope 0.2, gain sqrt 2, clamp."""
    x = x + noise + bias[None, :, None, None]
    x = torch.where(x > 0, x, 0.2 * x) * math.sqrt(2)
    return x if clamp is None else torch.clamp(x, -clamp, clamp)


def on_a_circle(function: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, wrap_x: bool) -> torch.Tensor:
    """A convolution or upsampling on a canvas whose left end continues at its right one: the middle of three copies."""
    if not wrap_x:
        return function(x)
    y = function(torch.cat([x, x, x], dim=3))
    third = y.shape[3] // 3
    return y[..., third : 2 * third]


class PlainModel:
    """A generator's tensors and the layers made of them."""

    def __init__(self, generator) -> None:
        self.tensors = {name: tensor.double() for name, tensor in generator.state_dict().items()}
        config = generator.config
        self.z_dim, self.clamp, self.mapping_layers = config.z_dim, config.conv_clamp, config.mapping_layers
        self.names = layer_names(config.img_resolution, self.tensors)
        self.colours = len(self.tensors[f"synthesis.{self.names[-1]}.bias"])
        self.has_shortcuts = "synthesis.b8.skip.weight" in self.tensors

    def linear(self, name: str, x: torch.Tensor, lr_mul: float = 1.0) -> torch.Tensor:
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return x @ (weight * lr_mul / math.sqrt(weight.shape[1])).T + bias * lr_mul

    def w(self, z: torch.Tensor, labels: torch.Tensor | None = None) -> torch.Tensor:
        """z `[B, z_dim]` and one-hot labels to w `[B, w_dim]`."""
        x = z.double() / torch.sqrt((z.double() ** 2).mean(dim=1, keepdim=True) + 1e-8)
        if labels is not None:
            y = self.linear("mapping.embed", labels.double())
            x = torch.cat([x, y / torch.sqrt((y**2).mean(dim=1, keepdim=True) + 1e-8)], dim=1)
        for index in range(self.mapping_layers):
            x = self.linear(f"mapping.fc{index}", x, lr_mul=0.01)
            x = torch.where(x > 0, x, 0.2 * x) * math.sqrt(2)
        return x

    def w_of_seeds(self, seeds: range | list[int], truncation_psi: float = 0.7) -> torch.Tensor:
        """Truncated w `[B, w_dim]` of NVIDIA's seeds."""
        z = np.concatenate([np.random.RandomState(seed).randn(1, self.z_dim) for seed in seeds])
        w_avg = self.tensors["mapping.w_avg"]
        return w_avg + truncation_psi * (self.w(torch.from_numpy(z)) - w_avg)

    def styles(self, w: torch.Tensor) -> dict[str, torch.Tensor]:
        """Style space of w `[B, w_dim]` or w_plus `[B, num_ws, w_dim]`, by layer name."""
        rows = {name: w if w.dim() == 2 else w[:, w_index(name)] for name in self.names}
        return {name: self.linear(f"synthesis.{name}.affine", rows[name]) for name in self.names}

    def conv(self, name: str, x: torch.Tensor, style: torch.Tensor, noise: NoiseFunction | None, wrap_x: bool):
        weight, bias, strength = (
            self.tensors[f"synthesis.{name}.{part}"] for part in ("weight", "bias", "noise_strength")
        )
        double = name.endswith("conv0")
        y = on_a_circle(lambda x: modulated_conv(x, weight, style, double=double), x, wrap_x)
        return activate(y, bias, 0.0 if noise is None else strength * noise(name, *y.shape[2:]), self.clamp)

    def shortcut(self, name: str, x: torch.Tensor, wrap_x: bool) -> torch.Tensor:
        """What a block's beginning gives its end: a 1x1 convolution, doubled."""
        weight = self.tensors[f"synthesis.{name}.weight"]
        return on_a_circle(upsample, F.conv2d(x, weight / math.sqrt(weight.shape[1])), wrap_x)

    def torgb(self, name: str, x: torch.Tensor, style: torch.Tensor) -> torch.Tensor:
        weight, bias = self.tensors[f"synthesis.{name}.weight"], self.tensors[f"synthesis.{name}.bias"]
        rgb = modulated_conv(x, weight, style, demodulate=False) + bias[None, :, None, None]
        return rgb if self.clamp is None else torch.clamp(rgb, -self.clamp, self.clamp)


@dataclass
class Voice:
    """One way to run the layers: a model with styles and noise."""

    model: PlainModel
    styles: dict[str, torch.Tensor]
    noise: NoiseFunction | None = None
    wrap_x: bool = False

    @property
    def has_shortcuts(self) -> bool:
        return self.model.has_shortcuts

    def __call__(self, name: str, x: torch.Tensor) -> torch.Tensor:
        if name.endswith("torgb"):
            return self.model.torgb(name, x, self.styles[name])
        if name.endswith("skip"):
            return self.model.shortcut(name, x, self.wrap_x)
        return self.model.conv(name, x, self.styles[name], self.noise, self.wrap_x)

    def start(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The learned constant and a skip of nothing."""
        batch = len(self.styles["b4.conv1"])
        const = self.model.tensors["synthesis.b4.const"].expand(batch, -1, -1, -1)
        return const, const.new_zeros(batch, self.model.colours, *const.shape[2:])

    def until(self, name: str) -> tuple[torch.Tensor, torch.Tensor]:
        """Activation and skip after a layer."""
        names = self.model.names
        return loop(self, names[: names.index(name) + 1], *self.start())


def mix(a: LayerFunction, b: LayerFunction, share: ShareFunction) -> LayerFunction:
    """Feature interpolation: the same map through both, then `(1 - share) a + share b`."""

    def layer(name: str, x: torch.Tensor) -> torch.Tensor:
        y_a, y_b = a(name, x), b(name, x)
        alpha = share(name, *y_a.shape[2:])
        return (1 - alpha) * y_a + alpha * y_b

    layer.has_shortcuts = getattr(a, "has_shortcuts", False)
    return layer


def loop(
    layer: LayerFunction,
    names: list[str],
    x: torch.Tensor,
    skip: torch.Tensor,
    edit: Callable[[str, torch.Tensor, torch.Tensor], tuple[torch.Tensor, torch.Tensor]] | None = None,
    wrap_x: bool = False,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Run layers in order on an activation and an RGB skip, with an edit of both after each; what comes out of it.

    In a block with a shortcut the activation between its layers is what the first made, and the shortcut beside it.
    """
    for name in names:
        if name.endswith("conv0"):
            skip = on_a_circle(upsample, skip, wrap_x)
        if getattr(layer, "has_shortcuts", False) and name.endswith("conv0"):
            y = torch.cat([layer(name, x), layer(name.replace("conv0", "skip"), x)], 1)
        elif getattr(layer, "has_shortcuts", False) and name.endswith("conv1") and name != "b4.conv1":
            own, shortcut = x.chunk(2, 1)
            y = (layer(name, own) + shortcut) / math.sqrt(2)
        else:
            y = layer(name, x)
        x, skip = (x, skip + y) if name.endswith("torgb") else (y, skip)
        if edit:
            x, skip = edit(name, x, skip)
    return x, skip


def ramp(size: int) -> torch.Tensor:
    """SOAT's `blend`: a quarter of zeros, a rise with both ends, a quarter of ones; a single pixel is half of both."""
    if size == 1:
        return torch.full((1,), 0.5, dtype=torch.float64)
    quarter = size // 4
    values = torch.zeros(size, dtype=torch.float64)
    values[size - quarter :] = 1
    values[quarter : size - quarter] = torch.linspace(0, 1, size - 2 * quarter, dtype=torch.float64)
    return values


def resized(mask: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """Bilinear, by pixels' centres, edges continued, no antialiasing."""
    for axis, size in ((-2, height), (-1, width)):
        old = mask.shape[axis]
        position = (torch.arange(size, dtype=torch.float64) + 0.5) * old / size - 0.5
        low = position.clamp(0, old - 1).floor().long()
        share = (position.clamp(0, old - 1) - low).reshape((-1, 1) if axis == -2 else (-1,))
        high = (low + 1).clamp(max=old - 1)
        mask = mask.index_select(axis, low) * (1 - share) + mask.index_select(axis, high) * share
    return mask


def padded(x: torch.Tensor, mode: str, left: int, right: int, top: int, bottom: int) -> torch.Tensor:
    """numpy's padding of the last two axes; `stretch`: nearest neighbour to the same size."""
    if mode == "stretch":
        size = (x.shape[2] + top + bottom, x.shape[3] + left + right)
        return F.interpolate(x, size=size, mode="nearest")
    numpy_mode = {"reflect": "reflect", "replicate": "edge", "circular": "wrap", "zeros": "constant"}[mode]
    widths = ((0, 0), (0, 0), (top, bottom), (left, right))
    return torch.from_numpy(np.pad(x.numpy(), widths, mode=numpy_mode))


def _mixed_bits(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & MASK_64
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK_64
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK_64
    return value ^ (value >> 31)


@cache
def noise_at(seed: int, layer_index: int, y: int, x: int) -> float:
    """The noise field at one place, in Python's integers: SplitMix of the place, Box and Muller's transform."""
    key = _mixed_bits((seed & MASK_64) ^ _mixed_bits(layer_index + 1))
    bits = _mixed_bits((x & MASK_64) ^ _mixed_bits(((y & MASK_64) + key) & MASK_64))
    first, second = ((bits >> 32) + 0.5) / 2**32, (bits & 0xFFFFFFFF) / 2**32
    return math.sqrt(-2 * math.log(first)) * math.cos(2 * math.pi * second)


def const_noise(
    model: PlainModel, places: Sequence[tuple[float, float]] = ((0.0, 0.0),), seed: int = 0, wrap_x: bool = False
) -> NoiseFunction:
    """The model's buffers where pictures lie on the canvas (top and left, in a picture's heights and widths), the first
    one's field around them.
    """

    def noise(name: str, height: int, width: int) -> torch.Tensor:
        buffer, index = model.tensors[f"synthesis.{name}.noise_const"].tolist(), model.names.index(name)
        tall, wide = len(buffer), len(buffer[0])

        def at(row: int, column: int) -> float:
            for top, left in places:
                y, x = row - round(top * tall), column - round(left * wide)
                x = x % width if wrap_x else x
                if 0 <= y < tall and 0 <= x < wide:
                    return buffer[y][x]
            top, left = places[0]
            x = column - round(left * wide)
            return noise_at(seed, index, row - round(top * tall), x % width if wrap_x else x)

        values = [[at(row, column) for column in range(width)] for row in range(height)]
        return torch.tensor(values, dtype=torch.float64)[None, None]

    return noise
