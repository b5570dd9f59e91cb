"""`python -m soat measure`: the distance between a generator's pictures and those it was trained on."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..checkpoints import load_generator
from .data import PROCEDURAL_PREFIX, find_images, load_square
from .measure import SAMPLES, alexnet_distance
from .options import TrainingError
from .renderers import stream
from .trained_networks import require_trainable

# Renders that no training has seen: it takes those of seed 0 unless told otherwise.
FRESH_SEED = 1_000_003

DESCRIPTION = (
    "Print the Frechet distance between AlexNet features of a generator's pictures and of real ones: 0 if they are "
    "alike. It is no FID (another network); compare figures of the same data and count only."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to a parser."""
    parser.description = DESCRIPTION
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", required=True, help="a folder of images, or procedural:NAME for fresh renders")
    parser.add_argument("--count", type=int, default=SAMPLES, help="pictures of each kind")
    parser.add_argument("--psi", type=float, default=1.0, help="truncation")
    parser.add_argument("--workers", type=int, default=1, help="processes to render in")


def run(args: argparse.Namespace, _pack: object = None) -> None:
    """Measure a generator against pictures, and print the result.

    Raises:
        CheckpointError: The checkpoint can't be read.
        TrainingError: There are too few pictures.
    """
    logging.getLogger(__package__).setLevel(logging.INFO)
    generator = load_generator(args.checkpoint).float()
    require_trainable(generator)
    if args.count < 2:
        raise TrainingError(f"--count must be 2 or more, got {args.count}.", count=args.count)
    pictures = _pictures(args.data, args.count, generator.config.img_resolution, args.workers)
    distance = alexnet_distance(pictures, generator, args.count, args.psi)
    print(f"AlexNet-Frechet distance {distance:.3f} ({args.count} samples at psi {args.psi:g}, {args.data})")


def _pictures(source: str, count: int, resolution: int, workers: int) -> Iterable[np.ndarray]:
    if source.startswith(PROCEDURAL_PREFIX):
        return stream(source[len(PROCEDURAL_PREFIX) :], count, resolution, FRESH_SEED, workers)
    files = find_images(Path(source))
    if len(files) < count:
        raise TrainingError(f"{source} has {len(files)} images, fewer than the {count} asked for: lower --count.")
    # Spread over all of them: names that sort together often look alike.
    return (load_square(files[index * len(files) // count], resolution) for index in range(count))
