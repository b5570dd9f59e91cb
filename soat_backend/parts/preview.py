"""A direction in pictures: what it makes of a code, there and back."""

from __future__ import annotations

import torch

from ..generators import Generator
from ..latents import Direction, Latent, concatenate, edit, select, to_styles
from ..perceptual.lpips import LARGEST_SIDE
from ..synthesis.coarse import coarse_layer, shrunk
from ..synthesis.loop import begin, resolve_torgb, synthesize
from ..synthesis.noise import NoiseField

SHOWN = (-3.0, 0.0, 3.0)


@torch.no_grad()
def strip(
    generator: Generator, latent: Latent, direction: Direction, first_layer: str, last_layer: str
) -> torch.Tensor:
    """A batch's first picture, moved by each of SHOWN: `[3, img_channels, h, w]`, about -1..1, on the CPU.

    Of LARGEST_SIDE pixels at most; of larger pictures what the layers up to that size paint, where these make colours.
    """
    code = select(latent, [0])
    moved = concatenate([edit(generator, code, direction, each, first_layer, last_layer) for each in SHOWN])
    features = begin(generator, to_styles(generator, moved), NoiseField("const"))
    features = synthesize(features, coarse_layer(generator, LARGEST_SIDE))
    return shrunk(resolve_torgb(features).picture, LARGEST_SIDE).cpu()
