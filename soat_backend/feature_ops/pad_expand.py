"""Make the canvas larger: pad it, or stretch the feature map to the larger size."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from ..support.errors import FeatureError, require_between, require_choice
from ..synthesis.edits import NO_MARGINS, Edit, Margins, apply_edit, fold, take, take_weight, with_edited_weight
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import begin_again, resolve_torgb

# Canvases beyond memory are more often a slip than meant; larger ones are made in steps.
MAX_PAD = 16.0
MAX_PIXELS = 2**30
CONTINUE = "continue"
MODES = ("reflect", "replicate", "circular", "zeros", "stretch", CONTINUE)


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

    def apply(self, x: torch.Tensor, resolution: int, margins: Margins = NO_MARGINS) -> torch.Tensor:
        """Grow x; in mode zeros what is new is zero."""
        rows, columns = self._axes(resolution, margins)
        y = take(x, rows.indices(self.mode), columns.indices(self.mode))
        if self.mode == "zeros":
            y = y * (rows.inside()[:, None] & columns.inside()[None, :]).to(y.device)
        return y

    def apply_to_weight(self, weight: torch.Tensor, resolution: int) -> torch.Tensor:
        """Grow a weight map; beside zeros the nearest branch goes on, since weights must sum to 1 there too."""
        rows, columns = self._axes(resolution, NO_MARGINS)
        return take_weight(weight, rows.indices(self.mode), columns.indices(self.mode))

    def _axes(self, resolution: int, margins: Margins) -> tuple[_Axis, _Axis]:
        lengths = (self.source_height, self.top, self.bottom), (self.source_width, self.left, self.right)
        rows, columns = (
            _Axis(
                round(source * resolution),
                round(before * resolution),
                round((source + before + after) * resolution),
                *each,
            )
            for (source, before, after), *each in zip(lengths, margins.before, margins.after, strict=True)
        )
        return rows, columns


@dataclass(frozen=True)
class _Axis:
    """One axis of a map that is padded, in pixels.

    Attributes:
        size: Before, without margins.
        offset: How far what is there moves.
        total: Afterwards, without margins.
        margin_before: Beyond each end, before.
        margin_after: The same afterwards.
    """

    size: int
    offset: int
    total: int
    margin_before: int
    margin_after: int

    def _positions(self) -> torch.Tensor:
        """Where each pixel afterwards would lie on the axis before, without margins."""
        places = torch.arange(-self.margin_after, self.total + self.margin_after, device="cpu")
        return places - self.offset

    def inside(self) -> torch.Tensor:
        """Which pixels afterwards were there before: a margin too, but where something new is put before it."""
        positions = self._positions()
        first = 0 if self.offset else -self.margin_before
        end = self.size if self.total > self.size + self.offset else self.size + self.margin_before
        return (positions >= first) & (positions < end)

    def indices(self, mode: str) -> torch.Tensor:
        """Which pixel before each pixel afterwards shows, both with their margins."""
        positions = self._positions()
        if mode == "stretch":
            places = positions + self.offset
            stretched = places * self.size // self.total
            beyond = places - self.total + self.size
            stretched = torch.where(places < 0, places, torch.where(places >= self.total, beyond, stretched))
            return stretched + self.margin_before
        new = fold(positions, self.size, mode)
        return torch.where(self.inside(), positions, new) + self.margin_before


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
            nearest neighbour. `continue` makes the map anew, on a canvas that much larger: what lies beyond the picture
            is what the generator has there.

    Returns:
        Features of a larger canvas; a side that was padded no longer wraps, one that was stretched still does.

    Raises:
        SoatError: A pad that is negative or larger than MAX_PAD, or an unknown mode.
        FeatureError: The picture would have more than MAX_PIXELS; or can't be continued.
    """
    require_choice("mode", mode, MODES)
    for side, pad in (("left", left), ("right", right), ("top", top), ("bottom", bottom)):
        require_between(side, pad, 0, MAX_PAD)
    canvas, resolution = features.inner, features.sampling_rate
    height, width = canvas.height / resolution, canvas.width / resolution
    # What is made anew has whole pixels from the first layer on.
    unit = features.generator.layers.start.sampling_rate if mode == CONTINUE else resolution
    edit = PadEdit(
        height,
        width,
        round(left * width * unit) / unit,
        round(right * width * unit) / unit,
        round(top * height * unit) / unit,
        round(bottom * height * unit) / unit,
        mode,
    )
    _check_size(features, edit)
    if not (edit.left or edit.right or edit.top or edit.bottom):
        return features
    padded_x, padded_y = bool(edit.left or edit.right), bool(edit.top or edit.bottom)
    if mode == CONTINUE:
        return _continued(features, edit, padded_y, padded_x)
    if mode == "zeros":
        features = resolve_torgb(features)
    padded = apply_edit(
        features,
        edit,
        wrap_y=features.wrap_y and (mode == "stretch" or not padded_y),
        wrap_x=features.wrap_x and (mode == "stretch" or not padded_x),
    )
    return padded.with_branches(lambda branch: branch.moved(edit.top, edit.left))


def _continued(features: FeatureMap, edit: PadEdit, padded_y: bool, padded_x: bool) -> FeatureMap:
    """The features made anew on the larger canvas."""
    if not features.generator.unbounded:
        raise FeatureError(
            f"{features.generator.name} begins with a learned map of one size, which doesn't go on beyond its edges (a "
            "StyleGAN3's Fourier features do). Choose another mode, such as reflect."
        )
    if not features.untouched:
        raise FeatureError(
            "The features were edited, and continuing makes them anew, which would undo it. Continue first and edit "
            f"afterwards, or cut the synthesis at {features.generator.layers.with_features[0].name}."
        )
    larger = replace(
        features, wrap_y=features.wrap_y and not padded_y, wrap_x=features.wrap_x and not padded_x
    ).with_branches(lambda branch: with_edited_weight(branch, edit).moved(edit.top, edit.left))
    height, width = edit.source_height + edit.top + edit.bottom, edit.source_width + edit.left + edit.right
    return begin_again(larger, height, width)
