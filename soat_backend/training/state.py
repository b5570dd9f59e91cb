"""A training's state on disk: written whole or not at all, read without running code from it."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from ..support.files import replacing
from .options import TrainingError
from .trainer import Pictures, Trainer, TrainingOptions

logger = logging.getLogger(__name__)

FORMAT = "soat-training-1"
_COUNTERS = ("images", "steps", "seconds", "stage_start", "finished_stages", "fades")
_NETWORKS = ("z_dim", "w_dim", "mapping_layers", "conv_clamp")
# Of StyleGAN3; states of before there was another architecture than StyleGAN2 don't say.
_LAYERS = ("architecture", "num_layers", "channel_base", "channel_max", "margin_size")
# What a training was begun as; states of before there was fine-tuning don't say.
_BEGINNING = {"freeze": "none", "base": ""}


def save_state(trainer: Trainer, path: Path) -> None:
    """Write all that an uninterrupted training would go on from: networks, optimisers, counters, random state."""
    state = {
        "format": FORMAT,
        "options": asdict(trainer.options),
        "resolution": trainer.resolution,
        "counters": {name: getattr(trainer, name) for name in _COUNTERS},
        "networks": {name: network.state_dict() for name, network in trainer.networks.named().items()},
        "optimisers": trainer.optimiser_states(),
        "augmentation": trainer.augmentation.state(),
        "random": trainer.random.get_state(),
        "random_device": trainer.device.type,
    }
    with replacing(path, TrainingError) as partial:
        torch.save(state, partial)


def load_state(
    path: Path,
    options: TrainingOptions,
    pictures: Pictures,
    *,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
    optimisers: bool = True,
) -> Trainer:
    """Go on with a saved training.

    Args:
        path: What `save_state` wrote.
        options: May differ from those it was saved with, except in the networks' shape.
        pictures: To train on from now on.
        device: To train on.
        dtype: Of the activations.
        optimisers: Whether to take the optimisers' state over too, if the file has it.

    Returns:
        A trainer that continues bit for bit if nothing differs. With another `judge` its discriminator is new.

    Raises:
        TrainingError: The file isn't a training's state, or its networks have another shape.
    """
    state = read_state(path)
    _check_shape(state, options, path)
    trainer = Trainer(options, pictures, resolution=state["resolution"], device=device, dtype=dtype)
    same_judge = state["options"].get("judge", TrainingOptions.judge) == options.judge
    for name, network in trainer.networks.named().items():
        if name != "discriminator" or same_judge:
            network.load_state_dict(state["networks"][name])
    for name in _COUNTERS:
        setattr(trainer, name, state["counters"][name])
    # States of before there was any don't say; and it may be off from now on.
    if same_judge and trainer.augmentation.on and "augmentation" in state:
        trainer.augmentation.load_state(state["augmentation"])
    if optimisers and state.get("optimisers"):
        moments = state["optimisers"]
        trainer.load_optimiser_states(moments if same_judge else {**moments, "discriminator": {}})
    if not same_judge:
        logger.info("%s was judged otherwise; the discriminator begins anew", path)
    if state.get("random") is not None and state.get("random_device") == trainer.device.type:
        trainer.random.set_state(state["random"])
    return trainer


def read_state(path: Path) -> dict[str, Any]:
    """What `save_state` wrote, as it is.

    Raises:
        TrainingError: The file can't be read, or is something else.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch.load raises many types for a file that isn't its own
        raise TrainingError(f"{path} can't be read as a training's state: {error}", path=path) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise TrainingError(
            f"{path} is not the state of a training (expected format {FORMAT!r}). Give the state.pt of a work folder.",
            path=path,
        )
    return state


def _check_shape(state: dict[str, Any], options: TrainingOptions, path: Path) -> None:
    resolution, saved = state["resolution"], state["options"]
    if resolution > options.resolution:
        raise TrainingError(
            f"{path} is a training at {resolution} px already; it can't go on at {options.resolution} px. "
            f"Choose --resolution {resolution} or more."
        )
    for name in (*_NETWORKS, *_LAYERS):
        there = saved.get(name, getattr(TrainingOptions, name) if name in _LAYERS else None)
        if there != getattr(options, name):
            raise TrainingError(
                f"{path} has networks of {name} {there}, but {getattr(options, name)} was asked for. "
                "Ask for the same, or begin in another work folder."
            )
    for name, otherwise in _BEGINNING.items():
        if saved.get(name, otherwise) != getattr(options, name):
            raise TrainingError(
                f"{path} was begun with another {name}: {saved.get(name, otherwise) or 'none'!r} instead of "
                f"{getattr(options, name) or 'none'!r}. Give the --from and --freeze that it was begun with, or "
                "begin in another work folder."
            )
    for side in options.channels_at(resolution):
        if saved["channels"].get(side) != options.channels[side]:
            raise TrainingError(
                f"{path} has networks of {saved['channels'].get(side)} channels at {side} px, but "
                f"{options.channels[side]} were asked for. Ask for the same, or begin in another work folder."
            )
