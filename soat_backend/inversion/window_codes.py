"""The codes of a canvas's windows: searched where something of the picture is seen, invented elsewhere."""

from __future__ import annotations

from functools import cached_property

import torch

from ..generators import Generator
from ..latents.sampling import MAX_SEED, random_w
from ..latents.spaces import Space
from .code_search import CodeSearch, Watch
from .layout import Layout

# A window of which less than this is to be fitted is left to the generator: its code would be any.
_LEAST_SEEN = 1 / 16
# How far from the mean the shapes are that are invented: psi.
_INVENTED_PSI = 0.7


def seen_windows(masks: torch.Tensor, layout: Layout) -> torch.Tensor:
    """In which windows there is something to be fitted, `[B, count]` bool; in one of each picture at least.

    Args:
        masks: `[B, 1, H, W]` of the canvases' pictures, where likeness counts.
        layout: Of them.
    """
    shares = layout.windows(masks).mean((1, 2, 3)).view(-1, layout.count)
    return (shares >= _LEAST_SEEN) | (shares == shares.amax(1, keepdim=True))


class WindowCodes:
    """The search for the codes of some canvases' windows at once.

    Where nothing is seen, a random code's layers up to the base code make shapes, and those of the nearest window that
    was searched paint them: so what is invented has the picture's colours.

    Args:
        search: For the codes of the windows in which something is seen, picture by picture; not begun.
        layout: Of the canvases.
        seen: In which that is, `[pictures, count]` bool on the CPU.

    Attributes:
        generator: Of the search.
        space: Of the codes.
        painters: Of each picture and window, the number of the window by whose code it is painted, `[count]`: its own,
            where something is seen.
    """

    def __init__(self, search: CodeSearch, layout: Layout, seen: torch.Tensor) -> None:
        self.generator: Generator = search.generator
        self.space: Space = search.space
        self._search, self._layout = search, layout
        numbers = iter(range(int(seen.sum())))
        self._searched = [
            {window: next(numbers) for window in range(layout.count) if bool(own[window])} for own in seen
        ]
        self.painters = [
            torch.tensor([self._nearest(searched, each) for each in range(layout.count)], device="cpu")
            for searched in self._searched
        ]

    def run(self, watch: Watch) -> None:
        """Search them; a step of all of a picture's windows is one step. Raises as `watch`."""
        pictures, windows = len(self._searched), len(self._search.best)
        self._search.run(lambda done, picture, lpips: watch(done * pictures // windows, picture, lpips))

    @property
    def best(self) -> list[torch.Tensor]:
        """Of each picture, the codes that have been best so far, `[count, rows, D]`."""
        return [
            torch.cat([self._code(searched, window, painter) for window, painter in enumerate(painters.tolist())])
            for searched, painters in zip(self._searched, self.painters, strict=True)
        ]

    @property
    def endings(self) -> list[str]:
        """Of each picture, why there were no more steps."""
        return [self._search.endings[next(iter(searched.values()))] for searched in self._searched]

    @property
    def steps(self) -> list[int]:
        """Of each picture, the steps taken so far."""
        return [max(self._search.steps[number] for number in searched.values()) for searched in self._searched]

    def _code(self, searched: dict[int, int], window: int, painter: int) -> torch.Tensor:
        code = self._search.best[searched[painter]]
        if painter == window:
            return code
        return torch.where(self.space.counts_after(self._layout.layer), code, _INVENTED_PSI * self._invented[window])

    def _nearest(self, searched: dict[int, int], window: int) -> int:
        columns = len(self._layout.lefts)
        row, column = divmod(window, columns)
        return min(searched, key=lambda other: abs(row - other // columns) + abs(column - other % columns))

    @cached_property
    def _invented(self) -> list[torch.Tensor]:
        """A random code for each window, `[1, rows, D]`: the same in all pictures of a batch."""
        seed = (self._search.settings.seed + 1) % (MAX_SEED + 1)
        return list(self.space.of_w(random_w(self.generator, self._layout.count, seed)).split(1))
