"""What follows a convolution: upsampling's blur, demodulation, noise, bias, leaky ReLU, gain, clamp."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import torch
import torch.nn.functional as F

from . import native
from .modulation import put_together
from .native.binding import empty_map, suits, wants_gradient

LRELU_SLOPE = 0.2
LRELU_GAIN = math.sqrt(2.0)


def finish(
    y: torch.Tensor | tuple[torch.Tensor, ...],
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None = None,
    clamp: float | None = None,
    *,
    doubled: bool = False,
) -> torch.Tensor:
    """Finish a layer (Source: StyleGAN2, section 2.2; `bias_act` and `upfirdn2d` of stylegan2-ada-pytorch).

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
    if not suits(*maps) or not (library := native.library()):
        return reference(put_together(maps), scale, bias, noise, clamp, doubled=doubled)
    if wants_gradient(*maps, scale, bias, noise):
        whole = put_together(maps)
        scale, noise = scale.expand(len(whole), -1).float(), None if noise is None else noise.float()
        return _Finish.apply(library, whole, scale, bias.float(), noise, clamp, doubled)
    return _run(library, maps, scale, bias, noise, clamp, doubled, in_place=True)


def reference(
    y: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None = None,
    clamp: float | None = None,
    *,
    doubled: bool = False,
) -> torch.Tensor:
    """`finish` in plain torch."""
    y = blur(y) if doubled else y
    y = y * scale.to(y.dtype)[:, :, None, None] + bias.to(y.dtype)[:, None, None]
    if noise is not None:
        y = y + noise.to(y.dtype)
    y = F.leaky_relu(y, LRELU_SLOPE) * LRELU_GAIN
    return y if clamp is None else y.clamp(-clamp, clamp)


def blur(y: torch.Tensor) -> torch.Tensor:
    """Filter each channel with outer([1, 3, 3, 1]) / 16, the gain of 4 that goes with doubling both sides.

    Args:
        y: `[B, C, H + 3, W + 3]`.

    Returns:
        `[B, C, H, W]`: only where the filter lies wholly inside.
    """
    return F.conv2d(y, fir_kernel(y.device, y.dtype).expand(y.shape[1], 1, 4, 4), groups=y.shape[1])


@lru_cache(maxsize=64)
def fir_kernel(device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    """The filter that `blur` applies, `[4, 4]`.

    Made once, and on the device itself: an upload would wait for all that runs there. It is an ordinary tensor even if
    made in inference mode: what comes after may want gradients of other things.
    """
    with torch.inference_mode(False):
        k = torch.arange(4, device=device, dtype=dtype)
        taps = (k * (3 - k) + 1) / 4  # [1, 3, 3, 1] / 4
        return torch.outer(taps, taps)


def _run(
    library: native.Library,
    maps: tuple[torch.Tensor, ...],
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
    doubled: bool,
    in_place: bool,
) -> torch.Tensor:
    maps = tuple(each.contiguous(memory_format=torch.channels_last) for each in maps)
    batch, channels, height, width = maps[0].shape
    if len(maps) > 1:
        height, width = 2 * height - 4, 2 * width - 4
    elif doubled:
        height, width = height - 3, width - 3
    # Each value is read before it is written, so the convolution's result can become the layer's.
    out = maps[0] if in_place and not doubled else empty_map(maps[0], height, width)
    name = "phases_finish" if len(maps) > 1 else "blur_finish" if doubled else "finish"
    numbers = native_numbers(batch, scale, bias, noise, clamp)
    library.call(name, out.dtype, *maps, out, batch, height, width, channels, *numbers)
    return out


def native_numbers(
    batch: int, scale: torch.Tensor, bias: torch.Tensor, noise: torch.Tensor | None, clamp: float | None
) -> tuple[torch.Tensor | float | None, ...]:
    """What finishes a layer as native operators take it: scale, noise and its stride, bias, limit."""
    scale, noise = scale.expand(batch, -1).float(), None if noise is None else noise.float()
    limit = math.inf if clamp is None else clamp
    return scale.contiguous(), *_noise(noise, batch), bias.float().contiguous(), limit


def _noise(noise: torch.Tensor | None, batch: int) -> tuple[torch.Tensor | None, int]:
    """Noise, and how far it is from one image's to the next's."""
    if noise is None:
        return None, 0
    return noise.contiguous(), 0 if noise.shape[0] < batch else noise.shape[2] * noise.shape[3]


class _Finish(torch.autograd.Function):
    """With its gradient; what went in is recovered from what came out, which is all that is kept."""

    @staticmethod
    def forward(ctx: Any, library: Any, y: Any, scale: Any, bias: Any, noise: Any, clamp: Any, doubled: Any) -> Any:
        out = _run(library, (y,), scale, bias, noise, clamp, doubled, in_place=False)
        ctx.save_for_backward(out, scale, bias, noise)
        ctx.library, ctx.clamp, ctx.doubled = library, clamp, doubled
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        out, scale, bias, noise = ctx.saved_tensors
        of_noise = ctx.needs_input_grad[4]
        before = 3 if ctx.doubled else 0
        gradients = finish_gradient(ctx.library, gradient, out, scale, bias, noise, ctx.clamp, of_noise, before)
        return None, *gradients, None, None


def finish_gradient(
    library: native.Library,
    gradient: torch.Tensor,
    out: torch.Tensor,
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
    of_noise: bool,
    before: int,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None]:
    """The gradient of `finish`, from what came out.

    Args:
        library: The native operators.
        gradient: Of `out`.
        out: `[B, C, H, W]`.
        scale: `[B, C]` float32.
        bias: `[C]` float32.
        noise: As it was, float32.
        clamp: As it was.
        of_noise: Whether the noise's gradient is wanted.
        before: How many rows and columns of the sum before the result's first had a part in it: 3 if it was blurred, or
            2 to leave out the gradient of the first; else 0.

    Returns:
        Gradients of the sum (`[B, C, H + before, W + before]`), the scale, the bias and the noise.
    """
    gradient = gradient.contiguous(memory_format=torch.channels_last)
    batch, channels, height, width = out.shape
    # The filter is symmetric, so its transpose is itself on a border of zeros.
    after = 3 if before else 0
    of_sum = empty_map(out, height + before + after, width + before + after)
    for first, last in ((0, before), (before + height, None)):
        of_sum[:, :, first:last].zero_()
    for first, last in ((0, before), (before + width, None)):
        of_sum[..., first:last].zero_()
    of_scale, of_bias = scale.new_zeros(batch, channels), bias.new_zeros(channels)
    to_noise = scale.new_empty(batch, 1, height, width) if of_noise else None
    numbers = native_numbers(batch, scale, bias, noise, clamp)
    shape = (batch, height, width, channels)
    sums = (of_scale, to_noise, of_bias)
    library.call("finish_gradient", out.dtype, gradient, out, of_sum, before, after, *shape, *numbers, *sums)
    if before:
        blurred = empty_map(out, height + before, width + before)
        library.call("blur", out.dtype, of_sum, blurred, batch, height + before, width + before, channels)
        of_sum = blurred
    if to_noise is not None and noise is not None and noise.shape[0] < batch:
        to_noise = to_noise.sum(0, keepdim=True)
    return of_sum, of_scale, of_bias, to_noise
