"""`python -m soat train`: a StyleGAN2, from nothing or from a smaller one, grown step by step, or a StyleGAN3."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..checkpoints import load_generator
from ..generators import Generator
from ..generators.provenance import descent
from .export import data_name
from .finetune import growing_options, start_finetuning
from .options import ARCHITECTURES, DEFAULT_STAGE_IMAGES, TrainingError, TrainingOptions
from .running import add_run_arguments, add_step_arguments, check_out, run_training, step_options
from .trained_networks import require_stylegan2
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
    steps.add_argument("--from", dest="base", type=Path, help="a smaller generator to begin with and grow")
    steps.add_argument(
        "--discriminator",
        type=Path,
        metavar="STATE",
        help="begin with that of the training that made --from",
    )
    steps.add_argument("--start-resolution", type=int, help="where growing begins (default: 32; with --from, its own)")
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
    networks.add_argument("--z-dim", type=int, help=f"(default: {TrainingOptions.z_dim}, or that of --from)")
    networks.add_argument("--w-dim", type=int, help=f"(default: {TrainingOptions.w_dim}, or that of --from)")
    networks.add_argument(
        "--mapping-layers", type=int, help=f"(default: {TrainingOptions.mapping_layers}, or that of --from)"
    )


def run(args: argparse.Namespace, _pack: object = None) -> None:
    """Train a generator as the arguments say.

    Raises:
        CheckpointError: The generator to begin with can't be read.
        TrainingError: The options, the pictures or the state to resume from don't do.
    """
    check_out(args.out)
    if args.base:
        _grow_from(args)
        return
    if args.discriminator:
        raise TrainingError("--discriminator goes with --from, whose training made it. Give both, or neither.")
    options = options_from(args)
    origin = {"made_by": "soat train", "data": data_name(args.data)}
    run_training(
        args, options, lambda pictures, device, dtype: Trainer(options, pictures, device=device, dtype=dtype), origin
    )


def _grow_from(args: argparse.Namespace) -> None:
    """Train a generator that begins as a smaller one."""
    base = load_generator(args.base)
    require_stylegan2(base)
    _require_agreement(args, base)
    options = growing_options(
        base,
        args.resolution,
        _channels(args),
        args.grow or {},
        fade_images=args.fade_images,
        **step_options(args),
    )
    run_training(
        args,
        options,
        lambda pictures, device, dtype: start_finetuning(
            base, options, pictures, discriminator=args.discriminator, device=device, dtype=dtype
        ),
        origin=descent("soat train", [base], data=data_name(args.data)),
    )


def _require_agreement(args: argparse.Namespace, base: Generator) -> None:
    """Refuse what can't be chosen where a generator is there already.

    Raises:
        TrainingError: It was asked for otherwise.
    """
    config = base.config
    if args.architecture != TrainingOptions.architecture or args.teacher:
        raise TrainingError("Only a StyleGAN2 grows from another: --from goes without --architecture and --teacher.")
    for option, given, there in (
        ("--z-dim", args.z_dim, config.z_dim),
        ("--w-dim", args.w_dim, config.w_dim),
        ("--mapping-layers", args.mapping_layers, config.mapping_layers),
        ("--start-resolution", args.start_resolution, config.img_resolution),
    ):
        if given not in (None, there):
            raise TrainingError(
                f"{option} {given} isn't what {base.name} has, which is {there}. Leave it out, or begin without --from."
            )


def _channels(args: argparse.Namespace) -> dict[int, int]:
    """The channels asked for by resolution; empty if nothing is said of them.

    Raises:
        TrainingError: They don't go up to the resolution.
    """
    channels: dict[int, int] = {}
    if args.channels:
        channels = {4 * 2**index: count for index, count in enumerate(args.channels)}
        if max(channels) < args.resolution:
            raise TrainingError(
                f"--channels names {len(channels)} resolutions, up to {max(channels)} px; a generator of "
                f"{args.resolution} px needs one number for each of 4, 8, ... {args.resolution} px."
            )
    return {side: count for side, count in channels.items() if side <= args.resolution}


def options_from(args: argparse.Namespace) -> TrainingOptions:
    """The training's options as asked for on the command line."""
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
        channels=_channels(args),
        z_dim=args.z_dim or TrainingOptions.z_dim,
        w_dim=args.w_dim or TrainingOptions.w_dim,
        mapping_layers=args.mapping_layers or TrainingOptions.mapping_layers,
        fade_images=args.fade_images,
        stage_images={**DEFAULT_STAGE_IMAGES, **(args.grow or {})},
        **step_options(args),
    )


def _integers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _stages(text: str) -> dict[int, int]:
    pairs = (part.split(":") for part in text.split(","))
    return {int(resolution): int(images) for resolution, images in pairs}
