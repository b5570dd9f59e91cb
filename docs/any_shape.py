"""How well wide pictures are inverted beside their squares alone: the table on pictures of any shape in inversion.md.

    python docs/any_shape.py [--count 2] [--steps 200] [--generators landscape_256,portrait_256] [--show]

Three kinds of 3:1 pictures: panoramas of the generator itself; renders moved by half and mirrored on, so that no square
of them is one that the generator knows; and bands cut out of renders four times as large. Each result is kept in
docs/inversion/any_shape.jsonl as soon as it is there, so the command may be stopped at any time and goes on where it
was. At its end the table is new. `--show` makes the pictures, with one whose sides are invented.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import replace
from functools import cache
from typing import Any

import inversion
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops import panorama
from soat.soat_backend.generators import Generator
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.latents import sample
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.synthesis.render import render
from soat.soat_backend.training.renderers import stream

BEGIN, END = "<!-- tables: docs/any_shape.py -->", "<!-- end of any shape -->"
RESULTS = "any_shape"
KINDS = ("its own panorama", "mirrored render", "part of a render")
ACROSS = 3
LARGER = 4
BASE_LAYER = "b32.conv0"


@cache
def generator_of(name: str) -> Generator:
    return load_generator(inversion.ROOT / "models" / f"{name}.safetensors", name=name).float()


def wide_picture(name: str, kind: str, index: int) -> torch.Tensor:
    """`[1, 3, R, 3 R]` in -1..1."""
    generator = generator_of(name)
    size = generator.config.img_resolution
    if kind == "its own panorama":
        latent = sample(generator, inversion.FIRST_SEED + ACROSS * index, ACROSS, 1.0)
        return render(panorama(generator, latent)).clamp(-1.0, 1.0)
    large = next(stream(inversion.DATA[name], index + 1, LARGER * size, inversion.RENDER_SEED, first=index))
    picture = torch.from_numpy(large).permute(2, 0, 1)[None].float() / 127.5 - 1.0
    if kind == "mirrored render":
        whole = F.adaptive_avg_pool2d(picture, size)
        half, mirrored = size // 2, whole.flip(3)
        return torch.cat((whole[..., half:], mirrored, whole, mirrored[..., :half]), 3)
    band = picture[:, :, (LARGER * size) // 3 : (LARGER * size) // 3 * 2]
    return F.interpolate(band, size=(size, ACROSS * size), mode="bicubic", antialias=True).clamp(-1.0, 1.0)


def squares_of(pictures: torch.Tensor) -> torch.Tensor:
    return torch.cat(pictures.split(pictures.shape[2], 3))


def psnr(found: torch.Tensor, picture: torch.Tensor) -> float:
    return -10.0 * math.log10(float(((found - picture) / 2.0).square().mean()))


def seam(pictures: torch.Tensor) -> float:
    """How much neighbours differ across the squares' borders, as a multiple of how much they do elsewhere."""
    steps = pictures.diff(dim=3).abs().mean((0, 1, 2))
    border = torch.zeros(len(steps), dtype=torch.bool)
    border[pictures.shape[2] - 1 :: pictures.shape[2]] = True
    return float(steps[border].mean() / steps[~border].mean())


def settings_of(steps: int) -> InversionSettings:
    return InversionSettings(patience=0, steps=steps, base_layer=BASE_LAYER)


def inverted_squares(name: str, picture: torch.Tensor, steps: int) -> torch.Tensor:
    """Each square inverted alone, side by side."""
    settings = replace(settings_of(steps), at_once=ACROSS)
    found = invert(generator_of(name), squares_of(picture), load_alexnet(), settings)
    return torch.cat(list(found.pictures.split(1)), 3)


def inverted_whole(name: str, picture: torch.Tensor, steps: int, mask: torch.Tensor | None = None) -> torch.Tensor:
    return invert(generator_of(name), picture, load_alexnet(), settings_of(steps), mask).pictures


def run(name: str, kind: str, index: int, steps: int) -> None:
    case = [name, kind, index, steps]
    if any(entry["case"] == case for entry in inversion.results(RESULTS)):
        return
    picture = wide_picture(name, kind, index)
    values: dict[str, Any] = {"case": case}
    for way, inverted in (("squares", inverted_squares), ("whole", inverted_whole)):
        found = inverted(name, picture, steps)
        values[way] = {"psnr": psnr(found, picture), "seam": seam(found) / seam(picture)}
    with (inversion.FOLDER / f"{RESULTS}.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(values) + "\n")
    print(
        *case,
        *(f"{way} {values[way]['psnr']:.2f} {values[way]['seam']:.2f}" for way in ("squares", "whole")),
        flush=True,
    )


def table() -> str:
    """Means of all that was measured, as Markdown."""
    rows: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for entry in inversion.results(RESULTS):
        name, kind, _, steps = entry["case"]
        rows.setdefault((name, kind, steps), []).append(entry)
    lines = [
        "| generator | 3:1 pictures | steps | n | PSNR: squares alone | whole | seam: squares alone | whole |",
        "|---|---|---|---|---|---|---|---|",
    ]
    shipped = list(inversion.DATA)
    here = (row for row in rows if row[0] in shipped)
    order = sorted(here, key=lambda row: (shipped.index(row[0]), row[2], KINDS.index(row[1])))
    for name, kind, steps in order:
        entries = rows[name, kind, steps]
        cells = [
            f"{np.mean([entry[way][key] for entry in entries]):.2f}"
            for key in ("psnr", "seam")
            for way in ("squares", "whole")
        ]
        lines.append(f"| {name} | {kind} | {steps} | {len(entries)} | {' | '.join(cells)} |")
    if (inversion.FOLDER / f"{RESULTS}.jpg").exists():
        lines += ["", f"![wide pictures and what was found](inversion/{RESULTS}.jpg)"]
    return "\n".join(lines)


def show(names: list[str], steps: int) -> None:
    """Of each generator a picture, its squares alone, the whole; and a render between sides that are invented."""
    rows = []
    for name in names:
        picture = wide_picture(name, "mirrored render", 0)
        rows += [picture, inverted_squares(name, picture, steps), inverted_whole(name, picture, steps)]
        size = picture.shape[2]
        render_alone = picture[..., ACROSS * size // 2 :][..., :size]
        alone, mask = F.pad(render_alone, (size, size)), F.pad(torch.ones(1, 1, size, size), (size, size))
        rows += [alone, inverted_whole(name, alone, steps, mask)]
    pixels = (torch.cat(rows, 2)[0].permute(1, 2, 0).clamp(-1, 1) * 127.5 + 127.5).byte().numpy()
    Image.fromarray(pixels).save(inversion.FOLDER / f"{RESULTS}.jpg", quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2, help="pictures of each kind; 0: only the page")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--generators", default="landscape_256,portrait_256")
    parser.add_argument("--show", action="store_true", help="make the pictures anew")
    args = parser.parse_args()
    names = args.generators.split(",")
    try:
        for index in range(args.count):
            for name in names:
                for kind in KINDS:
                    run(name, kind, index, args.steps)
    except KeyboardInterrupt:
        print("stopped; the same command goes on")
    if args.show:
        show(names, args.steps)
    page = inversion.PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    inversion.PAGE.write_text(f"{before}{BEGIN}\n\n{table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
