"""Seeded drags on the bundled generators, measured by other things than the drag goes by: a table.

    python benchmarks/dragging.py [--cases 32] [--methods track line warp] [--domains portraits landscapes-sideways ...]
                                  [--distances 0.05 0.1] [--first-seed 0] [--out FILE.json]
    python benchmarks/dragging.py --repeat

Portraits: a landmark that the face networks find (nose, corners of mouth and eye, by turns) goes a part of the
picture to the left, right, up or down by turns; what may move is the head with its hair. The end is measured by the
same networks: the landmark's distance from the target. Landscapes: the corner that can be told best in the picture
(by the structure tensor) goes that far, up and down or to the sides by turns; the end is where the colours around it
are found again, followed from picture to picture of the way by normalised correlation. `--repeat`: how well that finds
places in pictures that were moved by known amounts. Distances are of pictures of 128 px. LPIPS outside is of pictures
whose parts inside the mask are those of the first. `warp` pulls the feature map (Warp Features,
by its defaults and without the mask) instead of searching for a code.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.dragging import DragReport, DragSettings, drag
from soat.soat_backend.dragging.settings import METHODS
from soat.soat_backend.feature_ops import get_features, warp, warped_layer
from soat.soat_backend.generators import Generator
from soat.soat_backend.geometry.points import Drag
from soat.soat_backend.latents import Latent, sample, select
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.perceptual.lpips import PerceptualTarget
from soat.soat_backend.pictures.faces import find_faces
from soat.soat_backend.pictures.faces.face_networks import LANDMARKS_SIDE, run_landmarks
from soat.soat_backend.synthesis.render import render

MODELS = Path(__file__).parents[1] / "models"
PSI = 0.7
WARP = "warp"
PICTURES = 16  # Of a drag's way.
SIDE = 128  # Of pictures that distances are said for.
LANDMARKS = (
    ("nose", 30),
    ("left corner of the mouth", 48),
    ("outer corner of the right eye", 45),
    ("right corner of the mouth", 54),
)
DIRECTIONS = ((-1, 0), (1, 0), (0, -1), (0, 1))
# The face is looked at through so many squares around it, each a little off, and the landmarks are their median.
JITTERS = [(dx, dy, grown) for dx in (-0.04, 0.0, 0.04) for dy in (-0.04, 0.0, 0.04) for grown in (1.0, 1.12)]
# Of a face's landmarks: how many times as wide and high the head with its hair is.
HEAD = 2.55
# Of landscapes, in sides of the picture: half sides of what is looked for and of where, from one picture to the next.
PATCH, WINDOW = 5 / 64, 3 / 64
SEARCHED = 0.5  # Pixels from one place that is tried to the next.
WIDE, HIGH = 0.35, 0.3  # How far from the handle a landscape may move, in pictures.


@dataclass(frozen=True)
class Case:
    """One drag, and how far its end is from the target."""

    name: str
    generator: Generator
    latent: Latent
    drag: Drag
    mask: torch.Tensor
    pictures: int = 1  # Of the way that are measured, the end the last.

    def start(self) -> torch.Tensor:
        """The picture that it begins with."""
        return drag(self.generator, self.latent, [[self.drag]], DragSettings(steps=0)).pictures


def portraits(count: int, distance: float, seed: int) -> Iterator[tuple[Case, Any]]:
    """Drags of landmarks, by turns, of as many heads as asked for that are found."""
    generator = load_generator(MODELS / "portrait_256.safetensors", name="portrait_256")
    number = 0
    while number < count:
        latent = sample(generator, seed, truncation_psi=PSI)
        seed += 1
        picture = picture_of(generator, latent)
        face = square_of_face(picture)
        if face is None:
            continue
        points = landmarks(picture, face)
        what, index = LANDMARKS[number % len(LANDMARKS)]
        right, down = DIRECTIONS[(number // len(LANDMARKS)) % len(DIRECTIONS)]
        x, y = (points[index] / SIDE).tolist()
        target = min(max(x + right * distance, 0.0), 1.0), min(max(y + down * distance, 0.0), 1.0)
        case = Case(f"{seed - 1}: {what}", generator, latent, Drag((x, y), target), head_mask(points))

        def measure(
            way: torch.Tensor, index: int = index, target: tuple[float, float] = target, first: Any = face
        ) -> float:
            end = way[-1:]
            found = landmarks(end, square_of_face(end) or first)[index]
            return float((found - torch.tensor(target) * SIDE).norm())

        number += 1
        yield case, measure


def landscapes(
    count: int, distance: float, seed: int, directions: Sequence[tuple[int, int]] = DIRECTIONS
) -> Iterator[tuple[Case, Any]]:
    """Drags of the place that can be told best, to some sides by turns."""
    generator = load_generator(MODELS / "landscape_256.safetensors", name="landscape_256")
    for number in range(count):
        latent = sample(generator, seed + number, truncation_psi=PSI)
        picture = picture_of(generator, latent)
        side = picture.shape[2]
        place = corner(picture)
        right, down = directions[number % len(directions)]
        x, y = (place / side).tolist()
        target = x + right * distance, y + down * distance
        ys, xs = torch.meshgrid(*((torch.arange(SIDE) + 0.5) / SIDE,) * 2, indexing="ij")
        mask = (((xs - x).abs() < WIDE) & ((ys - y).abs() < HIGH)).float()[None, None]
        case = Case(f"{seed + number}: corner", generator, latent, Drag((x, y), target), mask, PICTURES)

        def measure(
            way: torch.Tensor, place: torch.Tensor = place, target: tuple[float, float] = target, side: int = side
        ) -> float:
            end = follow_colours(way, place)[-1]
            return float((end - torch.tensor(target) * side).norm()) * SIDE / side

        yield case, measure


def corner(picture: torch.Tensor) -> torch.Tensor:
    """Of the picture's middle, the place where it changes most along both axes: x, y in pixels.

    Source: Shi and Tomasi 1994, Good Features to Track: the structure tensor's smaller eigenvalue.
    """
    side = picture.shape[2]
    smooth = F.avg_pool2d(F.pad(picture, (1,) * 4, mode="replicate"), 3, 1)
    dx = F.pad(smooth[..., 2:] - smooth[..., :-2], (1, 1))
    dy = F.pad(smooth[..., 2:, :] - smooth[..., :-2, :], (0, 0, 1, 1))
    reach = round(PATCH * side)
    xx, xy, yy = (
        F.avg_pool2d(product.sum(1, keepdim=True), 2 * reach + 1, 1, reach)[0, 0]
        for product in (dx * dx, dx * dy, dy * dy)
    )
    smaller = (xx + yy) / 2 - (((xx - yy) / 2).square() + xy.square()).sqrt()
    quarter = side // 4
    middle = smaller[quarter : side - quarter, quarter : side - quarter]
    row, column = divmod(int(middle.argmax()), middle.shape[1])
    return torch.tensor([column + quarter + 0.5, row + quarter + 0.5])


def follow_colours(way: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    """Where what is around a place of the first of some pictures `[N, 3, H, W]` is in each: `[N, 2]`, x, y in pixels.

    By the normalised correlation of colours, the nearer to the middle the more, with those of the first picture.
    """
    reach, window = round(PATCH * way.shape[3]), WINDOW * way.shape[3]
    line = torch.arange(-reach, reach + 1).float()
    patch = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1).reshape(-1, 2)
    weight = torch.exp(-patch.square().sum(1) / (2 * (0.6 * reach) ** 2))
    weight = weight / weight.sum()
    steps = int(window / SEARCHED)
    line = torch.arange(-steps, steps + 1).float() * SEARCHED
    offsets = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1)

    def normalised(picture: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        """`[..., 3 * K]` of length 1."""
        size = torch.tensor([picture.shape[2], picture.shape[1]])
        grid = (places[..., None, :] + patch) / size * 2 - 1
        seen = F.grid_sample(
            picture[None], grid.reshape(1, -1, len(patch), 2), padding_mode="border", align_corners=False
        )[0]
        seen = seen - (seen * weight).sum(2, keepdim=True)
        values = (seen * weight.sqrt()).permute(1, 0, 2).flatten(1)
        return F.normalize(values, dim=1).reshape(*places.shape[:-1], -1)

    wanted = normalised(way[0], place[None])[0]
    found = [place]
    for picture in way[1:]:
        likeness = normalised(picture, found[-1] + offsets) @ wanted
        row, column = divmod(int(likeness.argmax()), len(line))
        between = torch.tensor([peak(likeness[row], column), peak(likeness[:, column], row)])
        found.append(found[-1] + offsets[row, column] + SEARCHED * between)
    return torch.stack(found)


def peak(values: torch.Tensor, place: int) -> float:
    """Where the parabola through a peak and its neighbours is highest, -0.5 to 0.5 from it."""
    if not 0 < place < len(values) - 1:
        return 0.0
    low, here, high = values[place - 1 : place + 2].tolist()
    return min(max(0.5 * (high - low) / max(2 * here - low - high, 1e-12), -0.5), 0.5)


def repeatability(count: int, first_seed: int) -> dict[str, float]:
    """How far places that `follow_colours` finds are from the true ones, pictures moved by known amounts, px of 128.

    They are shifted by a sixteenth, grown by a tenth, turned by 6 degrees and paler at the end of 16 pictures.
    """
    errors = []
    for number, (case, _) in enumerate(landscapes(count, 0.0, first_seed)):
        picture = case.start()
        side = picture.shape[2]
        place = torch.tensor(case.drag.start) * side
        right, down = DIRECTIONS[number % len(DIRECTIONS)]
        way = [picture[0]]
        for part in torch.linspace(0, 1, 16)[1:].tolist():
            grown, turn = 1.0 + 0.1 * part, torch.tensor(math.radians(6 * part))
            turned = torch.stack((torch.stack((turn.cos(), turn.sin())), torch.stack((-turn.sin(), turn.cos()))))
            line = torch.arange(side) + 0.5
            places = torch.stack(torch.meshgrid(line, line, indexing="xy"), dim=-1)
            end = place + torch.tensor([right, down]) * side / 16 * part
            source = (places - end) @ turned / grown + place
            moved = F.grid_sample(
                picture, (source / side * 2 - 1)[None], mode="bicubic", padding_mode="border", align_corners=False
            )
            way.append(moved[0] * (1.0 - 0.2 * part))
        found = follow_colours(torch.stack(way), place)[-1]
        errors.append(float((found - place - torch.tensor([right, down]) * side / 16).norm()) * SIDE / side)
    errors.sort()
    return {"median px": statistics.median(errors), "nine of ten": errors[int(0.9 * len(errors))], "most": errors[-1]}


def picture_of(generator: Generator, latent: Latent) -> torch.Tensor:
    """The picture of a code, `[1, 3, H, W]` in -1..1."""
    return drag(generator, latent, [[Drag((0.5, 0.5), (0.5, 0.5))]], DragSettings(steps=0)).pictures


def square_of_face(picture: torch.Tensor) -> tuple[float, float, float] | None:
    """Middle and half side of the square around the largest face, in pixels; None if none is found."""
    faces = find_faces((picture.clamp(-1, 1) + 1) * 127.5)
    if not faces:
        return None
    low, high = faces[0].landmarks.amin(0), faces[0].landmarks.amax(0)
    middle = (low + high) / 2
    return float(middle[0]), float(middle[1]), float((high - low).max()) * 0.62


def landmarks(picture: torch.Tensor, square: tuple[float, float, float]) -> torch.Tensor:
    """The 68 landmarks, `[68, 2]` in pixels of 128, seen through several squares."""
    x, y, half = square
    height, width = picture.shape[2:]
    grids = []
    line = (torch.arange(LANDMARKS_SIDE) + 0.5) / LANDMARKS_SIDE * 2 - 1
    places = [(x + dx * half, y + dy * half, half * grown) for dx, dy, grown in JITTERS]
    for left, top, reach in places:
        rows, columns = (top + line * reach) / height * 2 - 1, (left + line * reach) / width * 2 - 1
        grids.append(torch.stack(torch.meshgrid(columns, rows, indexing="xy"), dim=-1))
    pictures = ((picture.clamp(-1, 1) + 1) * 127.5).expand(len(grids), -1, -1, -1)
    faces = F.grid_sample(pictures, torch.stack(grids), mode="bilinear", align_corners=False)
    found = [
        points * 2 * reach + torch.tensor([left - reach, top - reach])
        for points, (left, top, reach) in zip(run_landmarks(faces), places, strict=True)
    ]
    return torch.stack(found).median(0).values * SIDE / width


def head_mask(points: torch.Tensor) -> torch.Tensor:
    """An ellipse around a face's landmarks, as wide and high as a head: `[1, 1, SIDE, SIDE]`."""
    low, high = points.amin(0), points.amax(0)
    middle, half = (low + high) / 2, (high - low) / 2 * HEAD
    ys, xs = torch.meshgrid(*(torch.arange(SIDE) + 0.5,) * 2, indexing="ij")
    return ((((xs - middle[0]) / half[0]) ** 2 + ((ys - middle[1]) / half[1]) ** 2) <= 1).float()[None, None]


def dragged(case: Case, method: str) -> tuple[torch.Tensor, DragReport]:
    """The pictures of the way of a drag, and how it went."""
    found = drag(case.generator, case.latent, [[case.drag]], DragSettings(method=method, frames=PICTURES), case.mask)
    between = [picture_of(case.generator, select(found.path, [k])) for k in range(1, case.pictures - 1)]
    return torch.cat([case.start(), *between, found.pictures]), found.reports[0]


@torch.inference_mode()
def warped(case: Case) -> tuple[torch.Tensor, DragReport]:
    """The same of a warp, which is there at once."""
    began = time.perf_counter()
    features = get_features(case.generator, case.latent, warped_layer(case.generator).name)
    end = render(warp(features, [[case.drag]]))
    seconds = time.perf_counter() - began
    parts = [number / (case.pictures - 1) for number in range(1, case.pictures - 1)]
    between = [render(warp(features, [[case.drag]], amount=part)) for part in parts]
    report = DragReport((case.drag,), (0.0,), 0.0, 0, seconds, "warped")
    return torch.cat([case.start(), *between, end]), report


def run(cases: list[tuple[Case, Any]], method: str, network: Any) -> dict[str, Any]:
    """The figures of some cases by one method."""
    ends, outside, steps, seconds, seen, inside = [], [], [], [], [], []
    for case, measure in cases:
        way, report = warped(case) if method == WARP else dragged(case, method)
        before, after = way[:1], way[-1:]
        mask = F.interpolate(case.mask, size=before.shape[2:], mode="area")
        held = before * mask + after * (1 - mask)
        target = PerceptualTarget(network, before)
        ends.append(measure(way))
        outside.append(float(target.distance(held)))
        inside.append(float(target.distance(after)))
        steps.append(report.steps)
        seconds.append(report.seconds)
        seen.append(report.furthest * SIDE / before.shape[2])
        print(f"{case.name}: {ends[-1]:.2f} px, seen {seen[-1]:.2f}, {outside[-1]:.4f}, {report}", file=sys.stderr)
    return {
        "cases": len(cases),
        "not dragged, median px": round(statistics.median(measure(case.start()) for case, measure in cases), 2),
        "end, median px": round(statistics.median(ends), 2),
        "within 2 px": round(sum(end <= 2.0 for end in ends) / len(ends), 3),
        "as the search sees it, median px": round(statistics.median(seen), 2),
        "LPIPS outside, median": round(statistics.median(outside), 4),
        "LPIPS outside, at most 0.02": round(sum(each <= 0.02 for each in outside) / len(outside), 3),
        "LPIPS of the whole, median": round(statistics.median(inside), 4),
        "steps, median": statistics.median(steps),
        "seconds, median": round(statistics.median(seconds), 2),
        "ends": {case.name: round(end, 2) for (case, _), end in zip(cases, ends, strict=True)},
    }


def main() -> None:
    """Run all cases by all methods, and print the table."""
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=32)
    parser.add_argument("--methods", nargs="+", choices=(*METHODS, WARP), default=METHODS)
    domains = {
        "portraits": portraits,
        "landscapes-up-and-down": partial(landscapes, directions=DIRECTIONS[2:]),
        "landscapes-sideways": partial(landscapes, directions=DIRECTIONS[:2]),
    }
    parser.add_argument("--domains", nargs="+", choices=domains, default=list(domains))
    parser.add_argument("--out", help="write the figures as JSON")
    parser.add_argument("--distances", nargs="+", type=float, default=(0.05, 0.1), help="of the drags, in pictures")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--repeat", action="store_true", help="measure the measure of landscapes instead")
    args = parser.parse_args()
    if args.repeat:
        print(repeatability(args.cases, args.first_seed))
        return
    network = load_alexnet()
    rows = {}
    for domain in args.domains:
        for distance in args.distances:
            cases = list(domains[domain](args.cases, distance, args.first_seed))
            for method in args.methods:
                rows[f"{domain}, {distance * SIDE:.1f} px, {method}"] = run(cases, method, network)
    columns = [name for name in next(iter(rows.values())) if name != "ends"]
    print("| drags | " + " | ".join(columns) + " |\n" + "| --- " * (len(columns) + 1) + "|")
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(str(row[column]) for column in columns) + " |")
    if args.out:
        Path(args.out).write_text(json.dumps(rows, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
