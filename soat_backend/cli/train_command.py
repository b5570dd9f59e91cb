"""`soat train`: declared and done by the training package."""

from __future__ import annotations

import argparse

from ..training import train_command
from .pack import NodePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    train_command.add_arguments(parser)


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Train.

    Raises:
        SoatError: Anything wrong with the arguments or the data.
    """
    del pack
    train_command.run(args)
