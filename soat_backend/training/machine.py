"""Fitting a training to the machine it runs on: device, type of the activations."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

import numpy as np
import torch

from .options import TrainingError, TrainingOptions
from .trainer import Trainer

logger = logging.getLogger(__name__)

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_MEASURED_STEPS = 3


def choose_device(name: str) -> torch.device:
    """`auto` is CUDA where there is any, else the CPU.

    Raises:
        TrainingError: There is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"There is no device {name!r} on this machine: {error}", device=name) from error
    return device


class _Grey:
    def at(self, resolution: int) -> np.ndarray:
        return np.full((16, resolution, resolution, 3), 128, np.uint8)


def choose_dtype(name: str, options: TrainingOptions, device: torch.device) -> torch.dtype:
    """The type named, or with `auto` the one whose steps are faster here: bfloat16 needs hardware for it."""
    if name != "auto":
        return DTYPES[name]
    options = replace(options, r1_interval=1_000_000)
    seconds = {}
    for name, dtype in DTYPES.items():
        trainer = Trainer(options, _Grey(), resolution=options.resolution, device=device, dtype=dtype)
        trainer.step()
        trainer.step()
        _wait_for(device)
        began = time.perf_counter()
        for _ in range(_MEASURED_STEPS):
            trainer.step()
        _wait_for(device)
        seconds[name] = (time.perf_counter() - began) / _MEASURED_STEPS
    fastest = min(seconds, key=lambda name: seconds[name])
    logger.info("%s: a step takes %s", fastest, ", ".join(f"{took:.2f} s in {name}" for name, took in seconds.items()))
    return DTYPES[fastest]


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
