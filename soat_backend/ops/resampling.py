"""Where samples lie when a map is brought to a higher rate, filtered there and brought back: whole numbers only.

Sample j of n lies at `j * up + before` of what is filtered first, `before` being the border's width. Place m of
the higher rate is made of samples at `m ... m + up_taps - 1`, result i of `down_taps` places from `i * down` on.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..support.errors import SoatError

Border = tuple[int, int]
# Of both axes, or of x and of y.
Padding = Border | tuple[Border, Border]


class RateError(SoatError):
    """A map is too small for the filters it was to be taken through, or a filter isn't what it should be."""


@dataclass(frozen=True)
class Rates:
    """How a map is taken to a higher rate and back.

    Attributes:
        up: How many times the rate.
        down: How many times it is brought down after that.
        up_taps: Of the filter before, 1 if there is none.
        down_taps: Of the filter after, in one direction.
    """

    up: int
    down: int
    up_taps: int
    down_taps: int

    @staticmethod
    def of(up_filter: torch.Tensor | None, down_filter: torch.Tensor | None, up: int, down: int) -> Rates:
        """Those of a call.

        Raises:
            RateError: A filter for going up has two axes, or one for going down isn't square.
        """
        shapes = [() if each is None else tuple(each.shape) for each in (up_filter, down_filter)]
        if len(shapes[0]) > 1 or len(shapes[1]) > 2 or len(set(shapes[1])) > 1:
            raise RateError(
                f"Filters of {list(shapes[0])} and {list(shapes[1])} taps can't be applied: expected [taps] before the "
                "activation and [taps] or [taps, taps] after it. The model's file has others than StyleGAN3's.",
                shapes=shapes,
            )
        return Rates(up, down, *(shape[0] if shape else 1 for shape in shapes))

    def between(self, size: int, border: Border) -> int:
        """Places of the higher rate that are made of so many samples."""
        return size * self.up + sum(border) - self.up_taps + 1

    def results(self, size: int, border: Border) -> int:
        """How many results there are of so many samples.

        Raises:
            RateError: None.
        """
        count = (self.between(size, border) - self.down_taps + self.down) // self.down
        if count < 1:
            raise RateError(
                f"{size} samples at {self.up} times their rate, with borders of {border[0]} and {border[1]}, are fewer "
                f"than filters of {self.up_taps} and {self.down_taps} taps need to make one. Take a larger window.",
                size=size,
                border=border,
            )
        return count

    def samples(self, first: int, count: int, before: int, size: int | None = None) -> tuple[tuple[int, int], Border]:
        """What a window of the results is made of, and the borders that make just this of it.

        Args:
            first: The window's first result.
            count: How many results it has.
            before: The whole map's border before its first sample.
            size: How many samples the whole map has, beyond which there are zeros that the window's borders make; None
                on an axis that wraps, where samples from -1 down and from the size up are those of the other side.

        Returns:
            The first sample and how many; the borders for a map of only these.
        """
        start = first * self.down
        length = (count - 1) * self.down + self.down_taps + self.up_taps - 1
        begin, end = -((before - start) // self.up), (start + length - 1 - before) // self.up + 1
        if size is not None:
            begin = min(max(begin, 0), size - 1)
            end = min(max(end, begin + 1), size)
        low = before - start + begin * self.up
        return (begin, end - begin), (low, length - (end - begin) * self.up - low)


def borders(padding: Padding) -> tuple[Border, Border]:
    """Of x and of y."""
    if isinstance(padding[0], tuple):
        return padding
    return padding, padding
