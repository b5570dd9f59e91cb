"""`python -m soat train`: a StyleGAN2 from nothing, grown from resolution to resolution, or a StyleGAN3."""

from __future__ import annotations

import argparse
from pathlib import Path

from .export import data_name
from .options import ARCHITECTURES, DEFAULT_STAGE_IMAGES, TrainingError, TrainingOptions
from .running import add_run_arguments, add_step_arguments, check_out, run_training, step_options
from .trainer import Trainer

DESCRIPTION = (
    "Train a StyleGAN2 or a StyleGAN3 on a folder of images or on a procedural renderer. Its state, log and sample "
    "sheets are kept in the work folder; the same command goes on from there, so it may be stopped at any time (Ctrl-C "
    "saves first)."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to a parser."""
    parser.description = DESCRIPTION
    parser.add_argument("--resolution", type=int, required=True, help="of the finished generator, a power of two")
    add_run_arguments(parser)
    steps = add_step_arguments(parser, TrainingOptions.learning_rate)
    steps.add_argument("--start-resolution", type=int, help="where growing begins (default: 32)")
    steps.add_argument("--grow", type=_stages, metavar="32:40000,64:300000", help="images for each resolution")
    steps.add_argument("--fade-images", type=int, default=TrainingOptions.fade_images)

    steps.add_argument("--teacher", type=Path, help="a generator whose pictures of the same w are learnt first")
    steps.add_argument("--teacher-images", type=int, default=32_000, help="for how many images (default: 32000)")
    steps.add_argument("--pan", type=float, default=0.0, help="pictures to either side that are judged too (StyleGAN3)")

    networks = parser.add_argument_group("networks")
    networks.add_argument("--architecture", choices=ARCHITECTURES, default=TrainingOptions.architecture)
    networks.add_argument("--channels", type=_integers, help="at 4, 8, 16, ... px (default: 160,160,128,96,64,32,...)")
    networks.add_argument("--layers", type=int, default=TrainingOptions.num_layers, help="of a StyleGAN3 (default: 9)")
    networks.add_argument("--channel-base", type=int, default=TrainingOptions.channel_base, help="of a StyleGAN3")
    networks.add_argument("--margin", type=int, default=TrainingOptions.margin_size, help="of a StyleGAN3")
    networks.add_argument("--channel-max", type=int, default=TrainingOptions.channel_max, help="of a StyleGAN3")
    networks.add_argument("--z-dim", type=int, default=TrainingOptions.z_dim)
    networks.add_argument("--w-dim", type=int, default=TrainingOptions.w_dim)
    networks.add_argument("--mapping-layers", type=int, default=TrainingOptions.mapping_layers)


def run(args: argparse.Namespace, _pack: object = None) -> None:
    """Train a generator as the arguments say.

    Raises:
        TrainingError: The options, the pictures or the state to resume from don't do.
    """
    check_out(args.out)
    options = options_from(args)
    origin = {"made_by": "soat train", "data": data_name(args.data)}
    run_training(
        args, options, lambda pictures, device, dtype: Trainer(options, pictures, device=device, dtype=dtype), origin
    )


def options_from(args: argparse.Namespace) -> TrainingOptions:
    """The training's options as asked for on the command line."""
    channels: dict[int, int] = {}
    if args.channels:
        channels = {4 * 2**index: count for index, count in enumerate(args.channels)}
        if max(channels) < args.resolution:
            raise TrainingError(
                f"--channels names {len(channels)} resolutions, up to {max(channels)} px; a generator of "
                f"{args.resolution} px needs one number for each of 4, 8, ... {args.resolution} px."
            )
    grows = args.architecture == TrainingOptions.architecture
    start = min(TrainingOptions.start_resolution, args.resolution) if grows else args.resolution
    return TrainingOptions(
        resolution=args.resolution,
        start_resolution=args.start_resolution or start,
        architecture=args.architecture,
        num_layers=args.layers,
        channel_base=args.channel_base,
        channel_max=args.channel_max,
        margin_size=args.margin,
        teacher=str(args.teacher or ""),
        teacher_images=args.teacher_images,
        pan=args.pan,
        channels={side: count for side, count in channels.items() if side <= args.resolution},
        z_dim=args.z_dim,
        w_dim=args.w_dim,
        mapping_layers=args.mapping_layers,
        fade_images=args.fade_images,
        stage_images={**DEFAULT_STAGE_IMAGES, **(args.grow or {})},
        **step_options(args),
    )


def _integers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _stages(text: str) -> dict[int, int]:
    pairs = (part.split(":") for part in text.split(","))
    return {int(resolution): int(images) for resolution, images in pairs}
