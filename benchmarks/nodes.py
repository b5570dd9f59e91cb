"""Pictures as users make them: through the nodes, headless and in ComfyUI, beside the library; ratios of one run.

    python benchmarks/nodes.py [--resolution 256] [--dtype float32] [--repeats 9] [--out FILE.json]

A generator of configuration F with random weights lies in a file of a models folder; each picture has another seed.
Headless, the graph is run as `soat run` runs it, and its Render node's time is set beside the library's `render` of the
same features. In ComfyUI, what it says the prompt took, previews included, is set beside the library's whole picture,
made in a process with memory as it comes, as ComfyUI has it. All are taken in turn. Without a ComfyUI (COMFYUI_PATH,
COMFYUI_PYTHON) its figures are left out.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import comfyui
import torch
from apart import Tasks, apart
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.checkpoints.save import save_generator
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import sample
from soat.soat_backend.support.memory import keep_freed_memory
from soat.soat_backend.synthesis.render import render
from soat.soat_backend.workflow import Cache, execute
from soat.soat_backend.workflow.api_format import read_api_format
from synthesis import bare_convolutions, machine, save, set_up

CHECKPOINT = "random.safetensors"
LAYER, PSI = "b4.conv1", 0.7
WARM_UP = 2  # Rounds that go before those that count.
# One picture with that seed; seconds of each thing that was timed.
Timed = Callable[[int], dict[str, float]]


def prompt(seed: int, dtype: str) -> dict[str, Any]:
    """From seed to shown picture, in ComfyUI's API format."""
    load = {"checkpoint": CHECKPOINT, "precision": dtype}
    latent = {"generator": ["LoadStyleGAN", 0], "seed": seed, "batch_size": 1, "truncation_psi": PSI}
    latent |= {"truncation_cutoff": -1, "class_idx": -1, "rng": "numpy"}
    features = {"generator": ["LoadStyleGAN", 0], "latent": ["SampleLatent", 0], "layer": LAYER}
    features |= {"noise_mode": "const", "noise_seed": 0}
    inputs = {
        "LoadStyleGAN": load,
        "SampleLatent": latent,
        "GetFeatures": features,
        "Render": {"features": ["GetFeatures", 0], "tile_size": 0},
    }
    return {kind: {"class_type": kind, "inputs": given} for kind, given in inputs.items()}


class Shown:
    """Where a headless graph's picture ends up, as it would on the node in ComfyUI."""

    FUNCTION = "show"
    OUTPUT_NODE = True
    RETURN_TYPES: tuple[str, ...] = ()
    latest = torch.empty(0)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        return {"required": {"image": ("IMAGE",)}}

    def show(self, image: torch.Tensor) -> tuple[()]:
        Shown.latest = image
        return ()


class Headless:
    """Runs of the graph that share a cache, as those of `soat run --seeds`."""

    def __init__(self, dtype: str) -> None:
        self._cache, self._dtype = Cache(), dtype

    def __call__(self, seed: int) -> dict[str, float]:
        """Seconds of each node that ran, by its class."""
        begun: list[tuple[str, float]] = []
        shown = {"Shown": {"class_type": "Shown", "inputs": {"image": ["Render", 0]}}}
        execute(
            read_api_format({**prompt(seed, self._dtype), **shown}),
            {**NODE_CLASS_MAPPINGS, "Shown": Shown},
            self._cache,
            lambda index, count, node: begun.append((node.id, time.perf_counter())),
        )
        return {name: end - start for (name, start), (_, end) in itertools.pairwise(begun)}


def by_the_library(generator: Generator, seed: int) -> dict[str, float]:
    """The same picture without nodes: seconds of `render`, and of the whole picture."""
    start = time.perf_counter()
    features = get_features(generator, sample(generator, seed, 1, PSI), LAYER)
    cut = time.perf_counter()
    render(features)
    end = time.perf_counter()
    return {"render": end - cut, "picture": end - start}


def library_tasks(path: Path, dtype: str) -> Tasks:
    """The library's picture of another seed each time, for another process."""
    generator, seeds = loaded(path, dtype), itertools.count()
    return {"picture": lambda: by_the_library(generator, next(seeds))}


def loaded(path: Path, dtype: str) -> Generator:
    generator = load_generator(path)
    generator.dtype = getattr(torch, dtype)
    return generator


@contextmanager
def in_comfyui(base: Path, path: Path, dtype: str) -> Iterator[dict[str, Timed]]:
    """What is measured with ComfyUI: its prompt, and the library's picture with memory as it comes."""
    if reason := comfyui.missing():
        print(f"ComfyUI left out: {reason}", flush=True)
        yield {}
        return
    with comfyui.running(base) as server, apart(library_tasks, path, dtype) as library:
        yield {
            "ComfyUI": lambda seed: {"prompt": server.seconds(prompt(seed, dtype))},
            "library, memory as it comes": lambda seed: {"picture": timed(library["picture"])},
        }


def timed(task: Callable[[], object]) -> float:
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def in_turn(tasks: dict[str, Timed], repeats: int) -> dict[str, float]:
    """Median seconds of all that each task times, as `task, what`."""
    found: dict[str, list[float]] = {}
    for seed in range(WARM_UP + repeats):
        for name, task in tasks.items():
            for what, seconds in task(seed).items():
                if seed >= WARM_UP:
                    found.setdefault(f"{name}, {what}", []).append(seconds)
    return {name: statistics.median(values) for name, values in found.items()}


def largest_difference(generator: Generator, seed: int) -> float:
    """Between the picture that the nodes made last, of that seed, and the library's; of values in [0, 1]."""
    picture = render(get_features(generator, sample(generator, seed, 1, PSI), LAYER))
    return float((Shown.latest.permute(0, 3, 1, 2) - (picture.clamp(-1.0, 1.0) + 1.0) / 2.0).abs().max())


def ratios_of(seconds: dict[str, float]) -> dict[str, float]:
    ratios = {
        "node / library": seconds["nodes, Render"] / seconds["library, render"],
        "library / bare convolutions": seconds["library, picture"] / seconds["bare convolutions, all"],
    }
    if "ComfyUI, prompt" in seconds:
        ratios["ComfyUI / library"] = seconds["ComfyUI, prompt"] / seconds["library, memory as it comes, picture"]
    return ratios


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    keep_freed_memory()  # As `soat run` does.
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        base = Path(folder)
        path = base / "models" / "stylegan" / CHECKPOINT
        path.parent.mkdir(parents=True)
        save_generator(set_up(args.resolution, 1, args.dtype)[0], path, provenance="random weights")
        host.set_folders(models=str(base / "models"), output=str(base / "output"))
        generator = loaded(path, args.dtype)
        bare = bare_convolutions(generator)
        tasks: dict[str, Timed] = {
            "nodes": Headless(args.dtype),
            "library": lambda seed: by_the_library(generator, seed),
            "bare convolutions": lambda seed: {"all": timed(bare)},
        }
        with in_comfyui(base, path, args.dtype) as more:
            seconds = in_turn({**tasks, **more}, args.repeats)
        difference = largest_difference(generator, args.repeats + WARM_UP - 1)
    report: dict[str, Any] = {"resolution": args.resolution, "dtype": args.dtype, **machine()}
    report["ratios"] = {name: round(value, 3) for name, value in ratios_of(seconds).items()}
    if "ComfyUI, prompt" in seconds:
        extra = seconds["ComfyUI, prompt"] - seconds["library, memory as it comes, picture"]
        report["milliseconds that ComfyUI adds"] = round(1000 * extra, 1)
    report["milliseconds"] = {name: round(1000 * value, 1) for name, value in seconds.items()}
    report["largest difference of the nodes' picture to the library's"] = difference
    save(report, args.out)


if __name__ == "__main__":
    main()
