"""All benchmarks, as a table and a picture: docs/benchmarks.md and docs/benchmarks.png.

    python benchmarks/report.py [--quick]      # half an hour on two cores; --quick: small sizes, to see that all works

Each benchmark runs in a process of its own and prints ratios measured within it. Run it on a machine that does nothing
else.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parent
DOCS = FOLDER.parent / "docs"
SYNTHESIS = [
    (resolution, batch, dtype)
    for resolution in (256, 512, 1024)
    for batch in (1, 4)
    for dtype in ("float32", "bfloat16")
]
COMFYUI_ADDS = "milliseconds that ComfyUI adds"
NODES = [(resolution, dtype) for resolution in (256, 512, 1024) for dtype in ("float32", "bfloat16")]
STYLEGAN3 = [(256, "T"), (256, "R"), (1024, "T")]
PLAIN = {
    "plain / ours, as run": "plain / ours",
    "in ComfyUI": "plain / ours, memory not kept",
    "memory kept": "plain / ours, memory kept",
}

STYLEGAN3_SAYS = (
    "All layers but the input and the last, which makes colours; widths as NVIDIA's, random weights, float32. *Bare*: "
    "only the convolutions. *Plain*: as StyleGAN3 runs where there is no CUDA, with weights for each picture, zeros "
    "between samples, and a pass over memory for each filter."
)


def run(name: str, *arguments: object) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, str(FOLDER / f"{name}.py"), *map(str, arguments), "--out", str(out)]
        print(" ".join(command[1:]), flush=True)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.loads(out.read_text(encoding="utf-8"))


def table(rows: list[tuple[str, ...]]) -> str:
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, tuple("---" for _ in head), *body))


def bars(values: list[tuple[str, float]], unit: str) -> Image.Image:
    """A horizontal bar for each value."""
    height, left, width = 26, 220, 640
    picture = Image.new("RGB", (width, height * len(values) + 10), "white")
    draw = ImageDraw.Draw(picture)
    largest = max(value for _, value in values)
    for index, (name, value) in enumerate(values):
        top = 5 + index * height
        draw.text((8, top + 5), name, fill="black")
        draw.rectangle(
            (left, top + 3, left + (width - left - 70) * value / largest, top + height - 5), fill=(80, 110, 170)
        )
        draw.text((left + (width - left - 70) * value / largest + 6, top + 5), f"{value:.2f}{unit}", fill="black")
    return picture


def stylegan3_table(entries: dict[tuple[int, str], dict[str, Any]]) -> str:
    keys = ("ours / bare convolutions", "plain / ours", "plain / ours, memory kept")
    rows = [
        (
            str(side),
            configuration,
            *(f"{entry['ratios'][key]:.2f}" for key in keys),
            f"{entry['largest difference to plain float32, of its range']:.1e}",
        )
        for (side, configuration), entry in entries.items()
    ]
    head = ("px", "configuration", "ours / bare", "plain / ours, as run", "memory kept", "difference, of the range")
    return table([head, *rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    args = parser.parse_args()
    cases = [(64, 1, "float32"), (64, 2, "bfloat16")] if args.quick else SYNTHESIS
    repeats = 1 if args.quick else 5
    synthesis = {
        case: run("synthesis", "--resolution", case[0], "--batch", case[1], "--dtype", case[2], "--repeats", repeats)
        for case in cases
    }
    nodes = {
        case: run("nodes", "--resolution", case[0], "--dtype", case[1], "--repeats", 1 if args.quick else 9)
        for case in (NODES[:1] if args.quick else NODES)
    }
    stylegan3 = {
        case: run("stylegan3", "--resolution", case[0], "--configuration", case[1], "--repeats", min(repeats, 3))
        for case in ([(64, "T")] if args.quick else STYLEGAN3)
    }
    largest = cases[-1][0]
    panoramas = run(
        "panorama",
        *("--resolution", 64 if args.quick else 256),
        *("--counts", "2,4,8" if args.quick else "4,16,64"),
        *("--streamed", 8 if args.quick else 391),
    )
    inversion = [
        run("inversion", "--resolution", side, "--repeats", repeats) for side in sorted({cases[0][0], largest})
    ]
    loading, renders = run("loading", "--repeats", repeats), 30 if args.quick else 500
    memory = {
        "kept": run("memory", "--renders", renders),
        "as it comes": run("memory", "--renders", renders, "--memory-as-it-comes"),
    }
    first = synthesis[cases[0]]
    parts = [
        "# Benchmarks",
        "Made by `make bench`: ratios measured within one run each, medians. The machine: "
        f"{first['machine']}, {first['threads']} threads, torch {first['torch']}, {first['operators']} operators. "
        "Widths of configuration F, random weights.",
        "![times as fast as the plain formulation](benchmarks.png)",
        "## Synthesis",
        "*Bare*: only the 3x3 convolutions, channels-last, by the library. *Plain*: the formulation other packs run "
        "(`benchmarks/plain.py`), in float32.\n\n"
        "*As run*: the plain one with memory as it comes, which is how other packs are run, ours as `soat run` does, "
        "which keeps freed memory for the next layer instead of giving it back to the system. *In ComfyUI*: both with "
        "memory as it comes, since how much ComfyUI keeps is its own business. *Memory kept*: both with it, which "
        "compares the calculations alone.",
        table(
            [("px", "batch", "type", "ours / bare", *PLAIN, "difference, of the range")]
            + [
                (
                    str(side),
                    str(batch),
                    dtype,
                    *(f"{entry['ratios'][key]:.2f}" for key in ("ours / bare convolutions", *PLAIN.values())),
                    f"{entry['largest difference to plain float32, of its range']:.1e}",
                )
                for (side, batch, dtype), entry in synthesis.items()
            ]
        ),
        "## StyleGAN3",
        STYLEGAN3_SAYS,
        stylegan3_table(stylegan3),
        "## Through the nodes",
        "One picture at a time, each of another seed, on a generator of a file. *Library / bare*: the whole picture by "
        "the library, beside the bare convolutions. *Render node / library*: headless, beside `render` of the same "
        "features. *ComfyUI / library*: what ComfyUI says the prompt took from seed to shown picture, previews "
        "included, beside the library's whole picture, both with memory as it comes.",
        table(
            [("px", "type", "library / bare", "Render node / library", "ComfyUI / library", "ComfyUI adds")]
            + [
                (
                    str(side),
                    dtype,
                    *(
                        f"{entry['ratios'][key]:.2f}" if key in entry["ratios"] else "no ComfyUI"
                        for key in ("library / bare convolutions", "node / library", "ComfyUI / library")
                    ),
                    f"{added:.0f} ms" if (added := entry.get(COMFYUI_ADDS)) is not None else "",
                )
                for (side, dtype), entry in nodes.items()
            ]
        ),
        "## An edit in the middle",
        "What rendering on from a layer costs, beside a whole render, and beside the layers after it within one.",
        table(
            [("px", "from", "of the whole", "of the layers left")]
            + [
                (
                    str(side),
                    name,
                    *(f"{entry['ratios'][f'from {name} / {of}']:.3f}" for of in ("ours", "the layers left")),
                )
                for (side, batch, dtype), entry in synthesis.items()
                if (batch, dtype) == (1, "float32")
                for name in [key.split()[1] for key in entry["ratios"] if key.endswith("/ the layers left")]
            ]
        ),
        "## Panoramas",
        table(
            [("ratio", "")]
            + [(name, f"{value:.2f}") for name, value in panoramas["ratios"].items()]
            + [(f"streamed to disk, {name}", f"{value:.2f}") for name, value in panoramas["streamed"].items()]
        ),
        "## Inversion",
        table(
            [("px", "step / forward", "peak GiB")]
            + [
                (
                    str(entry["resolution"]),
                    f"{entry['step over forward, the perceptual network' + chr(39) + 's own taken off']:.2f}",
                    f"{entry['peak memory of the process, GiB']:.2f}",
                )
                for entry in inversion
            ]
        ),
        "## Loading, importing, memory",
        "`landscape_256`, written in each format.",
        table(
            [("what", "")]
            + [(name, f"{value} ms") for name, value in loading["milliseconds"].items()]
            + [
                (f"memory {how}, renders through the nodes, {name}", f"{value:.3f}")
                for how, entry in memory.items()
                for name, value in entry["ratios"].items()
            ]
        ),
    ]
    (DOCS / "benchmarks.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    bars(
        [
            (f"{side} px, batch {batch}, {dtype}", entry["ratios"]["plain / ours"])
            for (side, batch, dtype), entry in synthesis.items()
        ],
        " x",
    ).save(DOCS / "benchmarks.png")


if __name__ == "__main__":
    main()
