"""StyleGAN3's layers against the plain formulation and the bare convolutions: ratios of one run.

    python benchmarks/stylegan3.py [--resolution 256] [--configuration T] [--dtype float32] [--repeats 5]

Random weights and filters, NVIDIA's widths; all layers but the input and the last, which makes colours. The plain
formulation is the one that runs without CUDA: weights for each sample in one grouped convolution, then zeros between
samples, a filter along each axis, leaky ReLU and filters again, each a pass over memory. It is measured with memory as
it comes, which is how others run it, and with memory kept, as `soat run` keeps it for ours.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from apart import Tasks, apart
from soat.soat_backend.geometry.canvas import Canvas, Window
from soat.soat_backend.ops import (
    LRELU_GAIN,
    LRELU_SLOPE,
    Kernels,
    demodulated_convolution,
    filtered_leaky_relu,
)
from soat.soat_backend.support.memory import keep_freed_memory
from synthesis import machine, medians, save

LAYERS, CRITICAL, MARGIN, TAPS, CLAMP = 14, 2, 10, 6, 256.0


@dataclass
class Layer:
    """A layer with random weights.

    Attributes:
        weight: `[C_out, C_in, k, k]`.
        style: `[1, C_in]`, with the weight's gain.
        bias: `[C_out]`.
        up: As of the operator.
        down: As of the operator.
        up_filter: `[6 up]`.
        down_filter: `[6 down]`, or with two axes where it is radial.
        padding: As of the operator.
        size: Side of what goes in.
    """

    weight: torch.Tensor
    style: torch.Tensor
    bias: torch.Tensor
    up: int
    down: int
    up_filter: torch.Tensor
    down_filter: torch.Tensor
    padding: tuple[int, int]
    size: int

    def begin(self) -> torch.Tensor:
        """A map that goes in."""
        return torch.randn(1, self.weight.shape[1], self.size, self.size)


def lowpass(taps: int, factor: int) -> torch.Tensor:
    """One of that length, `[taps]`."""
    places = (torch.arange(taps) - (taps - 1) / 2) / factor
    values = torch.sinc(places) * torch.kaiser_window(taps, periodic=False, beta=6.0)
    return values / values.sum()


def layers_of(resolution: int, configuration: str) -> list[Layer]:
    """All layers but the last (Source: StyleGAN3, appendix C)."""
    turning = configuration == "R"
    most, side = (1024, 1) if turning else (512, 3)
    base = most * (32 if resolution <= 256 else 64)
    steps = [min(i / (LAYERS - CRITICAL), 1.0) for i in range(LAYERS)]
    cutoffs = [2.0 * (resolution / 4) ** step for step in steps]
    stopbands = [2**2.1 * (resolution / 2 * 2**0.3 / 2**2.1) ** step for step in steps]
    rates = [2 ** math.ceil(math.log2(min(2 * each, resolution))) for each in stopbands]
    sizes = [rate + 2 * MARGIN for rate in rates[:-1]] + [resolution]
    channels = [round(min(base / 2 / cutoff, most)) for cutoff in cutoffs]
    made = []
    for i in range(LAYERS):
        before = max(i - 1, 0)
        up, down = (2 * max(rates[before], rates[i]) // rate for rate in (rates[before], rates[i]))
        places = (sizes[i] - 1) * down + 1 - (sizes[before] + side - 1) * up + TAPS * (up + down) - 2
        after = lowpass(TAPS * down, down)
        made.append(
            Layer(
                torch.randn(channels[i], channels[before], side, side),
                (torch.randn(1, channels[before]) + 1.0) / math.sqrt(channels[before] * side**2),
                torch.randn(channels[i]) * 0.1,
                up,
                down,
                lowpass(TAPS * up, up),
                torch.outer(after, after) if turning and i < LAYERS - CRITICAL else after,
                ((places + up) // 2, places - (places + up) // 2),
                sizes[before],
            )
        )
    return made


def set_up(resolution: int, configuration: str) -> tuple[list[Layer], torch.Tensor]:
    """Layers and what goes into the first, the same each time."""
    torch.manual_seed(0)
    layers = layers_of(resolution, configuration)
    return layers, layers[0].begin()


def plain_tasks(resolution: int, configuration: str) -> Tasks:
    """The plain formulation of what is set up, for another process."""
    layers, begin = set_up(resolution, configuration)
    return {"plain": lambda: all_plain(begin, layers)}


def all_plain(x: torch.Tensor, layers: list[Layer]) -> torch.Tensor:
    """All layers as they run without CUDA; float32."""
    for layer in layers:
        x = plain(x, layer)
    return x


def plain(x: torch.Tensor, layer: Layer) -> torch.Tensor:
    """One of them."""
    kernels = layer.weight[None] * layer.style[:, None, :, None, None]
    kernels = kernels * (kernels.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    y = F.conv2d(x, kernels[0], padding=layer.weight.shape[2] - 1) + layer.bias[:, None, None]
    batch, channels, height, width = y.shape
    up, down = layer.up, layer.down
    spread = F.pad(y.reshape(batch, channels, height, 1, width, 1), (0, up - 1, 0, 0, 0, up - 1))
    low, high = layer.padding
    y = F.pad(spread.reshape(batch, channels, height * up, width * up), (low, high, low, high))
    taps = layer.up_filter * up
    y = F.conv2d(y, taps.expand(channels, 1, 1, -1), groups=channels)
    y = F.conv2d(y, taps[:, None].expand(channels, 1, -1, 1), groups=channels)
    y = (F.leaky_relu(y, LRELU_SLOPE) * LRELU_GAIN).clamp(-CLAMP, CLAMP)
    taps = layer.down_filter
    if taps.ndim == 2:
        return F.conv2d(y, taps.expand(channels, 1, -1, -1), groups=channels)[:, :, ::down, ::down]
    y = F.conv2d(y, taps.expand(channels, 1, 1, -1), groups=channels)
    return F.conv2d(y, taps[:, None].expand(channels, 1, -1, 1), groups=channels)[:, :, ::down, ::down]


def convolved(x: torch.Tensor, layer: Layer, kernels: Kernels) -> torch.Tensor:
    """The first half of a layer, by us."""
    canvas, more = Canvas(*x.shape[2:]), kernels.weight.shape[2] // 2
    window = Window(-more, -more, canvas.height + 2 * more, canvas.width + 2 * more)
    return demodulated_convolution(x, canvas, window, layer.style, kernels)


def activated(y: torch.Tensor, layer: Layer) -> torch.Tensor:
    """The second half of a layer, by us."""
    filters = (layer.up_filter, layer.down_filter, layer.up, layer.down, layer.padding)
    return filtered_leaky_relu(y, layer.bias, *filters, LRELU_GAIN, LRELU_SLOPE, CLAMP)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--configuration", choices=("T", "R"), default="T")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    keep_freed_memory()  # As `soat run` does.
    dtype, case = getattr(torch, args.dtype), (args.resolution, args.configuration)
    with torch.inference_mode(), apart(plain_tasks, *case) as without_keeping:
        layers, begin = set_up(*case)
        kernels = [Kernels(layer.weight) for layer in layers]
        typed = begin.to(dtype, memory_format=torch.channels_last)
        between = []
        x = typed
        for layer, own in zip(layers, kernels, strict=True):
            between.append((x, convolved(x, layer, own)))
            x = activated(between[-1][1], layer)
        weights = [layer.weight.to(dtype, memory_format=torch.channels_last) for layer in layers]

        def ours() -> torch.Tensor:
            x = typed
            for layer, own in zip(layers, kernels, strict=True):
                x = activated(convolved(x, layer, own), layer)
            return x

        def bare() -> None:
            for (x, _), weight in zip(between, weights, strict=True):
                F.conv2d(x, weight, padding=weight.shape[2] - 1)

        tasks: Tasks = {
            "bare convolutions": bare,
            "ours": ours,
            "our convolutions": lambda: [
                convolved(x, layer, own) for (x, _), layer, own in zip(between, layers, kernels, strict=True)
            ],
            "our activations": lambda: [activated(y, layer) for (_, y), layer in zip(between, layers, strict=True)],
        }
        seconds = medians(tasks, args.repeats)
        slow: Tasks = {**without_keeping, "plain, memory kept": lambda: all_plain(begin, layers)}
        seconds |= medians(slow, min(args.repeats, 2))
        theirs = all_plain(begin, layers)
        difference = float((ours() - theirs).abs().max() / theirs.abs().max())
    ratios = {
        "ours / bare convolutions": seconds["ours"] / seconds["bare convolutions"],
        "plain / ours": seconds["plain"] / seconds["ours"],
        "plain / ours, memory kept": seconds["plain, memory kept"] / seconds["ours"],
        "our activations / bare convolutions": seconds["our activations"] / seconds["bare convolutions"],
        "our convolutions / bare convolutions": seconds["our convolutions"] / seconds["bare convolutions"],
    }
    save(
        {
            "resolution": args.resolution,
            "configuration": args.configuration,
            "dtype": args.dtype,
            **machine(),
            "ratios": {name: round(value, 3) for name, value in ratios.items()},
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
            "largest difference to plain float32, of its range": difference,
        },
        args.out,
    )


if __name__ == "__main__":
    main()
