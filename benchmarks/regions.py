"""Sliders for parts on the bundled generators: how much they change their part, and how much the rest.

    python benchmarks/regions.py [--parts eyes mouth ...] [--seeds 16] [--sheets FOLDER]

A part is a fixed box or ellipse where it usually is: the bundled portraits are aligned, the landscapes' horizon lies
about the middle. The sides of portraits are background unless hair is long there. Two measures, both per place of the
part and of the rest: LPIPS of pictures of which only the one or the other has changed (*apart*, what the search goes
by), and LPIPS's map of the whole changed picture, weighted by the mask (*weighted*; what the network sees of a place
reaches far around it, so parts leak into each other). The mean channel: apart, of all channels to first order;
weighted, of CHANNELS random ones, each moved by CHANNEL_STEP of its deviations.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops.regions import Region
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import Latent, edit, sample, select, to_style_space, to_styles
from soat.soat_backend.latents.spaces import StyleSpace
from soat.soat_backend.optimise import searchable, with_gradients
from soat.soat_backend.parts import find_part_direction
from soat.soat_backend.parts.slopes import squared_slopes
from soat.soat_backend.parts.view import View
from soat.soat_backend.perceptual import load_alexnet, perceive

MODELS = Path(__file__).parents[1] / "models"
PARTS = {
    "eyes": ("portrait_256", [Region(0.29, 0.45, 0.42, 0.15, 0.0)]),
    "mouth": ("portrait_256", [Region(0.35, 0.64, 0.3, 0.14, 0.0, "ellipse")]),
    "hair": ("portrait_256", [Region(0.28, 0.05, 0.44, 0.22, 0.0, "ellipse")]),
    "background": ("portrait_256", [Region(0.0, 0.0, 0.13, 0.75, 0.0), Region(0.87, 0.0, 0.13, 0.75, 0.0)]),
    "sky": ("landscape_256", [Region(0.0, 0.0, 1.0, 0.35, 0.0)]),
    "water": ("landscape_256", [Region(0.0, 0.55, 1.0, 0.3, 0.0)]),
}
COMPONENTS, STRENGTH, PSI, FIRST_SEED = 5, 3.0, 0.7, 100
CHANNELS, CHANNEL_STEP = 12, 8.0
SHOWN = 8


def mask_of(generator: Generator, regions: list[Region]) -> torch.Tensor:
    return torch.stack([region.mask(*generator.img_size) for region in regions]).amax(0)


def apart(view: View, before: torch.Tensor, after: torch.Tensor) -> tuple[float, float]:
    """Mean LPIPS of the part and of the rest, changed alone."""
    changes = []
    for where in (view.part, view.rest):
        distances = (view.seen(before, after, where) - view.seen(before, before, where)).square().sum(1)
        changes.append(float(distances.mean()))
    return changes[0], changes[1]


def weighted(network: torch.nn.Module, mask: torch.Tensor, before: torch.Tensor, after: torch.Tensor) -> torch.Tensor:
    """Mean of LPIPS's map in the part and in the rest, `[2]`, of pictures enlarged to 256 px."""
    large = [F.interpolate(each, size=(256, 256), mode="bilinear") for each in (before, after)]
    totals = torch.zeros(2)
    for one, other in zip(*(perceive(network, each) for each in large), strict=True):
        change = (one - other).square().sum(1, keepdim=True)
        inside = F.interpolate(mask, size=change.shape[2:], mode="area")
        totals += torch.stack([(change * each).mean() / each.mean() for each in (inside, 1.0 - inside)])
    return totals


@torch.no_grad()
def mean_channel(view: View, network: torch.nn.Module, mask: torch.Tensor, latent: Latent) -> torch.Tensor:
    """What random channels change by the weighted measure, `[2]`."""
    space = StyleSpace(view.generator)
    codes = space.read(latent)
    before, totals = view.pictures(space.styles(codes)), torch.zeros(2)
    for channel in torch.randperm(codes.shape[2], generator=torch.Generator().manual_seed(0))[:CHANNELS]:
        moved = codes.clone()
        moved[:, 0, channel] += CHANNEL_STEP
        totals += weighted(network, mask, before, view.pictures(space.styles(moved)))
    return totals / CHANNELS


def measure(part: str, seeds: int, sheets: Path | None) -> str:
    """A row of the table for each component."""
    name, regions = PARTS[part]
    generator = load_generator(MODELS / f"{name}.safetensors", name=name)
    mask = mask_of(generator, regions)
    began, used = time.perf_counter(), time.process_time()
    directions = [find_part_direction(generator, mask, number) for number in range(COMPONENTS)]
    seconds, used = time.perf_counter() - began, time.process_time() - used
    latent = to_style_space(generator, sample(generator, FIRST_SEED, seeds, PSI))
    network = load_alexnet()
    with with_gradients(generator):
        working = searchable(generator)
        view, space = View(working, mask), StyleSpace(working)
        part_slopes, rest_slopes = squared_slopes(view, space, space.read(latent), 8, 1, lambda _: None)
    base = float(part_slopes.mean() / rest_slopes.mean())
    few = select(latent, list(range(4)))
    base_weighted = mean_channel(view, network, mask, few)
    rows = [f"{part}: found in {seconds:.0f} s ({used:.1f} s of one core); the mean channel {base:.2f} apart, "]
    rows[0] += f"{float(base_weighted[0] / base_weighted[1]):.2f} weighted"
    best, most = 0, 0.0
    with torch.no_grad():
        before = view.pictures(to_styles(working, latent))
        for number, direction in enumerate(directions):
            totals, both = torch.zeros(2), torch.zeros(2)
            for sign in (1.0, -1.0):
                # Half of the pictures up, half down.
                some = list(range(0 if sign > 0 else 1, seeds, 2))
                moved = edit(working, select(latent, some), direction, sign * STRENGTH)
                after = view.pictures(to_styles(working, moved))
                totals += torch.tensor(apart(view, before[some], after)) / 2.0
                both += weighted(network, mask, before[some], after) / 2.0
            times = float(totals[0] / totals[1]) / base
            times_weighted = float(both[0] / both[1] / (base_weighted[0] / base_weighted[1]))
            rows.append(
                f"| {part} | {number} | {float(totals[0]):.3f} | {float(totals[1]):.4f} | {times:.1f} | "
                f"{times_weighted:.1f} |"
            )
            if times > most:
                best, most = number, times
    if sheets:
        save_sheet(generator, latent, directions[best], sheets / f"{part}.jpg")
    return "\n".join(rows)


@torch.no_grad()
def save_sheet(generator: Generator, latent: Latent, direction: object, path: Path) -> None:
    """The first pictures at -3, 0 and 3, a row each."""
    some = select(latent, list(range(SHOWN)))
    view = View(generator, torch.ones(1, 1, 8, 8) / 2.0)
    rows = []
    for strength in (-STRENGTH, 0.0, STRENGTH):
        pictures = view.pictures(to_styles(generator, edit(generator, some, direction, strength)))  # type: ignore[arg-type]
        rows.append(torch.cat(list(F.interpolate(pictures, size=(112, 112), mode="bilinear")), dim=2))
    pixels = ((torch.cat(rows, dim=1).clamp(-1.0, 1.0) + 1.0) * 127.5).byte().permute(1, 2, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.numpy()).save(path, quality=85)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--sheets", type=Path)
    options = parser.parse_args()
    print(
        "| part | component | LPIPS of the part | of the rest | times the mean's, apart | weighted |",
        flush=True,
    )
    for part in options.parts:
        print(measure(part, options.seeds, options.sheets), flush=True)


if __name__ == "__main__":
    main()
