"""Whether memory grows: resident memory after hundreds of renders and edits through the nodes against that after a few.

    python benchmarks/memory.py [--renders 500] [--memory-as-it-comes] [--out FILE.json]

Each round has other seeds, and three pictures: two edits and a panorama in tiles, saved as users save them. The process
keeps freed memory, as `soat run` does, or is left as it comes, as ComfyUI's is.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.support.memory import keep_freed_memory
from soat.soat_backend.workflow import Cache, execute
from soat.soat_backend.workflow.api_format import read_api_format
from synthesis import machine, save

NODES = {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}
# By id: the node's class, and the inputs that aren't left as they are; a link is written as (id,).
GRAPH: dict[str, tuple[str, dict[str, Any]]] = {
    "load": ("LoadStyleGAN", {"checkpoint": "demo/landscape_256.safetensors"}),
    "latent a": ("SampleLatent", {"generator": ("load",)}),
    "latent b": ("SampleLatent", {"generator": ("load",)}),
    "row": ("SampleLatentSequence", {"generator": ("load",), "count": 3}),
    "a": ("GetFeatures", {"generator": ("load",), "latent": ("latent a",), "layer": "b8.conv1"}),
    "b": ("GetFeatures", {"generator": ("load",), "latent": ("latent b",), "layer": "b8.conv1"}),
    "blend": ("InterpolateFeatures", {"features_a": ("a",), "features_b": ("b",), "shape": "left_to_right"}),
    "wide": ("PadExpand", {"features": ("blend",)}),
    "shifted": ("ShiftBlend", {"features": ("a",)}),
    "panorama": ("PanoramaFeatures", {"generator": ("load",), "latent": ("row",), "wrap": True}),
    "picture 1": ("Render", {"features": ("wide",)}),
    "picture 2": ("Render", {"features": ("shifted",)}),
    "picture 3": ("Render", {"features": ("panorama",), "tile_size": 64}),
    "save 1": ("SaveImage", {"images": ("picture 1",)}),
    "save 2": ("SaveImage", {"images": ("picture 2",)}),
    "save 3": ("SaveImage", {"images": ("picture 3",)}),
}
RENDERS_OF_A_ROUND = sum(kind == "Render" for kind, _ in GRAPH.values())


def filled(graph: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """A graph in ComfyUI's API format, with what the nodes declare for all that isn't said."""
    made = {}
    for node_id, (kind, given) in graph.items():
        declared = NODES[kind].INPUT_TYPES()["required"]  # type: ignore[attr-defined]
        inputs = {name: options.get("default") for name, (_, *more) in declared.items() for options in more}
        inputs |= {name: [*value, 0] if isinstance(value, tuple) else value for name, value in given.items()}
        made[node_id] = {"class_type": kind, "inputs": {k: v for k, v in inputs.items() if v is not None}}
    return made


def prompt(seed: int) -> dict[str, Any]:
    """The graph above, of a seed."""
    made = filled(GRAPH)
    for node_id, value in {"latent a": seed, "latent b": seed + 1, "row": seed}.items():
        made[node_id]["inputs"]["seed"] = value
    return made


def resident() -> float:
    """MiB of this process in memory, as Linux tells."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=int, default=500)
    parser.add_argument("--memory-as-it-comes", action="store_true", help="not kept, as in ComfyUI")
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    if not args.memory_as_it_comes:
        keep_freed_memory()
    rounds = -(-args.renders // RENDERS_OF_A_ROUND)
    first = max(rounds // 10, 1)
    cache, after = Cache(), []
    with tempfile.TemporaryDirectory() as folder:
        host.set_folders(output=folder)
        for seed in range(rounds):
            execute(read_api_format(prompt(seed)), NODES, cache)
            after.append(resident())
            shutil.rmtree(folder)
            Path(folder).mkdir()
    few, many = first * RENDERS_OF_A_ROUND, rounds * RENDERS_OF_A_ROUND
    ratios = {f"after {many} / after {few}": round(after[-1] / max(after[:first]), 4)}
    figures = {"MiB after a few": round(max(after[:first]), 1), "MiB at the end": round(after[-1], 1)}
    save({**machine(), "ratios": ratios, **figures}, args.out)


if __name__ == "__main__":
    main()
