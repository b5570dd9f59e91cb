"""What stays the same when less is frozen: docs/sheets/freezes.jpg.

    python docs/freezes.py [--images 2400] [--work training/freezes] [--discriminator training/landscape_256/state.pt]

Fine-tunes the landscapes to neon four times, from the same state and with the same pictures, with style space, w, the
blocks up to 16 px and nothing frozen (half an hour each on one core; what is done already isn't done again), and draws
the same latents with each: the landscape, then the four.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import torch
from sheets import OUT, QUALITY, ROOT, contact_sheet, in_a_row
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.feature_ops import get_features
from soat.soat_backend.latents import sample
from soat.soat_backend.synthesis.render import render

FREEZES = ("style_space", "w", "blocks:16", "none")
BASE = ROOT / "models" / "landscape_256.safetensors"
# Of the landscapes' own training (models/README.md), which isn't shipped.
STATE = ROOT / "training" / "landscape_256" / "state.pt"
SEEDS = range(16)


def fine_tune(freeze: str, work: Path, images: int, data: Path | None, state: Path) -> Path:
    folder, out = work / freeze.replace(":", "_"), work / f"{freeze.replace(':', '_')}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    if data and not (folder / "data").exists():
        (folder / "data").symlink_to(data.resolve(), target_is_directory=True)
    command = [sys.executable, "-m", "soat", "finetune", "--from", str(BASE), "--freeze", freeze]
    command += ["--discriminator", str(state), "--data", "procedural:landscape-neon", "--renders", "8000"]
    command += [
        "--dtype",
        "float32",
        "--images",
        str(images),
        "--metric-images",
        "0",
        "--work",
        str(folder),
        "--out",
        str(out),
    ]
    subprocess.run(command, check=True)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=2400)
    parser.add_argument("--work", type=Path, default=ROOT / "training" / "freezes")
    parser.add_argument("--discriminator", type=Path, default=STATE, help="state of the landscapes' training")
    args = parser.parse_args()
    data, paths = None, [BASE]
    for freeze in FREEZES:
        paths.append(fine_tune(freeze, args.work, args.images, data, args.discriminator))
        data = args.work / FREEZES[0] / "data"
    generators = [load_generator(path).float() for path in paths]
    with torch.inference_mode():
        # Each generator from the same z: with less frozen than the mapping that is all they share.
        cells = [in_a_row([render(get_features(g, sample(g, seed))) for g in generators]) for seed in SEEDS]
    contact_sheet(2, cells).save(OUT / "freezes.jpg", quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
