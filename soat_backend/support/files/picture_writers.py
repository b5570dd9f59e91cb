"""Pictures of any size, written from top to bottom without ever being whole in memory."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import SoatError, require_choice

FORMATS = ("png", "tiff")
# What the format can say, and what viewers of its pictures get along with.
_MOST_PIXELS_A_SIDE = 2**31 - 1
_TILE = 256
_COMPRESSION = 6
# What PNG calls grey, RGB and RGBA.
_PNG_COLOURS = {1: 0, 3: 2, 4: 6}
_CHUNK = 1 << 20


def write_rows(
    path: Path,
    bands: Iterable[np.ndarray],
    height: int,
    width: int,
    format: str,
    texts: Mapping[str, Any],
    channels: int = 3,
) -> None:
    """Write a picture band by band.

    Args:
        path: The file to write.
        bands: Consecutive rows, each uint8 `[h, width, channels]`: 1 grey, 3 RGB, 4 RGBA.
        height: Of the whole picture.
        width: Of the picture.
        format: `png`, or `tiff`: BigTIFF in compressed tiles of 256 pixels, of which viewers of huge pictures read
            what they show. It needs the package tifffile.
        texts: Written into the file as JSON (PNG's text chunks, TIFF's description).
        channels: Of the picture.

    Raises:
        SoatError: An unknown format, a picture that is too large for it, or tifffile isn't there.
    """
    require_choice("format", format, FORMATS)
    if max(height, width) > _MOST_PIXELS_A_SIDE:
        raise SoatError(f"A picture of {width} x {height} pixels is larger than files of this format can be.")
    (_write_png if format == "png" else _write_tiff)(path, bands, (height, width, channels), texts)


class SmallCopy:
    """Every n-th row and column of bands that pass, no side of it longer than some pixels."""

    def __init__(self, height: int, width: int, side: int) -> None:
        self._step = -(-max(height, width) // side)
        self._top = 0
        self._rows: list[np.ndarray] = []

    def watching(self, bands: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Hand on bands of rows, `[h, W, C]` each, and keep every n-th row and column of them."""
        for band in bands:
            self._rows.append(band[-self._top % self._step :: self._step, :: self._step].copy())
            self._top += len(band)
            yield band

    @property
    def has_begun(self) -> bool:
        """Whether any row was kept so far."""
        return bool(self._rows)

    def pixels(self) -> np.ndarray:
        """The rows that were kept so far, uint8 `[h, w, C]`, or `[h, w]` of grey ones."""
        pixels = np.concatenate(self._rows)
        return pixels[..., 0] if pixels.shape[2] == 1 else pixels


def _write_png(path: Path, bands: Iterable[np.ndarray], shape: tuple[int, int, int], texts: Mapping[str, Any]) -> None:
    """Source: PNG specification (ISO/IEC 15948), sections 5 and 9; rows are filtered by Up."""
    height, width, channels = shape
    with path.open("wb") as file:

        def chunk(kind: bytes, data: bytes) -> None:
            checksum = zlib.crc32(data, zlib.crc32(kind))
            file.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum))

        file.write(b"\x89PNG\r\n\x1a\n")
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, _PNG_COLOURS[channels], 0, 0, 0))
        for name, value in texts.items():
            chunk(b"tEXt", name.encode("latin-1", "replace") + b"\0" + json.dumps(value).encode("latin-1", "replace"))
        packer, pending = zlib.compressobj(_COMPRESSION), bytearray()
        above, line = np.zeros(channels * width, np.uint8), np.empty(1 + channels * width, np.uint8)
        line[0] = 2
        for band in bands:
            for row in band.reshape(len(band), -1):
                np.subtract(row, above, out=line[1:])
                above = row
                pending += packer.compress(line.data)
                if len(pending) >= _CHUNK:
                    chunk(b"IDAT", bytes(pending))
                    pending.clear()
        pending += packer.flush()
        chunk(b"IDAT", bytes(pending))
        chunk(b"IEND", b"")


def _write_tiff(path: Path, bands: Iterable[np.ndarray], shape: tuple[int, int, int], texts: Mapping[str, Any]) -> None:
    try:
        import tifffile
    except ImportError as error:
        raise SoatError(
            "Tiled TIFF files need the package tifffile, which isn't there. Install it with `pip install tifffile`, or "
            "choose png."
        ) from error
    _, width, channels = shape
    tifffile.imwrite(
        path,
        data=_tiles(bands, width),
        # Grey of one channel would be read as pages of columns.
        shape=shape if channels > 1 else shape[:2],
        dtype=np.uint8,
        bigtiff=True,
        tile=(_TILE, _TILE),
        photometric="minisblack" if channels == 1 else "rgb",
        extrasamples=["unassalpha"] if channels == 4 else None,
        compression="zlib",
        compressionargs={"level": _COMPRESSION},
        description=json.dumps(texts),
        metadata=None,
    )


def _tiles(bands: Iterable[np.ndarray], width: int) -> Iterator[np.ndarray]:
    """Bands of any height as TIFF wants them: tiles of a row of tiles, from left to right; edges filled up."""
    for rows in _in_heights(bands, _TILE):
        padded = np.pad(rows, ((0, _TILE - len(rows)), (0, -width % _TILE), (0, 0)), mode="edge")
        for left in range(0, width, _TILE):
            tile = np.ascontiguousarray(padded[:, left : left + _TILE])
            yield tile if tile.shape[2] > 1 else tile[..., 0]


def _in_heights(bands: Iterable[np.ndarray], height: int) -> Iterator[np.ndarray]:
    """The same rows in bands of a height; the last may be less."""
    held: list[np.ndarray] = []
    for band in bands:
        held.append(band)
        while sum(map(len, held)) >= height:
            rows = np.concatenate(held)
            yield rows[:height]
            held = [rows[height:]] if len(rows) > height else []
    if held:
        yield np.concatenate(held)
