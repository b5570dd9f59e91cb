"""Motion: a value for each frame, a view that pans over a wide picture, and frames in one file."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..support.errors import SoatError, require_between, require_choice

MAX_FRAMES = 4096
# Of all frames of a pan together: 3 GiB as ComfyUI holds pictures.
MAX_PIXELS = 2**28
MOTIONS = ("once", "back_and_forth", "around")
EASINGS = ("linear", "smooth")
FORMATS = ("webp", "png", "gif")
WEBP_MAX_SIDE = 16383
# Where ComfyUI looks for the texts in a WebP: the prompt in Model, others from Make downwards, each as "name:text".
_MODEL_TAG = 0x0110
_MAKE_TAG = 0x010F
MIN_FPS, MAX_FPS = 0.01, 60.0


@dataclass(frozen=True)
class Motion:
    """How frames are spread over the way from a start to an end.

    Attributes:
        frames: How many.
        kind: `once`: from start to end, both included. `back_and_forth`: to the end and back, a loop. `around`: towards
            an end that is the same as the start, such as a shift by the whole canvas; a loop, the end left out.
        easing: `linear`: at one speed. `smooth`: slow at both ends, fastest in the middle.

    Raises:
        SoatError: A number out of its range, or an unknown word.
    """

    frames: int
    kind: str = "once"
    easing: str = "linear"

    def __post_init__(self) -> None:
        require_between("frames", self.frames, 1, MAX_FRAMES)
        require_choice("motion", self.kind, MOTIONS)
        require_choice("easing", self.easing, EASINGS)

    def shares(self) -> list[float]:
        """How far each frame is on the way: 0 at the start, 1 at the end."""
        count = self.frames
        if self.kind == "once":
            ways = [frame / (count - 1) if count > 1 else 0.0 for frame in range(count)]
        elif self.kind == "around":
            ways = [frame / count for frame in range(count)]
        else:
            turn = max(count // 2, 1)
            ways = [frame / turn if frame <= turn else (count - frame) / (count - turn) for frame in range(count)]
        return ways if self.easing == "linear" else [(1.0 - math.cos(math.pi * way)) / 2.0 for way in ways]

    def between(self, start: float, end: float) -> list[float]:
        """The value of each frame, on the way from `start` to `end`."""
        return [start + (end - start) * share for share in self.shares()]


def pan(image: torch.Tensor, motion: Motion, direction: str = "horizontal", length: int = 0) -> torch.Tensor:
    """Crop a window that moves over a picture, once for each frame.

    Args:
        image: `[1, H, W, 3]`.
        motion: `around` moves on over the far edge and comes in at the near one, as a picture of 360 degrees wants.
        direction: `horizontal` (left to right) or `vertical` (top to bottom).
        length: Of the window along the direction, in pixels; 0: as long as the picture is across.

    Returns:
        `[frames, h, w, 3]`; each frame begins at a whole pixel, so that nothing is resampled.

    Raises:
        SoatError: Several pictures, a window longer than the picture, or too much in all.
    """
    require_choice("direction", direction, ("horizontal", "vertical"))
    if image.shape[0] != 1:
        raise SoatError(f"Expected one picture to pan over, got a batch of {image.shape[0]}. Choose one.")
    axis = 2 if direction == "horizontal" else 1
    size = image.shape[axis]
    length = length or image.shape[3 - axis]
    if not 1 <= length <= size:
        raise SoatError(
            f"A window of {length} pixels doesn't fit into a picture of {size} ({direction}). Choose a smaller length, "
            "or pan over a wider picture."
        )
    pixels = motion.frames * length * image.shape[3 - axis]
    if pixels > MAX_PIXELS:
        raise SoatError(
            f"{motion.frames} frames of {length} x {image.shape[3 - axis]} pixels are more than memory is "
            f"likely to hold ({MAX_PIXELS} pixels in all). Choose fewer frames, or a smaller length or picture."
        )
    frames = []
    if motion.kind == "around":
        image = torch.cat((image, image.narrow(axis, 0, length)), dim=axis)
        travel = size
    else:
        travel = size - length
    for share in motion.shares():
        frames.append(image.narrow(axis, round(share * travel), length))
    return torch.cat(frames)


def save_animation(
    frames: np.ndarray,
    path: Path,
    kind: str,
    fps: float,
    *,
    loop: bool = True,
    quality: int = 90,
    texts: Mapping[str, str] | None = None,
) -> None:
    """Write frames as one animated file.

    Args:
        frames: `[N, H, W, 3]` uint8, at least one.
        path: To write, of any name.
        kind: One of FORMATS; png is an animated PNG.
        fps: Frames a second; a frame lasts whole milliseconds, in a GIF whole hundredths of a second, two at least.
            Neighbours that are equal are stored as one frame that lasts longer.
        loop: For ever, or once.
        quality: Of WebP, 1 to 100; 100 is lossless.
        texts: Metadata by name, such as `prompt` and `workflow`, put where ComfyUI looks for it. A GIF holds none.

    Raises:
        SoatError: A number out of its range, an unknown format, or frames too large for it.
    """
    require_choice("format", kind, FORMATS)
    require_between("fps", fps, MIN_FPS, MAX_FPS)
    require_between("quality", quality, 1, 100)
    height, width = frames.shape[1:3]
    if kind == "webp" and max(height, width) > WEBP_MAX_SIDE:
        raise SoatError(
            f"WebP holds {WEBP_MAX_SIDE} pixels a side at most, the frames have {width} x {height}. Choose png, or pan "
            "over the picture."
        )
    # Imported when it is needed, not when ComfyUI starts.
    from PIL import Image

    first, *rest = (Image.fromarray(frame) for frame in frames)
    # Viewers slow down a GIF whose frames last less than two hundredths.
    duration = max(round(100 / fps), 2) * 10 if kind == "gif" else round(1000 / fps)
    options: dict[str, Any] = {"save_all": True, "append_images": rest, "duration": duration}
    if kind == "webp":
        options |= {"loop": 0 if loop else 1, "quality": quality, "lossless": quality == 100, "method": 4}
        options["exif"] = _exif(texts or {})
    elif kind == "png":
        options |= {"loop": 0 if loop else 1, "pnginfo": _png_info(texts or {})}
    elif loop:
        options["loop"] = 0
    try:
        first.save(path, kind.upper(), **options)
    except (OverflowError, struct.error) as error:
        raise SoatError(
            "A picture stands still for longer than the file can say (a GIF: 655 seconds). Choose webp, or a higher "
            "fps."
        ) from error


def _exif(texts: Mapping[str, str]) -> Any:
    from PIL import Image

    exif, tag = Image.Exif(), _MAKE_TAG
    for name, text in texts.items():
        exif[_MODEL_TAG if name == "prompt" else tag] = f"{name}:{text}"
        tag -= name != "prompt"
    return exif


def _png_info(texts: Mapping[str, str]) -> Any:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    return info
