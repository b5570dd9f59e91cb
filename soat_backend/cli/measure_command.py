"""`soat measure`: declared and done by the training package."""

from __future__ import annotations

import argparse

from ..training import measure_command
from .pack import NodePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    measure_command.add_arguments(parser)


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Measure.

    Raises:
        SoatError: Anything wrong with the arguments, the checkpoint or the data.
    """
    del pack
    measure_command.run(args)
