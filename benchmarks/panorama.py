"""Panoramas of ever more pictures: time for each and peak memory beyond the output; ratios of one run.

    python benchmarks/panorama.py [--resolution 256] [--counts 4,16,64] [--out FILE.json]

Each panorama is rendered in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time

import plain
import torch
from soat.soat_backend.feature_ops import panorama
from soat.soat_backend.generator import Generator
from soat.soat_backend.latents import sample_sequence, to_styles
from soat.soat_backend.render import render
from synthesis import config_f, machine, save


def one(resolution: int, count: int) -> dict[str, float]:
    """Render one, and what overlapping pairs cost in the plain formulation (four of them, to be multiplied)."""
    torch.manual_seed(0)
    generator = Generator(config_f(resolution)).eval().requires_grad_(False)
    with torch.inference_mode():
        render(panorama(generator, sample_sequence(generator, 0, 2)))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        latent = sample_sequence(generator, 0, count)
        start = time.perf_counter()
        picture = render(panorama(generator, latent))
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds,
        "seconds a picture": seconds / count,
        "peak beyond the output, MiB": peak / 1024 - picture.numel() * 4 / 2**20,
        "peak of two pictures, MiB": before / 1024,
    }


def pair_seconds(resolution: int) -> float:
    """Of a pair on a canvas twice as wide in the plain formulation: two pictures' work for each picture of output."""
    torch.manual_seed(0)
    generator = Generator(config_f(resolution)).eval().requires_grad_(False)
    with torch.inference_mode():
        styles = list(to_styles(generator, sample_sequence(generator, 0, 2)))
        plain.synthesize(generator, styles, torch.float32)
        start = time.perf_counter()
        # Both styles run over a canvas of two pictures' area, as a batch of two does twice.
        for _ in range(2):
            plain.synthesize(generator, styles, torch.float32)
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--counts", default="4,16,64")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(args.resolution, args.one)))
        return
    counts, found = [int(count) for count in args.counts.split(",")], {}
    for count in counts:
        command = [sys.executable, __file__, "--resolution", str(args.resolution), "--one", str(count)]
        found[count] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    first, last, middle = counts[0], counts[-1], counts[len(counts) // 2]
    pair = pair_seconds(args.resolution)
    key = "peak beyond the output, MiB"
    ratios = {
        f"a picture of {last} / a picture of {first}": found[last]["seconds a picture"]
        / found[first]["seconds a picture"],
        f"peak of {last} / peak of {middle}": found[last][key] / found[middle][key],
        f"overlapping pairs, plain / a picture of {last}": pair / found[last]["seconds a picture"],
    }
    save(
        {
            "resolution": args.resolution,
            **machine(),
            "ratios": {name: round(value, 3) for name, value in ratios.items()},
            "panoramas": found,
        },
        args.out,
    )


if __name__ == "__main__":
    main()
