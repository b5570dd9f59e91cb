"""Takes the lines off the edges of a finished generator's pictures.

Beyond an edge convolutions see zeros, and so does the filter that upsamples the skip: of a generator that was grown,
the outermost row is a quarter nearer to grey until the new block has learnt better. A discriminator hardly sees so few
pixels, so lines stay. Here the generator is its own teacher: of a coarse layer's map, reflected, its later blocks draw
a larger picture, whose middle has no such edges. They learn to draw that without what lies around it. Mapping and
affines stay, bit for bit, and with them style space and the siblings that share it.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable

import torch

from ..feature_ops.pad_expand import pad_expand
from ..generators import Generator
from ..synthesis.loop import begin, synthesize
from ..synthesis.noise import NoiseField
from .freeze import Freeze, apply_freeze
from .options import TrainingError
from .trained_networks import generate, require_stylegan2, require_trainable

IMAGES, LEARNING_RATE, BATCH = 8_000, 0.003, 4
# The layers after this part of the resolution learn; its own map is reflected, by so many pixels of it.
_REFLECTED, _PAD = 4, 4
# So many rows and columns of each side count once more, as much as the whole picture.
_OUTERMOST = 6
_NO_NOISE = NoiseField("none")
# Of the steps; then the learning rate falls to zero.
_DECAY_FROM = 0.5


def settle_edges(
    generator: Generator,
    images: int = IMAGES,
    learning_rate: float = LEARNING_RATE,
    seed: int = 0,
    watch: Callable[[int, float], None] = lambda images, difference: None,
) -> Generator:
    """A generator whose pictures are the same but for their outermost pixels, which go on as the picture does.

    Args:
        generator: A finished StyleGAN2 of at least 32 px; it stays as it is.
        images: How many pictures it learns from, BATCH at each step of Adam.
        learning_rate: Of the first half; then it falls to zero.
        seed: Of the pictures.
        watch: Told after each step how many pictures it was, and how far the outermost pixels were from what they are
            to be, in 0..255.

    Returns:
        A new generator in float32, on the same device.

    Raises:
        TrainingError: Of this generator nothing can be learnt here.
    """
    require_stylegan2(generator)
    require_trainable(generator)
    if generator.config.img_resolution < 32:
        raise TrainingError(
            f"{generator.name} makes pictures of {generator.config.img_resolution} px: lines at edges are taken off "
            "pictures of 32 px and more."
        )
    if not (math.isfinite(learning_rate) and learning_rate > 0.0):
        raise TrainingError(f"--learning-rate must be above 0, got {learning_rate}.", learning_rate=learning_rate)
    teacher = copy.deepcopy(generator).float().requires_grad_(False)
    pupil = copy.deepcopy(teacher)
    coarse = generator.config.img_resolution // _REFLECTED
    apply_freeze(pupil, Freeze(mapping=True, affines=True, blocks=coarse))
    optimiser = torch.optim.Adam([each for each in pupil.parameters() if each.requires_grad], betas=(0.9, 0.99))
    random = torch.Generator().manual_seed(seed)
    steps = -(-images // BATCH)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * min(1.0, (1.0 - step / steps) / (1.0 - _DECAY_FROM))
        z = torch.randn(BATCH, generator.config.z_dim, generator=random).to(generator.device)
        w_plus = teacher.mapping(z)[:, None].expand(-1, teacher.layers.num_ws, -1)
        difference = (generate(pupil, w_plus, _NO_NOISE) - _without_edges(teacher, w_plus, coarse)).abs()
        outermost = difference[..., ~_inside(difference)].mean()
        optimiser.zero_grad()
        (difference.mean() + outermost).backward()
        optimiser.step()
        watch((step + 1) * BATCH, float(outermost.detach()) * 127.5)
    return pupil.eval().requires_grad_(False)


@torch.no_grad()
def _without_edges(generator: Generator, w_plus: torch.Tensor, coarse: int) -> torch.Tensor:
    """The pictures of w_plus as the middles of larger ones, `[B, 3, R, R]`."""
    features = begin(generator, tuple(generator.styles(w_plus)), _NO_NOISE)
    end = next(layer for layer in generator.layers.block_ends if layer.sampling_rate >= coarse)
    features = synthesize(features, until=end)
    part = _PAD / coarse
    wide = pad_expand(features, part, part, part, part, mode="reflect")
    pad = _PAD * _REFLECTED
    return synthesize(wide).picture[:, :, pad:-pad, pad:-pad]


def _inside(pictures: torch.Tensor) -> torch.Tensor:
    """Which pixels are none of the outermost, `[R, R]`."""
    inside = torch.zeros(pictures.shape[2:], dtype=torch.bool, device=pictures.device)
    inside[_OUTERMOST:-_OUTERMOST, _OUTERMOST:-_OUTERMOST] = True
    return inside
