"""A part of a feature map with all that belongs to it. What tiled rendering is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ..geometry.canvas import Window, meet
from .edits import NO_MARGINS, Edit, Margins, apply_edit, take, take_weight
from .feature_map import FeatureMap
from .weights import Weight

# Pixels by which weights' ends may be rounded at any layer to come.
_ROUNDING = 2


@dataclass(frozen=True)
class CropEdit(Edit):
    """A window of the canvas in lengths as of `Layer`; where the canvas wraps it may reach over the edges."""

    source_height: float
    source_width: float
    top: float
    left: float
    height: float
    width: float

    def apply(self, x: torch.Tensor, resolution: int, margins: Margins = NO_MARGINS) -> torch.Tensor:
        """Cut the window out of a map at one layer's size, with its margins."""
        return take(x, *self._indices(resolution, margins))

    def apply_to_weight(self, weight: torch.Tensor, resolution: int) -> torch.Tensor:
        """Cut the window out of a weight map."""
        return take_weight(weight, *self._indices(resolution, NO_MARGINS))

    def _indices(self, resolution: int, margins: Margins) -> tuple[torch.Tensor, torch.Tensor]:
        """Rows and columns of the window."""
        sides = (self.top, self.height, self.source_height), (self.left, self.width, self.source_width)
        rows, columns = (
            (
                torch.arange(round(start * resolution) - own, round((start + length) * resolution) + own, device="cpu")
                + has
            )
            % (round(source * resolution) + 2 * has)
            for (start, length, source), has, own in zip(sides, margins.before, margins.after, strict=True)
        )
        return rows, columns


def crop(features: FeatureMap, window: Window) -> FeatureMap:
    """Cut a window out of a feature map; its noise and weights stay those of the whole canvas.

    Args:
        features: Any.
        window: In pixels of the features' layer, from the canvas's top and left, margins not counted. On an axis that
            wraps it may start before 0 and end past the edge; otherwise it must lie inside. The margins come along.

    Returns:
        Features of a canvas that doesn't wrap.
    """
    canvas, resolution = features.inner, features.sampling_rate
    in_pixels = (canvas.height, canvas.width, window.top, window.left, window.height, window.width)
    edit = CropEdit(*(number / resolution for number in in_pixels))
    period_y = edit.source_height if canvas.wrap_y else None
    period_x = edit.source_width if canvas.wrap_x else None
    counting = tuple(
        branch for branch in features.branches if _counts(branch.weight, edit, period_y, period_x, resolution)
    )
    cropped = apply_edit(replace(features, branches=counting), edit, wrap_y=False, wrap_x=False)
    return cropped.with_branches(lambda branch: branch.moved(-edit.top, -edit.left).periodic(period_y, period_x))


def _counts(weight: Weight, edit: CropEdit, period_y: float | None, period_x: float | None, resolution: int) -> bool:
    """Whether a branch may count inside a window: a tile of a long panorama asks a few of its branches only."""
    margin = _ROUNDING / resolution
    for axis, start, length, period in ((2, edit.top, edit.height, period_y), (3, edit.left, edit.width, period_x)):
        reach = weight.reach(axis)
        if reach and not meet((reach[0] - margin, reach[1] + margin), (start, start + length), period):
            return False
    return True
