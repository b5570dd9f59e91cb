"""Synthesis against the plain formulation and the bare convolutions, and edits in the middle: ratios of one run.

    python benchmarks/synthesis.py [--resolution 256] [--batch 1] [--dtype float32] [--repeats 5] [--out FILE.json]

Random weights, widths of configuration F. Every figure is a ratio of medians measured in turn within this run, so
that it means something on a machine whose speed drifts. Ours is measured as `soat run` runs it, which keeps freed
memory, the plain formulation as other packs run it, which don't; and both as in ComfyUI, and both with memory kept.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import plain
import torch
import torch.nn.functional as F
from apart import Tasks, apart
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.generators import Generator, GeneratorConfig, StyleGAN2
from soat.soat_backend.latents import Latent, sample, to_styles
from soat.soat_backend.ops import native
from soat.soat_backend.support.memory import keep_freed_memory
from soat.soat_backend.synthesis.feature_map import FeatureMap
from soat.soat_backend.synthesis.render import render


def config_f(img_resolution: int) -> GeneratorConfig:
    """NVIDIA's widths: channel_base 32768, at most 512."""
    resolutions = [2**k for k in range(2, img_resolution.bit_length())]
    return GeneratorConfig(img_resolution, {r: min(32768 // r, 512) for r in resolutions}, mapping_layers=2)


def set_up(resolution: int, batch: int, dtype: str) -> tuple[Generator, Latent]:
    """A generator, the same each time, and codes for it."""
    torch.manual_seed(0)
    generator = StyleGAN2(config_f(resolution), dtype=getattr(torch, dtype)).eval().requires_grad_(False)
    return generator, sample(generator, 0, batch)


def tasks_from_nothing(resolution: int, batch: int, dtype: str) -> Tasks:
    """`tasks_of` what is set up, for another process."""
    return tasks_of(*set_up(resolution, batch, dtype))


def tasks_of(generator: Generator, latent: Latent) -> Tasks:
    """Pictures by us, and by the plain formulation in float32."""
    styles = [style.expand(latent.batch, -1) for style in to_styles(generator, latent)]
    return {
        "ours": lambda: render(get_features(generator, latent)),
        "plain": lambda: plain.synthesize(generator, styles, torch.float32),
    }


def bare_convolutions(generator: Generator, batch: int = 1) -> Callable[[], None]:
    """The 3x3 convolutions alone, channels last: what no implementation of the network can do without."""
    work = []
    for layer in generator.layers:
        if layer.has_features:
            weight = generator.module(layer).weight.to(generator.dtype, memory_format=torch.channels_last)
            side = layer.sampling_rate // layer.growth
            x = torch.randn(batch, weight.shape[1], side, side).to(generator.dtype, memory_format=torch.channels_last)
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


def seconds_left(features: FeatureMap, repeats: int) -> dict[str, float]:
    """Of a whole render: median seconds from the end of each layer to the end of all."""
    layers = [layer.name for layer in features.generator.layers.between(features.layer)]
    found: dict[str, list[float]] = {name: [] for name in layers}
    for _ in range(repeats):
        begun: list[float] = []
        render(features, progress=lambda done, total, begun=begun: begun.append(time.perf_counter()))
        end = time.perf_counter()
        for name, after in zip(layers, begun[1:], strict=False):
            found[name].append(end - after)
    return {name: statistics.median(values) for name, values in found.items() if values}


def processor() -> str:
    """Its name, where the system tells, and what kind of instructions matter here."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    flags = facts.get("flags", "").split()
    widest = next((flag for flag in ("avx512_bf16", "avx512f", "avx2") if flag in flags), "")
    return f"{facts.get('model name') or platform.machine()} {widest}".strip()


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "machine": processor(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "operators": "native" if native.library() else "reference",
    }


def save(report: dict[str, Any], out: str | None) -> None:
    """Print a report, and write it if a file was given."""
    print(json.dumps(report, indent=1))
    if out:
        with open(out, "w", encoding="utf-8") as file:
            json.dump(report, file, indent=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    keep_freed_memory()  # As `soat run` does.
    case = (args.resolution, args.batch, args.dtype)
    with torch.inference_mode(), apart(tasks_from_nothing, *case) as without_keeping:
        generator, latent = set_up(*case)
        own = tasks_of(generator, latent)
        ours, theirs = own["ours"](), own["plain"]()
        scale, difference = float(theirs.abs().max()), float((ours - theirs).abs().max())
        cuts = [layer.name for layer in generator.layers.block_ends if layer.sampling_rate >= 16]
        middle = {name: get_features(generator, latent, name) for name in cuts[:-1]}
        tasks: Tasks = {
            "bare convolutions": bare_convolutions(generator, args.batch),
            "ours": own["ours"],
            "plain, memory kept": own["plain"],
            "plain": without_keeping["plain"],
            "ours, memory not kept": without_keeping["ours"],
            **{f"from {name}": (lambda m=m: render(m)) for name, m in middle.items()},
        }
        seconds = medians(tasks, args.repeats)
        left = seconds_left(get_features(generator, latent), args.repeats)
    ratios = {
        "ours / bare convolutions": seconds["ours"] / seconds["bare convolutions"],
        "plain / ours": seconds["plain"] / seconds["ours"],
        "plain / ours, memory not kept": seconds["plain"] / seconds["ours, memory not kept"],
        "plain / ours, memory kept": seconds["plain, memory kept"] / seconds["ours"],
        **{f"from {name} / ours": seconds[f"from {name}"] / seconds["ours"] for name in middle},
        **{f"from {name} / the layers left": seconds[f"from {name}"] / left[name] for name in middle},
    }
    save(
        {
            "resolution": args.resolution,
            "batch": args.batch,
            "dtype": args.dtype,
            **machine(),
            "ratios": {name: round(value, 3) for name, value in ratios.items()},
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
            "largest difference to plain float32, of its range": difference / scale,
        },
        args.out,
    )


if __name__ == "__main__":
    main()
