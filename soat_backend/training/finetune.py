"""Trainings that begin with a finished generator: fine-tuning, which keeps some of its weights, and growing it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ..generators import Generator
from ..generators.fingerprint import weights_digest
from .freeze import Freeze
from .options import DEFAULT_CHANNELS, TrainingError, TrainingOptions
from .state import read_state
from .trained_networks import require_stylegan2, require_trainable
from .trainer import Pictures, Trainer

# Source: SOAT, section 3.5 and its train.py.
LEARNING_RATE = 0.002


def finetuning_options(base: Generator, freeze: str, **steps: Any) -> TrainingOptions:
    """Options of a training whose networks have the shape of a generator.

    Args:
        base: To begin with.
        freeze: What of it stays, as `Freeze.parse` reads it.
        steps: Hyper-parameters by their names in TrainingOptions.

    Raises:
        TrainingError: The generator is no StyleGAN2, is conditional or makes no square RGB pictures, its mapping
            network is wider or narrower than w, its resolution is one that the trainer doesn't know, or there would be
            nothing left to train.
    """
    require_stylegan2(base)
    config = base.config
    blocks = Freeze.parse(freeze).blocks
    trainable = config.resolutions[:-1]
    if blocks and blocks not in trainable:
        raise TrainingError(
            f"--freeze blocks:{blocks} doesn't fit {base.name} of {config.img_resolution} px: choose one of "
            f"{', '.join(f'blocks:{resolution}' for resolution in trainable)}, so that the last is left to train.",
            freeze=freeze,
        )
    return TrainingOptions(
        resolution=config.img_resolution, channels=dict(config.channels), freeze=freeze, **_beginning(base), **steps
    )


def growing_options(
    base: Generator, resolution: int, channels: Mapping[int, int], stage_images: Mapping[int, int], **steps: Any
) -> TrainingOptions:
    """Options of a training that grows a generator to a higher resolution, or goes on at its own.

    Args:
        base: To begin with.
        resolution: Of the finished generator.
        channels: Of its blocks; those that the base has already need not be named.
        stage_images: Images that each resolution is trained on; at the base's own none if nothing is said of it.
        steps: Hyper-parameters by their names in TrainingOptions.

    Raises:
        TrainingError: The base can't be trained (as for `finetuning_options`), makes larger pictures, or has other
            channels.
    """
    config = base.config
    if config.img_resolution > resolution:
        raise TrainingError(
            f"{base.name} makes pictures of {config.img_resolution} px already and can't shrink to {resolution} px. "
            f"Choose --resolution {config.img_resolution} or more, or a smaller generator to begin with."
        )
    for side, count in config.channels.items():
        if channels.get(side, count) != count:
            raise TrainingError(
                f"{base.name} has {count} channels at {side} px, and --channels asks for {channels[side]}. Only the "
                f"blocks above {config.img_resolution} px are new: name its own numbers "
                f"({','.join(map(str, config.channels.values()))}) before theirs."
            )
    start = _beginning(base)
    every = {**DEFAULT_CHANNELS, **channels, **config.channels}
    return TrainingOptions(
        resolution=resolution,
        channels={side: count for side, count in sorted(every.items()) if side <= resolution},
        stage_images={config.img_resolution: 0, **stage_images},
        **start,
        **steps,
    )


def _beginning(base: Generator) -> dict[str, Any]:
    """The options that a training has from the generator it begins with, if that can be trained at all."""
    config = base.config
    if config.c_dim:
        raise TrainingError(
            f"{base.name} is conditional, with {config.c_dim} classes; only unconditional generators can be trained on."
        )
    require_trainable(base)
    if config.mapping_widths:
        raise TrainingError(
            f"The mapping network of {base.name} has layers of other widths than w ({config.w_dim}), which the trainer "
            "doesn't make. Choose a generator whose mapping layers are as wide as w."
        )
    return {
        "start_resolution": config.img_resolution,
        "z_dim": config.z_dim,
        "w_dim": config.w_dim,
        "mapping_layers": config.mapping_layers,
        "conv_clamp": config.conv_clamp,
        "base": weights_digest(base),
    }


def start_finetuning(
    base: Generator,
    options: TrainingOptions,
    pictures: Pictures,
    *,
    discriminator: Path | None = None,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> Trainer:
    """A trainer whose generator, and its average, are the base.

    Args:
        base: To begin with; left as it is.
        options: Of `finetuning_options`.
        pictures: Of the other domain.
        discriminator: State of the training that made the base: its discriminator knows already what matters.
            None begins with a new one, which takes longer to agree with the generator.
        device: To train on.
        dtype: Of the activations.

    Raises:
        TrainingError: The discriminator isn't of the generator's shape.
    """
    trainer = Trainer(options, pictures, device=device, dtype=dtype)
    for generator in (trainer.networks.generator, trainer.networks.average):
        generator.load_state_dict(base.state_dict())
    if discriminator is not None:
        weights = read_state(discriminator)["networks"]["discriminator"]
        try:
            trainer.networks.discriminator.load_state_dict(weights)
        except RuntimeError as error:
            raise TrainingError(
                f"The discriminator in {discriminator} has another shape than {base.name} needs: "
                f"{options.resolution} px, channels {options.channels}. Give the state of the training that made "
                f"{base.name}, or none.",
                path=discriminator,
            ) from error
    return trainer
