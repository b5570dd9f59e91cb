"""Network bending: transforms the values of a feature map (Source: Broad, Leymarie, Grierson 2021)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch
import torch.nn.functional as F

from ..geometry.canvas import Canvas
from ..support.errors import require_between, require_choice
from ..synthesis.edits import select_channels, spread_over_mask
from ..synthesis.feature_map import FeatureMap
from ..synthesis.weights import resize_mask, with_margins

MAX_GAIN = 10.0
MAX_RADIUS = 32
MAX_DEVIATIONS = 5.0


def gain(x: torch.Tensor, amount: float, canvas: Canvas) -> torch.Tensor:
    """Multiply the channels by a factor: 0 removes them, -1 negates them."""
    del canvas
    require_between("bend_amount (gain: a factor)", amount, -MAX_GAIN, MAX_GAIN)
    return x * amount


def invert(x: torch.Tensor, amount: float, canvas: Canvas) -> torch.Tensor:
    """Mirror each channel about its mean over the canvas, so that both its moments stay; the amount is a strength.

    The paper takes 1 - x, which later layers, used to other means, mostly answer with a flat picture.
    """
    del canvas
    require_between("bend_amount (invert: a strength)", amount, 0, 1)
    return x + 2.0 * amount * (x.mean(dim=(2, 3), keepdim=True) - x)


def dilate(x: torch.Tensor, amount: float, canvas: Canvas) -> torch.Tensor:
    """The largest value within a radius of so many pixels of the layer (a square)."""
    require_between("bend_amount (dilate, erode: pixels of the layer)", amount, 0, MAX_RADIUS)
    radius = round(amount)
    for axis, size, wraps in ((3, canvas.width, canvas.wrap_x), (2, canvas.height, canvas.wrap_y)):
        reach = min(radius, size - 1)
        padding = [reach, reach, 0, 0] if axis == 3 else [0, 0, reach, reach]
        padded = F.pad(x, padding, mode="circular") if wraps else F.pad(x, padding, value=-torch.inf)
        x = padded.unfold(axis, 2 * reach + 1, 1).amax(dim=-1)
    return x


def erode(x: torch.Tensor, amount: float, canvas: Canvas) -> torch.Tensor:
    """The smallest value within a radius of so many pixels of the layer (a square)."""
    return -dilate(-x, amount, canvas)


def threshold(x: torch.Tensor, amount: float, canvas: Canvas) -> torch.Tensor:
    """Two values a channel: the mean of what lies above its mean plus so many deviations, and the mean of the rest.

    The paper takes 1 and 0; keeping each channel's own levels leaves its mean as it was.
    """
    del canvas
    require_between("bend_amount (threshold: deviations from the mean)", amount, -MAX_DEVIATIONS, MAX_DEVIATIONS)
    axes = (2, 3)
    cut = x.mean(dim=axes, keepdim=True) + amount * x.std(dim=axes, keepdim=True, correction=0)
    above = (x > cut).to(x.dtype)
    share = above.mean(dim=axes, keepdim=True)
    high = (x * above).mean(dim=axes, keepdim=True) / share.clamp_min(1e-12)
    low = (x * (1.0 - above)).mean(dim=axes, keepdim=True) / (1.0 - share).clamp_min(1e-12)
    return torch.where(above > 0, high, low)


BENDS: dict[str, Callable[[torch.Tensor, float, Canvas], torch.Tensor]] = {
    "gain": gain,
    "invert": invert,
    "dilate": dilate,
    "erode": erode,
    "threshold": threshold,
}


def bend(
    features: FeatureMap, how: str, amount: float, *, channels: str = "all", mask: torch.Tensor | None = None
) -> FeatureMap:
    """Transform the values of a feature map; their positions stay.

    Args:
        features: Any.
        how: One of BENDS.
        amount: Its unit is the operation's: see each.
        channels: As of `select_channels`.
        mask: `[B or 1, 1, H, W]` in [0, 1]: where it applies.

    Returns:
        Features of the same canvas; the colours made so far (the RGB skip) stay.

    Raises:
        SoatError: An unknown operation, an amount out of its range, or channels that can't be read.
        FeatureError: A mask that doesn't fit.
    """
    require_choice("bend", how, tuple(BENDS))
    selected = select_channels(channels, features.activation.shape[1])
    if mask is not None:
        features = spread_over_mask(features, mask)
    x, canvas = features.activation, features.canvas
    bent = torch.where(selected.to(x.device), BENDS[how](x, amount, canvas), x)
    if mask is not None:
        inner = features.inner
        weight = resize_mask(mask, inner.height, inner.width, x.device)
        weight = with_margins(weight, *features.layer.margins(canvas)).to(x.dtype)
        bent = (1.0 - weight) * x + weight * bent
    return replace(features, activation=bent, untouched=False)
