"""Generation from a single image: copy a soft region of a feature map to another place of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ..support.errors import require_between
from ..synthesis.edits import NO_MARGINS, Edit, Margins, apply_edit, spread_over_mask
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import resolve_torgb
from ..synthesis.weights import resize_mask, with_margins
from .regions import MIDDLE, Region

# Further than the whole canvas is the same as the whole canvas, or once more around it.
MAX_SHIFT = 16.0


@dataclass(frozen=True, eq=False)
class ShiftEdit(Edit):
    """`f <- Shift(1 - alpha) f + Shift(alpha f)`; where nothing arrives, f stays."""

    source_height: float
    source_width: float
    down: float
    right: float
    region: Region | torch.Tensor
    wrap_y: bool
    wrap_x: bool

    def apply(self, x: torch.Tensor, resolution: int, margins: Margins = NO_MARGINS) -> torch.Tensor:
        """Copy the region to its new place, at one layer's size; where it meets an edge, its margin comes along."""
        height, width = round(self.source_height * resolution), round(self.source_width * resolution)
        if isinstance(self.region, Region):
            alpha = self.region.mask(height, width, x.device)
        else:
            alpha = resize_mask(self.region, height, width, x.device)
        alpha = with_margins(alpha, *margins.before).to(x.dtype)
        down, right = round(self.down * resolution), round(self.right * resolution)
        x = x.expand(-1, -1, *alpha.shape[2:])
        return (1.0 - self._shift(alpha, down, right)) * x + self._shift(alpha * x, down, right)

    def _shift(self, x: torch.Tensor, down: int, right: int) -> torch.Tensor:
        return _shift_axis(_shift_axis(x, 2, down, self.wrap_y), 3, right, self.wrap_x)


def _shift_axis(x: torch.Tensor, axis: int, offset: int, wraps: bool) -> torch.Tensor:
    size = x.shape[axis]
    if not wraps and abs(offset) >= size:
        return torch.zeros_like(x)
    shifted = torch.roll(x, offset, axis)
    if not wraps and offset:
        emptied = shifted.narrow(axis, 0 if offset > 0 else size + offset, abs(offset))
        emptied.zero_()
    return shifted


def shift_blend(
    features: FeatureMap,
    shift_x: float = 0.25,
    shift_y: float = 0.0,
    region: Region | torch.Tensor = MIDDLE,
    *,
    wrap: bool = False,
    edit_rgb_skip: bool = True,
) -> FeatureMap:
    """Copy a soft region to another place of the same feature map (Source: SOAT, section 3.3).

    Args:
        features: Any.
        shift_x: To the right, as a fraction of the canvas's width, rounded to pixels of the layer. A shift by the
            whole canvas or more moves everything out of it, so that nothing changes, unless it wraps.
        shift_y: Down, as a fraction of its height.
        region: A box, or a mask `[B or 1, 1, H, W]` in [0, 1], resized bilinearly to each layer.
        wrap: Whether what leaves at one side comes in at the other; always so where the canvas wraps.
        edit_rgb_skip: False keeps the colours of the unedited map: its pending torgb is added first, and the skip
            isn't moved.

    Returns:
        Features of the same canvas. Noise stays where it is.

    Raises:
        SoatError: A shift or region out of range.
        FeatureError: A mask of another batch size, or with values outside [0, 1].
    """
    for name, shift in (("shift_x", shift_x), ("shift_y", shift_y)):
        require_between(name, shift, -MAX_SHIFT, MAX_SHIFT)
    if isinstance(region, torch.Tensor):
        features = spread_over_mask(features, region)
    canvas, resolution = features.inner, features.sampling_rate
    edit = ShiftEdit(
        canvas.height / resolution,
        canvas.width / resolution,
        round(shift_y * canvas.height) / resolution,
        round(shift_x * canvas.width) / resolution,
        region,
        wrap or canvas.wrap_y,
        wrap or canvas.wrap_x,
    )
    if edit_rgb_skip:
        return apply_edit(features, edit)
    resolved = resolve_torgb(features)
    return replace(apply_edit(resolved, edit), rgb_skip=resolved.rgb_skip)
