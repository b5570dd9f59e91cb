"""Opening pictures from strangers: only formats that Pillow decodes itself, and of a size that fits into memory."""

from __future__ import annotations

import logging
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from PIL import Image, ImageFile, ImageSequence, UnidentifiedImageError

try:
    from PIL.AvifImagePlugin import SUPPORTED as HAS_AVIF
except ImportError:  # Pillow before 11.3
    HAS_AVIF = False

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

# Not EPS, for which Pillow starts Ghostscript, nor other formats that other programs would read.
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", *(["AVIF"] if HAS_AVIF else []))
PICTURE_EXTENSIONS = (
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".bmp",
    ".gif",
    ".tif",
    ".tiff",
    *([".avif"] if HAS_AVIF else []),
)
# What these hold besides are views, depth and brightness of the same photo; MPO is a JPEG with those, as phones write.
_ONE_PICTURE = ("MPO", "AVIF")
# What a container of ISO media says of itself: pictures of phones and cameras.
_AVIF_BRANDS = (b"avif", b"avis")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx")
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


class _TooLargeError(ValueError):
    """A picture that memory wouldn't hold, whole or cut short."""


_truncated_lock = threading.RLock()


def open_picture(path: Path) -> Image.Image:
    """Open a picture; its pixels aren't decoded yet.

    Args:
        path: A file of one of PICTURE_FORMATS, told from its content.

    Raises:
        One of PICTURE_TROUBLE: It is none, or larger than MAX_PIXELS in all its frames.
    """
    picture = _open(path)
    try:
        _require_room(picture, frame_count(picture))
    except PICTURE_TROUBLE:
        picture.close()
        raise
    return picture


def frame_count(picture: Image.Image) -> int:
    """Pictures that a file shows: the frames of an animation, the pages of a TIFF; one of a photo with a depth map."""
    return 1 if picture.format in _ONE_PICTURE else getattr(picture, "n_frames", 1)


def read_frames(path: Path, convert: Callable[[Image.Image], Result]) -> list[Result]:
    """All frames of a picture that are as large as its first; of one that is cut short, what there is of it.

    Args:
        path: As of `open_picture`.
        convert: Decodes a frame.

    Raises:
        One of PICTURE_TROUBLE: As of `open_picture`; or nothing of it can be decoded.
    """
    try:
        return _converted(path, convert)
    except _TooLargeError:
        raise
    except PICTURE_TROUBLE as error:
        try:
            with _truncated_allowed():
                frames = _converted(path, convert, as_far_as_it_goes=True)
        except PICTURE_TROUBLE:
            raise error from None
    logger.warning("%s is cut short or damaged. What is missing of it is grey or black.", path.name)
    return frames


def _converted(path: Path, convert: Callable[[Image.Image], Result], as_far_as_it_goes: bool = False) -> list[Result]:
    frames: list[Result] = []
    # Frames can't be counted of a file that stops among them.
    with _open(path) if as_far_as_it_goes else open_picture(path) as file:
        size = file.size
        try:
            for number, frame in enumerate(ImageSequence.Iterator(file), start=1):
                _require_room(file, number)
                # A later frame may be larger than the first, by which the file was let in.
                if frame.size == size:
                    frames.append(convert(frame))
                if file.format in _ONE_PICTURE:
                    break
        except _TooLargeError:
            raise
        except PICTURE_TROUBLE:
            if not (as_far_as_it_goes and frames):
                raise
    return frames


def _open(path: Path) -> Image.Image:
    _refuse_unreadable(path)
    return Image.open(path, formats=PICTURE_FORMATS)


def _require_room(picture: Image.Image, frames: int) -> None:
    if picture.width * picture.height * frames > MAX_PIXELS:
        size = f"{picture.width} x {picture.height}" + (f" x {frames} frames" if frames > 1 else "")
        raise _TooLargeError(f"it is larger than fits into memory ({size})")


@contextmanager
def _truncated_allowed() -> Iterator[None]:
    """Have Pillow decode what there is of a file. It is asked of all threads, or of none."""
    with _truncated_lock:
        before = ImageFile.LOAD_TRUNCATED_IMAGES
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


def _refuse_unreadable(path: Path) -> None:
    """Say what a photo is that Pillow alone wouldn't know."""
    with path.open("rb") as file:
        start = file.read(12)
    if start[4:8] != b"ftyp":
        return
    if start[8:] in _AVIF_BRANDS and not HAS_AVIF:
        raise ValueError(
            "it is an AVIF picture, which the installed Pillow can't read (from 11.3 on it can: pip install -U pillow)"
        )
    if start[8:] in _HEIC_BRANDS:
        raise ValueError("it is a HEIC picture, as iPhones take them, which Pillow can't read")
