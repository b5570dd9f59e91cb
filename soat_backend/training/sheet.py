"""Sample sheets: the same latents at every look, so that a training's progress can be seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ..generators import Generator
from ..synthesis.noise import NoiseField
from .trained_networks import generate

SHEET_PSIS = (0.7, 1.0)
COLUMNS = 8
ROWS = 8
_TILE = 128


def sample_images(generator: Generator, w: torch.Tensor, batch: int = 16) -> torch.Tensor:
    """Run untruncated or truncated w `[N, w_dim]` with constant noise to `[N, 3, R, R]` in -1..1."""
    w_plus = w[:, None].expand(-1, generator.layers.num_ws, -1)
    with torch.no_grad():
        return torch.cat([generate(generator, part, NoiseField("const")).clamp(-1, 1) for part in w_plus.split(batch)])


def render_sheet(generator: Generator, psi: float, columns: int = COLUMNS, rows: int = ROWS) -> np.ndarray:
    """Pictures of the seeds 0, 1, ... in a grid, enlarged to 128 px at least.

    Args:
        generator: With its w_avg set.
        psi: Truncation.
        columns: Pictures side by side.
        rows: Of pictures.

    Returns:
        `[H, W, 3]` uint8.
    """
    seeds = range(columns * rows)
    z = np.stack([np.random.RandomState(seed).randn(generator.config.z_dim) for seed in seeds])
    with torch.no_grad():
        w = generator.mapping(torch.from_numpy(z).float().to(generator.device))
        w = generator.mapping.w_avg.lerp(w, psi)
    pixels = (sample_images(generator, w) * 127.5 + 127.5).round().byte().permute(0, 2, 3, 1).cpu().numpy()
    enlarge = max(1, _TILE // pixels.shape[1])
    pixels = pixels.repeat(enlarge, axis=1).repeat(enlarge, axis=2)
    side = pixels.shape[1]
    return pixels.reshape(rows, columns, side, side, 3).swapaxes(1, 2).reshape(rows * side, columns * side, 3)


def save_sheets(generator: Generator, folder: Path, images: int) -> list[Path]:
    """Write a sheet for each truncation of 0.7 and 1.0, named after the images seen. The generator's w_avg is set."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for psi in SHEET_PSIS:
        path = folder / f"{images // 1000:05d}k_{generator.config.img_resolution}px_psi{psi}.png"
        Image.fromarray(render_sheet(generator, psi)).save(path)
        paths.append(path)
    return paths
