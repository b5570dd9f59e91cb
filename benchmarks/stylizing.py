"""Generators in the manner of one picture, measured: what `docs/stylizing.md` says.

    python benchmarks/stylizing.py [--seeds 32] [--steps 300] [--sheets FOLDER] [--out FILE.json]

Four pictures a domain, of renderers whose manner the generators have never seen. Of each: how far the manner of random
codes' pictures is from the picture's, before and after (`soat_backend/stylizing/manner.py`); of portraits how far the
68 landmarks that the bundled networks find have moved, in widths of the face. Seconds are of Stylize Generator's work.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.pictures.faces import find_faces
from soat.soat_backend.stylizing import fit_style_pictures
from soat.soat_backend.stylizing.manner import Manner
from soat.soat_backend.training.renderers import render_one

STREAM = 77
GIVEN = {
    "portrait_256": [
        ("portrait-watercolour", 1),
        ("portrait-watercolour", 4),
        ("portrait-comic", 2),
        ("portrait-comic", 5),
    ],
    "landscape_256": [("landscape-ink", 3), ("landscape-woodcut", 1), ("landscape-neon", 2), ("landscape-neon", 6)],
}
SIDE = 256
LOOKED_AT = 256


def run(node: str, **given: Any) -> Any:
    """A node's outputs."""
    node_class = NODE_CLASS_MAPPINGS[node]
    result = getattr(node_class(), node_class.FUNCTION)(**given)
    return result["result"] if isinstance(result, dict) else result


def pictures_of(generator: Any, seeds: int) -> torch.Tensor:
    """`[seeds, 3, H, W]` in -1..1."""
    made = []
    for seed in range(seeds):
        (latent,) = run("SampleLatent", generator=generator, seed=1000 + seed)
        (features,) = run("GetFeatures", generator=generator, latent=latent, layer="b4.conv1")
        made.append(run("Render", features=features)[0])
    return torch.cat(made).permute(0, 3, 1, 2) * 2.0 - 1.0


def landmarks(picture: torch.Tensor) -> torch.Tensor | None:
    """`[68, 2]` in pixels of the picture `[3, H, W]` in -1..1, or None where no face is found."""
    factor = LOOKED_AT // picture.shape[1]
    enlarged = F.interpolate((picture[None] + 1.0) * 127.5, scale_factor=factor, mode="bicubic").clamp(0, 255)
    faces = find_faces(enlarged)
    return faces[0].landmarks / factor if faces else None


def moved(before: torch.Tensor, after: torch.Tensor) -> list[float]:
    """How far landmarks moved in each picture, the mean of 68 in widths of the face; NaN where a face is lost."""
    shifts = []
    for first, second in zip(before, after, strict=True):
        own, other = landmarks(first), landmarks(second)
        if own is None:
            continue
        width = float((own[16] - own[0]).norm())
        shifts.append(math.nan if other is None else float((own - other).norm(dim=1).mean()) / width)
    return shifts


def measure(domain: str, style: str, index: int, seeds: int, steps: int, sheets: Path | None) -> dict[str, Any]:
    (generator,) = run("LoadStyleGAN", checkpoint=f"demo/{domain}.safetensors", precision="float32")[:1]
    given = torch.from_numpy(render_one(index, style, SIDE, STREAM)).float()[None] / 255.0
    began = time.perf_counter()
    stylized, triptych, report = run("StylizeGenerator", generator=generator, image=given, steps=steps)
    seconds = time.perf_counter() - began
    before, after = pictures_of(generator, seeds), pictures_of(stylized, seeds)
    fitted, _ = fit_style_pictures(generator, [given.permute(0, 3, 1, 2)])
    manner, which = Manner(load_alexnet(), fitted), torch.zeros(seeds, dtype=torch.long)
    ratios = (manner.distance(after, which) / manner.distance(before, which)).tolist()
    figures: dict[str, Any] = {
        "domain": domain,
        "style": f"{style} {index}",
        "manner": statistics.mean(ratios),
        "worst manner": max(ratios),
        "seconds": seconds,
        "report": report,
    }
    if domain.startswith("portrait"):
        shifts = moved(before, after)
        found = [shift for shift in shifts if not math.isnan(shift)]
        figures |= {"moved": statistics.mean(found), "most moved": max(found), "faces lost": len(shifts) - len(found)}
    if sheets:
        sheet(sheets / f"{domain}_{style}_{index}.jpg", triptych, before, after)
    return figures


def sheet(path: Path, triptych: torch.Tensor, before: torch.Tensor, after: torch.Tensor, across: int = 8) -> None:
    """The given picture, its code's picture before and after; then random codes before and after, row by row."""
    first = F.pad(triptych[0].permute(2, 0, 1), (0, before.shape[3] * across - triptych.shape[2]), value=1.0)
    rows = [first]
    for start in range(0, min(len(before), 2 * across), across):
        rows += [torch.cat(list(some[start : start + across]), dim=2) / 2.0 + 0.5 for some in (before, after)]
    pixels = torch.cat(rows, dim=1).clamp(0.0, 1.0).mul(255.0).byte().permute(1, 2, 0).numpy()
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, quality=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=32)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--sheets", type=Path)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    results = []
    with torch.inference_mode():
        for domain, styles in GIVEN.items():
            for style, index in styles:
                results.append(measure(domain, style, index, args.seeds, args.steps, args.sheets))
                shown = {k: round(v, 3) if isinstance(v, float) else v for k, v in results[-1].items() if k != "report"}
                print(json.dumps(shown), flush=True)
    if args.out:
        args.out.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
