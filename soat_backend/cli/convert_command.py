"""`soat convert`: any readable checkpoint to safetensors."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..support.errors import SoatError
from . import inspect_command
from .pack import NodePack

SUFFIX = ".safetensors"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    inspect_command.add_arguments(parser)
    parser.add_argument("out", help="the .safetensors to write")


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Convert, and print where to.

    Raises:
        SoatError: The file can't be read as a generator, or the other can't be written or isn't called .safetensors.
    """
    from ..checkpoints import convert_checkpoint

    out = Path(args.out).expanduser()
    if out.suffix.lower() != SUFFIX:
        # Other programs go by the name, and would take it for a pickle.
        raise SoatError(
            f"{args.out}: expected a name that ends in {SUFFIX}, since that is what soat convert writes. "
            f"Name it {out.stem or 'model'}{SUFFIX}."
        )
    convert_checkpoint(inspect_command.checkpoint_file(args, pack), out)
    print(args.out)
