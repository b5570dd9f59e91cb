"""`soat inspect`: what a checkpoint file is, without running anything in it."""

from __future__ import annotations

import argparse
from pathlib import Path

from .pack import NodePack
from .run_command import use_folders


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("file", help="a checkpoint file, or the name of a model such as demo/NAME")
    parser.add_argument("--models", metavar="DIR", help="where checkpoints are (SOAT_MODELS, else ./models)")


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Print what a checkpoint is.

    Raises:
        SoatError: The file can't be read as a generator.
    """
    from ..checkpoints import inspect_checkpoint

    print(inspect_checkpoint(checkpoint_file(args, pack)).describe())


def checkpoint_file(args: argparse.Namespace, pack: NodePack) -> Path:
    """A path as typed if there is such a file, else the model of that name.

    Raises:
        SoatError: There is neither.
    """
    use_folders(args, pack)
    path = Path(args.file).expanduser()
    return path if path.exists() or path.is_absolute() else pack.host.model_path("stylegan", args.file)
