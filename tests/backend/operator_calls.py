"""How each operator is called with a case's tensors, and the same once more, slow and literal, in any type."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import plain
import torch
import torch.nn.functional as F
from soat.soat_backend.geometry.canvas import Canvas, Window
from soat.soat_backend.ops import Kernels, demodulation, native, normalise_style_fp16
from soat.soat_backend.ops.convolution import convolve, interleave_phases

# A whole layer: scaled window, convolution, finish.


def styled(run, x, weight, style, bias, noise=None, *, clamp=None, doubled=False):
    canvas = Canvas(*x.shape[2:])
    style = style / math.sqrt(weight[0].numel())
    return run(x, canvas, canvas.window, style, Kernels(weight), bias, noise, clamp, doubled=doubled)


def plain_styled(x, weight, style, bias, noise=0.0, *, clamp=None, doubled=False):
    return plain.activate(plain.modulated_conv(x, weight, style, double=doubled), bias, noise, clamp)


def in_steps(operators: Any, convolve_twice: Callable[..., Any], finish: Callable[..., Any]) -> Callable[..., Any]:
    """A layer made of a window, PyTorch's convolution and a finish."""

    def run(x, canvas, window, style, kernels, bias, noise, clamp, *, doubled):
        style = normalise_style_fp16(style, 9) if x.dtype == torch.float16 else style
        patch = operators.scaled_window(x, canvas, window, style, halo=1)
        y = convolve_twice(patch, kernels) if doubled else convolve(patch, kernels)
        return finish(y, demodulation(style, kernels.power), bias, noise, clamp, doubled=doubled)

    return run


# A convolution alone: a layer's sum, still to be blurred if it doubles.


def modulated(run, x, weight, style, *, doubled=False):
    canvas = Canvas(*x.shape[2:])
    style = style / math.sqrt(weight[0].numel())
    return interleave_phases(run(x, canvas, canvas.window, style, Kernels(weight), doubled=doubled))


def plain_modulated(x, weight, style, *, doubled=False):
    style = style / math.sqrt(weight[0].numel())
    if not doubled:
        return F.conv2d(x * style[:, :, None, None], weight, padding=1)
    spaced = plain.zeros_between(F.pad(x * style[:, :, None, None], (1, 1, 1, 1)))[:, :, :-1, :-1]
    return F.conv2d(spaced, weight.flip(2, 3), padding=1)


def demodulated(run, x, weight, style, *, beyond=0, gain=1.0, canvas=None, window=None):
    canvas = canvas or Canvas(*x.shape[2:])
    grown = Window(-beyond, -beyond, canvas.height + 2 * beyond, canvas.width + 2 * beyond)
    return run(x, canvas, window or grown, style / math.sqrt(weight[0].numel()), Kernels(weight), gain)


def plain_demodulated(x, weight, style, *, beyond=0, gain=1.0, canvas=None, window=None):
    """Weights for each sample; the whole canvas and what is around it, of which the window is cut out."""
    canvas = canvas or Canvas(*x.shape[2:])
    grown = Window(-beyond, -beyond, canvas.height + 2 * beyond, canvas.width + 2 * beyond)
    window, edge = window or grown, weight.shape[2] // 2 + 1
    kernels = weight[None] * style[:, None, :, None, None]
    kernels = kernels * gain * (kernels.square().sum((2, 3, 4), keepdim=True) + 1e-8 * weight[0].numel()).rsqrt()
    rows = F.pad(x, (0, 0, edge, edge), mode="circular" if canvas.wrap_y else "constant")
    padded = F.pad(rows, (edge, edge, 0, 0), mode="circular" if canvas.wrap_x else "constant")
    batch = max(len(x), len(style))
    padded, kernels = padded.expand(batch, -1, -1, -1), kernels.expand(batch, -1, -1, -1, -1)
    whole = torch.cat([F.conv2d(padded[i : i + 1], kernels[i]) for i in range(batch)])
    top, left = window.top + 1, window.left + 1
    return whole[:, :, top : top + window.height, left : left + window.width]


def in_native_phases(x, canvas, window, style, kernels, *, doubled):
    assert doubled, "only these have phases"
    return native.convolution_in_phases(x, canvas, window, style, kernels)


# What goes into a convolution.


def window(run, x, style, *, canvas, window, halo):
    return run(x, canvas, window, style, halo)


def plain_window(x, style, *, canvas, window, halo):
    """Zeros or the other side around it, pixel by pixel."""
    batch = max(len(x), len(style))
    rows = []
    for row in range(window.top - halo, window.top + window.height + halo):
        pixels = []
        for column in range(window.left - halo, window.left + window.width + halo):
            there = (canvas.wrap_y or 0 <= row < canvas.height) and (canvas.wrap_x or 0 <= column < canvas.width)
            pixel = x[:, :, row % canvas.height, column % canvas.width] * style
            pixels.append(pixel.expand(batch, -1) * (1.0 if there else 0.0))
        rows.append(torch.stack(pixels, 2))
    return torch.stack(rows, 2)


# What follows a convolution.


def finish(run, y, scale, bias, noise=None, *, clamp=None, doubled=False, phases=False):
    y = y.clone()  # It may be written over.
    if phases:
        y = tuple(y[:, :, row::2, column::2] for row in (0, 1) for column in (0, 1))
    return run(y, scale, bias, noise, clamp, doubled=doubled)


def plain_finish(y, scale, bias, noise=0.0, *, clamp=None, doubled=False, phases=False):
    y = plain.filtered(y, 0, 0, gain=4.0) if doubled else y
    return plain.activate(y * scale[:, :, None, None], bias, noise, clamp)


# To RGB.


def to_rgb(run, x, weight, style, bias, *, clamp=None):
    return run(x, weight, style / math.sqrt(x.shape[1]), bias, clamp)


def plain_to_rgb(x, weight, style, bias, *, clamp=None):
    rgb = plain.modulated_conv(x, weight, style, demodulate=False) + bias[None, :, None, None]
    return rgb if clamp is None else rgb.clamp(-clamp, clamp)


def of_one_map(run, x):
    return run(x)


def plain_blur(x):
    return plain.filtered(x, 0, 0, gain=4.0)


def upsample_rgb(run, x):
    return run(F.pad(x, (1, 1, 1, 1)))


# A leaky ReLU between filters.


def filtered(run, x, bias=None, before=None, after=None, *, up=1, down=1, padding=(0, 0), clamp=None, slope=0.2):
    return run(x, bias, before, after, up, down, padding, math.sqrt(2), slope, clamp)


def plain_filtered(x, bias=None, before=None, after=None, *, up=1, down=1, padding=(0, 0), clamp=None, slope=0.2):
    """Upsampling as matrices, tap by tap; downsampling tap by tap."""
    across, along = padding if isinstance(padding[0], tuple) else (padding, padding)
    y = x if bias is None else x + bias[:, None, None]
    before = x.new_ones(1) if before is None else before * up
    y = _upsampling(before, x.shape[2], up, *along) @ y @ _upsampling(before, x.shape[3], up, *across).T
    y = torch.where(y > 0, y, y * slope) * math.sqrt(2)
    y = y if clamp is None else y.clamp(-clamp, clamp)
    after = x.new_ones(1, 1) if after is None else after if after.ndim == 2 else torch.outer(after, after)
    taps = len(after)
    return sum(
        after[taps - 1 - i, taps - 1 - j] * y[:, :, i : y.shape[2] - taps + i + 1, j : y.shape[3] - taps + j + 1]
        for i in range(taps)
        for j in range(taps)
    )[:, :, ::down, ::down]


def _upsampling(taps: torch.Tensor, size: int, up: int, low: int, high: int) -> torch.Tensor:
    """What an axis is multiplied with, `[places, size]`."""
    spaced = [
        place // up if 0 <= place < size * up and place % up == 0 else None for place in range(-low, size * up + high)
    ]
    rows = []
    for first in range(len(spaced) - len(taps) + 1):
        row = [taps.new_zeros(())] * size
        for k, sample in enumerate(spaced[first : first + len(taps)]):
            if sample is not None:
                row[sample] = taps[len(taps) - 1 - k]
        rows.append(torch.stack(row))
    return torch.stack(rows)
