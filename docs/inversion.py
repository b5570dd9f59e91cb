"""How well pictures are inverted: the tables and pictures of docs/inversion.md.

    python docs/inversion.py [--count 16] [--steps 200,1000] [--generators landscape_256,...] [--weights]

Each result is kept in docs/inversion/results.jsonl as soon as it is there, so the command may be stopped at any time
and goes on where it was; all of it takes some hours on two cores. At its end the tables in docs/inversion.md are new.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.generators import Generator
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.latents import (
    Latent,
    bring_back,
    edit,
    find_direction,
    interpolate,
    sample,
    select,
    to_style_space,
    to_styles,
)
from soat.soat_backend.optimise.reconstruction import reconstruct
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.training.renderers import stream

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "inversion"
PAGE = ROOT / "docs" / "inversion.md"
BEGIN, END = "<!-- tables: docs/inversion.py -->", "<!-- end of tables -->"
WEIGHTS_BEGIN, WEIGHTS_END = "<!-- weights: docs/inversion.py --weights -->", "<!-- end of weights -->"

# What each generator was trained on.
DATA = {
    "landscape_256": "landscape",
    "landscape_neon_256": "landscape-neon",
    "portrait_256": "portrait",
    "portrait_comic_256": "portrait-comic",
}
# No training and no test draws these.
FIRST_SEED, RENDER_SEED = 50_000, 777
SPACES = ("style_space", "w_plus", "w")
PRIORS = {"with prior": InversionSettings.prior_weight, "without": 0.0}
EDIT_STRENGTH, EDIT_COMPONENT, NEIGHBOUR_SEED = 2.0, 1, 90_000
SHOWN = 2
AT_ONCE = 8
# Of the prior, for how much likeness it costs: on so many renders of each generator, in style space.
WEIGHTS, WEIGHED, WEIGHED_STEPS = (0.01, 0.005, 0.0025), 4, 1000


def targets(name: str, generator: Generator, count: int) -> dict[str, torch.Tensor]:
    """Pictures to invert, `[count, 3, R, R]` each."""
    with torch.no_grad():
        seeds = [to_styles(generator, sample(generator, FIRST_SEED + k, 1, 1.0)) for k in range(count)]
        own = torch.cat([reconstruct(generator, styles).picture for styles in seeds])
    size = generator.config.img_resolution
    renders = np.stack(list(stream(DATA[name], count, size, RENDER_SEED)))
    return {"its own": own, "renders": torch.from_numpy(renders).permute(0, 3, 1, 2).float() / 127.5 - 1.0}


def groups(count: int, steps: list[int]) -> Iterator[tuple[str, range, str, str, int]]:
    """(set, indices, space, prior, steps), the first pictures of all before the next ones of any."""
    for first in range(0, count, AT_ONCE):
        for each in steps:
            for kind in ("its own", "renders"):
                for space in SPACES:
                    for prior in PRIORS:
                        yield kind, range(first, min(first + AT_ONCE, count)), space, prior, each


def measure(
    generator: Generator, targets: torch.Tensor, space: str, prior: str, steps: int
) -> list[tuple[dict[str, Any], Latent]]:
    settings = InversionSettings(space=space, steps=steps, prior_weight=PRIORS[prior], patience=0, at_once=len(targets))
    found = invert(generator, targets, load_alexnet(), settings)
    neighbour = to_style_space(generator, sample(generator, NEIGHBOUR_SEED, 1, 1.0))
    direction = find_direction(generator, "pca_w", EDIT_COMPONENT)
    measured = []
    for index, report in enumerate(found.reports):
        styles = to_style_space(generator, select(found.latent, [index]))
        moved = edit(generator, styles, direction, EDIT_STRENGTH)
        values = {
            "lpips": report.lpips,
            "mse": report.mse,
            "psnr": report.psnr,
            "seconds": round(report.seconds, 1),
            **{f"sigmas {covariance}": sigmas(generator, styles, covariance) for covariance in ("diagonal", "full")},
            "edited": sigmas(generator, moved, "diagonal"),
            "between": sigmas(generator, interpolate(styles, neighbour, [0.5]), "diagonal"),
        }
        measured.append((values, styles))
    return measured


def sigmas(generator: Generator, latent: Latent, covariance: str) -> float:
    """In style space, whatever space was searched, so that all can be compared."""
    return float(bring_back(generator, latent, 0, covariance).sigmas.mean())


def of_samples(generator: Generator) -> dict[str, torch.Tensor]:
    """What random codes have, also after the same edit and half way to the same neighbour, `[64]` each."""
    latent = to_style_space(generator, sample(generator, FIRST_SEED, 64, 1.0))
    neighbour = to_style_space(generator, sample(generator, NEIGHBOUR_SEED, 1, 1.0))
    moved = edit(generator, latent, find_direction(generator, "pca_w", EDIT_COMPONENT), EDIT_STRENGTH)
    return {
        "sigmas diagonal": bring_back(generator, latent, 0, "diagonal").sigmas,
        "sigmas full": bring_back(generator, latent, 0, "full").sigmas,
        "edited": bring_back(generator, moved, 0, "diagonal").sigmas,
        "between": bring_back(generator, interpolate(latent, neighbour, [0.5]), 0, "diagonal").sigmas,
    }


def run(name: str, count: int, steps: list[int]) -> None:
    """Measure what isn't measured yet."""
    generator = load_generator(ROOT / "models" / f"{name}.safetensors", name=name).float()
    pictures = targets(name, generator, count)
    done = {tuple(entry["case"]) for entry in results()}
    for kind, indices, space, prior, each in groups(count, steps):

        def shown(index: int, each: int = each) -> bool:
            return index < SHOWN and each == max(steps)

        missing = []
        for index in indices:
            kept = not shown(index) or code_name(kind, index, space, prior, 0) in codes(name)
            if (name, kind, index, space, prior, each) not in done or not kept:
                missing.append(index)
        if not missing:
            continue
        found = measure(generator, pictures[kind][missing], space, prior, each)
        for index, (values, styles) in zip(missing, found, strict=True):
            if shown(index):
                keep_code(name, (kind, index, space, prior), styles)
            case = [name, kind, index, space, prior, each]
            if tuple(case) not in done:
                with (FOLDER / "results.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"case": case, **values}) + "\n")
            print(*case, f"LPIPS {values['lpips']:.4f}", f"PSNR {values['psnr']:.2f}", flush=True)


def run_weights(name: str) -> None:
    """Measure what other weights of the prior cost and bring."""
    generator = load_generator(ROOT / "models" / f"{name}.safetensors", name=name).float()
    pictures = targets(name, generator, WEIGHED)["renders"]
    done = {tuple(entry["case"]) for entry in results("weights")}
    for index in range(WEIGHED):
        for weight in WEIGHTS:
            if (name, index, weight) in done:
                continue
            settings = InversionSettings(steps=WEIGHED_STEPS, prior_weight=weight, patience=0)
            found = invert(generator, pictures[index][None], load_alexnet(), settings)
            values = {"lpips": found.reports[0].lpips, "sigmas": sigmas(generator, found.latent, "diagonal")}
            with (FOLDER / "weights.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps({"case": [name, index, weight], **values}) + "\n")
            print(name, index, weight, values, flush=True)


def weights_table(names: list[str]) -> str:
    """Likeness and distance by the prior's weight, beside w_plus without any; the same renders in each row."""
    lines = ["| renders of | weight | LPIPS | sigmas |", "|---|---|---|---|"]
    for name in names:
        usual = f"{InversionSettings.prior_weight:g}"
        rows: dict[str, list[tuple[float, float]]] = {}
        for entry in results():
            which, kind, index, space, prior, steps = entry["case"]
            if (which, kind, steps) == (name, "renders", WEIGHED_STEPS) and index < WEIGHED:
                label = {("style_space", "with prior"): usual, ("style_space", "without"): "0"}.get((space, prior))
                label = "w_plus, 0" if (space, prior) == ("w_plus", "without") else label
                if label:
                    rows.setdefault(label, []).append((entry["lpips"], entry["sigmas diagonal"]))
        for entry in results("weights"):
            if entry["case"][0] == name:
                rows.setdefault(f"{entry['case'][2]:g}", []).append((entry["lpips"], entry["sigmas"]))
        for label in (usual, *(f"{weight:g}" for weight in WEIGHTS), "0", "w_plus, 0"):
            if len(rows.get(label, [])) == WEIGHED:
                lpips, distance = np.mean(rows[label], axis=0)
                lines.append(f"| {name} | {label} | {lpips:.4f} | {distance:.2f} |")
    return "\n".join(lines)


def codes(name: str) -> dict[str, torch.Tensor]:
    """The styles that the picture shows, a tensor for each layer of each, so that nothing has to be inverted anew."""
    path = FOLDER / f"{name}_codes.safetensors"
    return load_file(path) if path.exists() else {}


def keep_code(name: str, case: tuple[str, int, str, str], styles: Latent) -> None:
    found = {code_name(*case, layer): code.half() for layer, code in enumerate(styles.codes)}
    save_file({**codes(name), **found}, FOLDER / f"{name}_codes.safetensors")


def code_name(kind: str, index: int, space: str, prior: str, layer: int) -> str:
    return f"{kind} {index} {space} {prior} {layer:02d}"


def results(kind: str = "results") -> list[dict[str, Any]]:
    path = FOLDER / f"{kind}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def tables(names: list[str]) -> str:
    """Means of all that was measured, as Markdown."""
    entries, parts = results(), []
    for name in names:
        if not any(entry["case"][0] == name for entry in entries):
            continue
        generator = load_generator(ROOT / "models" / f"{name}.safetensors", name=name).float()
        usual = of_samples(generator)
        parts.append(f"### {name}\n")
        parts.append(
            "| pictures | steps | space | prior | n | LPIPS | MSE | PSNR (lowest) | sigmas | sigmas, full | edited "
            "| between |\n"
            "|---|---|---|---|---|---|---|---|---|---|---|---|"
        )
        for label, value in (("random codes", torch.mean), ("the largest of them", torch.max)):
            figures = [f"{float(value(values)):.2f}" for values in usual.values()]
            parts[-1] += f"\n| {label} | | | | 64 | | | | {' | '.join(figures)} |"
        keys = sorted(
            {tuple(entry["case"][i] for i in (1, 5, 3, 4)) for entry in entries if entry["case"][0] == name}, key=_order
        )
        for kind, each, space, prior in keys:
            chosen = [
                e
                for e in entries
                if e["case"][0] == name and tuple(e["case"][i] for i in (1, 5, 3, 4)) == (kind, each, space, prior)
            ]
            mean = {key: float(np.mean([entry[key] for entry in chosen])) for key in chosen[0] if key != "case"}
            figures = [f"{mean['lpips']:.4f}", f"{mean['mse']:.5f}"]
            figures.append(f"{mean['psnr']:.2f} ({min(entry['psnr'] for entry in chosen):.1f})")
            figures += [f"{mean[key]:.2f}" for key in ("sigmas diagonal", "sigmas full", "edited", "between")]
            parts[-1] += f"\n| {' | '.join([kind, str(each), space, prior, str(len(chosen)), *figures])} |"
        if (FOLDER / f"{name}.jpg").exists():
            parts.append(
                f"\n![inversions of {name}](inversion/{name}.jpg)\n\nEach row: the picture, then of each space with "
                "and without prior (in the table's order) what was found after most steps, and that after the edit.\n"
            )
    return "\n\n".join(part.strip("\n") for part in parts)


def _order(key: tuple[Any, ...]) -> tuple[Any, ...]:
    kind, steps, space, prior = key
    return kind, steps, SPACES.index(space), list(PRIORS).index(prior)


def show(name: str) -> None:
    """Targets, and what each space made of them, with the edit below: docs/inversion/NAME.jpg."""
    generator = load_generator(ROOT / "models" / f"{name}.safetensors", name=name).float()
    pictures, kept = targets(name, generator, SHOWN), codes(name)
    direction = find_direction(generator, "pca_w", EDIT_COMPONENT)
    rows = []
    for kind, shown in pictures.items():
        for index in range(SHOWN):
            row = [shown[index]]
            for space in SPACES:
                for prior in PRIORS:
                    own = [key for key in sorted(kept) if key.startswith(f"{kind} {index} {space} {prior} ")]
                    if not own:
                        continue
                    found = tuple(kept[key].float() for key in own)
                    latent = Latent("style_space", found, generator.fingerprint, generator.config.img_resolution)
                    moved = edit(generator, latent, direction, EDIT_STRENGTH)
                    with torch.no_grad():
                        row += [
                            reconstruct(generator, to_styles(generator, each)).picture[0] for each in (latent, moved)
                        ]
            if len(row) == 1 + 2 * len(SPACES) * len(PRIORS):
                rows.append(torch.cat(row, dim=2))
    if rows:
        picture = torch.cat(rows, dim=1).permute(1, 2, 0).clamp(-1, 1) * 127.5 + 127.5
        # Pictures are shown at 128 px at most: thirteen of 256 are wider than any screen.
        times = max(1, generator.config.img_resolution // 128)
        Image.fromarray(picture.byte().numpy()).reduce(times).save(FOLDER / f"{name}.jpg", quality=88)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=16, help="pictures of each kind; 0: only the page")
    parser.add_argument("--steps", default="200,1000")
    parser.add_argument("--weights", action="store_true", help="measure other weights of the prior instead")
    parser.add_argument(
        "--generators", default=",".join(name for name in DATA if (ROOT / "models" / f"{name}.safetensors").exists())
    )
    args = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    names = args.generators.split(",")
    try:
        for name in names if args.count else ():
            if args.weights:
                run_weights(name)
            else:
                run(name, args.count, [int(each) for each in args.steps.split(",")])
    except KeyboardInterrupt:
        print("stopped; the same command goes on")
    for name in names:
        show(name)
    page = PAGE.read_text(encoding="utf-8")
    for (begin, end), text in (((BEGIN, END), tables(names)), ((WEIGHTS_BEGIN, WEIGHTS_END), weights_table(names))):
        before, after = page.split(begin)[0], page.split(end)[1]
        page = f"{before}{begin}\n\n{text}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
