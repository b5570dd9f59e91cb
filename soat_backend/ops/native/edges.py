"""Building with ninja: an edge for each source, on all cores, and only what has changed since the last time."""

from __future__ import annotations

import hashlib
import logging
import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ...support.files.lock import locked
from .compilers import Compiler

logger = logging.getLogger("soat")

_TARGET = "library"


def find_ninja() -> str | None:
    """The program in the Python package `ninja`, or one that is installed; None without either."""
    try:
        import ninja

        folder = getattr(ninja, "BIN_DIR", None)
    except Exception:  # Other packages have modules of that name.
        folder = None
    return (shutil.which("ninja", path=folder) if folder else None) or shutil.which("ninja")


def build_with_ninja(ninja: str, compiler: Compiler, sources: Sequence[Path], library: Path, seconds: float) -> bool:
    """Build a library that appears under its name at once.

    Objects are kept beside it, in a folder for each compiler, where processes build one after the other. Sources are
    copied there when their content differs, for ninja goes by times, which an installed file has from elsewhere.

    Args:
        ninja: The program.
        compiler: What compiles and links.
        sources: Sources and headers, all of one folder.
        library: The library's path.
        seconds: How long it may take.

    Returns:
        Whether it was built; why not is in the log.
    """
    kind = hashlib.sha256(compiler.identity.encode()).hexdigest()[:16]
    objects = library.parent / f"objects-{kind}"
    try:
        objects.mkdir(exist_ok=True)
        with locked(objects.with_suffix(".lock"), seconds):
            if library.exists():
                return True  # Another process was faster.
            _copy(sources, objects)
            (objects / "build.ninja").write_text(_rules(compiler, sources), encoding="utf-8")
            done = subprocess.run(
                [ninja, "-C", str(objects)],
                capture_output=True, text=True, errors="replace", timeout=seconds, check=False,
            )  # fmt: skip
            if done.returncode:
                logger.info("ninja (%s) failed: %s", ninja, (done.stdout + done.stderr).strip())
                return False
            os.replace(objects / _TARGET, library)
            return True
    except (OSError, subprocess.TimeoutExpired) as error:
        logger.info("ninja (%s) can't be used in %s: %s", ninja, objects, error)
        return False


def _copy(sources: Sequence[Path], objects: Path) -> None:
    """Make the sources in a folder the ones given, and remove objects that would seem newer than what has changed."""
    wanted = {source.name: source.read_bytes() for source in sources}
    for old in [*objects.glob("*.cpp"), *objects.glob("*.h")]:
        if old.name not in wanted:
            old.unlink()
    for name, content in wanted.items():
        copy = objects / name
        if copy.exists() and copy.read_bytes() == content:
            continue
        copy.write_bytes(content)
        changed = copy.stat().st_mtime_ns
        # A clock may be coarse, or have been set back.
        for built in objects.glob("*.o"):
            if built.stat().st_mtime_ns >= changed:
                built.unlink()


def _rules(compiler: Compiler, sources: Sequence[Path]) -> str:
    """What ninja reads; all names are of the folder it runs in."""
    names = [source.stem for source in sources if source.suffix == ".cpp"]
    # With all flags for linking too: ziglang builds C++'s own library after them.
    call = _quoted(compiler, (*compiler.command, *compiler.flags))
    return "\n".join(
        [
            "rule compile",
            f"  command = {call} -MMD -MF $out.d -c -o $out $in",
            "  depfile = $out.d",
            "  deps = gcc",
            "rule link",
            f"  command = {call} -o $out $in {_quoted(compiler, compiler.link_flags)}",
            *(f"build {name}.o: compile {name}.cpp" for name in names),
            f"build {_TARGET}: link {' '.join(f'{name}.o' for name in names)}",
            "",
        ]
    )


def _quoted(compiler: Compiler, words: Sequence[str]) -> str:
    """As the system's shell and then ninja want it."""
    return (subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)).replace("$", "$$")
