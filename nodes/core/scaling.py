"""ComfyUI's ImageScaleBy for headless runs: same inputs, same results."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

METHODS = ["nearest-exact", "bilinear", "area", "bicubic", "lanczos"]


class ImageScaleBy:
    """Pictures made larger or smaller by a factor."""

    CATEGORY = "image/upscaling"
    DESCRIPTION = "Makes pictures larger or smaller by a factor."
    RETURN_TYPES = ("IMAGE",)
    FUNCTION = "upscale"

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Pictures, how, and by how much."""
        scale = {"default": 1.0, "min": 0.01, "max": 8.0, "step": 0.01}
        return {"required": {"image": ("IMAGE",), "upscale_method": (METHODS,), "scale_by": ("FLOAT", scale)}}

    def upscale(self, image: torch.Tensor, upscale_method: str, scale_by: float) -> tuple[torch.Tensor]:
        """Image `[B, H, W, C]` in [0, 1] to `[B, round(scale_by * H), round(scale_by * W), C]`."""
        height, width = (round(side * scale_by) for side in image.shape[1:3])
        if upscale_method == "lanczos":
            return (_lanczos(image, height, width),)
        scaled = F.interpolate(image.movedim(-1, 1), size=(height, width), mode=upscale_method)
        return (scaled.movedim(1, -1),)


def _lanczos(image: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """As ComfyUI does it: in whole numbers of 8 bits, by Pillow."""
    made = []
    for picture in image:
        pixels = np.clip(255.0 * picture.cpu().numpy(), 0, 255).astype(np.uint8)
        resized = Image.fromarray(pixels).resize((width, height), resample=Image.Resampling.LANCZOS)
        made.append(torch.from_numpy(np.array(resized).astype(np.float32) / 255.0))
    return torch.stack(made).to(image.device, image.dtype)
