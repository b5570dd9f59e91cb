"""`soat convert`: any readable checkpoint to safetensors."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import inspect_command
from .pack import NodePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    inspect_command.add_arguments(parser)
    parser.add_argument("out", help="the .safetensors to write")


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Convert, and print where to.

    Raises:
        SoatError: The file can't be read as a generator, or the other can't be written.
    """
    from ..checkpoints import convert_checkpoint

    convert_checkpoint(inspect_command.checkpoint_file(args, pack), Path(args.out).expanduser())
    print(args.out)
