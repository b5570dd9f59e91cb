"""`soat run`: a workflow, once or once a seed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..support.errors import SoatError, WorkflowError
from ..support.terminal import TerminalBar
from ..workflow import Cache, NodeCatalog, RunReport, apply_overrides, execute, parse_seeds, read_workflow
from ..workflow.batch import Job, picture_jobs, seed_jobs
from ..workflow.graph import Node
from ..workflow.text_replacements import fill_in
from ..workflow.validate import validate
from .pack import NodePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "workflow", help="a .json of ComfyUI (UI or API format), or a .png, .webp or .jpg with one inside"
    )
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
    parser.add_argument(
        "--pictures", metavar="DIR", help="run for each picture of a folder, as what the one LoadImage loads"
    )
    parser.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="ray: spread the seeds or pictures over a Ray cluster (pip install ray); files are named after them, and "
        "what is there already isn't made again",
    )
    parser.add_argument("--address", metavar="HOST", help="of a running Ray cluster (default: a local one)")
    parser.add_argument("--workers", type=int, metavar="N", help="processes of --engine ray (default: one a CPU)")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Run the workflow and print the files written, one a line, and what its output nodes say.

    Raises:
        SoatError: A folder that isn't there, or anything wrong with the workflow. Of several runs those that fail are
            named at the end, and the others are done.
    """
    use_folders(args, pack)
    catalog = NodeCatalog(pack.classes, pack.display_names)
    if args.pictures:
        pack.host.set_folders(input=str(_picture_folder(args)))
    graph = apply_overrides(read_workflow(args.workflow, catalog), args.set, catalog)
    if args.pictures:
        jobs: Sequence[Job] = picture_jobs(graph, _picture_folder(args))
    else:
        jobs = seed_jobs(graph, args.seeds, catalog) if args.seeds else [Job("", graph)]
    if args.engine == "ray":
        _run_on_ray(jobs, args, pack)
        return
    several = len(jobs) > 1
    if several:
        # What is wrong with the workflow is wrong with all of them.
        validate(fill_in(jobs[0].graph), catalog)
    cache = Cache() if several else None
    bar = None if args.quiet else TerminalBar()
    pack.host.show_progress(bar is not None)
    written, seconds = 0, 0.0
    failures: dict[str, str] = {}
    try:
        for index, job in enumerate(jobs):
            on_node = _progress(bar, job.name, index, len(jobs))
            # Not the catalog read above: a run may have written files that the next one's inputs offer.
            try:
                report = execute(job.graph, pack.classes, cache, on_node)
            except SoatError as error:
                if not several:
                    raise
                failures[job.name] = str(error)
                continue
            if bar:
                bar.clear()
            written += _print_results(report, pack, job.name)
            seconds += report.seconds
    finally:
        if bar:
            bar.clear()
    if not args.quiet:
        print(f"{written} {'file' if written == 1 else 'files'}, {seconds:.1f} s", file=sys.stderr)
    _refuse_failures(failures, len(jobs))


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


def _picture_folder(args: argparse.Namespace) -> Path:
    folder = Path(args.pictures).expanduser().resolve()
    if args.seeds:
        raise SoatError("--pictures and --seeds are two ways of saying what to run for. Choose one.")
    if not folder.is_dir():
        raise SoatError(f"--pictures {args.pictures}: there is no such folder. Make it, or check the path.")
    return folder


def _run_on_ray(jobs: Sequence[Job], args: argparse.Namespace, pack: NodePack) -> None:
    """Run, print what was written as it comes, and what failed at the end.

    Raises:
        SoatError: Some failed.
    """
    from .ray_engine import Cluster, run_jobs

    if not jobs[0].name:
        raise SoatError("--engine ray spreads many runs: say which with --seeds A:B or --pictures DIR.")
    validate(fill_in(jobs[0].graph), NodeCatalog(pack.classes, pack.display_names))
    bar = None if args.quiet else TerminalBar()
    done = 0

    def on_done(name: str, files: list[Path] | None, texts: list[str]) -> None:
        nonlocal done
        done += 1
        if bar:
            bar.clear()
        for line in [*(files or ()), *(_named(name, text) for text in texts)]:
            print(line, flush=True)
        if bar:
            bar.update(f"{name} {'was there' if files is None else 'done'}", done, len(jobs))

    try:
        failures = run_jobs(jobs, pack, Cluster(args.address, args.workers), on_done)
    finally:
        if bar:
            bar.clear()
    _refuse_failures(failures, len(jobs))


def _refuse_failures(failures: Mapping[str, str], jobs: int) -> None:
    """Say which of many runs failed, if any did."""
    if failures:
        reasons = "\n".join(f"  {name}: {reason}" for name, reason in sorted(failures.items()))
        raise SoatError(f"{len(failures)} of {jobs} failed; the others are done:\n{reasons}")


def _named(name: str, text: str) -> str:
    """What an output node says, after the name of its run if that is one of several."""
    return f"{name}: {text}" if name else text


def _progress(bar: TerminalBar | None, name: str, run_index: int, runs: int) -> Any:
    if bar is None:
        return None
    prefix = f"{name} ({run_index + 1}/{runs}) " if name else ""

    def on_node(index: int, count: int, node: Node) -> None:
        bar.update(f"{prefix}{node.title}", run_index * count + index, runs * count)

    return on_node


def _print_results(report: RunReport, pack: NodePack, name: str) -> int:
    for entry in report.files:
        folder = pack.host.folder(entry.get("type", "output"))
        print(folder / entry.get("subfolder", "") / entry["filename"], flush=True)
    for ui in report.ui.values():
        for text in ui.get("text", ()):
            print(_named(name, text), flush=True)
    return len(report.files)
