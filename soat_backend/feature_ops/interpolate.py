"""Feature interpolation: two feature maps mixed at every layer from here on."""

from __future__ import annotations

from dataclasses import replace

import torch

from ..support.errors import FeatureError, require_between, require_choice
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import begin_again
from ..synthesis.weights import SHAPES, Alpha, Share, check_mask, with_margins
from .compatibility import check_combinable


def interpolate(
    a: FeatureMap,
    b: FeatureMap,
    alpha: float = 1.0,
    shape: str = "constant",
    first_layer: str = "b4.conv1",
    last_layer: str = "b1024.torgb",
    mask: torch.Tensor | None = None,
) -> FeatureMap:
    """Mix two feature maps here and at every layer of a range (Source: SOAT, section 3.2, eq. 1).

    `f_i = (1 - alpha_i) f_i^A + alpha_i f_i^B`, where the mixed map goes through A's and through B's layer and the
    results are mixed again. alpha_i = alpha x (mask if given, else shape) inside the range, 0 outside it.

    Fourier features are mixed so too: unlike those of neighbours (`stitch`), those of pictures at the same place have
    most of their phases in common, as they have all of them with themselves.

    Args:
        a: At some layer.
        b: At the same layer, of the same canvas; may come from another generator.
        alpha: B's share, 0 to 1.
        shape: `constant`, `left_to_right` or `top_to_bottom` (a ramp, computed anew at each layer).
        first_layer: First style layer of the range; if it lies beyond this layer, the activation stays A's.
        last_layer: Last, inclusive. After it only A's styles go on.
        mask: `[B or 1, 1, H, W]` in [0, 1], resized bilinearly to each layer.

    Raises:
        FeatureError: The two don't fit together.
    """
    require_between("alpha", alpha, 0, 1)
    require_choice("shape", shape, SHAPES)
    check_combinable(a, b)
    if a.canvas != b.canvas:
        raise FeatureError(
            f"The canvases differ: features_a is {_describe_canvas(a)}, features_b {_describe_canvas(b)}. "
            "Pad, stitch and wrap both alike before mixing them."
        )
    first, last = a.generator.layers.range(first_layer, last_layer)
    batch = max(a.batch, b.batch)
    if mask is not None:
        check_mask(mask, batch)
        batch = max(batch, mask.shape[0])
    anew = a.is_of_places and b.is_of_places
    a, b = (m.with_tensors(lambda x: x.expand(batch, -1, -1, -1)) for m in (a, b))
    share = Alpha(alpha, shape, first, last, None if mask is None else mask.cpu())
    weight = with_margins(share.at(a.grid), *a.layer.margins(a.canvas))
    branches = [replace(branch, weight=Share(branch.weight, share, complement=True)) for branch in a.branches]
    branches += [replace(branch, weight=Share(branch.weight, share, complement=False)) for branch in b.branches]
    mixed = replace(
        a,
        activation=_mix(a.activation, b.activation, weight),
        rgb_skip=None if a.rgb_skip is None or b.rgb_skip is None else _mix(a.rgb_skip, b.rgb_skip, weight),
        branches=tuple(branches),
        untouched=anew,
    )
    # Of one picture each, the map would come out the same; where several meet, how loud they are depends on all.
    if not anew or len({branch.frame for branch in branches}) == 1:
        return mixed
    return begin_again(mixed, mixed.inner.height / mixed.sampling_rate, mixed.inner.width / mixed.sampling_rate)


def _mix(a: torch.Tensor, b: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    return a.lerp(b.to(a.dtype), weight.to(a.device, a.dtype, non_blocking=True))


def _describe_canvas(features: FeatureMap) -> str:
    canvas = features.canvas
    wraps = [name for name, on in (("x", canvas.wrap_x), ("y", canvas.wrap_y)) if on]
    return f"{canvas.height} x {canvas.width}" + (f" wrapping in {' and '.join(wraps)}" if wraps else "")
