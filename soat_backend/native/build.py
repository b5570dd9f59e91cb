"""Compiling the C++ sources into a shared library, once."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ..errors import SoatError

SOURCES = Path(__file__).parent
# For the processor that builds: a cache in a shared home folder is told apart by the processor's abilities.
FLAGS = (
    "-std=c++17", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast",
    "-fvisibility=hidden", "-Wno-psabi",
)  # fmt: skip
LINK_FLAGS = ("-fPIC", "-shared", "-pthread", "-ldl")
_SECONDS = 300


class NoCompiler(SoatError):
    """There is nothing to build with, or it can't build this."""


def build() -> Path:
    """The library, built now unless it is there already.

    The build is one call of a C++ compiler for a handful of short files and takes some seconds; the result appears
    under its name at once, so that several processes may build at the same time.

    Raises:
        NoCompiler: No compiler, no place to write to, or an error of the compiler's.
    """
    compiler = find_compiler()
    sources = sorted(SOURCES.glob("*.cpp"))
    path = cache_folder() / f"soat-{_digest(compiler)}.so"
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            built = Path(folder) / path.name
            command = [compiler, *FLAGS, *LINK_FLAGS, "-o", str(built), *map(str, sources)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
            if done.returncode:
                first_lines = "\n".join(done.stderr.splitlines()[:5])
                raise NoCompiler(f"{compiler} can't build them: {first_lines}")
            os.replace(built, path)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoCompiler(f"they can't be built in {path.parent}: {error}") from error
    return path


def find_compiler() -> str:
    """A C++ compiler that understands GCC's options: $CXX, or c++, g++ or clang++.

    Raises:
        NoCompiler: There is none.
    """
    if sys.platform == "win32":
        raise NoCompiler("on Windows they aren't built yet")
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++"):
        if name and (found := shutil.which(name)):
            return found
    raise NoCompiler(
        "no C++ compiler was found (c++, g++, clang++ or what CXX says); install g++ or clang to have them"
    )


def cache_folder() -> Path:
    """Where built libraries are kept: $SOAT_CACHE, or the user's cache folder."""
    if chosen := os.environ.get("SOAT_CACHE"):
        return Path(chosen) / "native"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "soat" / "native"


def _digest(compiler: str) -> str:
    digest = hashlib.sha256()
    for source in sorted(SOURCES.glob("*.cpp")) + sorted(SOURCES.glob("*.h")):
        digest.update(source.read_bytes())
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False)
    digest.update(repr((FLAGS, LINK_FLAGS, version.stdout, platform.machine(), _abilities())).encode())
    return digest.hexdigest()[:16]


def _abilities() -> str:
    """What the processor can do, where Linux tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
