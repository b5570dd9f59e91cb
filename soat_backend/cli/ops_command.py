"""`soat ops`: which operators are in use, and why."""

from __future__ import annotations

import argparse

from .pack import NodePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """There are none."""


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Build the native operators if that is still to be done, and say how it went."""
    from ..ops import native

    print(native.status())
