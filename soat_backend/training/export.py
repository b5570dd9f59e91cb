"""The finished generator as a checkpoint of the project's own kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..checkpoints import save_generator
from .data import PROCEDURAL_PREFIX
from .trainer import Trainer


@dataclass(frozen=True)
class Export:
    """The checkpoint that a training writes.

    Attributes:
        path: A .safetensors file.
        origin: What it was made by, from and on: the beginning of its provenance.
        dtype: Of the weights in it.
    """

    path: Path
    origin: Mapping[str, Any]
    dtype: torch.dtype = torch.float16

    def write(self, trainer: Trainer) -> None:
        """Write a trainer's averaged generator, with what it was trained on and for how long."""
        provenance = {**self.origin, **progress(trainer)}
        save_generator(trainer.finished(), self.path, provenance=provenance, dtype=self.dtype)


def data_name(source: str) -> str:
    """How a provenance names what was trained on: a folder's path is nobody's business."""
    return source if source.startswith(PROCEDURAL_PREFIX) else "a folder of images"


def progress(trainer: Trainer) -> dict[str, Any]:
    """How far a training has come, for the file's metadata."""
    stages = {**trainer.finished_stages, trainer.resolution: trainer.images - trainer.stage_start}
    return {
        "images_seen": trainer.images,
        "images_by_resolution": {str(resolution): images for resolution, images in stages.items()},
        "hours": round(trainer.seconds / 3600, 2),
    }
