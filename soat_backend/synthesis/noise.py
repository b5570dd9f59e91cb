"""Noise as a field over the canvas: the same place has the same noise, whatever is padded or stitched around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from ..generators.layers import Layer
from ..geometry.canvas import Canvas, Window, meet
from ..support.errors import require_choice

NOISE_MODES = ("const", "random", "none")


@dataclass(frozen=True)
class NoiseField:
    """The noise one branch adds after each convolution.

    Attributes:
        mode: `const`: the model's own buffers inside the canvas's pictures, the seeded field around them. `random`: the
            seeded field everywhere, another for each item of a batch (item k has seed + k). `none`: nothing.
        seed: Of the field.
        top: Where the field's origin lies on the canvas, from its top, a length as of `Layer` like all others here.
        left: The same from the canvas's left.
        period_y: Height after which the field repeats, for a part cut out of a canvas that wraps.
        period_x: The same across.
        pictures: Where the canvas's pictures begin, from the origin down and to the right. All branches of a stitched
            canvas have all of them, so that where two are blended both add the same noise: of different noise a blend
            would only leave a part, and every seam would show as a smooth stripe.
    """

    mode: str = "const"
    seed: int = 0
    top: float = 0.0
    left: float = 0.0
    period_y: float | None = None
    period_x: float | None = None
    pictures: tuple[tuple[float, float], ...] = ((0.0, 0.0),)

    def __post_init__(self) -> None:
        require_choice("noise_mode", self.mode, NOISE_MODES)

    def moved(self, down: float, right: float) -> NoiseField:
        """The same field after all of it moved on its canvas."""
        return replace(self, top=self.top + down, left=self.left + right)

    def periodic(self, period_y: float | None, period_x: float | None) -> NoiseField:
        """The same field repeating after a length; None leaves an axis as it is."""
        return replace(self, period_y=period_y or self.period_y, period_x=period_x or self.period_x)

    def places(self) -> list[tuple[float, float]]:
        """Where the pictures begin on the canvas, from its top and left."""
        return [(self.top + down, self.left + right) for down, right in self.pictures]

    def sharing(self, origin: NoiseField, places: Iterable[tuple[float, float]]) -> NoiseField:
        """The same kind of noise on a canvas of several pictures, with one field for all of them.

        Args:
            origin: Whose field to take.
            places: Where the pictures begin on the canvas.
        """
        pictures = tuple((top - origin.top, left - origin.left) for top, left in places)
        return replace(self, seed=origin.seed, top=origin.top, left=origin.left, pictures=pictures)

    def _pictures_in(
        self, window: Window, size: torch.Size, resolution: int, period_y: int, period_x: int
    ) -> Iterator[tuple[float, float]]:
        """The pictures, of a size in pixels, that a window shows something of: a few of a long panorama's."""
        tall = _stretch(window.top, window.height, self.top, resolution)
        wide = _stretch(window.left, window.width, self.left, resolution)
        height, width = (side / resolution for side in size)
        for down, right in self.pictures:
            if meet((down, down + height), tall, period_y / resolution or None) and meet(
                (right, right + width), wide, period_x / resolution or None
            ):
                yield down, right

    def sample(
        self, layer: Layer, noise_const: torch.Tensor, canvas: Canvas, window: Window, batch: int
    ) -> torch.Tensor | None:
        """The noise of a window of the canvas at one layer.

        Args:
            layer: A convolution.
            noise_const: The model's buffer there, `[h, w]` of its picture's size.
            canvas: At this layer.
            window: Of that canvas.
            batch: Items to make noise for.

        Returns:
            `[1 or batch, 1, window.height, window.width]` float32 on noise_const's device, or None for no noise.
        """
        if self.mode == "none":
            return None
        period_y = canvas.height if canvas.wrap_y else round((self.period_y or 0.0) * layer.sampling_rate)
        period_x = canvas.width if canvas.wrap_x else round((self.period_x or 0.0) * layer.sampling_rate)
        rows = _positions(window.rows(canvas), self.top, period_y, layer.sampling_rate)
        columns = _positions(window.columns(canvas), self.left, period_x, layer.sampling_rate)
        if self.mode == "random":
            seeds = range(self.seed, self.seed + batch)
            fields = [field(seed, layer.style_index, rows.numpy(), columns.numpy()) for seed in seeds]
            return torch.from_numpy(np.stack(fields))[:, None].to(noise_const.device, non_blocking=True)
        buffer, device = noise_const.float(), noise_const.device
        pieces = [
            (own_rows, own_columns, buffer[from_rows, from_columns])
            for down, right in self._pictures_in(window, buffer.shape, layer.sampling_rate, period_y, period_x)
            for own_rows, from_rows in _runs(rows - round(down * layer.sampling_rate), period_y, buffer.shape[0])
            for own_columns, from_columns in _runs(
                columns - round(right * layer.sampling_rate), period_x, buffer.shape[1]
            )
        ]
        if len(pieces) == 1 and pieces[0][2].shape == (len(rows), len(columns)):
            return pieces[0][2][None, None]
        values = torch.empty(len(rows), len(columns), dtype=torch.float32, device=device)
        covered = torch.zeros(len(rows), len(columns), dtype=torch.bool, device="cpu")
        for own_rows, own_columns, part in pieces:
            values[own_rows, own_columns] = part
            covered[own_rows, own_columns] = True
        if not covered.all():
            around = field(self.seed, layer.style_index, rows.numpy(), columns.numpy())
            outside = torch.from_numpy(around).to(device, non_blocking=True)
            values = torch.where(covered.to(device, non_blocking=True), values, outside)
        return values[None, None]


def _stretch(start: int, length: int, origin: float, resolution: int) -> tuple[float, float]:
    """The interval of an axis that pixels cover, from the field's origin, with one more for rounding."""
    return (start - 1) / resolution - origin, (start + length + 1) / resolution - origin


def _runs(positions: torch.Tensor, period: int, side: int) -> list[tuple[slice, slice]]:
    """Where positions from a picture's corner run through it: which of them, and its rows or columns there."""
    positions = positions % period if period else positions
    places = ((positions >= 0) & (positions < side)).nonzero().flatten()
    inside = positions[places]
    jumps = ((places.diff() != 1) | (inside.diff() != 1)).nonzero().flatten() + 1
    runs = zip(places.tensor_split(jumps), inside.tensor_split(jumps), strict=True)
    return [(_stretch_of(own), _stretch_of(theirs)) for own, theirs in runs if len(own)]


def _stretch_of(run: torch.Tensor) -> slice:
    return slice(int(run[0]), int(run[-1]) + 1)


def _positions(canvas_positions: torch.Tensor, origin: float, period: int, resolution: int) -> torch.Tensor:
    """Positions from the field's origin, folded where the canvas repeats."""
    positions = canvas_positions - round(origin * resolution)
    return positions % period if period else positions


def field(seed: int, layer_index: int, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Standard normal noise as a pure function of (seed, layer, y, x), the same on every machine and device.

    A 64-bit mixing function (Source: Steele et al. 2014, SplitMix) of the position gives two uniforms, Box and Muller's
    transform of these a normal.

    Args:
        seed: Any integer.
        layer_index: Index of the layer in style space.
        rows: y positions `[H]`, any integers.
        columns: x positions `[W]`, any integers.

    Returns:
        `[H, W]` float32.
    """
    with np.errstate(over="ignore"):
        key = _mix(np.uint64(seed & (2**64 - 1)) ^ _mix(np.uint64(layer_index + 1)))
        lines = _mix(rows.astype(np.int64).view(np.uint64) + key)[:, None]
        bits = _mix(columns.astype(np.int64).view(np.uint64)[None, :] ^ lines)
    first = ((bits >> np.uint64(32)).astype(np.float64) + 0.5) * 2.0**-32  # in (0, 1)
    second = (bits & np.uint64(2**32 - 1)).astype(np.float64) * 2.0**-32
    return (np.sqrt(-2.0 * np.log(first)) * np.cos(2.0 * np.pi * second)).astype(np.float32)


def _mix(value: Any) -> Any:
    """The mixing function, of one np.uint64 or an array of them."""
    value = value + np.uint64(0x9E3779B97F4A7C15)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))
