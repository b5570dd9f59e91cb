"""Building the native operators: once, at the first use, and doing without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

needs_compiler = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("c++", "g++", "clang++")),
    reason="needs a C++ compiler: install g++ or clang",
)


def soat(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, *arguments]
    return subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


@needs_compiler
def test_two_that_build_at_once_and_one_that_finds_it_built(tmp_path):
    cache = {"SOAT_CACHE": str(tmp_path)}
    both = [soat("-m", "soat", "ops", **cache) for _ in range(2)]
    for out in map(said, both):
        assert "finish: native\n" in out and "to_rgb: native\n" in out and f"(built: {tmp_path}" in out
    (built,) = (tmp_path / "native").iterdir()
    before = built.stat().st_mtime_ns
    # No compiler is asked for more than its version.
    said(soat("-m", "soat", "ops", **cache))
    assert [path.stat().st_mtime_ns for path in (tmp_path / "native").iterdir()] == [before]


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"SOAT_NATIVE": "0"}, "(they are switched off by SOAT_NATIVE=0)"),
        ({"PATH": "", "CXX": ""}, "(no C++ compiler was found (c++, g++, clang++ or what CXX says); install g++"),
        ({"CXX": "false"}, "false can't build them"),
    ],
)
def test_without_them_the_reference_is_used(environment, reason, tmp_path):
    out = said(soat("-m", "soat", "ops", SOAT_CACHE=str(tmp_path), **environment))
    assert "finish: reference\n" in out and "native\n" not in out and reason in out
    assert not list(tmp_path.rglob("*.so"))


def test_a_place_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").touch()
    out = said(soat("-m", "soat", "ops", SOAT_CACHE=str(tmp_path / "file")))
    assert "finish: reference\n" in out and ("can't be built in" in out or "no C++ compiler" in out)


def test_pictures_without_are_the_same(tmp_path):
    """And one line in the log says that it is without."""
    script = tmp_path / "render.py"
    script.write_text(
        "import logging, sys, torch\n"
        "logging.basicConfig(level=logging.INFO)\n"
        "from soat.soat_backend.checkpoints import load_generator\n"
        "from soat.soat_backend.feature_ops import get_features, panorama\n"
        "from soat.soat_backend.latents import sample\n"
        "from soat.soat_backend.render import render\n"
        f"model = load_generator({str(Path(__file__).parents[2] / 'models' / 'landscape_64.safetensors')!r}).float()\n"
        "pictures = render(get_features(model, sample(model, 3, 2)))\n"
        "ring = render(panorama(model, sample(model, 5, 3), wrap=True))\n"
        "torch.save((pictures, ring), sys.argv[1])\n"
    )
    import torch

    found = {}
    for switch in ("0", "1"):
        out = tmp_path / f"{switch}.pt"
        process = soat(str(script), str(out), SOAT_NATIVE=switch)
        log = process.communicate(timeout=300)[1]
        assert process.returncode == 0, log
        assert log.count("native operators are not in use") == (1 if switch == "0" else log.count("not in use"))
        found[switch] = torch.load(out, weights_only=True)
    for plain, native in zip(found["0"], found["1"], strict=True):
        assert (plain - native).abs().max() < 1e-4


def test_importing_builds_nothing():
    code = (
        "import soat.nodes, soat.soat_backend.render\n"
        "from soat.soat_backend.native import binding\n"
        "assert not binding._tried"
    )
    said(soat("-c", code))


@needs_compiler
def test_without_torchs_threads_they_begin_their_own():
    """As where no OpenMP is found in the process: here torch isn't loaded at all."""
    path = said(soat("-c", "from soat.soat_backend.native import build; print(build.build())")).strip()
    code = (
        "import ctypes, random, sys\n"
        "assert 'torch' not in sys.modules and not hasattr(ctypes.CDLL(None), 'GOMP_parallel')\n"
        "double = ctypes.CDLL(sys.argv[1]).soat_upsample_rgb\n"
        "size = ctypes.c_int64\n"
        "source = (ctypes.c_float * (3 * 258 * 258))(*(random.random() for _ in range(3 * 258 * 258)))\n"
        "made = [(ctypes.c_float * (3 * 512 * 512))() for _ in range(2)]\n"
        "for target, threads in zip(made, (1, 3)):\n"
        "    double(source, target, size(3), size(256), size(256), threads)\n"
        "assert bytes(made[0]) == bytes(made[1]) and made[0][-1] > 0\n"
    )
    said(soat("-c", code, path))
