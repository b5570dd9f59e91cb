"""`python -m soat train`: options, signals, and the order of things."""

from __future__ import annotations

import argparse
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from .data import ImageSet
from .machine import DTYPES, choose_device, choose_dtype, keep_freed_memory
from .options import DEFAULT_STAGE_IMAGES, TrainingError, TrainingOptions
from .session import STATE_NAME, Schedule, Session
from .state import load_state
from .trainer import Trainer

logger = logging.getLogger(__name__)

DESCRIPTION = (
    "Train a StyleGAN2 on a folder of images or on a procedural renderer. Its state, log and sample sheets are kept in "
    "the work folder; the same command goes on from there, so it may be stopped at any time (Ctrl-C saves first)."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's options to a parser."""
    parser.description = DESCRIPTION
    parser.add_argument("--data", required=True, help="a folder of images, or procedural:landscape")
    parser.add_argument("--resolution", type=int, required=True, help="of the finished generator, a power of two")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write (.safetensors), at every save")
    parser.add_argument("--work", type=Path, help="work folder (default: training/ and --out's name)")
    parser.add_argument("--minutes", type=float, help="stop after so long, preparing the pictures included")
    parser.add_argument("--images", type=int, help="stop after so many images seen, earlier runs included")
    parser.add_argument("--fresh-optimisers", action="store_true", help="resume without the optimisers' state")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, ... (default: cuda if there is any)")
    parser.add_argument("--dtype", default="auto", choices=["auto", *DTYPES], help="of activations; auto measures")
    parser.add_argument("--threads", type=int, help="CPU threads (default: torch's choice)")
    parser.add_argument("--seed", type=int, default=0)

    networks = parser.add_argument_group("networks")
    networks.add_argument("--channels", type=_integers, help="at 4, 8, 16, ... px (default: 160,160,128,96,64,32,...)")
    networks.add_argument("--z-dim", type=int, default=TrainingOptions.z_dim)
    networks.add_argument("--w-dim", type=int, default=TrainingOptions.w_dim)
    networks.add_argument("--mapping-layers", type=int, default=TrainingOptions.mapping_layers)

    steps = parser.add_argument_group("steps")
    steps.add_argument("--batch", type=int, default=TrainingOptions.batch, help="a multiple of 4")
    steps.add_argument("--learning-rate", type=float, default=TrainingOptions.learning_rate)
    steps.add_argument("--r1-factor", type=float, default=TrainingOptions.r1_factor, help="times the usual gamma")
    steps.add_argument("--mixing", type=float, default=TrainingOptions.mixing, help="probability of style mixing")
    steps.add_argument("--no-flips", action="store_true", help="don't mirror pictures")
    steps.add_argument("--start-resolution", type=int, help="where growing begins (default: 32)")
    steps.add_argument("--grow", type=_stages, metavar="32:40000,64:300000", help="images for each resolution")
    steps.add_argument("--fade-images", type=int, default=TrainingOptions.fade_images)
    steps.add_argument("--ema-images", type=float, default=TrainingOptions.ema_images, help="half-life of the average")

    data = parser.add_argument_group("data")
    data.add_argument("--renders", type=int, default=32_000, help="pictures to render, of a procedural source")
    data.add_argument("--workers", type=int, default=1, help="processes to render in")

    looks = parser.add_argument_group("looks")
    looks.add_argument("--save-minutes", type=float, default=Schedule.save_seconds / 60)
    looks.add_argument("--sheet-images", type=int, default=Schedule.sheet_images, help="between sample sheets")
    looks.add_argument("--metric-images", type=int, default=Schedule.metric_images, help="between figures; 0: none")


def run(args: argparse.Namespace) -> int:
    """Train as asked.

    Returns:
        0, the process's exit code.

    Raises:
        TrainingError: The options, the pictures or the state to resume from don't do.
    """
    started = time.monotonic()
    if args.out.suffix != ".safetensors":
        raise TrainingError(f"--out writes a .safetensors file, got {args.out.name}.", out=args.out)
    options = options_from(args)
    # A training takes hours: its progress is what the terminal is for.
    logging.getLogger(__package__).setLevel(logging.INFO)
    if args.threads:
        torch.set_num_threads(args.threads)
    keep_freed_memory()
    device = choose_device(args.device)
    work = args.work or Path("training") / args.out.stem
    pictures = ImageSet(
        args.data, options.resolution, work / "data", count=args.renders, seed=args.seed, workers=args.workers
    )
    dtype = choose_dtype(args.dtype, options, device)
    state = work / STATE_NAME
    if state.exists():
        fresh = args.fresh_optimisers
        trainer = load_state(state, options, pictures, device=device, dtype=dtype, optimisers=not fresh)
        logger.info("resuming %s at %d images, %d px", state, trainer.images, trainer.resolution)
    else:
        trainer = Trainer(options, pictures, device=device, dtype=dtype)
    schedule = Schedule(
        seconds=None if args.minutes is None else args.minutes * 60,
        images=args.images,
        save_seconds=args.save_minutes * 60,
        sheet_images=args.sheet_images,
        metric_images=args.metric_images,
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with _stop_signals() as stop:
        Session(trainer, work, args.out, args.data, schedule, started).run(lambda: bool(stop))
    return 0


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
    return TrainingOptions(
        resolution=args.resolution,
        start_resolution=args.start_resolution or min(TrainingOptions.start_resolution, args.resolution),
        channels={side: count for side, count in channels.items() if side <= args.resolution},
        z_dim=args.z_dim,
        w_dim=args.w_dim,
        mapping_layers=args.mapping_layers,
        batch=args.batch,
        learning_rate=args.learning_rate,
        r1_factor=args.r1_factor,
        mixing=args.mixing,
        flips=not args.no_flips,
        fade_images=args.fade_images,
        stage_images={**DEFAULT_STAGE_IMAGES, **(args.grow or {})},
        ema_images=args.ema_images,
        seed=args.seed,
    )


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Collect the first interrupt or termination instead of dying of it; a second one acts as ever."""
    received: list[int] = []
    handled = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in handled}

    def note(number: int, _frame: Any) -> None:
        received.append(number)
        logger.info("stopping after this step; once more stops at once, unsaved")
        for each in handled:
            signal.signal(each, before[each])

    for number in handled:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for number in handled:
            signal.signal(number, before[number])


def _integers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def _stages(text: str) -> dict[int, int]:
    pairs = (part.split(":") for part in text.split(","))
    return {int(resolution): int(images) for resolution, images in pairs}
