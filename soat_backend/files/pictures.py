"""Opening pictures from strangers: only formats that Pillow decodes itself, and of a size that fits into memory."""

from __future__ import annotations

import struct
from pathlib import Path

from PIL import Image, UnidentifiedImageError

# Not EPS, for which Pillow starts Ghostscript, nor other formats that other programs would read.
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
# All frames together; as float32 RGB these are 1.6 GB.
MAX_PIXELS = 2**27

# What Pillow's decoders raise for files that are no pictures, or damaged ones.
PICTURE_TROUBLE = (
    UnidentifiedImageError,
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    RuntimeError,
    MemoryError,
    struct.error,
    Image.DecompressionBombError,
)


def open_picture(path: Path) -> Image.Image:
    """Open a picture; its pixels aren't decoded yet.

    Args:
        path: A file of one of PICTURE_FORMATS, told from its content.

    Raises:
        One of PICTURE_TROUBLE: It is none, or larger than MAX_PIXELS in all its frames.
    """
    picture = Image.open(path, formats=PICTURE_FORMATS)
    frames = getattr(picture, "n_frames", 1)
    if picture.width * picture.height * frames > MAX_PIXELS:
        size = f"{picture.width} x {picture.height}" + (f" x {frames} frames" if frames > 1 else "")
        picture.close()
        raise ValueError(f"it is larger than fits into memory ({size})")
    return picture
