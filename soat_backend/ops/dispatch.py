"""The operators, and which implementation of them a call takes: decided here and nowhere else.

An operator has up to three implementations, which are the same map with the same arguments:

- the reference (`reference.py`), plain PyTorch: any device, any type, gradients of any order;
- the native one (`native/`), C++ on the CPU, which autograd can't follow;
- a native one with its gradient (of first order), a step of autograd.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..geometry.canvas import Canvas, Window, read
from . import native, reference
from .conditions import enough_tiles, learns_natively, runs_natively, wants_gradient, winograd_is_faster
from .convolution import convolve, convolve_doubled, convolve_in_phases, convolve_points
from .kernels import Kernels
from .modulation import demodulation
from .resampling import Padding


def styled_convolution(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    bias: torch.Tensor,
    noise: torch.Tensor | None = None,
    clamp: float | None = None,
    *,
    doubled: bool = False,
) -> torch.Tensor:
    """A modulated and demodulated 3x3 convolution of a window, finished: a whole layer of StyleGAN2's.

    Args:
        x: `[B, C_in, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to make of it; a halo of one around it is read. In x's pixels, also where the result is doubled.
        style: `[B or 1, C_in]` float32, the affine layer's output times the weight's gain 1/sqrt(9 C_in).
        kernels: The layer's.
        bias: `[C_out]`.
        noise: Already scaled by the layer's strength, `[B or 1, 1, h, w]` float32 of the result's size, or None.
        clamp: Output limit, or None.
        doubled: Whether the result has twice the window's size.

    Returns:
        `[B, C_out, h, w]` of x's dtype; h and w are the window's size, or twice that.

    Raises:
        OutOfMemory: The system hadn't the memory that a native operator works in.
    """
    run = choose_styled_convolution(x, canvas, window, style, kernels, bias, noise, doubled)
    return run(x, canvas, window, style, kernels, bias, noise, clamp, doubled=doubled)


def choose_styled_convolution(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    doubled: bool,
) -> Callable[..., torch.Tensor]:
    """The implementation of `styled_convolution`."""
    if not runs_natively(x):
        return reference.styled_convolution
    if not wants_gradient(x, style, kernels.weight, bias, noise):
        return native.styled_convolution if winograd_is_faster(window, x.dtype, doubled=doubled) else _in_steps
    # Pictures that a code is searched for, or a generator learns from: the gradient of a layer in a few passes over
    # memory, where that of the steps takes many. Its formulas are for borders of zeros and a style for each picture or
    # for all.
    whole = window == canvas.window and not canvas.wrap_y and not canvas.wrap_x
    followed = wants_gradient(x, style, noise) or kernels.weight.requires_grad
    fits = whole and followed and len(style) in (1, len(x)) and learns_natively(x.dtype, kernels.weight)
    # Doubling in bfloat16 too: the passes that are saved are worth more than the processor's instructions for it.
    return native.styled_convolution_with_gradient if fits and enough_tiles(window, doubled) else _in_steps


def _in_steps(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
    *,
    doubled: bool,
) -> torch.Tensor:
    """The operators below one after the other, each by the implementation it takes."""
    y = modulated_convolution(x, canvas, window, style, kernels, doubled=doubled)
    return finish(y, demodulation(style, kernels.power), bias, noise, clamp, doubled=doubled)


def modulated_convolution(
    x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, kernels: Kernels, *, doubled: bool = False
) -> torch.Tensor | tuple[torch.Tensor, ...]:
    """A window scaled by the style and convolved, still to be finished.

    Args:
        x: As of `styled_convolution`.
        canvas: What x covers.
        window: As of `styled_convolution`.
        style: `[B or 1, C_in]` float32.
        kernels: The layer's.
        doubled: Whether to double the size.

    Returns:
        `[B, C_out, window.height, window.width]` of x's dtype. If doubled as of `convolve_doubled`, or the four maps of
        `convolve_in_phases`: `finish` takes both.
    """
    gradient = wants_gradient(x, style, kernels.weight)
    natively = runs_natively(x)
    if doubled and natively and not gradient and winograd_is_faster(window, x.dtype, doubled=True):
        return native.convolution_in_phases(x, canvas, window, style, kernels)
    patch = scaled_window(x, canvas, window, style, halo=1)
    if not doubled:
        return convolve(patch, kernels)
    # PyTorch's four convolutions are faster than its transposed one. But only the native `finish` reads four maps as
    # they are, and that of the gradient doesn't: putting them together would take longer than what is won.
    return convolve_in_phases(patch, kernels) if natively and not gradient else convolve_doubled(patch, kernels)


def demodulated_convolution(
    x: torch.Tensor,
    canvas: Canvas,
    window: Window,
    style: torch.Tensor,
    kernels: Kernels,
    gain: float | torch.Tensor = 1.0,
) -> torch.Tensor:
    """A modulated and demodulated convolution with odd kernels, alone: the first half of a StyleGAN3 layer.

    Args:
        x: `[B, C_in, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to make, in x's pixels. It may reach beyond the canvas, as that of a convolution that grows.
        style: `[B or 1, C_in]` float32.
        kernels: The layer's.
        gain: What the result is multiplied with, not 0; a tensor of one number, where reading it would wait.

    Returns:
        `[B, C_out, window.height, window.width]` of x's dtype.
    """
    if not runs_natively(x):
        return reference.demodulated_convolution(x, canvas, window, style, kernels, gain)
    if kernels.weight.shape[2] == 1:
        # Weights of each picture are less to scale than its map.
        weights = kernels.weight.float().flatten(1) * style[:, None]
        weights = weights * (demodulation(style, kernels.power) * gain)[:, :, None]
        return convolve_points(read(x, canvas, window, halo=0), weights)
    run, fits = reference.demodulated_convolution, kernels.weight.shape[2] == 3 and enough_tiles(window)
    if fits and not wants_gradient(x, style, kernels.weight):
        run = native.demodulated_convolution
    elif fits and not (canvas.wrap_y or canvas.wrap_x or kernels.weight.requires_grad):
        run = native.demodulated_convolution_with_gradient
    return run(x, canvas, window, style, kernels, gain)


def scaled_window(x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, halo: int) -> torch.Tensor:
    """Read a window of the canvas and scale its channels.

    Args:
        x: `[B, C, canvas.height, canvas.width]`.
        canvas: What x covers.
        window: What to read.
        style: `[B or 1, C]` float32.
        halo: Pixels more on every side; zeros outside the canvas, or its other side where it wraps.

    Returns:
        `[B, C, window.height + 2 halo, window.width + 2 halo]` of x's dtype.
    """
    run = native if runs_natively(x) and not wants_gradient(x, style) else reference
    return run.scaled_window(x, canvas, window, style, halo)


def finish(
    y: torch.Tensor | tuple[torch.Tensor, ...],
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None = None,
    clamp: float | None = None,
    *,
    doubled: bool = False,
) -> torch.Tensor:
    """Finish a layer: upsampling's blur, demodulation, noise, bias, leaky ReLU, gain, clamp.

    Source: StyleGAN2, section 2.2; `bias_act` and `upfirdn2d` of stylegan2-ada-pytorch.

    Args:
        y: `[B, C, H, W]`, the convolution's result, or `[B, C, H + 3, W + 3]` if doubled, whole or as the four maps
            of `convolve_in_phases`. May be changed.
        scale: Demodulation, `[B or 1, C]` float32.
        bias: `[C]`.
        noise: Already scaled by the layer's strength, `[B or 1, 1, H, W]` float32, or None.
        clamp: Output limit, or None.
        doubled: Whether to blur first, as a transposed convolution of stride 2 needs it.

    Returns:
        `[B, C, H, W]` of y's dtype.
    """
    maps = y if isinstance(y, tuple) else (y,)
    if not runs_natively(maps[0]):
        run = reference.finish
    elif wants_gradient(*maps, scale, bias, noise):
        run = native.finish_with_gradient
    else:
        run = native.finish
    return run(y, scale, bias, noise, clamp, doubled=doubled)


def to_rgb(
    x: torch.Tensor, weight: torch.Tensor, style: torch.Tensor, bias: torch.Tensor, clamp: float | None = None
) -> torch.Tensor:
    """A 1x1 modulated convolution to grey, RGB or RGBA, without demodulation.

    Args:
        x: `[B, C, H, W]`.
        weight: `[colours, C, 1, 1]`.
        style: `[B or 1, C]` float32, the affine layer's output times the weight's gain.
        bias: `[colours]`.
        clamp: Output limit, or None.

    Returns:
        `[B, colours, H, W]` float32.
    """
    # The native one has its gradient, of all that goes in.
    natively = len(weight) in native.COLOURS and runs_natively(x)
    return (native if natively else reference).to_rgb(x, weight, style, bias, clamp)


def upsample_rgb(rgb: torch.Tensor) -> torch.Tensor:
    """Double the size of an RGB skip with [1, 3, 3, 1] (Source: `upfirdn2d.upsample2d` of stylegan2-ada-pytorch).

    Args:
        rgb: `[B, C, H + 2, W + 2]`, a window with a halo of one.

    Returns:
        `[B, C, 2 H, 2 W]` of the same type.
    """
    # The native one has its gradient. It is of float32 only: so are RGB skips, whatever the maps' type.
    return (native if rgb.dtype == torch.float32 and runs_natively(rgb) else reference).upsample_rgb(rgb)


def filtered_leaky_relu(
    x: torch.Tensor,
    bias: torch.Tensor | None,
    up_filter: torch.Tensor | None,
    down_filter: torch.Tensor | None,
    up: int,
    down: int,
    padding: Padding,
    gain: float,
    slope: float,
    clamp: float | None,
) -> torch.Tensor:
    """A leaky ReLU that makes no frequencies a map can't hold: done at a higher rate, between two low-pass filters.

    In this order: x + bias; `up - 1` zeros after each sample; the padding; the up filter times `up` along each axis;
    the leaky ReLU; the gain; the clamp; the down filter; every `down`-th row and column.

    It knows no canvas. Zeros of the padding stand for what lies beyond the canvas, and are none of the bias's. A window
    of the result is that of a map of its own: of the samples, and with the borders, that `Rates.samples` says. So only
    at the canvas's rim do zeros come in; where it wraps, samples of its other side come before the first.

    Source: StyleGAN3, section 3.2 and appendix B.

    Args:
        x: `[B, C, H, W]`.
        bias: `[C]`, or None.
        up_filter: `[taps]`, or None if `up` is 1.
        down_filter: `[taps]`, `[taps, taps]`, or None.
        up: How many times x's rate the activation is done at.
        down: How many times the result's rate that is.
        padding: Zeros before and after x's at the higher rate, of both axes or of x and of y; negative: cut off.
        gain: After the activation, sqrt(2) to keep the variance.
        slope: Of negative values, 1 for none of it.
        clamp: Limit before the down filter, or None.

    Returns:
        `[B, C, h, w]` of x's dtype; `Rates.results` says how many of each axis.

    Raises:
        RateError: A filter isn't one of these, or x is too small for them.
        OutOfMemory: The system hadn't the memory that a native operator works in.
    """
    if not runs_natively(x) or wants_gradient(up_filter, down_filter):
        run = reference.filtered_leaky_relu
    elif wants_gradient(x, bias):
        run = native.filtered_leaky_relu_with_gradient
    else:
        run = native.filtered_leaky_relu
    return run(x, bias, up_filter, down_filter, up, down, padding, gain, slope, clamp)
