"""Parsing the command line, and turning errors into messages and exit codes."""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import sys
import traceback
from collections.abc import Sequence

from ..support.errors import SoatError
from ..support.terminal import printable
from .pack import NodePack

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

_COMMANDS = {
    "run": "run a ComfyUI workflow without ComfyUI",
    "nodes": "list the nodes and their inputs",
    "inspect": "say what a checkpoint file is",
    "convert": "convert a checkpoint to safetensors",
    "demo": "run the example workflows",
    "ops": "say which native operators are in use, and why",
    "train": "train a generator",
    "stylize": "make generators that paint in the manner of pictures",
    "finetune": "fine-tune a generator on another domain, sharing its latents",
    "measure": "say how far a generator's pictures are from real ones",
    "edges": "take lines off the edges of a generator's pictures",
}
# Their options are the training package's, and so are they.
_OF_TRAINING = ("train", "finetune", "measure", "edges")


def main(argv: Sequence[str] | None, pack: NodePack) -> int:
    """Run one command of the program.

    Args:
        argv: Arguments without the program's name; the process's own if None.
        pack: The nodes and their host.

    Returns:
        The exit code: 0 done, 1 an error (its message is on standard error), 2 wrong usage, 130 interrupted.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser(next((word for word in arguments if word in _COMMANDS), None))
    try:
        args = parser.parse_args(arguments)
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else USAGE
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.DEBUG if args.debug else logging.WARNING, format="%(levelname)s: %(message)s")
    try:
        args.command_run(args, pack)
    except BrokenPipeError:
        # Whoever reads our output, `head` perhaps, has seen enough. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("soat: stopped.", file=sys.stderr)
        return INTERRUPTED
    except SoatError as error:
        if args.debug:
            traceback.print_exc()
        print(f"soat: {printable(str(error))}", file=sys.stderr)
        return FAILED
    except (OSError, RuntimeError, MemoryError) as error:
        # Names that the system refuses (too long, links in a circle, an unknown ~user), or no memory left.
        if args.debug:
            traceback.print_exc()
        print(f"soat: {type(error).__name__}: {printable(str(error))}", file=sys.stderr)
        return FAILED
    return OK


def _parser(command: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="soat", description="StyleGAN of All Trades, from the command line.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, help_text in _COMMANDS.items():
        subparser = commands.add_parser(name, help=help_text, description=f"{help_text[0].upper()}{help_text[1:]}.")
        if name == command:
            # Only the chosen command is imported: the others would make every start slow.
            package = "..training" if name in _OF_TRAINING else ""
            module = importlib.import_module(f"{package}.{name}_command", __package__)
            module.add_arguments(subparser)
            subparser.set_defaults(command_run=module.run)
        subparser.add_argument("--debug", action="store_true", help="show tracebacks and log messages")
    return parser
