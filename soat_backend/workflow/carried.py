"""The texts in a picture that may be a workflow: PNG's text chunks, and EXIF in PNG, WebP and JPEG."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from ..support.errors import WorkflowError
from ..support.files import PICTURE_TROUBLE, open_picture

# In this order; the prompt is what remains of a workflow made by a program.
NAMES = ("workflow", "prompt")
_EXIF_IFD = 0x8769
_ENCODINGS = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16", bytes(8): "utf-8"}
_ENCODING_LENGTH = 8


def is_picture(start: bytes) -> bool:
    """Whether a file begins as a PNG, WebP or JPEG."""
    is_webp = start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    return is_webp or start.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"))


def carried_texts(path: Path) -> list[tuple[str, str]]:
    """What a picture carries under the names a workflow has, `(name, text)`: workflows first, each once.

    ComfyUI writes `workflow` and `prompt` as texts of a PNG, and as "workflow:..." into EXIF. Other programs write the
    names in capitals, into other tags, or one JSON object of both.

    Raises:
        WorkflowError: The file can't be read as a picture.
    """
    try:
        with open_picture(path) as image:
            found = list(_texts(image))
            if image.format == "PNG" and not any(name in NAMES for name, _ in found):
                # Some programs write texts after the pixels.
                image.load()
                found += _info_texts(image)
    except PICTURE_TROUBLE as error:
        raise WorkflowError(f"{path.name} can't be read as a picture: {error}.") from error
    return [(name, text) for wanted in NAMES for name, text in found if name == wanted]


def _texts(image: Image.Image) -> Iterator[tuple[str, str]]:
    yield from _info_texts(image)
    yield from _named(image.info.get("comment"))
    exif = image.getexif()
    for tags in (exif, exif.get_ifd(_EXIF_IFD)):
        for value in tags.values():
            yield from _named(value)


def _info_texts(image: Image.Image) -> list[tuple[str, str]]:
    return [(str(name).lower(), text) for name, text in image.info.items() if isinstance(text, str)]


def _named(value: Any) -> Iterator[tuple[str, str]]:
    """A text that begins with its name and a colon, or one that stands for all names."""
    text = _decoded(value).strip()
    if text.startswith("{"):
        yield NAMES[0], text
        return
    name, colon, rest = text.partition(":")
    if colon:
        yield name.strip().lower(), rest


def _decoded(value: Any) -> str:
    """A tag's text; what Pillow takes for Latin-1 is mostly UTF-8."""
    if isinstance(value, bytes):
        encoding = _ENCODINGS.get(value[:_ENCODING_LENGTH])
        data = value[_ENCODING_LENGTH:] if encoding else value
        if encoding == "utf-16" and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            # Without a mark it is in the order of the file; a text of JSON shows which.
            encoding = "utf-16-be" if data[:1] == b"\0" else "utf-16-le"
        return data.decode(encoding or "utf-8", "replace").rstrip("\0")
    if not isinstance(value, str):
        return ""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value
