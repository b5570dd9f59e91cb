"""What a film's length takes of memory: the peak of a process that makes a second of film, against ones that make more.

    python benchmarks/film.py [--fps 24] [--seconds 1 10 60] [--resolution 1024] [--out FILE.json]

Through the nodes: Procedural Sound, Audio Value, Latent Walk at its beats, Get Features, Render Walk. For comparison as
one batch: Render Features, whose pictures are what Create Video is given.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from memory import filled
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.nodes.core import HEADLESS_NODE_CLASSES
from soat.soat_backend.checkpoints.save import save_generator
from soat.soat_backend.support.memory import keep_freed_memory
from soat.soat_backend.workflow import Cache, execute
from soat.soat_backend.workflow.api_format import read_api_format
from synthesis import machine, save, set_up

NODES = {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}
BUNDLED = ("landscape_256", "portrait_256")


def film(checkpoint: str, seconds: float, fps: float, streamed: bool) -> dict[str, Any]:
    """A graph that makes a film."""
    graph: dict[str, tuple[str, dict[str, Any]]] = {
        "load": ("LoadStyleGAN", {"checkpoint": checkpoint}),
        "people": ("SampleLatent", {"generator": ("load",), "batch_size": 4}),
        "sound": ("ProceduralSound", {"seconds": seconds}),
        "heard": ("AudioValue", {"audio": ("sound",), "fps": fps}),
        "walk": ("LatentWalk", {"latent": ("people",)}),
        "cut": ("GetFeatures", {"generator": ("load",), "latent": ("walk",), "layer": "b4.conv1"}),
        "film": ("RenderWalk", {"features": ("cut",), "fps": fps}),
    }
    if not streamed:
        graph["film"] = ("Render", {"features": ("cut",)})
        graph["walk"] = ("LatentWalk", {"latent": ("people",), "frames": round(seconds * fps / 4)})
    made = filled(graph)
    if streamed:
        made["walk"]["inputs"]["position"] = ["heard", 2]
        made["film"]["inputs"]["audio"] = ["sound", 0]
    else:
        del made["sound"], made["heard"]
    return made


def one(args: argparse.Namespace) -> None:
    """Make one film; the peak of this process, in MiB."""
    keep_freed_memory()
    with tempfile.TemporaryDirectory() as folder:
        host.set_folders(output=folder, models=args.models)
        prompt = film(args.one, args.seconds[0], args.fps, not args.whole)
        execute(read_api_format(prompt), NODES, Cache())
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10)


def peak(*arguments: object) -> float:
    command = [sys.executable, __file__, *map(str, arguments)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fps", type=float, default=24.0)
    parser.add_argument("--seconds", type=float, nargs="+", default=[1.0, 10.0, 60.0])
    parser.add_argument("--resolution", type=int, help="of a generator of random weights, instead of the bundled ones")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--models", help=argparse.SUPPRESS)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    if args.one:
        one(args)
        return
    with tempfile.TemporaryDirectory() as folder:
        names = [f"demo/{name}.safetensors" for name in BUNDLED]
        if args.resolution:
            names = [f"random_{args.resolution}.safetensors"]
            (Path(folder) / "stylegan").mkdir()
            generator, _ = set_up(args.resolution, 1, "float32")
            save_generator(generator, Path(folder) / "stylegan" / names[0], provenance="random weights")
        peaks: dict[str, dict[str, float]] = {}
        for name in names:
            found = peaks[Path(name).stem] = {}
            for seconds in args.seconds:
                common = ("--one", name, "--seconds", seconds, "--fps", args.fps, "--models", folder)
                found[f"{seconds:g} s"] = round(peak(*common), 1)
                print(Path(name).stem, f"{seconds:g} s", found[f"{seconds:g} s"], "MiB", file=sys.stderr, flush=True)
                # All pictures of a minute at once are more than many machines have.
                if seconds <= 10.0:
                    found[f"{seconds:g} s as a batch"] = round(peak(*common, "--whole"), 1)
    first = f"{args.seconds[0]:g} s"
    ratios = {
        f"{name}, {length} / {first}": round(value / found[first], 4)
        for name, found in peaks.items()
        for length, value in found.items()
        if length != first
    }
    save({**machine(), "frames a second": args.fps, "ratios": ratios, "peak MiB": peaks}, args.out)


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
