"""A step of an inversion against a forward pass, and the memory it takes: ratios of one run.

    python benchmarks/inversion.py [--resolution 256] [--repeats 5] [--out FILE.json]

Random weights, widths of configuration F. The peak is of this whole process, so run it anew for each resolution.
"""

from __future__ import annotations

import argparse
import json
import resource

import torch
from soat.soat_backend.generators import StyleGAN2
from soat.soat_backend.inversion.likeness import Likeness
from soat.soat_backend.latents.spaces import open_space
from soat.soat_backend.optimise.reconstruction import reconstruct
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.support.memory import keep_freed_memory
from synthesis import config_f, medians, processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--resolution", type=int, default=256)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    keep_freed_memory()  # As `soat run` does.
    torch.manual_seed(0)
    generator = StyleGAN2(config_f(args.resolution)).eval().requires_grad_(False)
    space = open_space("style_space", generator)
    code = space.start(1).requires_grad_()
    likeness = Likeness(load_alexnet(), torch.zeros(1, 3, args.resolution, args.resolution))
    picture = torch.zeros(1, 3, args.resolution, args.resolution, requires_grad=True)

    @torch.no_grad()
    def forward() -> None:
        reconstruct(generator, space.styles(code))

    def perceptual() -> None:
        lpips, mse = likeness.measure(picture)
        torch.autograd.grad((lpips + mse).sum(), picture)

    def step() -> None:
        lpips, mse = likeness.measure(reconstruct(generator, space.styles(code)).picture)
        loss = lpips + mse + space.squared_sigmas(code, "diagonal")
        torch.autograd.grad(loss.sum(), code)

    seconds = medians({"forward": forward, "perceptual": perceptual, "step": step}, args.repeats)
    figures = {
        "resolution": args.resolution,
        "step over forward, the perceptual network's own taken off": round(
            (seconds["step"] - seconds["perceptual"]) / seconds["forward"], 2
        ),
        "peak memory of the process, GiB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "machine": processor(),
    }
    print(json.dumps(figures, indent=2))
    if args.out:
        with open(args.out, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=2)


if __name__ == "__main__":
    main()
