"""The finished generator as a checkpoint of the project's own kind."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch

from ..checkpoints import save_generator
from .networks import estimate_w_avg
from .trainer import Trainer


def export_generator(trainer: Trainer, path: Path, source: str) -> None:
    """Write the averaged generator in half precision, with what it was trained on and for how long.

    Args:
        trainer: Whose average to write.
        path: A .safetensors file.
        source: What it was trained on, for the provenance.
    """
    generator = copy.deepcopy(trainer.networks.average)
    estimate_w_avg(generator)
    save_generator(generator, path, provenance=provenance(trainer, source), dtype=torch.float16)


def provenance(trainer: Trainer, source: str) -> dict[str, Any]:
    """Where a generator comes from, to be kept in its file."""
    stages = {**trainer.finished_stages, trainer.resolution: trainer.images - trainer.stage_start}
    return {
        "made_by": "soat train",
        "data": source if source.startswith("procedural:") else "a folder of images",
        "images_seen": trainer.images,
        "images_by_resolution": {str(resolution): images for resolution, images in stages.items()},
        "hours": round(trainer.seconds / 3600, 2),
    }
