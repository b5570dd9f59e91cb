"""A leaky ReLU between two filters at a higher rate, in one pass, and its gradient (`filtered_leaky_relu.cpp`)."""

from __future__ import annotations

import math
from typing import Any, NamedTuple, cast

import torch

from ..resampling import Padding, Rates, borders
from .arguments import as_map, empty_map
from .binding import call


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
    """`reference.filtered_leaky_relu` in C++, without gradient."""
    numbers = _numbers(x, up_filter, down_filter, up, down, padding, gain, slope, clamp)
    return _forward(as_map(x), None if bias is None else bias.float().contiguous(), numbers)


def filtered_leaky_relu_with_gradient(
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
    """With gradients of x and the bias."""
    numbers = _numbers(x, up_filter, down_filter, up, down, padding, gain, slope, clamp)
    return cast(torch.Tensor, _WithGradient.apply(x, None if bias is None else bias.float().contiguous(), numbers))


class _Numbers(NamedTuple):
    """What the operator takes beside maps, in the order it takes it; filters are turned around, as they are laid over
    a map.
    """

    batch: int
    height: int
    width: int
    channels: int
    out_height: int
    out_width: int
    top: int
    left: int
    up_filter: torch.Tensor
    up_taps: int
    up: int
    down_filter: torch.Tensor
    down_taps: int
    down: int
    square: bool
    mirrored: bool
    gain: float
    slope: float
    limit: float


def _numbers(
    x: torch.Tensor,
    up_filter: torch.Tensor | None,
    down_filter: torch.Tensor | None,
    up: int,
    down: int,
    padding: Padding,
    gain: float,
    slope: float,
    clamp: float | None,
) -> _Numbers:
    rates, (across, along) = Rates.of(up_filter, down_filter, up, down), borders(padding)
    batch, channels, height, width = x.shape
    before, after = (_laid_over(each, x.device) for each in (up_filter, down_filter))
    # What is the same above and below is added up first. Files' filters are so but for the last bit.
    mirrored = after.ndim == 2 and len(after) % 2 == 0 and torch.allclose(after, after.flip(0), rtol=0, atol=1e-8)
    return _Numbers(
        *(batch, height, width, channels),
        out_height=rates.results(height, along),
        out_width=rates.results(width, across),
        top=along[0],
        left=across[0],
        up_filter=before * up,
        up_taps=rates.up_taps,
        up=up,
        down_filter=after,
        down_taps=rates.down_taps,
        down=down,
        square=after.ndim == 2,
        mirrored=mirrored,
        gain=gain,
        slope=slope,
        limit=math.inf if clamp is None else clamp,
    )


def _laid_over(taps: torch.Tensor | None, device: torch.device) -> torch.Tensor:
    if taps is None:
        return torch.ones(1, dtype=torch.float32, device=device)
    return taps.detach().float().flip(tuple(range(taps.ndim))).contiguous()


def _forward(x: torch.Tensor, bias: torch.Tensor | None, numbers: _Numbers) -> torch.Tensor:
    out = empty_map(x, numbers.out_height, numbers.out_width)
    call("filtered_leaky_relu", x.dtype, x, bias, out, *numbers)
    return out


class _WithGradient(torch.autograd.Function):
    """What is kept is the map before it; what it is at the higher rate is made anew, a tile at a time."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, bias: torch.Tensor | None, numbers: _Numbers) -> torch.Tensor:
        x = as_map(x)
        ctx.save_for_backward(x, bias)
        ctx.numbers = numbers
        return _forward(x, bias, numbers)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        x, bias = ctx.saved_tensors
        of_x = empty_map(x, *x.shape[2:])
        call("filtered_leaky_relu_gradient", x.dtype, x, bias, as_map(gradient), of_x, *ctx.numbers)
        of_bias = of_x.sum((0, 2, 3), dtype=torch.float32) if ctx.needs_input_grad[1] else None
        return of_x, of_bias, None
