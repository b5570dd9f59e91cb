"""Panoramas of ever more pictures: time for each and peak memory beyond the output; ratios of one run.

    python benchmarks/panorama.py [--resolution 256] [--counts 4,16,64] [--out FILE.json]

They go round in a circle, so that each picture has a seam to the next: of an open one, the last hasn't, and a short
one's pictures would be cheaper for that. Each is rendered in a process of its own, so that its peak is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import plain
import torch
from apart import Tasks, apart
from soat.soat_backend.feature_ops import panorama
from soat.soat_backend.generators import StyleGAN2
from soat.soat_backend.latents import sample_sequence, to_styles
from soat.soat_backend.support.files.picture_writers import write_rows
from soat.soat_backend.support.memory import keep_freed_memory
from soat.soat_backend.synthesis.render import bands, plan, render
from synthesis import config_f, machine, medians, save


def one(resolution: int, count: int) -> dict[str, float]:
    """Render one, and say what it cost."""
    keep_freed_memory()  # As `soat run` does.
    torch.manual_seed(0)
    generator = StyleGAN2(config_f(resolution)).eval().requires_grad_(False)
    with torch.inference_mode():
        render(panorama(generator, sample_sequence(generator, 0, 2), wrap=True))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        latent = sample_sequence(generator, 0, count)
        start = time.perf_counter()
        picture = render(panorama(generator, latent, wrap=True))
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds,
        "seconds a picture": seconds / count,
        "peak beyond the output, MiB": peak / 1024 - picture.numel() * 4 / 2**20,
        "peak of two pictures, MiB": before / 1024,
    }


def streamed(resolution: int, count: int) -> dict[str, float]:
    """Write one into a PNG file that never is whole in memory."""
    keep_freed_memory()
    torch.manual_seed(0)
    generator = StyleGAN2(config_f(resolution)).eval().requires_grad_(False)
    with torch.inference_mode(), tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        canvas = panorama(generator, sample_sequence(generator, 0, count), wrap=True)
        height, width = plan(canvas).size
        write_rows(Path(folder) / "long.png", bands(canvas), height, width, "png", {})
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"pixels": width, "seconds a picture": seconds / count, "peak of the process, GiB": peak / 2**20}


def pairs(resolution: int) -> Tasks:
    """A pair on a canvas twice as wide in the plain formulation: two pictures' work for each picture of output."""
    torch.manual_seed(0)
    generator = StyleGAN2(config_f(resolution)).eval().requires_grad_(False)
    styles = list(to_styles(generator, sample_sequence(generator, 0, 2)))

    def pair() -> None:
        # Both styles run over a canvas of two pictures' area, as a batch of two does twice.
        for _ in range(2):
            plain.synthesize(generator, styles, torch.float32)

    return {"pair": pair}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--counts", default="4,16,64")
    parser.add_argument("--streamed", type=int, default=391, help="pictures of the one that is streamed to disk")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--stream", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    if args.one or args.stream:
        print(json.dumps(one(args.resolution, args.one) if args.one else streamed(args.resolution, args.stream)))
        return

    def alone(*arguments: object) -> dict[str, float]:
        command = [sys.executable, __file__, "--resolution", str(args.resolution), *map(str, arguments)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    counts = [int(count) for count in args.counts.split(",")]
    found = {count: alone("--one", count) for count in counts}
    first, last, middle = counts[0], counts[-1], counts[len(counts) // 2]
    with apart(pairs, args.resolution) as without_keeping:
        pair = medians(without_keeping, 3)["pair"]
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
            "streamed": alone("--stream", args.streamed),
        },
        args.out,
    )


if __name__ == "__main__":
    main()
