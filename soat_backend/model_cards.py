"""What a model file is and what it makes, in small: for choosing a file or a seed before anything is loaded or run."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import torch

from . import checkpoints
from .feature_ops import get_features
from .generators import Generator
from .latents import Latent, concatenate, sample, sample_grid, sample_sequence, select
from .latents.sampling import MAX_SEED
from .support.errors import SoatError, require_between
from .synthesis.coarse import coarse_layer, shrunk, stretched
from .synthesis.cost import kernel_bytes
from .synthesis.views import rgb_so_far

MAX_SAMPLES = 36
# Codes that are related are drawn all at once, whatever part of them is shown.
MAX_RELATED = 256
# Pictures of larger generators are cut off at this resolution: what is later is detail.
SAMPLE_SIDE = 128
# Those of generators up to this one are made to the end and shrunk: a coarse one is half the work, and duller.
WHOLE_SIDE = 256
# Where pictures have to be made to the end, as many are answered with as are begun within so many seconds.
PATIENCE = 4.0
_KEPT_CARDS = 64
# A generator is kept for the next seeds if it takes no more than this; reading a larger one again is cheaper than that.
_KEPT_BYTES = 256 << 20

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """The last few results of a function of a key; one is made at a time, whatever thread asks."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What was made for a key, or make it; what raises is not kept."""
        with self._lock:
            if key not in self._values:
                self._values[key] = make()
            self._values.move_to_end(key)
            while len(self._values) > self._count:
                self._values.popitem(last=False)
            return self._values[key]


class Card(NamedTuple):
    """What a file is: in a line, in some lines (`CheckpointInfo.describe`), its resolution and number of classes.

    And the names of its layers, in style space's order.
    """

    summary: str
    text: str
    resolution: int
    classes: int
    layers: tuple[str, ...] = ()


@dataclass
class Begun:
    """Small pictures of some codes, perhaps not all of them yet.

    Attributes:
        latent: The codes; None before the first picture.
        pictures: Those that there are, `[n, 3, h, w]`; None before the first.
    """

    latent: Latent | None = None
    pictures: torch.Tensor | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all are there."""
        return self.latent is not None and self.pictures is not None and len(self.pictures) == self.latent.batch

    def go_on(self, generator: Generator, draw: Callable[[Generator], Latent]) -> None:
        """Make more of them, as many as `small_pictures` does at once."""
        if self.latent is None:
            latent = draw(generator)
            self.latent = select(latent, list(range(min(latent.batch, MAX_SAMPLES))))
        done = [] if self.pictures is None else [self.pictures]
        left = select(self.latent, list(range(sum(map(len, done)), self.latent.batch)))
        self.pictures = torch.cat([*done, small_pictures(generator, left)])


class ModelCards:
    """Descriptions and sample pictures of model files, each made once as long as the file stays what it is.

    All of it is done on the CPU with generators of its own, whatever else is loaded. Of a StyleGAN2 with an RGB skip
    that is larger than WHOLE_SIDE the layers up to SAMPLE_SIDE show its pictures. StyleGAN3, `orig` and `resnet` make
    no colours before the end: a StyleGAN3-T of 1024 px takes some 10 s a picture on two cores, a sheet of them
    minutes. What is asked for is made from the first on, and answered with after PATIENCE seconds; whoever asks again
    gets more.
    """

    def __init__(self) -> None:
        self._descriptions: Recent[Card] = Recent(_KEPT_CARDS)
        self._sheets: Recent[Begun] = Recent(_KEPT_CARDS)
        self._drawing = threading.Lock()
        self._generator: tuple[Hashable, Generator] | None = None

    def describe(self, path: Path) -> Card:
        """Say what a checkpoint file is.

        Raises:
            CheckpointError: It is no generator that can be loaded; the message says what it is.
        """

        def make() -> Card:
            loaded = checkpoints.read_generator(path, name=path.name)
            self._keep(_signature(path), loaded.generator)
            info = checkpoints.describe_loaded(loaded, path.name)
            config, layers = info.config, tuple(layer.name for layer in loaded.generator.layers)
            return Card(info.summary(), info.describe(), config.img_resolution, config.c_dim, layers)

        return self._descriptions.get(_signature(path), make)

    def samples(
        self,
        path: Path,
        seed: int,
        count: int,
        truncation_psi: float = 0.7,
        truncation_cutoff: int = -1,
        class_idx: int = -1,
        rng: str = "numpy",
    ) -> torch.Tensor:
        """Small pictures of consecutive seeds.

        Args:
            path: A model file.
            seed: The first, in [0, MAX_SEED]; seeds beyond the largest are left out.
            count: How many, in [1, MAX_SAMPLES].
            truncation_psi: This and the others as of `latents.sample`.
            truncation_cutoff: As there.
            class_idx: As there.
            rng: As there.

        Returns:
            `[n, 3, h, w]` float32 in [0, 1] on the CPU, of at most SAMPLE_SIDE pixels; of generators larger than
            WHOLE_SIDE the RGB of the layers up to there, its contrast stretched. Where the picture is made to the end
            and shrunk, n may be less than `count`, and asking again gives more of them.

        Raises:
            SoatError: The file is no generator, or a value is out of range.
        """
        require_between("seed", seed, 0, MAX_SEED)
        require_between("count", count, 1, MAX_SAMPLES)
        seeds = range(seed, min(seed + count, MAX_SEED + 1))
        return self.samples_of(path, seeds, truncation_psi, truncation_cutoff, class_idx, rng)

    def samples_of(
        self,
        path: Path,
        seeds: Sequence[int],
        truncation_psi: float = 0.7,
        truncation_cutoff: int = -1,
        class_idx: int = -1,
        rng: str = "numpy",
    ) -> torch.Tensor:
        """As `samples`, of 1 to MAX_SAMPLES seeds in any order."""
        require_between("number of seeds", len(seeds), 1, MAX_SAMPLES)
        settings = (truncation_psi, truncation_cutoff, class_idx, rng)
        return self._sheet(
            path,
            ("seeds", *seeds, *settings),
            lambda generator: concatenate([sample(generator, seed, 1, *settings) for seed in seeds]),
        )

    def sequence(self, path: Path, count: int, **settings: Any) -> torch.Tensor:
        """Small pictures of the first MAX_SAMPLES of a sequence.

        Args:
            path: A model file.
            count: The sequence's length, in [1, MAX_RELATED].
            settings: The rest as of `latents.sample_sequence`.

        Returns:
            As `samples`.

        Raises:
            SoatError: As `samples`.
        """
        require_between("count", count, 1, MAX_RELATED)
        return self._sheet(
            path,
            ("sequence", count, *sorted(settings.items())),
            lambda generator: sample_sequence(generator, count=count, **settings),
        )

    def grid(self, path: Path, columns: int, rows: int, **settings: Any) -> torch.Tensor:
        """As `sequence`, of a grid in reading order: `latents.sample_grid`."""
        for name, value in (("columns", columns), ("rows", rows), ("columns x rows", columns * rows)):
            require_between(name, value, 1, MAX_RELATED)
        return self._sheet(
            path,
            ("grid", columns, rows, *sorted(settings.items())),
            lambda generator: sample_grid(generator, columns=columns, rows=rows, **settings),
        )

    def _sheet(self, path: Path, key: tuple[Hashable, ...], draw: Callable[[Generator], Latent]) -> torch.Tensor:
        begun = self._sheets.get((_signature(path), *key), Begun)
        with self._drawing:
            if not begun.is_whole:
                begun.go_on(self._read(path), draw)
        assert begun.pictures is not None
        return begun.pictures

    def _read(self, path: Path) -> Generator:
        kept = self._generator
        if kept and kept[0] == _signature(path):
            return kept[1]
        generator = checkpoints.read_generator(path, name=path.name).generator
        self._keep(_signature(path), generator)
        return generator

    def _keep(self, signature: Hashable, generator: Generator) -> None:
        weights = sum(parameter.numel() * parameter.element_size() for parameter in generator.parameters())
        small = weights + kernel_bytes(generator) <= _KEPT_BYTES
        self._generator = (signature, generator) if small else None


def small_pictures(generator: Generator, latent: Latent) -> torch.Tensor:
    """What `ModelCards.samples` gives, of latents: of all, or of the first of them, at least one."""
    until = time.monotonic() + PATIENCE
    last = generator.layers.last
    layer = last if max(generator.img_size) <= WHOLE_SIDE else coarse_layer(generator, SAMPLE_SIDE)
    with torch.inference_mode():
        # One by one: all of a batch's maps would ask for much memory at once.
        made: list[torch.Tensor] = []
        while len(made) < latent.batch and not (made and layer == last and time.monotonic() > until):
            one = get_features(generator, select(latent, [len(made)]), layer.name)
            made.append(shrunk(rgb_so_far(one), SAMPLE_SIDE))
        pictures = torch.cat(made)
        return pictures if layer == last else stretched(pictures)


def _signature(path: Path) -> tuple[str, int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise SoatError(f"{path.name} can't be read: {error.strerror}. Check that it is still there.") from error
    return str(path), status.st_size, status.st_mtime_ns
