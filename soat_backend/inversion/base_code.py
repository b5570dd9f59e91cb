"""The base code: the feature map at a layer, and the colours so far, as something that is searched.

Source: Kang et al. 2021, GAN Inversion for Out-of-Range Images with Geometric Transformations. There a trained encoder
makes the first map, and what keeps it usual is the distance to that; here what the found code makes is both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from ..generators import Generator
from ..generators.layers import Layer
from ..latents.sampling import random_w
from ..synthesis.feature_map import FeatureMap
from ..synthesis.loop import begin, synthesize
from ..synthesis.noise import NoiseField
from ..synthesis.weights import with_margins
from .settings import CANDIDATES_AT_ONCE

# Random pictures by which maps are counted in deviations.
_SAMPLES = 64
_SMALLEST_DEVIATION = 1e-4
# Samples over which changes of a map fade out beyond what is to be fitted.
_FADING = 2


@dataclass(frozen=True)
class Deviations:
    """The standard deviations of random codes' maps at a layer, over pictures and places.

    Attributes:
        activation: `[1, C, 1, 1]`.
        rgb_skip: `[1, img_channels, 1, 1]`; None where no layer has made colours yet.
    """

    activation: torch.Tensor
    rgb_skip: torch.Tensor | None


@torch.no_grad()
def deviations(generator: Generator, layer: Layer) -> Deviations:
    """Of random codes' maps after a layer of a generator."""
    w = random_w(generator, _SAMPLES, 0)[:, None].expand(-1, generator.layers.num_ws, -1)
    maps = [features_of(generator, generator.styles(some), layer) for some in w.split(CANDIDATES_AT_ONCE)]
    skips = [each.rgb_skip for each in maps if each.rgb_skip is not None and bool(each.rgb_skip.any())]
    return Deviations(_deviation([each.activation for each in maps]), _deviation(skips) if skips else None)


def features_of(generator: Generator, styles: Sequence[torch.Tensor], layer: Layer) -> FeatureMap:
    """What styles make up to a layer, with the generator's constant noise."""
    return synthesize(begin(generator, tuple(styles), NoiseField("const")), layer)


def _deviation(maps: list[torch.Tensor]) -> torch.Tensor:
    values = torch.cat(maps).transpose(0, 1).flatten(1)
    return values.std(1).clamp_min(_SMALLEST_DEVIATION)[None, :, None, None]


def reach_of(mask: torch.Tensor, features: FeatureMap) -> torch.Tensor:
    """How much each place of a map may change, `[1, 1, h, w]` in 0..1: all where something is to be fitted.

    Elsewhere it stays what the generator makes of it, and so that there is no edge, what is changed fades out over some
    samples. Without this, a descent whose steps don't depend on how much a place matters would change all of it.

    Args:
        mask: `[1, 1, H, W]` of the picture, where likeness counts.
        features: The map.
    """
    inner = features.inner
    counts = F.adaptive_max_pool2d((mask > 0).to(mask.dtype), (inner.height, inner.width))
    reach = counts
    for _ in range(_FADING):
        reach = F.avg_pool2d(F.pad(reach, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return with_margins(torch.maximum(counts, reach), *features.layer.margins(features.canvas))


def together(maps: Sequence[FeatureMap]) -> FeatureMap:
    """Maps of one layer and canvas, whose branches are alike, as one batch."""
    first = maps[0]
    branches = tuple(
        replace(
            branch, styles=tuple(map(torch.cat, zip(*(each.branches[number].styles for each in maps), strict=True)))
        )
        for number, branch in enumerate(first.branches)
    )
    skips = [each.rgb_skip for each in maps if each.rgb_skip is not None]
    activation = torch.cat([each.activation for each in maps])
    return replace(first, activation=activation, rgb_skip=torch.cat(skips) if skips else None, branches=branches)


class BaseCode:
    """Maps that begin as what codes make at a layer, and are changed from there.

    Args:
        anchors: Of each picture, what its codes make at the layer, a batch of one. All are of one canvas, with
            branches alike.
        deviations: At that layer.
        pace: How fast a map changes beside a code, both in deviations.
        reaches: Of each picture, how much of that its places may change, as of `reach_of`.

    Attributes:
        unknowns: Of each picture, what is changed: of the activation and of the colours.
    """

    def __init__(
        self, anchors: Sequence[FeatureMap], deviations: Deviations, pace: float, reaches: Sequence[torch.Tensor]
    ) -> None:
        self.anchors, self.deviations = list(anchors), deviations
        self._paces = [pace * reach for reach in reaches]
        self.unknowns = [
            [
                torch.zeros_like(each)
                for each, deviation in (
                    (anchor.activation, deviations.activation),
                    (anchor.rgb_skip, deviations.rgb_skip),
                )
                if each is not None and deviation is not None
            ]
            for anchor in self.anchors
        ]

    def features(self, indices: list[int], styles: Sequence[torch.Tensor]) -> FeatureMap:
        """The maps of some pictures as one batch, to go on with.

        Args:
            indices: Their numbers.
            styles: For the layers to come, `[pictures * branches, C_in]` each, those of a picture's branches one after
                the other.
        """
        first = self.anchors[indices[0]]
        count = len(first.branches)
        branches = tuple(
            replace(branch, styles=tuple(style[number::count] for style in styles))
            for number, branch in enumerate(first.branches)
        )
        moved = self.deviations.activation * self._offsets(indices, 0)
        activation = torch.cat([self.anchors[index].activation for index in indices]) + moved
        skips = [each for each in (self.anchors[index].rgb_skip for index in indices) if each is not None]
        skip = torch.cat(skips) if skips else None
        if skip is not None and self.deviations.rgb_skip is not None:
            skip = skip + self.deviations.rgb_skip * self._offsets(indices, 1)
        return replace(first, activation=activation, rgb_skip=skip, branches=branches, untouched=False)

    def squared_offset(self, indices: list[int]) -> torch.Tensor:
        """How far the maps of some pictures are from what their codes made: mean squares in deviations, `[pictures]`.

        The colours' mean counts as much as the activation's.
        """
        parts = range(len(self.unknowns[0]))
        return torch.stack([self._offsets(indices, part).square().mean((1, 2, 3)) for part in parts]).sum(0)

    def _offsets(self, indices: list[int], part: int) -> torch.Tensor:
        return torch.cat([self._paces[index] * self.unknowns[index][part] for index in indices])
