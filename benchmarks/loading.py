"""Time to import the pack, and to load each checkpoint format against reading its bytes; ratios of one run.

python benchmarks/loading.py [--repeats 5] [--out FILE.json]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from soat.soat_backend.checkpoints import inspect_checkpoint, load_generator
from synthesis import machine, medians, save

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "models" / "landscape_256.safetensors"
# The tests' writers of other code bases' formats.
sys.path.insert(0, str(ROOT / "tests" / "checkpoints"))
import foreign  # noqa: E402

IMPORT = (
    "import time, torch, numpy, PIL.Image, safetensors.torch\n"
    "start = time.perf_counter()\nimport soat.nodes\nprint(time.perf_counter() - start)"
)


def import_seconds(repeats: int) -> float:
    """Median seconds of importing the nodes once torch is there, each time in a new process."""
    run = [sys.executable, "-c", IMPORT]
    times = [float(subprocess.run(run, check=True, capture_output=True, text=True).stdout) for _ in range(repeats)]
    return sorted(times)[len(times) // 2]


def in_other_formats(folder: Path) -> dict[str, Path]:
    """The same generator in float32, as each code base writes it."""
    generator = load_generator(MODEL).float()
    contents = {
        "NVIDIA's pickle": foreign.nvidia_bytes(foreign.nvidia_module(generator, clamp=None)),
        "NVIDIA's pickle of TensorFlow": foreign.tf_bytes(generator),
        "rosinality's": foreign.torch_bytes({"g_ema": foreign.rosinality_state(generator)}),
        "BasicSR's": foreign.torch_bytes({"params_ema": foreign.basicsr_state(generator)}),
    }
    files = {name: folder / f"{index}.bin" for index, name in enumerate(contents)}
    for name, path in files.items():
        path.write_bytes(contents[name])
    return files


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--out", help="write the figures as JSON")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = {"safetensors, half as large": MODEL, **in_other_formats(Path(folder))}
        tasks = {}
        for name, path in files.items():
            tasks[f"read {name}"] = path.read_bytes
            tasks[f"load {name}"] = lambda path=path: load_generator(path)
            tasks[f"inspect {name}"] = lambda path=path: inspect_checkpoint(path)
        seconds = medians(tasks, args.repeats)
    ratios = {f"load {name} / read": round(seconds[f"load {name}"] / seconds[f"read {name}"], 1) for name in files}
    milliseconds = {name: round(1000 * value, 1) for name, value in seconds.items() if not name.startswith("read")}
    milliseconds["import"] = round(1000 * import_seconds(args.repeats), 1)
    save({**machine(), "ratios": ratios, "milliseconds": milliseconds}, args.out)


if __name__ == "__main__":
    main()
