"""How soon a newcomer sees a picture: the first template in a ComfyUI that has just started, and then another seed.

    python benchmarks/first_picture.py [--repeats 3]

Each repeat is a ComfyUI of its own on the CPU, so nothing of the pack's is loaded yet. Seconds of the whole run, by
ComfyUI's own timestamps.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

import comfyui
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.workflow import read_workflow
from soat.soat_backend.workflow.node_types import NodeCatalog

TEMPLATE = Path(__file__).parents[1] / "example_workflows" / "00_start_here.json"


def main() -> None:
    """Measure both, and print their medians."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    if reason := comfyui.missing():
        raise SystemExit(reason)
    catalog = NodeCatalog({**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES})
    first, next_one = [], []
    for _ in range(args.repeats):
        prompt = read_workflow(TEMPLATE, catalog).to_prompt()
        with TemporaryDirectory() as base, comfyui.running(Path(base)) as server:
            first.append(server.seconds(prompt))
            for node in prompt.values():
                if node["class_type"] == "SampleLatent":
                    node["inputs"]["seed"] += 1
            next_one.append(server.seconds(prompt))
    print(f"first picture {statistics.median(first):.2f} s, another seed {statistics.median(next_one):.2f} s")


if __name__ == "__main__":
    main()
