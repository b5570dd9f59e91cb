"""Whether the memory of a real ComfyUI grows: over different renders, over panoramas, and over runs without this pack.

    python benchmarks/server_memory.py [--renders 200] [--panoramas 100] [--out FILE.json]

Flat is: the median of the last quarter of the runs is not more than 2 % above that of the second quarter. The first
quarter is left out, where libraries are loaded and pools of memory fill. The slope after it is that of the least
squares, in MiB for 100 runs.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

import comfyui
import memory
import numpy as np
from synthesis import machine, save

MOST = 1.02
RENDER: dict[str, tuple[str, dict[str, Any]]] = {
    "load": ("LoadStyleGAN", {"checkpoint": "demo/landscape_256.safetensors"}),
    "latent": ("SampleLatent", {"generator": ("load",)}),
    "features": ("GetFeatures", {"generator": ("load",), "latent": ("latent",), "layer": "b8.conv1"}),
    "picture": ("Render", {"features": ("features",)}),
    "save": ("SaveImage", {"images": ("picture",)}),
}
PANORAMA: dict[str, tuple[str, dict[str, Any]]] = {
    "load": ("LoadStyleGAN", {"checkpoint": "demo/landscape_256.safetensors"}),
    "latent": ("SampleLatentSequence", {"generator": ("load",), "count": 9}),
    "features": ("PanoramaFeatures", {"generator": ("load",), "latent": ("latent",)}),
    "picture": ("Render", {"features": ("features",)}),
    "save": ("SaveImage", {"images": ("picture",)}),
}


def without_the_pack(seed: int) -> dict[str, Any]:
    """A picture of one colour, of ComfyUI's own nodes, as large as a panorama."""
    empty = {"width": 576, "height": 64, "batch_size": 1, "color": seed}
    save_image = {"images": ["empty", 0], "filename_prefix": "empty"}
    return {
        "empty": {"class_type": "EmptyImage", "inputs": empty},
        "save": {"class_type": "SaveImage", "inputs": save_image},
    }


def of_the_pack(graph: dict[str, tuple[str, dict[str, Any]]], seed: int) -> dict[str, Any]:
    """One of the graphs above, of a seed."""
    made = memory.filled(graph)
    made["latent"]["inputs"]["seed"] = seed
    return made


def measured(server: comfyui.Server, prompts: list[dict[str, Any]]) -> dict[str, float]:
    """Run them one by one; of the memory after each, the figures."""
    after = []
    for prompt in prompts:
        server.seconds(prompt)
        after.append(server.resident())
    quarters = [float(np.median(part)) for part in np.array_split(after, 4)]
    later = after[len(after) // 4 :]
    slope = 100 * np.polyfit(range(len(later)), later, 1)[0]
    return {
        "MiB, second quarter": round(quarters[1], 1),
        "MiB, last quarter": round(quarters[3], 1),
        "last / second": round(quarters[3] / quarters[1], 4),
        "MiB for 100 runs": round(float(slope), 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=int, default=200)
    parser.add_argument("--panoramas", type=int, default=100)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    if reason := comfyui.missing():
        raise SystemExit(reason)
    figures = {}
    with tempfile.TemporaryDirectory() as folder, comfyui.running(Path(folder)) as server:
        kinds = {
            "renders": [of_the_pack(RENDER, seed) for seed in range(args.renders)],
            "panoramas": [of_the_pack(PANORAMA, seed) for seed in range(args.panoramas)],
            "without the pack": [without_the_pack(seed) for seed in range(args.renders)],
        }
        for name, prompts in kinds.items():
            figures[name] = measured(server, prompts)
            print(name, figures[name])
    is_flat = {name: each["last / second"] <= MOST for name, each in figures.items()}
    save({**machine(), "flat": is_flat, **figures}, args.out)


if __name__ == "__main__":
    main()
