"""ComfyUI's ImagePadForOutpaint and InvertMask for headless runs: same inputs, same results."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

_LARGEST_SIDE = 16384


class ImagePadForOutpaint:
    """Pictures with grey around them, and a mask of where that is."""

    CATEGORY = "image/transform"
    DESCRIPTION = "Puts grey around pictures; the mask is 1 there, and fades into them."
    RETURN_TYPES = ("IMAGE", "MASK")
    FUNCTION = "expand_image"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Pictures, pixels on each side, and how far the mask fades into them."""
        pixels = {"default": 0, "min": 0, "max": _LARGEST_SIDE, "step": 8}
        sides = dict.fromkeys(("left", "top", "right", "bottom"), ("INT", pixels))
        feathering = {"default": 40, "min": 0, "max": _LARGEST_SIDE, "step": 1}
        return {"required": {"image": ("IMAGE",), **sides, "feathering": ("INT", feathering)}}

    def expand_image(
        self, image: torch.Tensor, left: int, top: int, right: int, bottom: int, feathering: int
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Image `[B, H, W, C]` to `[B, top + H + bottom, left + W + right, C]`, and its mask `[1, h, w]`."""
        batch, height, width, channels = image.shape
        size = height + top + bottom, width + left + right
        padded = torch.full((batch, *size, channels), 0.5, dtype=torch.float32)
        padded[:, top : top + height, left : left + width] = image
        mask = torch.ones(1, *size)
        inside = np.zeros((height, width))
        if 0 < 2 * feathering < min(height, width):
            # How far each place is from the nearest side that was padded.
            rows, columns = np.arange(height)[:, None], np.arange(width)[None]
            away = np.full((height, width), max(height, width))
            for padding, distance in (
                (top, rows),
                (bottom, height - rows),
                (left, columns),
                (right, width - columns),
            ):
                if padding:
                    away = np.minimum(away, distance)
            inside = np.square((feathering - np.minimum(away, feathering)) / feathering)
        mask[0, top : top + height, left : left + width] = torch.from_numpy(inside.astype(np.float32))
        return padded, mask


class InvertMask:
    """What a mask leaves out."""

    CATEGORY = "mask"
    DESCRIPTION = "Makes a mask of what the mask leaves out."
    RETURN_TYPES = ("MASK",)
    FUNCTION = "invert"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """The mask, nothing else."""
        return {"required": {"mask": ("MASK",)}}

    def invert(self, mask: torch.Tensor) -> tuple[torch.Tensor]:
        """Mask `[B, H, W]` in [0, 1] to 1 less it."""
        return (1.0 - mask,)
