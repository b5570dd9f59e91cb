"""Pictures as the search looks at them: of a bounded size, a part apart from the rest, through the network of LPIPS."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from ..generators import Generator
from ..optimise import synthesize_differentiably
from ..perceptual import load_alexnet, perceive
from ..perceptual.lpips import LARGEST_SIDE
from ..synthesis.coarse import coarse_layer, shrunk, shrunk_size
from ..synthesis.colours import as_rgb
from ..synthesis.loop import begin, resolve_torgb
from ..synthesis.noise import NoiseField
from ..synthesis.weights import resize_mask


class View:
    """What a search sees of a generator's pictures: vectors whose squared differences are LPIPS, per place of a part.

    A part's change is that of a picture of which only this part has changed: what the network sees of a place reaches
    far around it, and of two whole pictures no part of what it sees would be the part's alone.

    Of a picture larger than LARGEST_SIDE it is what the layers up to that size paint, where these make colours; else
    all of it, averaged down.

    Args:
        generator: In float32, on the device to work on.
        mask: `[1, 1, h, w]` in 0..1, of any size: the part.

    Attributes:
        part: The mask of the pictures' size, `[1, 1, H, W]`.
        rest: What it leaves over.
    """

    def __init__(self, generator: Generator, mask: torch.Tensor) -> None:
        self.generator = generator
        self._network = load_alexnet().to(generator.device)
        self._last = coarse_layer(generator, LARGEST_SIDE)
        self.part = _resized(mask, *self.size).to(generator.device)
        self.rest = 1.0 - self.part

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the pictures that are looked at."""
        height, width = (self._last.samples(length) for length in self.generator.picture)
        return shrunk_size(height, width, LARGEST_SIDE)

    def pictures(self, styles: Sequence[torch.Tensor]) -> torch.Tensor:
        """What styles, one `[B, C_in]` a layer, give, differentiable: RGB `[B, 3, H, W]`, about -1..1."""
        features = begin(self.generator, tuple(styles), NoiseField("const"))
        return shrunk(as_rgb(resolve_torgb(synthesize_differentiably(features, self._last)).picture), LARGEST_SIDE)

    def seen(self, before: torch.Tensor, after: torch.Tensor, where: torch.Tensor) -> torch.Tensor:
        """What the network makes of pictures that have changed in one place only, differentiable.

        Args:
            before: `[B or 1, 3, H, W]`.
            after: `[B, 3, H, W]`.
            where: `part` or `rest`.

        Returns:
            `[B, N]`: squared distances between them are LPIPS, divided by the share that the place has of the picture.
        """
        maps = perceive(self._network, before.lerp(after, where))
        rows = [each.flatten(1) / (each.shape[2] * each.shape[3]) ** 0.5 for each in maps]
        return torch.cat(rows, dim=1) / where.mean().sqrt()


def _resized(mask: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """A mask of a picture's size, on the CPU. Of a larger one every pixel counts."""
    mask = mask.float().cpu().clone()
    if mask.shape[2] >= height and mask.shape[3] >= width:
        mask = F.interpolate(mask, size=(height, width), mode="area")
    return resize_mask(mask, height, width, mask.device).clamp(0.0, 1.0)
