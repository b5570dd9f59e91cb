"""What `soat train` and `soat finetune` have in common: options, signals, and the order of things."""

from __future__ import annotations

import argparse
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ..support.terminal import stop_signals
from .data import ImageSet
from .export import Export
from .machine import DTYPES, choose_device, choose_dtype
from .options import AUGMENTS, JUDGES, TrainingError, TrainingOptions
from .renderers import NAMES
from .session import STATE_NAME, Schedule, Session
from .state import load_state
from .trainer import Trainer

logger = logging.getLogger(__name__)

# Makes the trainer of a training that begins: (pictures, device, type of the activations).
Start = Callable[[ImageSet, torch.device, torch.dtype], Trainer]


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to train on, where to write, when to stop, and on which device."""
    renderers = ", ".join(NAMES)
    parser.add_argument("--data", required=True, help=f"a folder of images, or procedural:NAME ({renderers})")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write (.safetensors), at every save")
    parser.add_argument("--work", type=Path, help="work folder (default: training/ and --out's name)")
    parser.add_argument("--minutes", type=float, help="stop after so long, preparing the pictures included")
    parser.add_argument("--images", type=int, help="stop after so many images seen, earlier runs included")
    parser.add_argument("--fresh-optimisers", action="store_true", help="resume without the optimisers' state")
    parser.add_argument("--device", default="auto", help="cpu, cuda, cuda:1, ... (default: cuda if there is any)")
    parser.add_argument("--dtype", default="auto", choices=["auto", *DTYPES], help="of activations; auto measures")
    parser.add_argument("--threads", type=int, help="CPU threads (default: torch's choice)")
    parser.add_argument("--seed", type=int, default=0)

    data = parser.add_argument_group("data")
    data.add_argument(
        "--renders",
        type=int,
        default=32_000,
        help="pictures to render, of a procedural source; more later go on from these",
    )
    data.add_argument("--workers", type=int, default=1, help="processes to render in")

    looks = parser.add_argument_group("looks")
    looks.add_argument("--save-minutes", type=float, default=Schedule.save_seconds / 60)
    looks.add_argument("--sheet-images", type=int, default=Schedule.sheet_images, help="between sample sheets")
    looks.add_argument("--metric-images", type=int, default=Schedule.metric_images, help="between figures; 0: none")


def add_step_arguments(parser: argparse.ArgumentParser, learning_rate: float) -> Any:
    """Add the hyper-parameters of a step; returns their group, for more of them."""
    steps = parser.add_argument_group("steps")
    steps.add_argument("--batch", type=int, default=TrainingOptions.batch, help="a multiple of 4")
    steps.add_argument("--learning-rate", type=float, default=learning_rate)
    steps.add_argument("--r1-factor", type=float, default=TrainingOptions.r1_factor, help="times the usual gamma")
    steps.add_argument(
        "--judge",
        choices=JUDGES,
        default=TrainingOptions.judge,
        help="what the discriminator looks at: pixels, or AlexNet's features, which learns details much sooner",
    )
    steps.add_argument(
        "--judge-speed",
        type=float,
        default=TrainingOptions.judge_speed,
        metavar="PART",
        help="learning rate of a judge of features, by the generator's (default: 0.25; 1 for 256 px)",
    )
    steps.add_argument("--mixing", type=float, default=TrainingOptions.mixing, help="probability of style mixing")
    steps.add_argument("--no-flips", action="store_true", help="don't mirror pictures")
    steps.add_argument(
        "--augment",
        choices=AUGMENTS,
        default=TrainingOptions.augment,
        help="ada: pictures are moved and coloured before they are judged, as often as overfitting asks for; for few "
        "pictures, some hundreds to some thousands",
    )
    steps.add_argument(
        "--augment-target",
        type=float,
        default=TrainingOptions.augment_target,
        metavar="R",
        help="mean sign of the judgements of real pictures that is aimed at (default: 0.6)",
    )
    steps.add_argument(
        "--augment-images",
        type=float,
        default=TrainingOptions.augment_images,
        metavar="N",
        help="in which each transformation's probability rises from 0 to 1 (default: 500000; less for short trainings)",
    )
    steps.add_argument("--ema-images", type=float, default=TrainingOptions.ema_images, help="half-life of the average")
    return steps


def step_options(args: argparse.Namespace) -> dict[str, Any]:
    """What `add_step_arguments` asked for, under the names of TrainingOptions."""
    return {
        "batch": args.batch,
        "learning_rate": args.learning_rate,
        "r1_factor": args.r1_factor,
        "judge": args.judge,
        "judge_speed": args.judge_speed,
        "mixing": args.mixing,
        "flips": not args.no_flips,
        "augment": args.augment,
        "augment_target": args.augment_target,
        "augment_images": args.augment_images,
        "ema_images": args.ema_images,
        "seed": args.seed,
    }


def check_out(path: Path) -> None:
    """Refuse to write anything but safetensors, before hours are spent.

    Raises:
        TrainingError: The path's suffix is another.
    """
    if path.suffix != ".safetensors":
        raise TrainingError(f"--out writes a .safetensors file, got {path.name}.", out=path)


def run_training(
    args: argparse.Namespace,
    options: TrainingOptions,
    start: Start,
    origin: dict[str, Any],
    export_dtype: torch.dtype = torch.float16,
) -> None:
    """Begin a training or go on with the one in the work folder, until its end or a signal.

    Args:
        args: Of `add_run_arguments`.
        options: Of the training.
        start: Makes the trainer where there is no state to resume.
        origin: The beginning of the checkpoint's provenance.
        export_dtype: Of the checkpoint's weights.

    Raises:
        TrainingError: The pictures, the device or the state to resume from don't do.
    """
    started = time.monotonic()
    # A training takes hours: its progress is what the terminal is for.
    logging.getLogger(__package__).setLevel(logging.INFO)
    if args.threads:
        torch.set_num_threads(args.threads)
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
        trainer = start(pictures, device, dtype)
    schedule = Schedule(
        seconds=None if args.minutes is None else args.minutes * 60,
        images=args.images,
        save_seconds=args.save_minutes * 60,
        sheet_images=args.sheet_images,
        metric_images=args.metric_images,
    )
    args.out.parent.mkdir(parents=True, exist_ok=True)
    export = Export(args.out, origin, export_dtype)
    with stop_signals("stopping after this step") as stop:
        Session(trainer, work, export, schedule, started).run(lambda: bool(stop))
