"""Watercolour: washes of pigment on rough paper, dark at their edges, over a thin pencil drawing."""

from __future__ import annotations

import numpy as np

from ..portrait.textures import sample, textures
from ..spectral_noise import F, smoothstep
from .guide import Guide
from .patches import patches
from .picture_filters import blur, luminance, saturate
from .thin_ink import pen

VERSION = 1
_PAPER = np.array([0.985, 0.972, 0.94], F)
_PENCIL = np.array([0.30, 0.27, 0.29], F)


def apply(image: np.ndarray, rng: np.random.Generator, guide: Guide | None = None) -> np.ndarray:
    """Paint a portrait in watercolours.

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 4. Brushes are a share of the side.
        rng: Source of randomness, for the paper and how washes run.
        guide: The picture's parts; without it all is painted with the broad brush, up to the edges of the paper.

    Returns:
        `[side, side, 3]` float32, sRGB 0..1.
    """
    image = image.clip(0, 1).astype(F)
    side = len(image)
    centres = ((np.arange(side) + 0.5) / side).astype(F)
    x, y = np.broadcast_arrays(centres[None], centres[:, None])
    offset = rng.uniform(0, 256, 2).astype(F)
    run = sample(textures().soft, x * 70 + offset[0], y * 70 + offset[1])
    run2 = sample(textures().soft, x * 190 + offset[1], y * 190 + offset[0])
    grain = sample(textures().fine, x * 240 + offset[0], y * 240 + offset[1])
    nowhere = np.zeros((side, side), np.uint8)
    regions = nowhere if guide is None else guide.regions
    face, backdrop = (nowhere, nowhere) if guide is None else (guide.where("head", "glasses"), guide.where("backdrop"))
    # Faces are painted with a finer brush than hair and cloth.
    broad, narrow = patches(image, side * 0.016), patches(image, side * 0.006)
    on_face = blur(face.astype(F), side * 0.006)[..., None]
    smooth = saturate(broad + (narrow - broad) * on_face, 1.22)
    # Beer and Lambert: a wash twice as thick lets through the square of the light.
    density = -np.log(np.maximum(smooth, F(0.05))) * F(0.88) - F(0.05)
    free = blur(backdrop.astype(F), side * 0.008)
    outwards = np.maximum(np.abs(x - F(0.5)), np.abs(y - F(0.5))) * F(0.6) + np.hypot(x - F(0.5), y - F(0.5)) * F(0.4)
    border = F(0.5) - outwards - F(0.020) * run - F(0.008) * run2
    wash, person = smoothstep(0.025, 0.060, border), smoothstep(-0.085, -0.03, border)
    thin = (person + (wash - person) * free) * F(0.94) + F(0.06)
    edge = np.abs(luminance(blur(smooth, side * 0.003)) - luminance(blur(smooth, side * 0.010)))
    rim = 4 * wash * (1 - wash) * free
    wet = F(0.4) + F(0.6) * free
    pooled = 1 + (F(0.15) * run + F(0.08) * run2 + F(0.06) * grain) * wet + F(1.8) * edge.clip(0, 0.25) + F(0.45) * rim
    density = density.clip(0, 4) * (pooled * thin).clip(0.05, 3)[..., None]
    painted = _PAPER * (1 + F(0.012) * grain)[..., None] * np.exp(-density)
    drawn = pen(luminance(image), regions)[..., None] * F(0.45)
    return (painted + (_PENCIL - painted) * drawn).clip(0, 1).astype(F)
