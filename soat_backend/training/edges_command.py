"""`python -m soat edges`: a generator's pictures without lines at their edges."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import torch

from ..checkpoints import load_generator, save_generator
from ..generators.provenance import descent
from .edges import BATCH, IMAGES, LEARNING_RATE, settle_edges
from .machine import choose_device
from .options import TrainingError
from .running import check_out

DESCRIPTION = (
    "Take the lines off the edges of a generator's pictures, such as a grown one has. It learns from its own pictures, "
    "minutes on a CPU; what is inside stays, and so do mapping and affines, bit for bit: siblings stay siblings."
)
_TIMES = 30

logger = logging.getLogger(__name__)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to a parser."""
    parser.description = DESCRIPTION
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write (.safetensors)")
    parser.add_argument("--images", type=int, default=IMAGES, help="pictures to learn from")
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, ... (default: cuda if there is any)")
    parser.add_argument("--threads", type=int, help="CPU threads (default: torch's choice)")


def run(args: argparse.Namespace, _pack: object = None) -> None:
    """Settle a generator's edges, and write it.

    Raises:
        CheckpointError: The checkpoint can't be read.
        TrainingError: The options don't do, or nothing can be learnt of this generator.
    """
    logging.getLogger(__package__).setLevel(logging.INFO)
    check_out(args.out)
    if args.images < 1:
        raise TrainingError(f"--images must be 1 or more, got {args.images}.", images=args.images)
    if args.threads:
        torch.set_num_threads(args.threads)
    base = load_generator(args.checkpoint)
    settled = settle_edges(
        base.to(choose_device(args.device)), args.images, args.learning_rate, args.seed, watch=_Log(args.images).say
    )
    origin = descent("soat edges", [base], images=args.images)
    # In the base's own precision mapping and affines stay what they are, bit for bit.
    save_generator(settled, args.out, provenance=origin, dtype=next(base.parameters()).dtype)


class _Log:
    """Says how far it is, thirty times in all; what is said is the mean since the last time."""

    def __init__(self, images: int) -> None:
        self.images = images
        self.differences: list[float] = []

    def say(self, images: int, difference: float) -> None:
        self.differences.append(difference)
        every = max(self.images // _TIMES, 1)
        if images // every > (images - BATCH) // every or images >= self.images:
            mean = sum(self.differences) / len(self.differences)
            logger.info("images %d outermost pixels off by %.2f of 255", images, mean)
            self.differences.clear()
