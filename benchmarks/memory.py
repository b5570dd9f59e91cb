"""Whether memory grows: resident memory after hundreds of renders and edits against that after a few; one ratio.

python benchmarks/memory.py [--renders 500] [--out FILE.json]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops import get_features, interpolate, pad_expand, panorama, shift_blend
from soat.soat_backend.latents import sample
from soat.soat_backend.regions import Region
from soat.soat_backend.render import render
from synthesis import machine, save

GENERATOR = Path(__file__).resolve().parents[1] / "models" / "landscape_64.safetensors"


def resident() -> float:
    """MiB of this process in memory, as Linux tells."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renders", type=int, default=500)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    generator = load_generator(GENERATOR).float()
    after = []
    with torch.inference_mode():
        for seed in range(args.renders):
            a, b = (get_features(generator, sample(generator, each), "b8.conv1") for each in (seed, seed + 1))
            render(pad_expand(interpolate(a, b, shape="left_to_right"), 0.5, 0.5))
            render(shift_blend(a, 0.3, 0.0, Region()))
            render(panorama(generator, sample(generator, seed, 3), wrap=True), tile_size=64)
            after.append(resident())
    few = max(after[: max(args.renders // 10, 1)])
    ratios = {f"after {args.renders} / after {max(args.renders // 10, 1)}": round(after[-1] / few, 4)}
    save({**machine(), "ratios": ratios, "MiB at the end": round(after[-1], 1)}, args.out)


if __name__ == "__main__":
    main()
