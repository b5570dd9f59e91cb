"""Making the C++ sources a shared library, once."""

from __future__ import annotations

import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .compilers import Compiler, NoCompiler, find_compilers
from .edges import build_with_ninja, find_ninja

logger = logging.getLogger("soat")

SOURCES = Path(__file__).parent
# Some seconds; but ziglang first builds C++'s own library.
_SECONDS = 1200


def build() -> Path:
    """The library, built now unless it is there already.

    A build takes some seconds. The result appears under its name at once, so that several processes may build at the
    same time.

    Raises:
        NoCompiler: No compiler, no place to write to, or an error of the compiler's.
    """
    compilers = find_compilers()
    paths = []
    for compiler in compilers:
        paths.append(path := cache_folder() / f"soat-{_digest(compiler)}{compiler.suffix}")
        if path.exists():
            return path
    reasons = []
    for compiler, path in zip(compilers, paths, strict=True):
        try:
            build_library(compiler, path)
            return path
        except NoCompiler as error:
            reasons.append(str(error))
    raise NoCompiler("; ".join(reasons))


def build_library(compiler: Compiler, path: Path) -> None:
    """Build all sources into a library that appears under its name at once.

    By ninja if it is there, which compiles on all cores and only what has changed since the last time; else, or if
    ninja fails, in one call of the compiler.

    Raises:
        NoCompiler: It can't be built.
    """
    logger.info("building the native operators with %s: some seconds, this once", compiler.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if (ninja := find_ninja()) and build_with_ninja(ninja, compiler, source_files(), path, _SECONDS):
            return
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            built = Path(folder) / path.name
            sources = [str(source) for source in source_files() if source.suffix == ".cpp"]
            command = [*compiler.command, *compiler.flags, "-o", str(built), *sources, *compiler.link_flags]
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=_SECONDS, check=False
            )
            if done.returncode:
                first_lines = "\n".join(done.stderr.splitlines()[:5])
                raise NoCompiler(f"{compiler.name} can't build them: {first_lines}")
            os.replace(built, path)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoCompiler(f"they can't be built in {path.parent}: {error}") from error


def source_files() -> list[Path]:
    """Sources and headers."""
    return sorted([*SOURCES.glob("*.cpp"), *SOURCES.glob("*.h")])


def cache_folder() -> Path:
    """Where built libraries are kept: $SOAT_CACHE, or the user's cache folder."""
    if chosen := os.environ.get("SOAT_CACHE"):
        return Path(chosen) / "native"
    if sys.platform == "win32" and (local := os.environ.get("LOCALAPPDATA")):
        return Path(local) / "soat" / "native"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "soat" / "native"


def _digest(compiler: Compiler) -> str:
    digest = hashlib.sha256()
    for source in source_files():
        digest.update(source.read_bytes())
    digest.update(compiler.identity.encode())
    return digest.hexdigest()[:16]
