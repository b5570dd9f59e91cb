"""Woodcut: a dark key block with outlines and bold hatching, over a few colour blocks, on paper."""

from __future__ import annotations

import numpy as np

from ..spectral_noise import F
from .guide import Guide
from .inks import find_inks, nearest_ink, paper_grain
from .lines import contrast_edges, hatching, region_edges
from .picture_filters import blur, luminance, saturate, thicken, wide_blur

VERSION = 1
COLOUR_BLOCKS = 3

# A line and its gap are five pixels at 64 px, an outline nearly two.
_LINES_PER_SIDE = 13.0
_OUTLINE = 0.028
_KEY_LUMINANCE = 0.10
_BLOCK_LUMINANCE = np.array([0.30, 0.58, 0.87], F)
_PAPER = np.array([0.98, 0.93, 0.80], F)
_SUN = np.array([0.93, 0.30, 0.16], F)
_MOON = np.array([0.99, 0.95, 0.80], F)


def apply(image: np.ndarray, rng: np.random.Generator, guide: Guide | None = None) -> np.ndarray:
    """Print a picture as a woodcut.

    Args:
        image: `[side, side, 3]` float, sRGB 0..1, the side a multiple of 32. Lines are a share of the side, so a
            picture of twice the side is the same print, sharper.
        rng: Source of randomness, for the paper.
        guide: The picture's parts; without it outlines follow contrasts, and all hatching leans one way.

    Returns:
        `[side, side, 3]` float32, sRGB 0..1.
    """
    blocks, inks = separate(image, guide)
    return (inks[blocks] * paper_grain(rng, image.shape[0])[..., None]).clip(0, 1)


def separate(image: np.ndarray, guide: Guide | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Cut the blocks: which ink is printed where.

    Args:
        image: As for `apply`.
        guide: As for `apply`.

    Returns:
        `[side, side]` uint8, an index into the inks, and the inks `[COLOUR_BLOCKS + 2, 3]`: key, colours from dark to
        light (the last is nearly paper), and the sun's.
    """
    side = image.shape[0]
    image = image.clip(0, 1).astype(F)
    smooth = blur(image, side * 0.016)
    tone = _levelled(luminance(smooth), guide)
    colours = find_inks(image, COLOUR_BLOCKS)
    blocks = (nearest_ink(smooth, colours) + 1).astype(np.uint8)
    local = blur(tone, side * 0.008) + F(0.8) * (tone - wide_blur(tone, side * 0.06))
    coverage = (F(0.66) - local) / F(0.55)
    bend = wide_blur(tone, side * 0.03)
    if guide is None:
        blocks[hatching(_phase(side, bend, None), coverage) | contrast_edges(tone, side * 0.02, 0.02)] = 0
        return blocks, _inks(colours, _SUN)
    # The open parts keep some carved lines however dark they are.
    coverage = np.where(guide.where("sky", "water", "plain"), np.minimum(coverage, F(0.62)), coverage)
    coverage[guide.where("fir")] = 1
    blocks[hatching(_phase(side, bend, guide), coverage) | region_edges(guide.regions, side * _OUTLINE)] = 0
    _print_sun(blocks, guide)
    return blocks, _inks(colours, _MOON if guide.night else _SUN)


def _print_sun(blocks: np.ndarray, guide: Guide) -> None:
    """A disc large enough to be seen, ringed, behind whatever stands before it."""
    side, sun = len(blocks), guide.where("sun")
    if not sun.any():
        return
    open_sky = guide.where("sky", "sun")
    blocks[thicken(sun, side * 0.055) & open_sky] = 0
    blocks[thicken(sun, side * 0.02) & open_sky] = COLOUR_BLOCKS + 1


def _levelled(tone: np.ndarray, guide: Guide | None) -> np.ndarray:
    """Stretch the tones, half of the way to full contrast, so that a night stays darker than a noon."""
    dark, light = np.percentile(tone[::4, ::4], (3, 97))
    dark = 0.7 * dark
    tone = (tone - dark) / max(light - dark, 0.25) * (0.55 + 0.45 * min(light / 0.9, 1))
    if guide is not None:
        for kinds in (("sky",), ("ridge",), ("water", "plain", "river", "path")):
            _level_part(tone, guide.where(*kinds))
    return tone.astype(F)


def _level_part(tone: np.ndarray, inside: np.ndarray) -> None:
    """The same within a part, in place: a bright sky would have no lines at all, and a dark plain nothing else."""
    values = tone[inside]
    if len(values) < tone.size * 0.003:
        return
    dark, light = np.percentile(values[::8], (4, 96))
    tone[inside] = values * F(0.45) + ((values - dark) / max(light - dark, 0.12) * F(0.8) + F(0.1)) * F(0.55)


def _inks(colours: np.ndarray, sun: np.ndarray) -> np.ndarray:
    """Printers' inks from a picture's colours: purer, their tones apart; the picture's hue stays."""
    key = saturate(colours[0] * F(_KEY_LUMINANCE / max(float(luminance(colours[0])), _KEY_LUMINANCE)), 0.9)
    inks = saturate(colours, 1.7)
    inks[-1] = inks[-1] * F(0.45) + _PAPER * F(0.55)
    current = luminance(inks)
    wanted = current * F(0.45) + _BLOCK_LUMINANCE * F(0.55)
    inks = (inks * (wanted / np.maximum(current, 0.05))[:, None]).clip(0, 1)
    return np.stack([key, *inks, sun]).astype(F)


def _phase(side: int, bend: np.ndarray, guide: Guide | None) -> np.ndarray:
    """Hatching lies level on sky and water, leans down the ridges, and bends where the tone changes, as on forms.

    It leans as the creases do, with the light: so a scene and its mirror image are printed alike.
    """
    position = ((np.arange(side) + 0.5) / side * _LINES_PER_SIDE).astype(F)
    x, y = position[None], position[:, None]
    if guide is None:
        return x * F(0.6) + y * F(0.8) + bend * F(2.5)
    return np.where(guide.where("ridge"), x * F(0.75 * guide.light) + y * F(0.5) + bend * F(1.5), y + bend)
