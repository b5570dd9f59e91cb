"""Trains a generator where a GPU is at hand for minutes only, in pieces that can be carried to the next one.

    python docs/train_on_gpu.py --minutes 9 --out FOLDER [--state FOLDER] -- ARGUMENTS OF `soat train`

    python docs/train_on_gpu.py --minutes 9 --out gpu -- --from models/portrait_256.safetensors --resolution 256 \
        --data procedural:portrait --renders 8000 --judge features --judge-speed 1 --learning-rate 0.0015

FOLDER of `--out` gets the checkpoint, sheets, the log, and the training's state in parts of at most 16 MB. `--state`
is such a folder of an earlier run, which this one goes on from. The renders are made anew, on all cores, and count in
the minutes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

PART_BYTES = 16_000_000
CHECKPOINT, STATE, LOG, SHEETS = "generator.safetensors", "state.pt", "log.jsonl", "sheets"


def split(path: Path, folder: Path) -> list[Path]:
    """Write a file's parts into a folder, in place of those that are there; their names sort as they follow."""
    for old in folder.glob(f"{path.name}.part*"):
        old.unlink()
    parts = []
    with path.open("rb") as whole:
        while piece := whole.read(PART_BYTES):
            parts.append(folder / f"{path.name}.part{len(parts):03d}")
            parts[-1].write_bytes(piece)
    return parts


def join(folder: Path, path: Path) -> None:
    """Write what `split` made parts of."""
    parts = sorted(folder.glob(f"{path.name}.part*"))
    if not parts:
        raise SystemExit(f"{folder} has no {path.name}.part000. Give the --out folder of an earlier run.")
    with path.open("wb") as whole:
        for part in parts:
            whole.write(part.read_bytes())


def main() -> None:
    """Train, and leave everything that the next run needs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=9.0, help="in all, renders included")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--state", type=Path, help="the --out folder of an earlier run")
    parser.add_argument("training", nargs="+", help="after --: what `soat train` is to do, without --out and --work")
    args = parser.parse_args()
    work = args.out.resolve() / "work"
    work.mkdir(parents=True, exist_ok=True)
    if args.state:
        join(args.state, work / STATE)
    command = [sys.executable, "-m", "soat", "train", *args.training, "--minutes", str(args.minutes)]
    command += ["--work", str(work), "--out", str(args.out / CHECKPOINT), "--workers", str(os.cpu_count() or 1)]
    subprocess.run(command, check=True)
    parts = split(work / STATE, args.out)
    shutil.copytree(work / SHEETS, args.out / SHEETS, dirs_exist_ok=True)
    if (work / LOG).exists():
        shutil.copy(work / LOG, args.out / LOG)
    # The renders are larger than all the rest, and made anew faster than they are carried.
    shutil.rmtree(work)
    print(f"{args.out}: {CHECKPOINT}, {SHEETS}/, and the state in {len(parts)} parts")


if __name__ == "__main__":
    main()
