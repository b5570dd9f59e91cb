"""C++ compilers that understand GCC's options, and what they are told."""

from __future__ import annotations

import importlib.util
import os
import platform
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ...support.errors import SoatError

FLAGS = (
    "-std=c++17", "-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-fvisibility=hidden",
    "-Wno-psabi",
)  # fmt: skip
# For the processor that builds: a cache in a shared home folder is told apart by the processor's abilities.
OWN_PROCESSOR = "-march=native"
NAMES = ("c++", "g++", "clang++")
_SECONDS_TO_ANSWER = 60


class NoCompiler(SoatError):
    """There is nothing to build with, or it can't build this."""


@dataclass(frozen=True)
class Compiler:
    """A way to call one.

    Attributes:
        command: The program and what always follows it.
        windows: Whether what it builds is for Windows.
        processor: The option that says which processor that is for.
    """

    command: tuple[str, ...]
    windows: bool = sys.platform == "win32"
    processor: str = OWN_PROCESSOR

    @property
    def name(self) -> str:
        """For people."""
        return shlex.join(self.command)

    @property
    def suffix(self) -> str:
        """Of a library's name."""
        return ".dll" if self.windows else ".so"

    @cached_property
    def version(self) -> str:
        """What it says of itself, nothing if it doesn't."""
        try:
            done = subprocess.run(
                [*self.command, "--version"],
                capture_output=True, text=True, errors="replace", timeout=_SECONDS_TO_ANSWER, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return done.stdout

    @property
    def flags(self) -> tuple[str, ...]:
        """For each source."""
        if not self.windows:
            return (self.processor, *FLAGS, "-fPIC")
        # GCC keeps vectors where Windows' stack isn't aligned for them, and moves them as if it were.
        return (self.processor, *FLAGS, *(() if self._is_clang else ("-Wa,-muse-unaligned-vector-move",)))

    @property
    def link_flags(self) -> tuple[str, ...]:
        """After the objects."""
        if not self.windows:
            return ("-shared", "-pthread", "-ldl")
        # Python looks for no other libraries beside it.
        return ("-shared", *(() if self._is_clang else ("-static",)))

    @property
    def identity(self) -> str:
        """All that what it builds depends on but the sources."""
        return repr((self.command[1:], self.flags, self.link_flags, self.version, platform.machine(), _abilities()))

    @property
    def _is_clang(self) -> bool:
        return "clang" in self.version


def find_compilers() -> list[Compiler]:
    """Those to try, one after the other: $CXX alone if it is there; else c++, g++ or clang++, and then ziglang's.

    Raises:
        NoCompiler: There is none.
    """
    if chosen := _command(os.environ.get("CXX", "")):
        return [Compiler(chosen)]
    found = [Compiler((path,)) for path in map(shutil.which, NAMES) if path][:1]
    if zig := zig_command():
        found.append(Compiler(zig))
    if not found:
        raise NoCompiler(
            "no C++ compiler was found (c++, g++, clang++ or what CXX says, or the Python package ziglang); install "
            "g++ or clang, or `pip install ziglang`, to have them"
        )
    return found


def zig_command() -> tuple[str, ...] | None:
    """The compiler in the Python package `ziglang`, which comes with all that it needs; None without the package."""
    if not sys.executable or importlib.util.find_spec("ziglang") is None:
        return None
    return (sys.executable, "-m", "ziglang", "c++")


def _command(text: str) -> tuple[str, ...] | None:
    """A program's path, or a program and what always follows it (`ccache g++`), if it is there."""
    if text and (path := shutil.which(text)):
        return (path,)
    words = shlex.split(text, posix=sys.platform != "win32") if text.count('"') % 2 == text.count("'") % 2 == 0 else []
    path = shutil.which(words[0]) if words else None
    return (path, *words[1:]) if path else None


def _abilities() -> str:
    """What the processor can do, where Linux tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
