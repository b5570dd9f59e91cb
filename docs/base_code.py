"""How well pictures out of a model's range are inverted: the tables on base codes in docs/inversion.md.

    python docs/base_code.py [--count 1] [--steps 200] [--generators landscape_256,...] [--trial] [--show]
                             [--device cuda --at-once 16]

Fresh renders as they are, moved by a quarter of the picture, turned by 20 degrees and zoomed by 1.5. Each result is
kept in docs/inversion/base_code.jsonl as soon as it is there, so the command may be stopped at any time and goes on
where it was. At its end the tables in docs/inversion.md are new. `--trial` measures other weights at one layer.
"""

from __future__ import annotations

import argparse
import json
import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import inversion
import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops import get_features, set_styles, stitch
from soat.soat_backend.generators import Generator
from soat.soat_backend.inversion import InversionSettings, invert
from soat.soat_backend.latents import Latent, edit, find_direction, sample, select, to_styles
from soat.soat_backend.perceptual import PerceptualTarget, load_alexnet
from soat.soat_backend.synthesis.feature_map import FeatureMap
from soat.soat_backend.synthesis.loop import begin, synthesize
from soat.soat_backend.synthesis.noise import NoiseField
from soat.soat_backend.training.renderers import stream

BEGIN, END = "<!-- tables: docs/base_code.py -->", "<!-- end of base code -->"
KINDS = ("as it is", "moved", "turned", "zoomed")
# Renders are drawn so many times as large, so that turning and zooming them costs no sharpness.
SUPERSAMPLED = 4
SAMPLES = 32
LAYERS = ("b16.conv0", "b32.conv0", "b8.conv1", "b16.conv1", "b4.conv1", "b32.conv1")
# Samples are cut at these for comparison.
CUT = LAYERS[:2]
TRIED = "b16.conv0"
RESULTS = "base_code"
SHOWN = ("style_space", "b16.conv0, 0.02", "b32.conv0, 0.02")


@dataclass(frozen=True)
class Method:
    """A way to invert: its name in the tables and its settings."""

    name: str
    settings: InversionSettings


def methods() -> list[Method]:
    """What is compared: codes alone, and base codes at each layer, with the usual weight and then without any."""
    usual = InversionSettings(patience=0)
    found = [Method(space, replace(usual, space=space)) for space in ("style_space", "w_plus")]
    for weight in (usual.base_weight, 0.0):
        found += [
            Method(name_of(layer, weight), replace(usual, base_layer=layer, base_weight=weight)) for layer in LAYERS
        ]
    return found


def trials() -> list[Method]:
    """What other weights cost and bring, at one layer."""
    usual = InversionSettings(patience=0, base_layer=TRIED)
    return [Method(name_of(TRIED, weight), replace(usual, base_weight=weight)) for weight in (0.0, 0.02, 0.1, 0.5)]


def name_of(layer: str, weight: float) -> str:
    return f"{layer}, {weight:g}"


def warped(pictures: torch.Tensor, kind: str, size: int) -> torch.Tensor:
    """Large renders `[N, 3, S, S]` changed and brought to a size; what comes in at the edges is mirrored."""
    angle, scale, shift = {
        "as it is": (0.0, 1.0, 0.0),
        "moved": (0.0, 1.0, 0.25),
        "turned": (20.0, 1.0, 0.0),
        "zoomed": (0.0, 1.5, 0.0),
    }[kind]
    cosine, sine = (each(math.radians(angle)) / scale for each in (math.cos, math.sin))
    # A quarter of the picture is half of the range -1..1.
    matrix = torch.tensor([[[cosine, -sine, -2 * shift], [sine, cosine, 0.0]]]).expand(len(pictures), -1, -1)
    places = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
    moved = F.grid_sample(pictures, places, padding_mode="reflection", align_corners=False)
    return F.adaptive_avg_pool2d(moved, size)


@cache
def targets(name: str, generator: Generator, count: int) -> dict[str, torch.Tensor]:
    """Pictures to invert, `[count, 3, R, R]` of each kind."""
    size = generator.config.img_resolution
    renders = np.stack(list(stream(inversion.DATA[name], count, SUPERSAMPLED * size, inversion.RENDER_SEED)))
    large = torch.from_numpy(renders).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    return {kind: warped(large, kind, size) for kind in KINDS}


class Usual:
    """How far maps are from those of samples: 1 is what samples have on average."""

    def __init__(self, generator: Generator) -> None:
        self.layers = [layer for layer in generator.layers.block_ends if layer.sampling_rate >= 32]
        latent = sample(generator, inversion.FIRST_SEED, SAMPLES, 1.0)
        maps = self._maps(begin(generator, to_styles(generator, latent), NoiseField("const")))
        self.means = [each.mean((0, 2, 3), keepdim=True) for each in maps]
        self.deviations = [each.std((0, 2, 3), keepdim=True) for each in maps]

    def distance(self, features: FeatureMap) -> list[float]:
        """Of each picture: the root mean square of its last maps' deviations, on average over layers."""
        squares = [
            ((x - mean) / deviation).square().mean((1, 2, 3)).sqrt()
            for x, mean, deviation in zip(self._maps(features), self.means, self.deviations, strict=True)
        ]
        return torch.stack(squares).mean(0).tolist()

    def _maps(self, features: FeatureMap) -> list[torch.Tensor]:
        maps = {features.layer.name: features.activation.float()}
        with torch.no_grad():
            synthesize(features, watch=lambda state: maps.update({state.layer.name: state.activation.float()}))
        return [maps[layer.name] for layer in self.layers]


@cache
def usual(generator: Generator) -> Usual:
    return Usual(generator)


def edited(generator: Generator, latent: Latent) -> Latent:
    """The same edit as of the other tables."""
    direction = find_direction(generator, "pca_w", inversion.EDIT_COMPONENT)
    return edit(generator, latent, direction, inversion.EDIT_STRENGTH)


def stitched(generator: Generator, features: FeatureMap) -> FeatureMap:
    """Beside a sample, at the features' layer."""
    neighbour = sample(generator, inversion.NEIGHBOUR_SEED, 1, 1.0)
    return stitch([features, get_features(generator, neighbour, features.layer.name)])


def picture(features: FeatureMap) -> torch.Tensor:
    with torch.no_grad():
        return synthesize(features).picture


def effect(generator: Generator, before: FeatureMap, after: FeatureMap) -> list[float]:
    """How much an edit changes each picture: LPIPS between before and after."""
    network = load_alexnet().to(generator.device)
    with torch.no_grad():
        return PerceptualTarget(network, picture(before)).distance(picture(after)).tolist()


@cache
def of_samples(generator: Generator, layer: str) -> dict[str, tuple[float, float]]:
    """What samples have: mean and largest of the distance after the edit and beside a neighbour, and of the effect."""
    latent = sample(generator, inversion.FIRST_SEED, SAMPLES, 1.0)
    features = get_features(generator, latent, layer)
    moved = set_styles(features, edited(generator, latent))
    beside = [d for k in range(SAMPLES) for d in usual(generator).distance(stitched(generator, features.item(k)))]
    figures = {
        "edited": usual(generator).distance(moved),
        "beside": beside,
        "effect": effect(generator, features, moved),
    }
    return {key: (float(np.mean(values)), float(np.max(values))) for key, values in figures.items()}


def measure(generator: Generator, pictures: torch.Tensor, settings: InversionSettings) -> list[dict[str, Any]]:
    network = load_alexnet().to(generator.device)
    found = invert(generator, pictures, network, replace(settings, at_once=len(pictures)))
    measured = []
    for index, report in enumerate(found.reports):
        features, latent = found.features.item(index), select(found.latent, [index])
        moved = set_styles(features, edited(generator, latent))
        if settings.base_layer is None:  # The edit is of all layers then.
            moved = get_features(generator, edited(generator, latent), features.layer.name)
        measured.append(
            {
                "lpips": report.lpips,
                "psnr": report.psnr,
                "sigmas": inversion.sigmas(generator, latent, "diagonal"),
                "base": report.base,
                "distance": usual(generator).distance(features)[0],
                "edited": usual(generator).distance(moved)[0],
                "beside": usual(generator).distance(stitched(generator, features))[0],
                "effect": effect(generator, features, moved)[0],
                "seconds": round(report.seconds, 1),
            }
        )
    return measured


def run(generator: Generator, indices: range, steps: int, method: Method) -> None:
    """Measure what isn't measured yet of some pictures, all that is made of them at once."""
    name = generator.name
    done = {tuple(entry["case"]) for entry in inversion.results(RESULTS)}
    missing = [
        (kind, index) for index in indices for kind in KINDS if (name, kind, index, method.name, steps) not in done
    ]
    if not missing:
        return
    large = targets(name, generator, indices.stop)
    together = torch.stack([large[kind][index] for kind, index in missing])
    found = measure(generator, together, replace(method.settings, steps=steps))
    with (inversion.FOLDER / f"{RESULTS}.jsonl").open("a", encoding="utf-8") as file:
        for (kind, index), values in zip(missing, found, strict=True):
            case = [name, kind, index, method.name, steps]
            file.write(json.dumps({"case": case, **values}) + "\n")
            print(*case, f"LPIPS {values['lpips']:.4f}", f"PSNR {values['psnr']:.2f}", flush=True)


@cache
def generator_of(name: str) -> Generator:
    return load_generator(inversion.ROOT / "models" / f"{name}.safetensors", name=name).float()


def table(name: str) -> str:
    """Means of all that was measured of a generator, as Markdown: a row for each method and number of steps."""
    entries = [entry for entry in inversion.results(RESULTS) if entry["case"][0] == name]
    rows: dict[tuple[int, str], dict[str, list[dict[str, Any]]]] = {}
    for entry in entries:
        _, kind, _, method, steps = entry["case"]
        rows.setdefault((steps, method), {}).setdefault(kind, []).append(entry)
    names = list(dict.fromkeys(method.name for method in (*methods(), *trials())))
    lines = [
        f"### {name}",
        "",
        "| steps | where | n | "
        + " | ".join(f"{kind}: LPIPS, PSNR" for kind in KINDS)
        + " | sigmas | base | edited (largest) | beside (largest) | effect |",
        "|---|---|---|" + "---|" * (len(KINDS) + 5),
    ]
    for (steps, method), kinds in sorted(rows.items(), key=lambda row: (row[0][0], names.index(row[0][1]))):
        if set(kinds) != set(KINDS):
            continue
        out = [entry for kind in KINDS[1:] for entry in kinds[kind]]
        cells = [
            f"{np.mean([e['lpips'] for e in kinds[kind]]):.4f}, {np.mean([e['psnr'] for e in kinds[kind]]):.1f}"
            for kind in KINDS
        ]
        base = "" if out[0]["base"] is None else f"{np.mean([e['base'] for e in out]):.2f}"
        cells += [f"{np.mean([e['sigmas'] for e in out]):.2f}", base]
        for key in ("edited", "beside"):
            values = [e[key] for e in out]
            cells.append(f"{np.mean(values):.2f} ({np.max(values):.2f})")
        cells.append(f"{np.mean([e['effect'] for e in out]):.3f}")
        lines.append(f"| {steps} | {method} | {len(kinds[KINDS[0]])} | {' | '.join(cells)} |")
    lines += samples_rows(name)
    if (inversion.FOLDER / f"base_code_{name}.jpg").exists():
        lines += ["", f"![base codes of {name}](inversion/base_code_{name}.jpg)"]
    return "\n".join(lines)


def samples_rows(name: str) -> list[str]:
    """What samples have, cut at some layers: the distances and the effect of the same edit."""
    lines = []
    for layer in CUT:
        usual = of_samples(generator_of(name), layer)
        edited, beside = (f"{usual[key][0]:.2f} ({usual[key][1]:.2f})" for key in ("edited", "beside"))
        empty = "| " * len(KINDS)
        lines.append(
            f"| | samples at {layer} | {SAMPLES} {empty}| | | {edited} | {beside} | {usual['effect'][0]:.3f} |"
        )
    return lines


def show(name: str, steps: int) -> None:
    """A picture in each way it was changed, and what some methods make of it: docs/inversion/base_code_NAME.jpg."""
    generator = generator_of(name)
    pictures = torch.stack([targets(name, generator, 1)[kind][0] for kind in KINDS])
    columns = [pictures]
    for method in methods():
        if method.name in SHOWN:
            settings = replace(method.settings, steps=steps, at_once=len(pictures))
            found = invert(generator, pictures, load_alexnet(), settings)
            columns.append(found.pictures)
            if settings.base_layer:
                columns.append(picture(set_styles(found.features, edited(generator, found.latent))))
    sheet = torch.cat([torch.cat(list(column), dim=1) for column in columns], dim=2)
    pixels = (sheet.permute(1, 2, 0).clamp(-1, 1) * 127.5 + 127.5).byte().numpy()
    Image.fromarray(pixels).save(inversion.FOLDER / f"base_code_{name}.jpg", quality=88)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1, help="pictures of each domain; 0: only the page")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--generators", default=",".join(inversion.DATA))
    parser.add_argument("--methods", default="", help="only those whose name begins so; several with ;")
    parser.add_argument("--trial", action="store_true", help="measure what the weight was chosen by")
    parser.add_argument("--show", action="store_true", help="make the pictures anew")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--at-once", type=int, default=1, help="pictures searched together, of each all kinds")
    args = parser.parse_args()
    inversion.FOLDER.mkdir(exist_ok=True)
    names = args.generators.split(",")
    chosen = trials() if args.trial else methods()
    chosen = [each for each in chosen if each.name.startswith(tuple(args.methods.split(";")))]
    try:
        for first in range(0, args.count, args.at_once):
            indices = range(first, min(first + args.at_once, args.count))
            for method in chosen:
                for name in names:
                    run(generator_of(name).to(args.device), indices, args.steps, method)
    except KeyboardInterrupt:
        print("stopped; the same command goes on")
    for name in names if args.show else ():
        show(name, args.steps)
    page = inversion.PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    measured = {entry["case"][0] for entry in inversion.results(RESULTS)}
    tables = "\n\n".join(table(name) for name in inversion.DATA if name in measured)
    inversion.PAGE.write_text(f"{before}{BEGIN}\n\n{tables}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
