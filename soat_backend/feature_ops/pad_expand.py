"""Make the canvas larger: pad it, or stretch the feature map to the larger size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ..support.errors import FeatureError, require_between, require_choice
from ..synthesis.edits import Edit, apply_edit, fold, take, take_weight
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import resolve_torgb

# Canvases beyond memory are more often a slip than meant; larger ones are made in steps.
MAX_PAD = 16.0
MAX_PIXELS = 2**30
MODES = ("reflect", "replicate", "circular", "zeros", "stretch")


@dataclass(frozen=True)
class PadEdit(Edit):
    """Padding on each side, in lengths as of `Layer`; what comes there is decided by the mode."""

    source_height: float
    source_width: float
    left: float
    right: float
    top: float
    bottom: float
    mode: str

    def apply(self, x: torch.Tensor, resolution: int) -> torch.Tensor:
        """Grow x; in mode zeros what is new is zero."""
        rows, columns = self._indices(resolution)
        y = take(x, rows, columns)
        if self.mode == "zeros":
            inside_rows = self._inside(self.source_height, self.top, self.bottom, resolution)
            inside_columns = self._inside(self.source_width, self.left, self.right, resolution)
            y = y * (inside_rows[:, None] & inside_columns[None, :]).to(y.device)
        return y

    def apply_to_weight(self, weight: torch.Tensor, resolution: int) -> torch.Tensor:
        """Grow a weight map; beside zeros the nearest branch goes on, since weights must sum to 1 there too."""
        return take_weight(weight, *self._indices(resolution))

    def _indices(self, resolution: int) -> tuple[torch.Tensor, torch.Tensor]:
        return (
            _source_indices(self.source_height, self.top, self.bottom, resolution, self.mode),
            _source_indices(self.source_width, self.left, self.right, resolution, self.mode),
        )

    @staticmethod
    def _inside(source: float, before: float, after: float, resolution: int) -> torch.Tensor:
        total = round((source + before + after) * resolution)
        position = torch.arange(total, device="cpu") - round(before * resolution)
        return (position >= 0) & (position < round(source * resolution))


def _source_indices(source: float, before: float, after: float, resolution: int, mode: str) -> torch.Tensor:
    """Which source pixel each pixel of a padded axis shows."""
    size, total = round(source * resolution), round((source + before + after) * resolution)
    if mode == "stretch":
        return torch.arange(total, device="cpu") * size // total
    return fold(torch.arange(total, device="cpu") - round(before * resolution), size, mode)


def _check_size(features: FeatureMap, edit: PadEdit) -> None:
    height = edit.source_height + edit.top + edit.bottom
    width = edit.source_width + edit.left + edit.right
    side = features.generator.layers.last.sampling_rate
    pixels = round(height * side) * round(width * side)
    if pixels > MAX_PIXELS:
        raise FeatureError(
            f"The picture would have {round(height * side)} x {round(width * side)} pixels, more than the {MAX_PIXELS} "
            "that can be made at once. Pad less, or undo an earlier pad."
        )


def pad_expand(
    features: FeatureMap,
    left: float = 0.5,
    right: float = 0.5,
    top: float = 0.0,
    bottom: float = 0.0,
    mode: str = "reflect",
) -> FeatureMap:
    """Pad or stretch a feature map, so that the picture grows (Source: SOAT, section 3.1).

    The branches' pictures keep their noise where they lie; what is new has the noise field's.

    Args:
        features: Any.
        left: Padding as a fraction of the canvas's width, rounded to pixels of the layer; 0 to MAX_PAD.
        right: The same at the right.
        top: Padding as a fraction of the canvas's height; >= 0.
        bottom: The same below.
        mode: One of MODES. `reflect` and `circular` repeat if the pad is wider than the canvas. `zeros` adds the
            block's torgb first, so that the skip is zero outside as well. `stretch` resizes to the same total size by
            nearest neighbour.

    Returns:
        Features of a larger canvas; a side that was padded no longer wraps, one that was stretched still does.

    Raises:
        SoatError: A pad that is negative or larger than MAX_PAD, or an unknown mode.
        FeatureError: The picture would have more than MAX_PIXELS.
    """
    require_choice("mode", mode, MODES)
    for side, pad in (("left", left), ("right", right), ("top", top), ("bottom", bottom)):
        require_between(side, pad, 0, MAX_PAD)
    canvas, resolution = features.canvas, features.sampling_rate
    edit = PadEdit(
        canvas.height / resolution,
        canvas.width / resolution,
        round(left * canvas.width) / resolution,
        round(right * canvas.width) / resolution,
        round(top * canvas.height) / resolution,
        round(bottom * canvas.height) / resolution,
        mode,
    )
    _check_size(features, edit)
    if not (edit.left or edit.right or edit.top or edit.bottom):
        return features
    if mode == "zeros":
        features = resolve_torgb(features)
    padded = apply_edit(features, edit)
    padded = padded.with_branches(lambda branch: replace(branch, noise=branch.noise.moved(edit.top, edit.left)))
    return replace(
        padded,
        wrap_x=features.wrap_x and (mode == "stretch" or not (edit.left or edit.right)),
        wrap_y=features.wrap_y and (mode == "stretch" or not (edit.top or edit.bottom)),
    )
