"""What follows a convolution in one pass, and its gradient (`finish.cpp`)."""

from __future__ import annotations

from typing import Any, cast

import torch

from ..convolution import interleave_phases
from .arguments import as_map, empty_map, finish_arguments
from .binding import call


def finish(
    y: torch.Tensor | tuple[torch.Tensor, ...],
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None = None,
    clamp: float | None = None,
    *,
    doubled: bool = False,
) -> torch.Tensor:
    """Without gradient. Four maps are read as they are; a map that isn't blurred is written over."""
    return _run(y, scale, bias, noise, clamp, doubled, in_place=True)


def finish_with_gradient(
    y: torch.Tensor | tuple[torch.Tensor, ...],
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None = None,
    clamp: float | None = None,
    *,
    doubled: bool = False,
) -> torch.Tensor:
    """With gradients of all that goes in; four maps are put together first."""
    whole = interleave_phases(y)
    scale, noise = scale.expand(len(whole), -1).float(), None if noise is None else noise.float()
    return cast(torch.Tensor, _WithGradient.apply(whole, scale, bias.float(), noise, clamp, doubled))


def blur(y: torch.Tensor) -> torch.Tensor:
    """As of `reference.blur`, without gradient."""
    y = as_map(y)
    batch, channels, height, width = len(y), y.shape[1], y.shape[2] - 3, y.shape[3] - 3
    out = empty_map(y, height, width)
    call("blur", y.dtype, y, out, batch, height, width, channels)
    return out


def _run(
    y: torch.Tensor | tuple[torch.Tensor, ...],
    scale: torch.Tensor,
    bias: torch.Tensor,
    noise: torch.Tensor | None,
    clamp: float | None,
    doubled: bool,
    in_place: bool,
) -> torch.Tensor:
    maps = tuple(as_map(each) for each in (y if isinstance(y, tuple) else (y,)))
    batch, channels, height, width = maps[0].shape
    if len(maps) > 1:
        height, width = 2 * height - 4, 2 * width - 4
    elif doubled:
        height, width = height - 3, width - 3
    # Each value is read before it is written, so the convolution's result can become the layer's.
    out = maps[0] if in_place and not doubled else empty_map(maps[0], height, width)
    name = "phases_finish" if len(maps) > 1 else "blur_finish" if doubled else "finish"
    numbers = finish_arguments(batch, scale, bias, noise, clamp)
    call(name, out.dtype, *maps, out, batch, height, width, channels, *numbers)
    return out


class _WithGradient(torch.autograd.Function):
    """What went in is recovered from what came out, which is all that is kept."""

    @staticmethod
    def forward(ctx: Any, y: Any, scale: Any, bias: Any, noise: Any, clamp: Any, doubled: Any) -> Any:
        out = _run(y, scale, bias, noise, clamp, doubled, in_place=False)
        ctx.save_for_backward(out, scale, bias, noise)
        ctx.clamp, ctx.doubled = clamp, doubled
        return out

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        out, scale, bias, noise = ctx.saved_tensors
        of_noise, before = ctx.needs_input_grad[3], 3 if ctx.doubled else 0
        gradients = finish_gradient(gradient, out, scale, bias, noise, ctx.clamp, of_noise, before)
        return *gradients, None, None


def finish_gradient(
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
    gradient = as_map(gradient)
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
    numbers = finish_arguments(batch, scale, bias, noise, clamp)
    shape = (batch, height, width, channels)
    sums = (of_scale, to_noise, of_bias)
    call("finish_gradient", out.dtype, gradient, out, of_sum, before, after, *shape, *numbers, *sums)
    if before:
        of_sum = blur(of_sum)
    if to_noise is not None and noise is not None and noise.shape[0] < batch:
        to_noise = to_noise.sum(0, keepdim=True)
    return of_sum, of_scale, of_bias, to_noise
