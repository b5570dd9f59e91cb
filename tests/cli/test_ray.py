"""A batch on a local Ray cluster: everything is there once, whoever dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("ray", reason="needs `pip install ray`")

EXAMPLES = Path(__file__).parents[2] / "example_workflows"
WORKFLOW = EXAMPLES / "05_left_right_blend.json"
# Another number to see more: SOAT_TEST_SEEDS=200.
SEEDS = int(os.environ.get("SOAT_TEST_SEEDS", "8"))
DIGITS = len(str(SEEDS - 1))


def soat(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "soat", "run", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def on_ray(output: Path, *arguments: object) -> subprocess.Popen[str]:
    return soat(*arguments, "--output", output, "--engine", "ray", "--workers", 2)


def workers_of(driver: int) -> list[int]:
    """Processes of this cluster that are at work."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            title = (entry / "cmdline").read_bytes().decode()
            if title.startswith("ray::Worker") and _descends(int(entry.name), driver):
                found.append(int(entry.name))
        except (OSError, ValueError):
            continue
    return found


def _descends(pid: int, ancestor: int) -> bool:
    while pid > 1:
        if pid == ancestor:
            return True
        pid = int((Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[1])
    return False


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="finds workers in /proc, as Linux has it")
def test_all_are_there_once_although_a_worker_is_killed(tmp_path):
    alone, cluster = tmp_path / "alone", tmp_path / "cluster"
    assert soat(WORKFLOW, "--seeds", f"0:{SEEDS}", "--output", alone, "--quiet").wait() == 0
    process = on_ray(cluster, WORKFLOW, "--seeds", f"0:{SEEDS}")
    killed, done = False, 0
    for _ in process.stdout:
        workers, done = workers_of(process.pid), done + 1
        if not killed and workers and done >= SEEDS // 2:
            os.kill(workers[0], signal.SIGKILL)
            killed = True
    assert process.wait() == 0, process.stderr.read()
    assert killed
    prefixes = {path.name.rsplit("_", 2)[0] for path in (alone / "soat").iterdir()}
    assert len(list((cluster / "soat").iterdir())) == len(list((alone / "soat").iterdir())) >= SEEDS
    for prefix in prefixes:
        singles = sorted((alone / "soat").glob(f"{prefix}_0????_.png"))
        if len(singles) != SEEDS:
            continue  # doesn't depend on the seed: the single process kept it
        for seed, single in enumerate(singles):
            assert np.array_equal(
                pixels(cluster / "soat" / f"{prefix}_seed{seed:0{DIGITS}d}_00001_.png"), pixels(single)
            )
    # Once more: nothing is done, and nothing changes.
    before = {path: path.stat().st_mtime_ns for path in cluster.rglob("*.png")}
    again = on_ray(cluster, WORKFLOW, "--seeds", f"0:{SEEDS}")
    out, err = again.communicate()
    assert again.returncode == 0 and out == "", err
    assert {path: path.stat().st_mtime_ns for path in cluster.rglob("*.png")} == before
    # What is missing is made, and only that.
    lost = sorted((cluster / "soat").glob(f"*_seed{3:0{DIGITS}d}_*"))
    for path in lost:
        path.unlink()
    more = on_ray(cluster, WORKFLOW, "--seeds", f"0:{SEEDS}")
    out, err = more.communicate()
    assert more.returncode == 0, err
    assert sorted(out.split()) == [str(path) for path in lost]


def test_what_fails_is_told_and_the_others_are_done(tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    Image.fromarray(np.full((64, 64, 3), 120, np.uint8)).save(photos / "good.png")
    (photos / "bad.png").write_bytes(b"no picture")
    prompt = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "good.png"}},
        "2": {"class_type": "SquareCrop", "inputs": {"image": ["1", 0], "x": 0.5, "y": 0.5, "square": 1.0, "size": 32}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "soat/cut"}},
    }
    (tmp_path / "cut.json").write_text(json.dumps(prompt))
    process = on_ray(tmp_path / "out", tmp_path / "cut.json", "--pictures", photos)
    out, err = process.communicate()
    assert process.returncode == 1
    assert "1 of 2 failed; the others are done:" in err and "bad.png: Node 1 (LoadImage) failed: bad.png" in err
    assert out.split() == [str(tmp_path / "out" / "soat" / "cut_good.png_00001_.png")]
    assert pixels(tmp_path / "out" / "soat" / "cut_good.png_00001_.png").shape == (32, 32, 3)


def test_one_run_is_no_batch(tmp_path):
    process = on_ray(tmp_path, WORKFLOW)
    assert process.wait() == 1 and "say which with --seeds A:B or --pictures DIR" in process.stderr.read()
