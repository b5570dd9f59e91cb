"""What an accelerator makes of the pack: its pictures beside the CPU's, its times beside plain torch's, its memory.

    python benchmarks/gpu.py [--device cuda] [--minutes 5] [--resolutions 256,1024] [--out gpu.json]

Run it by `make gpu`, which runs the tests on the device first. Random weights, widths of configuration F. Every time
is a median of runs taken in turn, and every ratio is of one run. What differs from the CPU by more than it may is
listed under `differs`. With `--device cpu` it is tried where there is no accelerator.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import plain
import torch
from soat.nodes import NODE_CLASS_MAPPINGS, host
from soat.soat_backend.feature_ops import get_features, interpolate, panorama
from soat.soat_backend.generators import Generator, StyleGAN2
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.latents import Latent, sample, to_styles
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.support import runtime
from soat.soat_backend.synthesis.feature_map import FeatureMap
from soat.soat_backend.synthesis.render import render
from synthesis import config_f, machine, save

# What our types may differ from the CPU's float32 by, of the picture's range.
LIMITS = {"float32": 1e-4, "tf32": 3e-2, "bfloat16": 1.5e-1, "float16": 3e-2}
TYPES = {
    "float32": (torch.float32, False),
    "tf32": (torch.float32, True),
    "bfloat16": (torch.bfloat16, False),
    "float16": (torch.float16, False),
}
# Of half precision the CPU takes minutes, and TF32 it hasn't.
ON_CPU_TOO = ("float32", "bfloat16")
LAYOUTS = {"channels last": torch.channels_last, "channels first": torch.contiguous_format}


def types(device: torch.device) -> dict[str, tuple[torch.dtype, bool]]:
    """What to try on a device."""
    return {name: kind for name, kind in TYPES.items() if device.type != "cpu" or name in ON_CPU_TOO}


class Device:
    """The accelerator: its clock, and its memory."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._own = getattr(torch, device.type)

    def wait(self) -> None:
        """Until all that was asked of it is done."""
        if self.device.type != "cpu":
            self._own.synchronize()

    def peak(self, task: Callable[[], object]) -> float:
        """GiB that a task takes at most besides what was there before it; nan where the device doesn't tell."""
        if not hasattr(self._own, "max_memory_allocated"):
            task()
            return float("nan")
        self._own.reset_peak_memory_stats()
        before = self._own.memory_allocated()
        task()
        self.wait()
        return (self._own.max_memory_allocated() - before) / 2**30

    def seconds(self, tasks: dict[str, Callable[[], object]], budget: float) -> dict[str, float]:
        """Median seconds of tasks taken in turn, after two rounds to warm up, within about so many seconds."""
        times: dict[str, list[float]] = {name: [] for name in tasks}
        begun, rounds = time.perf_counter(), 0
        while rounds < 3 or (time.perf_counter() - begun < budget and rounds < 30):
            for name, task in tasks.items():
                self.wait()
                start = time.perf_counter()
                task()
                self.wait()
                times[name].append(time.perf_counter() - start)
            rounds += 1
        return {name: statistics.median(values[min(2, len(values) - 1) :]) for name, values in times.items()}


@contextmanager
def layout(name: str) -> Iterator[None]:
    """Maps laid out another way."""
    before = runtime.MAP_LAYOUT
    runtime.MAP_LAYOUT = LAYOUTS[name]
    try:
        yield
    finally:
        runtime.MAP_LAYOUT = before


def generators(resolution: int, device: torch.device) -> tuple[Generator, Generator]:
    """Two of the same weights: on the CPU, and on the device."""
    made = []
    for _ in range(2):
        torch.manual_seed(0)
        made.append(StyleGAN2(config_f(resolution)).eval().requires_grad_(False))
    return made[0], made[1].to(device)


def pictures(generator: Generator, latent: Latent) -> dict[str, FeatureMap]:
    """What is compared: a picture, a blend, a panorama closed to a circle."""
    features = get_features(generator, latent)
    return {
        "picture": features,
        "blend": interpolate(features.item(0), features.item(1), 0.7, "left_to_right"),
        "panorama": panorama(generator, latent, wrap=True),
    }


def agreement(here: Generator, there: Generator, latent: Latent) -> dict[str, float]:
    """How far the device's pictures are from the CPU's float32 ones, of the range, in each type."""
    expected = {name: render(features) for name, features in pictures(here, latent).items()}
    found = {}
    for type_name, (dtype, allow_tf32) in types(there.device).items():
        there.dtype, there.allow_tf32 = dtype, allow_tf32
        for name, features in pictures(there, latent).items():
            scale = float(expected[name].abs().max())
            found[f"{name}, {type_name}"] = float((render(features) - expected[name]).abs().max()) / scale
    there.dtype, there.allow_tf32 = torch.float32, False
    return found


def synthesis(device: Device, there: Generator, batch: int, budget: float) -> dict[str, Any]:
    """A picture by us in each type and layout, by plain torch in the same types, and an edit in the middle."""
    latent = sample(there, 0, batch)
    styles = [style.expand(batch, -1) for style in to_styles(there, latent)]
    tasks: dict[str, Callable[[], object]] = {}
    for type_name, (dtype, allow_tf32) in types(there.device).items():
        for layout_name in LAYOUTS:

            def ours(dtype: Any = dtype, allow_tf32: bool = allow_tf32, layout_name: str = layout_name) -> None:
                there.dtype, there.allow_tf32 = dtype, allow_tf32
                with layout(layout_name):
                    render(get_features(there, latent))

            tasks[f"ours, {type_name}, {layout_name}"] = ours

        def theirs(dtype: Any = dtype, allow_tf32: bool = allow_tf32) -> None:
            with runtime.exact(device.device, allow_tf32):
                plain.synthesize(there, styles, dtype).cpu()

        tasks[f"plain, {type_name}"] = theirs
    seconds = {}
    for name, task in tasks.items():
        # Each by itself: kernels of one type and layout are kept, those of the others would be made again each turn.
        seconds |= device.seconds({name: task}, budget / len(tasks))
    peaks = {name: device.peak(task) for name, task in tasks.items()}
    there.dtype, there.allow_tf32 = torch.float32, False
    cuts = [layer.name for layer in there.layers.block_ends if layer.sampling_rate >= 16]
    edits = {f"edit at {name}": get_features(there, latent, name) for name in cuts[:-1]}
    seconds |= device.seconds({name: (lambda m=m: render(m)) for name, m in edits.items()}, budget / 4)
    return {"milliseconds": {name: round(1000 * value, 2) for name, value in seconds.items()}, "peak GiB": peaks}


def through_nodes(device: Device, there: Generator, budget: float) -> dict[str, float]:
    """The Render node beside the library, with what it uploads and downloads."""
    latent = sample(there, 0, 1)
    with torch.inference_mode():
        waiting = NODE_CLASS_MAPPINGS["GetFeatures"]().get(there, latent)[0]
        node = NODE_CLASS_MAPPINGS["Render"]()
        on_device = waiting.to(device.device)
        seconds = device.seconds({"library": lambda: render(on_device), "node": lambda: node.render(waiting)}, budget)
    return {"node / library": round(seconds["node"] / seconds["library"], 3), **seconds}


def inversion(device: Device, there: Generator) -> dict[str, Any]:
    """Steps a second, and what a short search finds of one of the generator's own pictures."""
    target = render(get_features(there, sample(there, 3, 1)))
    network, settings = load_alexnet().to(device.device), InversionSettings(steps=30, candidates=8)
    invert(there, target, network, InversionSettings(steps=2, candidates=0))
    begun = time.perf_counter()
    found = []
    peak = device.peak(lambda: found.append(invert(there, target, network, settings)))
    spent = time.perf_counter() - begun
    return {"seconds of 30 steps": round(spent, 2), "peak GiB": peak, "report": str(found[0].reports[0])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default=str(host.device()))
    parser.add_argument("--resolutions", default="256,1024")
    parser.add_argument("--minutes", type=float, default=4.0, help="about how long to measure")
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    device = Device(torch.device(args.device))
    resolutions = [int(side) for side in args.resolutions.split(",")]
    each = 60.0 * args.minutes / len(resolutions)
    report: dict[str, Any] = {"device": args.device, **machine(), "differs": []}
    if device.device.type == "cuda":
        report["name"] = torch.cuda.get_device_name(device.device)
    for side in resolutions:
        here, there = generators(side, device.device)
        latent = sample(here, 0, 3)
        with torch.no_grad():
            found = agreement(here, there, latent)
            report[f"{side} px"] = figures = {
                "largest difference, of the range": found,
                "batch of 1": synthesis(device, there, 1, each / 3),
                "batch of 8": synthesis(device, there, 8, each / 3),
                "Render node": through_nodes(device, there, each / 12),
            }
        figures["inversion"] = inversion(device, there)
        for name, value in found.items():
            if not value <= LIMITS[name.split(", ")[-1]]:
                report["differs"].append(f"{side} px, {name}: {value:.2e}")
    save(report, args.out)


if __name__ == "__main__":
    main()
