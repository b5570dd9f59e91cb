"""`soat finetune`: declared and done by the training package."""

from __future__ import annotations

import argparse

from ..training import finetune_command
from .pack import NodePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    finetune_command.add_arguments(parser)


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Fine-tune.

    Raises:
        SoatError: Anything wrong with the arguments, the base or the data.
    """
    del pack
    finetune_command.run(args)
