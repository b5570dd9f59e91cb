"""Pictures to train on: a folder of images or a procedural renderer, kept as uint8 on disk at each resolution."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from ..support.files import PICTURE_EXTENSIONS, PICTURE_TROUBLE, open_picture, replacing
from .options import TrainingError
from .renderers import find_renderer, find_version, stream

logger = logging.getLogger(__name__)

PROCEDURAL_PREFIX = "procedural:"
SUFFIXES = tuple(extension for extension in PICTURE_EXTENSIONS if extension != ".gif")
_REPORT_EVERY = 4_000
_CHUNK = 1_000


class ImageSet:
    """A fixed set of pictures at any resolution up to the one trained for, cached in a work folder.

    Args:
        source: A folder, searched with its subfolders, or `procedural:NAME`.
        resolution: The highest needed, in pixels.
        cache: Folder to keep the pictures in.
        count: How many to render; of a folder all are used.
        seed: Of the renderer.
        workers: Processes to render in.

    Raises:
        TrainingError: The folder is missing or has no pictures in it, or there is no such renderer.
    """

    def __init__(
        self, source: str, resolution: int, cache: Path, *, count: int = 32_000, seed: int = 0, workers: int = 1
    ) -> None:
        self.resolution = resolution
        self.cache = Path(cache)
        self.workers = workers
        self.seed = seed
        self.renderer: str | None = None
        self.files: list[Path] = []
        if source.startswith(PROCEDURAL_PREFIX):
            self.renderer = source[len(PROCEDURAL_PREFIX) :]
            find_renderer(self.renderer)
            self.count = count
            self.name = f"{self.renderer}-v{find_version(self.renderer)}-seed{seed}-{count}"
        else:
            self.files = find_images(Path(source))
            self.count = len(self.files)
            self.name = f"folder-{_digest(self.files)}-{self.count}"

    def at(self, resolution: int) -> np.ndarray:
        """The pictures, memory-mapped `[count, resolution, resolution, 3]` uint8, made if they aren't cached yet."""
        path = self.cache / f"{self.name}-{resolution}px.npy"
        if not path.exists():
            self.cache.mkdir(parents=True, exist_ok=True)
            if resolution < self.resolution:
                pictures: Iterable[np.ndarray] = _halved_to(self.at(self.resolution), resolution)
            elif self.renderer is not None:
                pictures = self._rendered(resolution)
            else:
                pictures = (load_square(file, resolution) for file in self.files)
            _write(path, pictures, self.count, resolution)
        return np.load(path, mmap_mode="r")

    def _rendered(self, resolution: int) -> Iterator[np.ndarray]:
        """The renderer's pictures: first those of the largest cache of fewer, of which none need be painted again."""
        assert self.renderer is not None
        start, end = self.name.removesuffix(str(self.count)), f"-{resolution}px.npy"
        counts = (path.name.removeprefix(start).removesuffix(end) for path in self.cache.glob(f"{start}*{end}"))
        fewer = [int(count) for count in counts if count.isdecimal() and int(count) < self.count]
        if fewer:
            yield from np.load(self.cache / f"{start}{max(fewer)}{end}", mmap_mode="r")
        yield from stream(self.renderer, self.count, resolution, self.seed, self.workers, first=max(fewer, default=0))


def find_images(folder: Path) -> list[Path]:
    """All picture files below a folder, sorted by path.

    Raises:
        TrainingError: There is no such folder, or no picture in it.
    """
    if not folder.is_dir():
        raise TrainingError(
            f"There is no folder {folder} to train on. Give a folder of images, or procedural:landscape.", path=folder
        )
    files = sorted(file for file in folder.rglob("*") if file.suffix.lower() in SUFFIXES)
    if not files:
        raise TrainingError(
            f"The folder {folder} has no images in it; looked for {', '.join(SUFFIXES)}, in subfolders too.",
            path=folder,
        )
    return files


def load_square(file: Path, resolution: int) -> np.ndarray:
    """Read a picture, cut its central square, and resize that to `[resolution, resolution, 3]` uint8.

    Raises:
        TrainingError: The file can't be read as a picture.
    """
    try:
        with open_picture(file) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except PICTURE_TROUBLE as error:
        raise TrainingError(
            f"{file} can't be read as an image ({error}). Remove it from the folder, or repair it.", path=file
        ) from error
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(picture.resize((resolution, resolution), Image.Resampling.LANCZOS, box=box))


def _digest(files: list[Path]) -> str:
    """Changes whenever a file is added, removed or edited."""
    digest = hashlib.sha256()
    for file in files:
        status = file.stat()
        digest.update(f"{file}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:12]


def _write(path: Path, pictures: Iterable[np.ndarray], count: int, resolution: int) -> None:
    """Write `count` pictures into a .npy file, `[count, resolution, resolution, 3]` uint8."""
    with replacing(path, TrainingError) as partial:
        images = np.lib.format.open_memmap(partial, "w+", np.uint8, (count, resolution, resolution, 3))
        for index, picture in enumerate(islice(pictures, count)):
            images[index] = picture
            if (index + 1) % _REPORT_EVERY == 0:
                logger.info("prepared %d of %d pictures of %d px", index + 1, count, resolution)
        images.flush()
        del images


def _halved_to(images: np.ndarray, resolution: int) -> Iterator[np.ndarray]:
    """Box-average pictures down to a lower resolution."""
    factor = images.shape[1] // resolution
    for start in range(0, len(images), _CHUNK):
        chunk = np.asarray(images[start : start + _CHUNK], dtype=np.float32)
        blocks = chunk.reshape(-1, resolution, factor, resolution, factor, 3)
        yield from (blocks.mean(axis=(2, 4)) + 0.5).astype(np.uint8)
