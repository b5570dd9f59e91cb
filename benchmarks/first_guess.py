"""What a guessed code saves of an inversion: its loss by steps, begun with the guess and with the best of 100 codes.

    python benchmarks/first_guess.py [--pictures 8] [--steps 200] [--out FILE.json]

The table in docs/inversion.md. Fresh renders; the loss is LPIPS and ten times the mean squared error, as searched.
"""

from __future__ import annotations

import argparse
import statistics
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.inversion import InversionSettings, guess_codes, invert
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.training.renderers import stream
from synthesis import machine, save

MODELS = Path(__file__).parents[1] / "models"
DOMAINS = {"landscape_256": "landscape", "portrait_256": "portrait"}
AFTER = (1, 25, 50, 100, 150, 200)
# Of the renders: not those of a training.
STREAM = 9


def losses(model: str, scene: str, pictures: int, steps: int) -> dict[str, dict[int, float]]:
    """The mean loss after some numbers of steps, by what the search began with."""
    generator, network = load_generator(MODELS / f"{model}.safetensors"), load_alexnet()
    settings = InversionSettings(steps=steps, patience=0)
    found: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for render in stream(scene, pictures, generator.config.img_resolution, STREAM):
        target = torch.from_numpy(np.array(render)).permute(2, 0, 1)[None].float() / 127.5 - 1.0
        begun: tuple[tuple[str, Any], ...] = (("best of 100", None), ("guess", guess_codes(generator, target)))
        for name, init in begun:
            watch = partial(_note, found[name], target, settings.mse_weight)
            invert(generator, target, network, settings, init=init, watch=watch)
    return {name: {done: statistics.mean(each) for done, each in sorted(by.items())} for name, by in found.items()}


def _note(
    by_steps: dict[int, list[float]],
    target: torch.Tensor,
    mse_weight: float,
    done: int,
    _total: int,
    picture: torch.Tensor,
    lpips: float,
) -> None:
    if done in AFTER:
        by_steps[done].append(lpips + mse_weight * float((picture - target).square().mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=8)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    figures = {model: losses(model, scene, args.pictures, args.steps) for model, scene in DOMAINS.items()}
    save({**machine(), "loss": figures}, args.out)


if __name__ == "__main__":
    main()
