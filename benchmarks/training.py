"""Images a second of one core that a training makes, judged by features: a step of all networks, again and again.

    python benchmarks/training.py [--resolution 128] [--seconds 20] [--batch 16]

Counted by the processor's time, so that other work beside it matters little. Pictures are noise: what they show changes
nothing. Channels are those of the bundled landscapes.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch
from soat.soat_backend.support.memory import keep_freed_memory
from soat.soat_backend.training.options import TrainingOptions
from soat.soat_backend.training.trainer import Trainer

CHANNELS = {4: 160, 8: 160, 16: 128, 32: 96, 64: 64, 128: 64, 256: 32}


class Noise:
    def at(self, resolution: int) -> np.ndarray:
        return np.random.default_rng(0).integers(0, 256, (64, resolution, resolution, 3), dtype=np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=128, choices=[64, 128, 256])
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--batch", type=int, default=16)
    args = parser.parse_args()
    keep_freed_memory()  # As `soat train` does.
    torch.set_num_threads(1)
    options = TrainingOptions(
        resolution=args.resolution,
        start_resolution=args.resolution,
        channels={side: count for side, count in CHANNELS.items() if side <= args.resolution},
        judge="features",
        batch=args.batch,
    )
    trainer = Trainer(options, Noise())
    trainer.step()
    began, before = time.process_time(), trainer.images
    while time.process_time() - began < args.seconds:
        trainer.step()
    speed = (trainer.images - before) / (time.process_time() - began)
    print(f"{args.resolution} px: {speed:.2f} images a second")


if __name__ == "__main__":
    main()
