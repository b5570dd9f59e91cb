"""Seeded drags on the bundled generators, measured by other things than the drag goes by: a table.

    python benchmarks/dragging.py [--cases 32] [--methods track line] [--domains portraits landscapes] [--out FILE.json]

Portraits: a landmark that the face networks find (nose, corners of mouth and eye, by turns) goes a tenth of the
picture to the left, right, up or down by turns; what may move is the head. The end is measured by the same networks:
the landmark's distance from the target. Landscapes: an edge in the picture goes a tenth of it up or down; the end is
where the colours around the handle are found again. Distances are of pictures of 128 px.
LPIPS is of pictures whose parts inside the mask
are those of the first.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.dragging import Drag, DragSettings, drag
from soat.soat_backend.dragging.settings import METHODS
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import Latent, sample
from soat.soat_backend.perceptual import load_alexnet
from soat.soat_backend.perceptual.lpips import PerceptualTarget
from soat.soat_backend.pictures.faces import find_faces
from soat.soat_backend.pictures.faces.face_networks import LANDMARKS_SIDE, run_landmarks

MODELS = Path(__file__).parents[1] / "models"
DISTANCE, PSI = 0.1, 0.7
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
# Of a face's landmarks: how many times as wide and high the head is.
HEAD = 1.7
PATCH, WINDOW = 5, 10  # Of landscapes: half sides in pixels of 64.


@dataclass(frozen=True)
class Case:
    """One drag, and how far its end is from the target."""

    name: str
    generator: Generator
    latent: Latent
    drag: Drag
    mask: torch.Tensor

    def start(self) -> torch.Tensor:
        """The picture that it begins with."""
        return drag(self.generator, self.latent, [[self.drag]], DragSettings(steps=0)).pictures


def portraits(count: int) -> Iterator[tuple[Case, Any]]:
    """Drags of landmarks, by turns, of as many heads as asked for that are found."""
    generator = load_generator(MODELS / "portrait_128.safetensors", name="portrait_128")
    seed = number = 0
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
        target = min(max(x + right * DISTANCE, 0.0), 1.0), min(max(y + down * DISTANCE, 0.0), 1.0)
        case = Case(f"{seed - 1}: {what}", generator, latent, Drag((x, y), target), head_mask(points))

        def measure(
            end: torch.Tensor, index: int = index, target: tuple[float, float] = target, first: Any = face
        ) -> float:
            found = landmarks(end, square_of_face(end) or first)[index]
            return float((found - torch.tensor(target) * SIDE).norm())

        number += 1
        yield case, measure


def landscapes(count: int) -> Iterator[tuple[Case, Any]]:
    """Drags of the strongest edge of a column, up or down by turns."""
    generator = load_generator(MODELS / "landscape_64.safetensors", name="landscape_64")
    for seed in range(count):
        latent = sample(generator, seed, truncation_psi=PSI)
        picture = picture_of(generator, latent)
        side = picture.shape[2]
        column = int(side * (0.3 + 0.4 * ((seed * 7) % 10) / 9))
        rows = F.avg_pool2d(picture.mean(1, keepdim=True), (1, 5), 1, (0, 2))[0, 0, :, column]
        steps = (rows[2:] - rows[:-2]).abs()
        steps[: side // 4], steps[3 * side // 4 :] = 0.0, 0.0
        row = int(steps.argmax()) + 1
        down = (-1, 1)[seed % 2]
        handle = (column + 0.5) / side, (row + 0.5) / side
        target = handle[0], handle[1] + down * DISTANCE
        ys, xs = torch.meshgrid(*(torch.linspace(0, 1, SIDE),) * 2, indexing="ij")
        # A hill and what is around it: all but a frame, and no further up and down than it goes.
        mask = (((xs - handle[0]).abs() < 0.35) & ((ys - handle[1]).abs() < 0.3)).float()[None, None]
        case = Case(f"{seed}: edge", generator, latent, Drag(handle, target), mask)
        patch = around(picture, handle, PATCH)

        def measure(end: torch.Tensor, patch: torch.Tensor = patch, target: tuple[float, float] = target) -> float:
            seen = around(end, target, PATCH + WINDOW)
            windows = F.unfold(seen, 2 * PATCH + 1)[0].t()
            best = int((windows - patch.reshape(1, -1)).square().mean(1).argmin())
            wide = 2 * WINDOW + 1
            # A patch along an edge is alike all along it: how far across it the edge is counts.
            return abs(best // wide - WINDOW) * SIDE / end.shape[2]

        yield case, measure


def around(picture: torch.Tensor, place: tuple[float, float], half: int) -> torch.Tensor:
    """A square of a picture `[1, C, H, W]` around a place, its border drawn out."""
    x, y = int(place[0] * picture.shape[3]), int(place[1] * picture.shape[2])
    padded = F.pad(picture, (half,) * 4, mode="replicate")
    return padded[:, :, y : y + 2 * half + 1, x : x + 2 * half + 1]


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
    """The 68 landmarks, `[68, 2]` in pixels, seen through several squares."""
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
    return torch.stack(found).median(0).values


def head_mask(points: torch.Tensor) -> torch.Tensor:
    """An ellipse around a face's landmarks, as wide and high as a head: `[1, 1, SIDE, SIDE]`."""
    low, high = points.amin(0), points.amax(0)
    middle, half = (low + high) / 2, (high - low) / 2 * HEAD
    ys, xs = torch.meshgrid(*(torch.arange(SIDE) + 0.5,) * 2, indexing="ij")
    return ((((xs - middle[0]) / half[0]) ** 2 + ((ys - middle[1]) / half[1]) ** 2) <= 1).float()[None, None]


def run(cases: list[tuple[Case, Any]], settings: DragSettings, network: Any) -> dict[str, Any]:
    """The figures of some cases by one method."""
    ends, outside, steps, seconds, seen, inside = [], [], [], [], [], []
    for case, measure in cases:
        before = case.start()
        found = drag(case.generator, case.latent, [[case.drag]], settings, case.mask)
        mask = F.interpolate(case.mask, size=before.shape[2:], mode="area")
        after = found.pictures
        held = before * mask + after * (1 - mask)
        target = PerceptualTarget(network, before)
        report = found.reports[0]
        ends.append(measure(after))
        outside.append(float(target.distance(held)))
        inside.append(float(target.distance(after)))
        steps.append(report.steps)
        seconds.append(report.seconds)
        seen.append(report.furthest * SIDE / before.shape[2])
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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=32)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    domains = {"portraits": portraits, "landscapes": landscapes}
    parser.add_argument("--domains", nargs="+", choices=domains, default=list(domains))
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    network = load_alexnet()
    rows = {}
    for domain in args.domains:
        cases = list(domains[domain](args.cases))
        for method in args.methods:
            rows[f"{domain}, {method}"] = run(cases, DragSettings(method=method), network)
    columns = [name for name in next(iter(rows.values())) if name != "ends"]
    print("| drags | " + " | ".join(columns) + " |\n" + "| --- " * (len(columns) + 1) + "|")
    for name, row in rows.items():
        print(f"| {name} | " + " | ".join(str(row[column]) for column in columns) + " |")
    if args.out:
        Path(args.out).write_text(json.dumps(rows, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
