"""Contact sheets: every manipulation on 32 seeds of the bundled generators, good ones and bad ones, nothing chosen.

    python docs/sheets.py [NAME ...]      # writes docs/sheets/NAME.jpg; all of them without a name

Each cell is what the nodes make with their usual settings; where a picture is edited, the plain one stands before it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops import (
    Placement,
    get_features,
    grid,
    interpolate,
    pad_expand,
    panorama,
    shift_blend,
    stitch,
    transform,
)
from soat.soat_backend.feature_ops.regions import Region, combine_masks
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import mix_styles, sample, sample_grid, sample_sequence
from soat.soat_backend.synthesis.feature_map import FeatureMap
from soat.soat_backend.synthesis.render import render

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "docs" / "sheets"
SEEDS = range(32)
GAP, BACKGROUND = 6, 24
QUALITY = 82

# The pictures of one seed, side by side in its cell, as `[1, 3, H, W]`.
Cell = Callable[[int], list[torch.Tensor]]
SHEETS: dict[str, tuple[int, Cell]] = {}

_loaded: dict[str, Generator] = {}


def generator(name: str) -> Generator:
    if name not in _loaded:
        _loaded[name] = load_generator(ROOT / "models" / f"{name}.safetensors").float()
    return _loaded[name]


def landscape(seed: int, layer: str = "b8.conv1") -> FeatureMap:
    model = generator("landscape_256")
    return get_features(model, sample(model, seed), layer)


def sheet(columns: int) -> Callable[[Cell], Cell]:
    """Make a function a sheet of that many cells a row."""

    def register(cell: Cell) -> Cell:
        SHEETS[cell.__name__] = (columns, cell)
        return cell

    return register


@sheet(8)
def pad(seed: int) -> list[torch.Tensor]:
    return [render(pad_expand(landscape(seed), 0.5, 0.5))]


@sheet(2)
def pad_modes(seed: int) -> list[torch.Tensor]:
    plain = landscape(seed)
    modes = ("reflect", "replicate", "circular", "zeros")
    return [render(plain), *(render(pad_expand(plain, 0.5, 0.5, mode=mode)) for mode in modes)]


@sheet(4)
def stretch(seed: int) -> list[torch.Tensor]:
    plain = landscape(seed)
    tall = render(pad_expand(plain, 0, 0, 0.5, 0.5, mode="stretch"))
    return [render(plain), render(pad_expand(plain, 0.5, 0.5, mode="stretch")), tall[:, :, 128:384]]


@sheet(4)
def blend_left_right(seed: int) -> list[torch.Tensor]:
    a, b = landscape(seed, "b4.conv1"), landscape(seed + 100, "b4.conv1")
    return [render(a), render(interpolate(a, b, shape="left_to_right")), render(b)]


@sheet(4)
def blend_top_bottom(seed: int) -> list[torch.Tensor]:
    a, b = landscape(seed, "b4.conv1"), landscape(seed + 100, "b4.conv1")
    return [render(a), render(interpolate(a, b, shape="top_to_bottom")), render(b)]


@sheet(4)
def shift_and_blend(seed: int) -> list[torch.Tensor]:
    plain = landscape(seed)
    return [render(plain), render(shift_blend(plain, -0.4, 0.0, Region(0.55, 0.3, 0.4, 0.7)))]


@sheet(4)
def one_picture_wide(seed: int) -> list[torch.Tensor]:
    plain = landscape(seed)
    wide = pad_expand(plain, 0.5, 0.5)
    # The middle of the picture once more on both sides, so that the mirror isn't seen.
    for shift in (-0.3, 0.3):
        wide = shift_blend(wide, shift, 0.0, Region(0.35, 0.2, 0.3, 0.8, feather=0.3))
    return [render(plain), render(wide)]


@sheet(2)
def panorama_of_five(seed: int) -> list[torch.Tensor]:
    model = generator("landscape_256")
    return [render(panorama(model, sample_sequence(model, seed, 5, loop=False)))]


@sheet(2)
def panorama_of_360_degrees(seed: int) -> list[torch.Tensor]:
    """Begun in the middle of a picture, so that the seam of its ends lies inside."""
    model = generator("landscape_256")
    return [render(panorama(model, sample_sequence(model, seed, 5), wrap=True)).roll(640, 3)]


@sheet(8)
def grid_of_six(seed: int) -> list[torch.Tensor]:
    model = generator("landscape_256")
    return [render(grid(model, sample_grid(model, seed, 3, 2, loop_x=False), 3))]


@sheet(4)
def turned(seed: int) -> list[torch.Tensor]:
    plain = landscape(seed)
    placements = (Placement(rotate=15), Placement(flip_horizontal=True), Placement(scale=1.4))
    return [render(plain), *(render(transform(plain, placement)) for placement in placements)]


@sheet(2)
def stitched_strangers(seed: int) -> list[torch.Tensor]:
    """Two that have nothing to do with each other, with ever longer blends."""
    a, b = landscape(seed, "b4.conv1"), landscape(seed + 100, "b4.conv1")
    return [render(stitch([a, b], blend_width=width)) for width in (0.0, 1.0, 2.0)]


def translated(seed: int) -> tuple[FeatureMap, FeatureMap]:
    first, second = generator("landscape_256"), generator("landscape_neon_256")
    latent = sample(first, seed)
    return get_features(first, latent), get_features(second, latent)


@sheet(2)
def translation(seed: int) -> list[torch.Tensor]:
    """From the landscape to its neon night in five steps."""
    a, b = translated(seed)
    return [render(interpolate(a, b, alpha)) for alpha in (0.0, 0.25, 0.5, 0.75, 1.0)]


@sheet(4)
def translation_of_the_look(seed: int) -> list[torch.Tensor]:
    """Layout from the landscape, everything from 16 px on from neon."""
    a, b = translated(seed)
    return [render(a), render(interpolate(a, b, first_layer="b16.conv0")), render(b)]


@sheet(4)
def translation_of_the_sky(seed: int) -> list[torch.Tensor]:
    a, b = translated(seed)
    sky = Region(-0.5, -0.5, 2.0, 1.0, feather=0.15).mask(256, 256)
    return [render(a), render(interpolate(a, b, mask=sky))]


# Where eyes with brows, the mouth and the hair (the head without the face) are in most portraits.
EYES = Region(0.24, 0.36, 0.52, 0.28, feather=0.3, shape="ellipse").mask(256, 256)
MOUTH = Region(0.32, 0.62, 0.36, 0.2, feather=0.3, shape="ellipse").mask(256, 256)
HEAD = Region(0.1, 0.0, 0.8, 1.0, feather=0.15, shape="ellipse").mask(256, 256)
FACE = Region(0.26, 0.32, 0.48, 0.54, feather=0.2, shape="ellipse").mask(256, 256)
PARTS = (EYES, MOUTH, combine_masks(HEAD, FACE, "subtract"))
# The layers up to this one say how a head is held.
POSE = "b16.conv0"


@sheet(2)
def attribute_transfer(seed: int) -> list[torch.Tensor]:
    """Source and reference, the reference in the source's pose, and its eyes, mouth and hair in the source."""
    model = generator("portrait_256")
    source, reference = sample(model, seed, truncation_psi=0.8), sample(model, seed + 100, truncation_psi=0.8)
    a, b = get_features(model, source), get_features(model, mix_styles(reference, source, "b4.conv1", POSE))
    parts = [render(interpolate(a, b, mask=part)) for part in PARTS]
    return [render(a), render(get_features(model, reference)), render(b), *parts]


@sheet(2)
def attribute_transfer_without_alignment(seed: int) -> list[torch.Tensor]:
    """The same people and masks; the reference keeps its own pose."""
    model = generator("portrait_256")
    a, b = (get_features(model, sample(model, each, truncation_psi=0.8)) for each in (seed, seed + 100))
    return [render(a), render(b), *(render(interpolate(a, b, mask=part)) for part in PARTS)]


@sheet(4)
def portraits_as_comics(seed: int) -> list[torch.Tensor]:
    first, second = generator("portrait_256"), generator("portrait_comic_256")
    latent = sample(first, seed)
    a, b = get_features(first, latent), get_features(second, latent)
    return [render(a), render(interpolate(a, b, 0.5)), render(b)]


def pixels(image: torch.Tensor) -> np.ndarray:
    """Those of 256 px are shown at half their size."""
    if image.shape[2] >= 256:
        image = torch.nn.functional.avg_pool2d(image, 2)
    return ((image[0].clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()


def in_a_row(images: list[torch.Tensor]) -> np.ndarray:
    return np.concatenate([pixels(image) for image in images], axis=1)


def contact_sheet(columns: int, cells: list[np.ndarray]) -> Image.Image:
    height, width = cells[0].shape[:2]
    rows = -(-len(cells) // columns)
    canvas = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, 3), BACKGROUND, np.uint8)
    for index, cell in enumerate(cells):
        row, column = divmod(index, columns)
        top, left = GAP + row * (height + GAP), GAP + column * (width + GAP)
        canvas[top : top + height, left : left + width] = cell
    return Image.fromarray(canvas)


def main() -> None:
    OUT.mkdir(exist_ok=True)
    for name in sys.argv[1:] or SHEETS:
        columns, cell = SHEETS[name]
        with torch.inference_mode():
            cells = [in_a_row(cell(seed)) for seed in SEEDS]
        path = OUT / f"{name}.jpg"
        contact_sheet(columns, cells).save(path, quality=QUALITY, optimize=True)
        print(path.name, path.stat().st_size)


if __name__ == "__main__":
    main()
