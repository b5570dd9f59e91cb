"""`python -m soat finetune`: a second generator that shares the first one's latent space, for translation."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checkpoints import load_generator
from ..generators.provenance import descent
from .export import data_name
from .finetune import LEARNING_RATE, finetuning_options, start_finetuning
from .freeze import STYLE_SPACE
from .running import add_run_arguments, add_step_arguments, check_out, run_training, step_options

DESCRIPTION = (
    "Fine-tune a generator on pictures of another domain. With --freeze style_space (mapping and affines stay, bit for "
    "bit) both generators share style space: the same latent is the same scene in both, and interpolating "
    "their feature maps translates between them. May be stopped and goes on like `soat train`."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to a parser."""
    parser.description = DESCRIPTION
    parser.add_argument("--from", dest="base", type=Path, required=True, help="checkpoint to begin with, of any format")
    parser.add_argument(
        "--freeze",
        default=STYLE_SPACE,
        metavar="style_space|w|blocks:R|none",
        help="what stays: mapping and affines (the default), the mapping, the mapping and the blocks up to R px, none",
    )
    parser.add_argument(
        "--discriminator", type=Path, metavar="STATE", help="begin with the discriminator of this training (state.pt)"
    )
    add_run_arguments(parser)
    add_step_arguments(parser, LEARNING_RATE)


def run(args: argparse.Namespace, _pack: object = None) -> None:
    """Fine-tune a generator as the arguments say.

    Raises:
        CheckpointError: The base can't be read.
        TrainingError: The options, the pictures or the state to resume from don't do.
    """
    check_out(args.out)
    base = load_generator(args.base)
    options = finetuning_options(base, args.freeze, **step_options(args))
    run_training(
        args,
        options,
        lambda pictures, device, dtype: start_finetuning(
            base, options, pictures, discriminator=args.discriminator, device=device, dtype=dtype
        ),
        origin=descent("soat finetune", [base], freeze=args.freeze, data=data_name(args.data)),
        # In the base's own precision the frozen weights stay what they are, bit for bit.
        export_dtype=next(base.parameters()).dtype,
    )
