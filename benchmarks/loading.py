"""Time to import the pack, and to load each checkpoint format against reading its bytes; ratios of one run.

python benchmarks/loading.py [--repeats 5] [--out FILE.json]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from soat.soat_backend.checkpoints import inspect_checkpoint, load_generator
from synthesis import machine, medians, save

ROOT = Path(__file__).resolve().parents[1]
IMPORT = (
    "import time, torch, numpy, PIL.Image, safetensors.torch\n"
    "start = time.perf_counter()\nimport soat.nodes\nprint(time.perf_counter() - start)"
)


def import_seconds(repeats: int) -> float:
    """Median seconds of importing the nodes once torch is there, each time in a new process."""
    run = [sys.executable, "-c", IMPORT]
    times = [float(subprocess.run(run, check=True, capture_output=True, text=True).stdout) for _ in range(repeats)]
    return sorted(times)[len(times) // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    files = [ROOT / "models" / "landscape_64.safetensors"]
    # One of each format that the tests keep.
    files += [ROOT / "tests" / "reference" / name for name in ("nvidia_ada_32.pkl", "rosinality_256_a.pt")]
    tasks = {}
    for path in files:
        tasks[f"read {path.name}"] = path.read_bytes
        tasks[f"load {path.name}"] = lambda path=path: load_generator(path)
        tasks[f"inspect {path.name}"] = lambda path=path: inspect_checkpoint(path)
    seconds = medians(tasks, args.repeats)
    ratios = {
        f"load {path.name} / read": round(seconds[f"load {path.name}"] / seconds[f"read {path.name}"], 1)
        for path in files
    }
    milliseconds = {name: round(1000 * value, 1) for name, value in seconds.items() if not name.startswith("read")}
    milliseconds["import"] = round(1000 * import_seconds(args.repeats), 1)
    save({**machine(), "ratios": ratios, "milliseconds": milliseconds}, args.out)


if __name__ == "__main__":
    main()
