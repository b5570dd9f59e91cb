"""`soat demo`: the example workflows, one after another."""

from __future__ import annotations

import argparse
import math
import re
from itertools import groupby
from pathlib import Path

from PIL import Image

from ..support.errors import SoatError
from ..workflow import Graph, NodeCatalog, execute, read_workflow
from .pack import NodePack

EXAMPLES = Path(__file__).resolve().parents[2] / "example_workflows"
# So many pictures saved together are shown as one sheet too, each of at least so many pixels.
SHEET_AT, SHEET_SIDE = 9, 128


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--output", default="output", metavar="DIR", help="where the pictures go (./output)")
    parser.add_argument("--all", action="store_true", help="those that learn a generator too, a minute or two each")


def run(args: argparse.Namespace, pack: NodePack) -> None:
    """Run every example workflow and print what it wrote.

    Raises:
        SoatError: The examples aren't there, or one of them failed.
    """
    workflows = sorted(EXAMPLES.glob("*.json"))
    if not workflows:
        raise SoatError(f"There are no example workflows in {EXAMPLES}. Install the pack again, whole.")
    pack.host.set_folders(output=args.output)
    catalog = NodeCatalog(pack.classes, pack.display_names)
    for workflow in workflows:
        graph = read_workflow(str(workflow), catalog)
        if missing := _missing_picture(graph, pack):
            print(f"{workflow.stem}: left out, it is for a picture of your own ({missing})")
            continue
        if not args.all and _takes_minutes(graph, pack):
            print(f"{workflow.stem}: left out, it learns a generator for a minute or two; --all makes it too")
            continue
        report = execute(graph, pack.classes)
        written = [pack.host.folder(entry["type"]) / entry["subfolder"] / entry["filename"] for entry in report.files]
        print(f"{workflow.stem} ({report.seconds:.1f} s)")
        for _, saved_together in groupby(written, key=lambda path: (_series(path), path.suffix)):
            paths = list(saved_together)
            for path in paths if len(paths) < SHEET_AT else [*paths[:1], make_sheet(paths)]:
                print(f"  {path}")


def _takes_minutes(graph: Graph, pack: NodePack) -> bool:
    """Whether a node of it says of itself that it learns for a minute or two."""
    return any(getattr(pack.classes.get(node.class_type), "TAKES_MINUTES", False) for node in graph.nodes.values())


def _missing_picture(graph: Graph, pack: NodePack) -> str:
    """The picture that a workflow loads and that isn't in the input folder; empty if there is none."""
    for node in graph.nodes.values():
        if node.class_type == "LoadImage":
            try:
                pack.host.input_path(str(node.inputs["image"]))
            except SoatError:
                return str(node.inputs["image"])
    return ""


def _series(path: Path) -> Path:
    """What the files of one save node have in common: the name without its number."""
    return path.with_name(re.sub(r"_\d+_$", "", path.stem))


def make_sheet(pictures: list[Path]) -> Path:
    """One picture of many of one size, in rows, beside the first; small ones are enlarged.

    Returns:
        Where it is: the first one's name without its number, and `_sheet`.
    """
    images = [Image.open(path).convert("RGB") for path in pictures]
    scale = max(1, SHEET_SIDE // min(images[0].size))
    width, height = (side * scale for side in images[0].size)
    columns = math.ceil(math.sqrt(len(images)))
    rows = math.ceil(len(images) / columns)
    sheet = Image.new("RGB", (columns * width, rows * height))
    for index, image in enumerate(images):
        place = (index % columns * width, index // columns * height)
        sheet.paste(image.resize((width, height), Image.Resampling.LANCZOS), place)
    path = Path(f"{_series(pictures[0])}_sheet.png")
    sheet.save(path)
    return path
