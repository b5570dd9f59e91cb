"""What the channels of pictures mean: one is grey, three are RGB, four RGB and alpha, none of it multiplied with it."""

from __future__ import annotations

import torch

# Of red, green and blue in a grey that looks as bright (Source: ITU-R BT.601, as Pillow's mode L has it).
_LUMINANCE = (0.299, 0.587, 0.114)


def as_rgb(pictures: torch.Tensor) -> torch.Tensor:
    """The colours of pictures `[B, 1, 3 or 4, H, W]` as `[B, 3, H, W]`: grey three times, alpha left out; a view."""
    return pictures.expand(-1, 3, -1, -1) if pictures.shape[1] == 1 else pictures[:, :3]


def alpha_of(pictures: torch.Tensor) -> torch.Tensor | None:
    """The opacity of pictures, `[B, 1, H, W]` in the unit they are in; None of those that have none."""
    return pictures[:, 3:4] if pictures.shape[1] == 4 else None


def as_made(rgb: torch.Tensor, img_channels: int) -> torch.Tensor:
    """RGB pictures `[B, 3, H, W]` as near as a generator could make them: for a grey one their luminance."""
    if img_channels != 1:
        return rgb
    weights = torch.tensor(_LUMINANCE, dtype=rgb.dtype, device=rgb.device)[:, None, None]
    return (rgb * weights).sum(1, keepdim=True).expand(-1, 3, -1, -1)
