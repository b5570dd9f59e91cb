"""What a node shows on itself in ComfyUI, never headless: small pictures, in its temporary folder, and figures."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import islice
from typing import Any

import torch
from PIL import Image

from ...soat_backend.support.files import replacing
from .comfyui import in_comfyui, tell_page
from .folders import PREVIEW_END, output_entry, output_path

PREVIEW_PIXELS = 1 << 20  # Of each picture that is shown, at most.
MAX_PREVIEWS = 64  # Of a batch.
_ROWS = 64
LIVE_SIDE = 512  # Of previews while a node works, in pixels at most.
# How previews are written. Small ones without loss; of large and of enlarged ones that would take a tenth to a fifth of
# the time of making them, and eyes see no difference.
_SMALL_PIXELS = LIVE_SIDE**2
_EXACT: tuple[str, dict[str, Any]] = (".png", {"format": "PNG", "compress_level": 1})
_FAST: tuple[str, dict[str, Any]] = (".jpg", {"format": "JPEG", "quality": 95, "subsampling": 0})


def small_picture(image: torch.Tensor, pixels: int = PREVIEW_PIXELS) -> Image.Image:
    """A copy of an image `[H, W, 3 or 4]` in [0, 1] for the screen; of a larger one every n-th row and column."""
    step = math.ceil(math.sqrt(image.shape[0] * image.shape[1] / pixels))
    seen = image[::step, ::step].cpu()
    values = torch.empty(seen.shape, dtype=torch.uint8, device="cpu")
    # A few rows at a time: they stay in the processor's cache on their way.
    for rows, own in zip(values.split(_ROWS), seen.split(_ROWS), strict=True):
        rows.copy_(own.float().clamp(0.0, 1.0).mul_(255.0).add_(0.5))
    return Image.fromarray(values.numpy())


def live_picture(image: torch.Tensor) -> Image.Image:
    """A copy of an image for the preview that a node shows while it works: as large as those are, or little more."""
    return small_picture(image, LIVE_SIDE**2)


def save_preview(picture: Image.Image, prefix: str, *, smooth: bool = False) -> dict[str, str]:
    """Write a picture to the temporary folder; returns what the frontend wants to be told of it.

    Args:
        picture: What is shown.
        prefix: Of the file's name.
        smooth: It was enlarged, so that no pixel of it is one that was made: none has to be exact.
    """
    is_small = picture.width * picture.height <= _SMALL_PIXELS
    # JPEG has no alpha.
    extension, options = _EXACT if (is_small and not smooth) or picture.mode == "RGBA" else _FAST
    new_file = output_path(f"{prefix}{PREVIEW_END}", extension, kind="temp")
    with new_file as path, replacing(path) as partial:
        picture.save(partial, **options)
    return output_entry(path, "temp")


def save_previews(
    pictures: Iterable[torch.Tensor], prefix: str, enlarge: Image.Resampling | None = None
) -> list[dict[str, str]]:
    """Save the first MAX_PREVIEWS of images `[H, W, 3 or 4]` in [0, 1]; in ComfyUI only, else there are none.

    Args:
        pictures: The images.
        prefix: Of their files' names.
        enlarge: How small ones are enlarged until they fill a node, since ComfyUI shows none larger than it is.
    """
    if not in_comfyui():
        return []
    previews = [small_picture(picture) for picture in islice(pictures, MAX_PREVIEWS)]
    # A batch is shown as a square of pictures.
    side = LIVE_SIDE // math.ceil(math.sqrt(max(len(previews), 1)))
    return [_save_enlarged(preview, prefix, side // max(preview.size), enlarge) for preview in previews]


def _save_enlarged(picture: Image.Image, prefix: str, factor: int, enlarge: Image.Resampling | None) -> dict[str, str]:
    if enlarge is None or factor <= 1:
        return save_preview(picture, prefix)
    larger = picture.resize((picture.width * factor, picture.height * factor), enlarge)
    # Pixels that are shown as squares keep their edges.
    return save_preview(larger, prefix, smooth=enlarge is not Image.Resampling.NEAREST)


def shown(result: tuple[Any, ...], **values: list[Any]) -> Any:
    """A node's result, and in ComfyUI what its frontend is told; `images` it draws itself, the rest is for web/js."""
    return {"ui": values, "result": result} if in_comfyui() else result


def told_now(event: str, node_id: str | None, values: list[Any]) -> None:
    """Tell our part of the frontend something of a node while it works; in ComfyUI only.

    Args:
        event: By whose name it is heard, one that begins with `soat_`.
        node_id: The node's, ComfyUI's UNIQUE_ID; None: nothing is told.
        values: What JSON can say.
    """
    if node_id is not None and in_comfyui():
        tell_page(event, {"node": node_id, "values": values})
