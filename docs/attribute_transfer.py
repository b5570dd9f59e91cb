"""How near attribute transfer comes to the truth, which the portraits' renderer can paint: docs/attribute_transfer.md.

    python docs/attribute_transfer.py [--pairs 12]

Two people whose poses differ are painted and inverted. The eyes, mouth or hair of the one are given to the other by
InterpolateFeatures inside a mask, with and without giving the reference the other's pose first by MixStyles (SOAT,
section 3.7), and compared with the renderer's picture of the first person with the second's part. What was found is
kept in docs/attribute_transfer/, so the command may be stopped and goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from sheets import in_a_row
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops import get_features, interpolate
from soat.soat_backend.feature_ops.regions import Region, combine_masks
from soat.soat_backend.generators import Generator
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.latents import Latent, mix_styles
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.synthesis.render import render
from soat.soat_backend.training.renderers.portrait import Person, paint, part_box, random_person, take

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "attribute_transfer"
PAGE = ROOT / "docs" / "attribute_transfer.md"
BEGIN, END = "<!-- tables: docs/attribute_transfer.py -->", "<!-- end of tables -->"

GENERATOR = "portrait_256"
PARTS = ("eyes", "mouth", "hair")
# No training and no test draws these.
FIRST_SEED = 60_000
YAW_DIFFERENCE = 15.0
# The truth keeps the skin around the part, and a transfer brings the reference's along: of sRGB 0..255.
SKIN_DIFFERENCE = 40.0
# The layers that give the reference the source's pose: all alone, so that a table shows where pose ends.
ALIGNMENTS = (None, "b4.torgb", "b8.conv1", "b16.conv0", "b16.conv1")
SHOWN_ALIGNMENT = "b16.conv0"
FEATHER = 0.3
SETTINGS = InversionSettings(steps=300)
SHOWN = 6


def pairs(count: int) -> Iterator[tuple[int, Person, Person]]:
    """People of whom all parts can be seen, and who look elsewhere: (number, source, reference)."""
    found = 0
    for seed in range(FIRST_SEED, FIRST_SEED + 1000 * count):
        rng = np.random.default_rng(seed)
        source, reference = random_person(rng), random_person(rng)
        apart = abs(source.pose.yaw - reference.pose.yaw) >= YAW_DIFFERENCE
        alike = np.linalg.norm(np.subtract(source.skin.colour, reference.skin.colour)) <= SKIN_DIFFERENCE
        if apart and alike and all(shows_all(person) for person in (source, reference)):
            yield found, source, reference
            found += 1
        if found == count:
            return


def shows_all(person: Person) -> bool:
    return (
        person.glasses.style == "none"
        and person.hat.style == "none"
        and person.beard.style == "none"
        and min(part_box(person, "hair")[2:]) > 0
    )


def picture(person: Person, size: int) -> torch.Tensor:
    """`[1, 3, size, size]` in -1..1."""
    return torch.from_numpy(paint(person, size)).permute(2, 0, 1)[None].float() / 127.5 - 1.0


def code_of(generator: Generator, name: str, person: Person) -> Latent:
    path = FOLDER / "codes" / f"{name}.safetensors"
    if not path.exists():
        target = picture(person, generator.config.img_resolution)
        codes = invert(generator, target, load_alexnet(), SETTINGS).latent.codes
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({f"{layer:02d}": code for layer, code in enumerate(codes)}, path)
    kept = load_file(path)
    codes = tuple(kept[key] for key in sorted(kept))
    return Latent("style_space", codes, generator.fingerprint, generator.config.img_resolution)


def part_mask(source: Person, changed: Person, part: str, size: int, feather: float) -> torch.Tensor:
    """Where the part is before and after, `[1, 1, size, size]`."""
    boxes = [box for person in (source, changed) for box in boxes_of(person, part)]
    masks = [Region(*box, feather=feather, shape="ellipse").mask(size, size) for box in boxes]
    mask = reduce(lambda mask, other: combine_masks(mask, other, "add"), masks)
    if part == "hair":  # the face it is around stays
        face = Region(*face_box(source), feather=feather, shape="ellipse").mask(size, size)
        mask = combine_masks(mask, face, "subtract")
    return mask


def face_box(person: Person) -> tuple[float, float, float, float]:
    """From the brows to below the mouth."""
    boxes = [part_box(person, part) for part in ("brows", "eyes", "mouth")]
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return left, top, right - left, bottom - top


def boxes_of(person: Person, part: str) -> list[tuple[float, float, float, float]]:
    left, top, width, height = part_box(person, part)
    if part == "eyes":  # one for each, without the nose between them
        return [(left, top, 0.45 * width, height), (left + 0.55 * width, top, 0.45 * width, height)]
    return [(left, top, width, height)]


def transfer(
    generator: Generator, source: Latent, reference: Latent, mask: torch.Tensor, aligned_to: str | None
) -> torch.Tensor:
    """The node graph: MixStyles up to `aligned_to`, GetFeatures, InterpolateFeatures inside the mask, Render."""
    if aligned_to:
        reference = mix_styles(reference, source, "b4.conv1", aligned_to)
    a, b = get_features(generator, source), get_features(generator, reference)
    return render(interpolate(a, b, mask=mask))


def error(a: torch.Tensor, b: torch.Tensor, where: torch.Tensor) -> float:
    """Mean absolute difference of pixels in 0..1, weighted."""
    difference = (a.clamp(-1, 1) - b.clamp(-1, 1)).abs().mean(dim=1, keepdim=True) / 2.0
    return float((difference * where).sum() / where.sum())


def measure(generator: Generator, count: int) -> tuple[str, list[np.ndarray]]:
    """The table, and a row of pictures for each of the first pairs."""
    size, rows = generator.config.img_resolution, []
    inside: dict[tuple[str, str], list[float]] = {}
    outside: dict[tuple[str, str], list[float]] = {}
    for number, source, reference in pairs(count):
        codes = [
            code_of(generator, f"{number:02d}_{role}", person)
            for role, person in (("source", source), ("reference", reference))
        ]
        plain = render(get_features(generator, codes[0]))
        row = [picture(source, size), plain, picture(reference, size), render(get_features(generator, codes[1]))]
        for part in PARTS:
            changed = take(source, reference, part)
            truth = picture(changed, size)
            best = render(get_features(generator, code_of(generator, f"{number:02d}_{part}", changed)))
            soft, hard = (part_mask(source, changed, part, size, feather) for feather in (FEATHER, 0.0))
            results = {"nothing done": plain, "the truth, inverted": best}
            for aligned_to in ALIGNMENTS:
                results[label(aligned_to)] = transfer(generator, *codes, soft, aligned_to)
            for name, result in results.items():
                inside.setdefault((part, name), []).append(error(result, truth, hard))
                outside.setdefault((part, name), []).append(error(result, plain, 1.0 - hard))
            row += [truth, results[label(None)], results[label(SHOWN_ALIGNMENT)]]
        if number < SHOWN:
            rows.append(in_a_row(row))
        print("pair", number, flush=True)
    names = list(dict.fromkeys(name for _, name in inside))
    lines = [
        f"| what was done | {' | '.join(f'{part}: inside | outside' for part in PARTS)} |",
        "|---|" + "---|---|" * len(PARTS),
    ]
    for name in names:
        cells = [f"{np.mean(inside[part, name]):.4f} | {np.mean(outside[part, name]):.4f}" for part in PARTS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines.append("")
    for part in PARTS:
        with_, without = (np.array(inside[part, label(each)]) for each in (SHOWN_ALIGNMENT, None))
        nearer = int((with_ < without).sum())
        lines.append(f"- {part}: with alignment up to {SHOWN_ALIGNMENT} nearer to the truth in {nearer} of {count}")
    return "\n".join(lines), rows


def label(aligned_to: str | None) -> str:
    return f"transfer, aligned up to {aligned_to}" if aligned_to else "transfer, not aligned"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--generator", default=ROOT / "models" / f"{GENERATOR}.safetensors")
    args = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    generator = load_generator(args.generator, name=GENERATOR).float()
    with torch.no_grad():
        table, rows = measure(generator, args.pairs)
    Image.fromarray(np.concatenate(rows)).save(FOLDER / "pairs.jpg", quality=88)
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
