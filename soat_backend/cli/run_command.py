"""`soat run`: a workflow, once or once a seed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import SoatError, WorkflowError
from ..terminal import TerminalBar
from ..workflow import Cache, NodeCatalog, RunReport, apply_overrides, execute, parse_seeds, read_workflow, with_seed
from ..workflow.graph import Node
from .pack import NodePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("workflow", help="a .json of ComfyUI (UI or API format), or a .png or .webp with one inside")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NODE.INPUT=VALUE",
        help="set an input; NODE is an id, a title or a class only one node has; may be repeated",
    )
    parser.add_argument(
        "--seeds", type=_seeds, metavar="A:B", help="run for the seeds A to B - 1 (or one seed N), as the lowest one"
    )
    parser.add_argument("--output", metavar="DIR", help="where pictures go (SOAT_OUTPUT, else ./output)")
    parser.add_argument("--input", metavar="DIR", help="where pictures come from (SOAT_INPUT, else ./input)")
    parser.add_argument("--models", metavar="DIR", help="where checkpoints are (SOAT_MODELS, else ./models)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Run the workflow and print the files written, one a line.

    Raises:
        SoatError: A folder that isn't there, or anything wrong with the workflow.
    """
    use_folders(args, pack)
    catalog = NodeCatalog(pack.classes, pack.display_names)
    graph = apply_overrides(read_workflow(args.workflow, catalog), args.set, catalog)
    seeds: Sequence[int | None] = args.seeds or [None]
    cache = Cache() if len(seeds) > 1 else None
    bar = None if args.quiet else TerminalBar()
    pack.host.show_progress(bar is not None)
    written, seconds = 0, 0.0
    try:
        for index, seed in enumerate(seeds):
            current = graph if seed is None else with_seed(graph, seed, catalog)
            on_node = _progress(bar, seed, index, len(seeds))
            # Not the catalog read above: a seed may have written files that the next one's inputs offer.
            report = execute(current, pack.classes, cache, on_node)
            if bar:
                bar.clear()
            written += _print_results(report, pack)
            seconds += report.seconds
    finally:
        if bar:
            bar.clear()
    if not args.quiet:
        print(f"{written} {'file' if written == 1 else 'files'}, {seconds:.1f} s", file=sys.stderr)


def use_folders(args: argparse.Namespace, pack: NodePack) -> None:
    """Take over --models, --input and --output.

    Raises:
        SoatError: A folder to read from isn't there.
    """
    for name in ("models", "input"):
        given = getattr(args, name, None)
        if given and not Path(given).expanduser().is_dir():
            raise SoatError(f"--{name} {given}: there is no such folder. Make it, or check the path.")
    chosen = {name: getattr(args, name, None) for name in ("models", "input", "output")}
    pack.host.set_folders(**chosen)


def _seeds(text: str) -> range:
    try:
        return parse_seeds(text)
    except WorkflowError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _progress(bar: TerminalBar | None, seed: int | None, run_index: int, runs: int) -> Any:
    if bar is None:
        return None
    prefix = "" if seed is None else f"seed {seed} ({run_index + 1}/{runs}) "

    def on_node(index: int, count: int, node: Node) -> None:
        bar.update(f"{prefix}{node.title}", run_index * count + index, runs * count)

    return on_node


def _print_results(report: RunReport, pack: NodePack) -> int:
    for entry in report.files:
        folder = pack.host.folder(entry.get("type", "output"))
        print(folder / entry.get("subfolder", "") / entry["filename"], flush=True)
    for ui in report.ui.values():
        for text in ui.get("text", ()):
            print(text, flush=True)
    return len(report.files)
