"""Building the native operators: once, at the first use, and doing without."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from soat.soat_backend.ops.native import build as building
from soat.soat_backend.ops.native.build import build_library
from soat.soat_backend.ops.native.compilers import Compiler, NoCompiler, find_compilers, zig_command
from soat.soat_backend.ops.native.edges import find_ninja
from soat.soat_backend.support.files.lock import locked

GENERATOR = Path(__file__).parents[1] / "generators" / "landscape_small.safetensors"

needs_compiler = pytest.mark.skipif(
    not any(shutil.which(name) for name in ("c++", "g++", "clang++")),
    reason="needs a C++ compiler: install g++ or clang",
)
needs_ninja = pytest.mark.skipif(find_ninja() is None, reason="needs ninja: pip install ninja")
needs_zig = pytest.mark.skipif(zig_command() is None, reason="needs ziglang: pip install ziglang")


def soat(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    command = [sys.executable, *arguments]
    return subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def times(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


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
    (built,) = (tmp_path / "native").glob("soat-*")
    before = times(tmp_path)
    # No compiler is asked for more than its version.
    said(soat("-m", "soat", "ops", **cache))
    assert built in before and times(tmp_path) == before


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"SOAT_NATIVE": "0"}, "(they are switched off by SOAT_NATIVE=0)"),
        pytest.param(
            {"PATH": "", "CXX": ""},
            "(no C++ compiler was found (c++, g++, clang++ or what CXX says, or the Python",
            marks=pytest.mark.skipif(zig_command() is not None, reason="ziglang is a compiler that is always found"),
        ),
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


@pytest.fixture
def render_script(tmp_path):
    """Renders two pictures and a panorama into the file it is given."""
    script = tmp_path / "render.py"
    script.write_text(
        "import logging, sys, torch\n"
        "logging.basicConfig(level=logging.INFO)\n"
        "from soat.soat_backend.checkpoints import load_generator\n"
        "from soat.soat_backend.feature_ops import get_features, panorama\n"
        "from soat.soat_backend.latents import sample\n"
        "from soat.soat_backend.synthesis.render import render\n"
        f"model = load_generator({str(GENERATOR)!r}).float()\n"
        "pictures = render(get_features(model, sample(model, 3, 2)))\n"
        "ring = render(panorama(model, sample(model, 5, 3), wrap=True))\n"
        "torch.save((pictures, ring), sys.argv[1])\n"
    )
    return script


def test_pictures_without_are_the_same(render_script, tmp_path):
    """And one line in the log says that it is without."""
    found = {}
    for switch in ("0", "1"):
        out = tmp_path / f"{switch}.pt"
        process = soat(str(render_script), str(out), SOAT_NATIVE=switch)
        log = process.communicate(timeout=300)[1]
        assert process.returncode == 0, log
        assert log.count("native operators are not in use") == (1 if switch == "0" else log.count("not in use"))
        found[switch] = torch.load(out, weights_only=True)
    for plain, native in zip(found["0"], found["1"], strict=True):
        assert (plain - native).abs().max() < 1e-4


@needs_zig
def test_pictures_by_ziglangs_compiler_are_the_same(render_script, tmp_path):
    found = []
    for name, environment in (("plain", {"SOAT_NATIVE": "0"}), ("zig", {"PATH": "", "CXX": ""})):
        out = tmp_path / f"{name}.pt"
        said(soat(str(render_script), str(out), SOAT_CACHE=str(tmp_path), **environment))
        found.append(torch.load(out, weights_only=True))
    assert len(list((tmp_path / "native").glob("soat-*"))) == 1
    for plain, native in zip(*found, strict=True):
        assert (plain - native).abs().max() < 1e-4


@needs_zig
def test_a_library_for_windows(tmp_path):
    """All sources compile and link, and every operator can be found in what comes of them."""
    zig = zig_command()
    compiler = Compiler((*zig, "-target", "x86_64-windows-gnu"), windows=True, processor="-mcpu=x86_64_v3")
    library = tmp_path / f"soat{compiler.suffix}"
    build_library(compiler, library)
    content = library.read_bytes()
    assert library.suffix == ".dll" and content.startswith(b"MZ")
    for name in (b"soat_finish_f32", b"soat_winograd_bf16", b"soat_upsample_rgb", b"soat_multiplies_bfloat16"):
        assert name + b"\0" in content


def numbers(folder: Path, **values: str) -> None:
    """Sources of a library with two functions: one, which includes a header, and two."""
    export = 'extern "C" __attribute__((visibility("default"))) int'
    sources = {
        "one.cpp": f'#include "one.h"\n{export} one() {{ return ONE; }}\n',
        "one.h": f"#define ONE {values.get('one', 1)}\n",
        "two.cpp": f"{export} two() {{ return {values.get('two', 2)}; }}\n",
    }
    for name, text in sources.items():
        if not (folder / name).exists() or (folder / name).read_text() != text:
            (folder / name).write_text(text)
            os.utime(folder / name, (0, 0))  # As old as an installed file may be.


def built_numbers(library: Path) -> tuple[int, int]:
    loaded = ctypes.CDLL(str(library))
    return loaded.one(), loaded.two()


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Small sources in place of ours; builds them and tells what the functions return, and which objects are new."""
    sources, cache = tmp_path / "sources", tmp_path / "cache $x"
    sources.mkdir()
    monkeypatch.setattr(building, "SOURCES", sources)
    count = iter(range(100))

    def build(**values):
        numbers(sources, **values)
        before = times(cache)
        library = cache / f"{next(count)}.so"
        build_library(find_compilers()[0], library)
        new = {path.name for path, time in times(cache).items() if path.suffix == ".o" and before.get(path) != time}
        return built_numbers(library), new

    return build


@needs_compiler
@needs_ninja
def test_ninja_compiles_only_what_changed(small, tmp_path):
    assert small() == ((1, 2), {"one.o", "two.o"})
    assert small() == ((1, 2), set())
    assert small(two="-2") == ((1, -2), {"two.o"})
    # A header is part of what includes it.
    assert small(one="7", two="-2") == ((7, -2), {"one.o"})
    # Objects of a time that is still to come: the clock was set back.
    for path in (tmp_path / "cache $x").rglob("*.o"):
        os.utime(path, (4e9, 4e9))
    numbers, new = small(one="8", two="-2")
    assert numbers == (8, -2) and "one.o" in new


@needs_compiler
@needs_ninja
def test_what_is_half_there_is_built_again(small, tmp_path):
    """As when a process was ended in the middle of it."""
    small()
    for name in ("one.o", "one.o.d", "build.ninja", ".ninja_log", ".ninja_deps"):
        for path in (tmp_path / "cache $x").rglob(name):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    assert small(one="5")[0] == (5, 2)


@needs_compiler
@pytest.mark.parametrize("ninja", [None, shutil.which("false"), "no such program"])
def test_without_ninja_one_call_builds_all(ninja, small, monkeypatch):
    monkeypatch.setattr(building, "find_ninja", lambda: ninja)
    assert small(one="3") == ((3, 2), set())


@needs_compiler
def test_an_error_of_the_compilers_is_told(small):
    small()
    with pytest.raises(NoCompiler, match=r"can't build them: .*one\.cpp"):
        small(one="oops")


@needs_compiler
def test_a_compiler_with_words_after_it(monkeypatch, small):
    found = find_compilers()[0].command[0]
    monkeypatch.setenv("CXX", f"env '{found}'")
    (compiler,) = find_compilers()
    assert compiler.command == (shutil.which("env"), found)
    assert small()[0] == (1, 2)


def test_a_lock_is_held_by_one_and_ends_with_its_process(tmp_path):
    path = tmp_path / "lock"
    with locked(path, 0):
        with pytest.raises(TimeoutError), locked(path, 0):
            pass
        code = "import sys, time; from pathlib import Path; from soat.soat_backend.support.files.lock import locked\n"
        held = "with locked(Path(sys.argv[1]), 60): print('held', flush=True); time.sleep(600)"
        other = soat("-c", code + held, str(path))
        assert other.poll() is None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(TimeoutError), locked(path, 0):
        pass
    other.kill()
    other.wait()
    with locked(path, 60):
        pass


def test_importing_builds_nothing():
    code = (
        "import soat.nodes, soat.soat_backend.synthesis.render\n"
        "from soat.soat_backend.ops.native import binding\n"
        "assert not binding._tried"
    )
    said(soat("-c", code))


@needs_compiler
def test_without_torchs_threads_they_begin_their_own():
    """As where no OpenMP is found in the process: here torch isn't loaded at all."""
    path = said(soat("-c", "from soat.soat_backend.ops.native import build; print(build.build())")).strip()
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
