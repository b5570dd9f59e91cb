"""Synthesis against the bare convolutions of the same shapes, edits in the middle, and panoramas: ratios of one run.

    python benchmarks/synthesis.py [--resolution 256] [--repeats 5] [--out FILE.json]

Random weights, widths of configuration F. Every figure is a ratio of medians measured in turn within this run, so
that it means something on a machine whose speed drifts.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from soat.soat_backend.feature_ops import get_features, panorama
from soat.soat_backend.generator import Generator, GeneratorConfig
from soat.soat_backend.latents import sample
from soat.soat_backend.render import render


def config_f(img_resolution: int) -> GeneratorConfig:
    """NVIDIA's widths: channel_base 32768, at most 512."""
    resolutions = [2**k for k in range(2, img_resolution.bit_length())]
    return GeneratorConfig(img_resolution, {r: min(32768 // r, 512) for r in resolutions}, mapping_layers=2)


def bare_convolutions(generator: Generator) -> Callable[[], None]:
    """The 3x3 convolutions alone, channels last: what no implementation of the network can do without."""
    work = []
    for layer in generator.layers:
        if layer.is_conv:
            weight = generator.module(layer).weight.to(memory_format=torch.channels_last)
            side = layer.resolution // (2 if layer.kind == "conv0" else 1)
            x = torch.randn(1, weight.shape[1], side, side).to(memory_format=torch.channels_last)
            work.append((x, weight))

    def run() -> None:
        for x, weight in work:
            F.conv2d(x, weight, padding=1)

    return run


def medians(tasks: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each task, the tasks taken in turn after a warm-up."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for round_index in range(repeats + 1):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            if round_index:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    torch.manual_seed(0)
    generator = Generator(config_f(args.resolution)).eval().requires_grad_(False)
    with torch.inference_mode():
        four = sample(generator, 0, 4)
        one = sample(generator, 0)
        middle = {r: get_features(generator, one, f"b{r}.conv1") for r in (16, 64) if r < args.resolution}
        tasks: dict[str, Callable[[], object]] = {
            "bare convolutions": bare_convolutions(generator),
            "one picture": lambda: render(get_features(generator, one)),
            "panorama of 4": lambda: render(panorama(generator, four)),
            **{f"edit at {r} px": (lambda m=m: render(m)) for r, m in middle.items()},
        }
        seconds = medians(tasks, args.repeats)
    picture = seconds["one picture"]
    figures = {
        "one picture / bare convolutions": picture / seconds["bare convolutions"],
        "panorama of 4, each / one picture": seconds["panorama of 4"] / 4 / picture,
        **{f"{name} / one picture": seconds[name] / picture for name in seconds if name.startswith("edit")},
    }
    machine = {"machine": platform.machine(), "threads": torch.get_num_threads(), "torch": torch.__version__}
    report = {"resolution": args.resolution, **machine, "ratios": {k: round(v, 3) for k, v in figures.items()}}
    print(json.dumps(report, indent=1))
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
