"""The geometry of the widgets, by Node's own test runner."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

TESTS = Path(__file__).parent / "js"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs Node.js (node) 18 or later on the PATH")
def test_geometry():
    files = sorted(map(str, TESTS.glob("*.test.mjs")))
    done = subprocess.run(["node", "--test", *files], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout
    assert f"# pass {_count(files)}" in done.stdout


def _count(files: list[str]) -> int:
    return sum(Path(file).read_text(encoding="utf-8").count("\ntest(") for file in files)
