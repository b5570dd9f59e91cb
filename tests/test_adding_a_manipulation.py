"""A manipulation is added in three files: the operation, its node, the node's help page. The rest is derived.

The three of tests/adding are what CONTRIBUTING shows. They are put into a copy of the pack, where all tests that look
at every node must pass.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADDED = {
    "flatten.py": "soat_backend/feature_ops",
    "flatten_features.py": "nodes",
    "FlattenFeatures.md": "web/docs",
}
PARTS = ("nodes", "soat_backend", "web", "locales", "docs/locales.py", "docs/contract.py", "docs/derived.py")
PARTS += ("docs/help_pictures.py", "example_workflows", "tests", "node_list.json", "__init__.py", "__main__.py")
PARTS += ("pyproject.toml", "models/landscape_256.safetensors")
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.jpg.tmp", "comfyui", "training", "inversion", "procedural")


@pytest.fixture(scope="module")
def pack(tmp_path_factory) -> Path:
    """A copy of the pack with the three files."""
    folder = tmp_path_factory.mktemp("pack") / "soat"
    for part in PARTS:
        source, target = ROOT / part, folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=LEFT_OUT if part == "tests" else None)
        else:
            shutil.copy(source, target)
    for name, place in ADDED.items():
        shutil.copy(ROOT / "tests" / "adding" / name, folder / place / name)
    return folder


def run(pack: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the copy, where `soat` is the copy."""
    path = os.pathsep.join((str(pack.parent), os.environ.get("PYTHONPATH", "")))
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=pack,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_tests_say_what_is_missing_and_one_command_makes_it(pack):
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/nodes", "tests/devices", "-k", "Flatten or the_ids")
    before = run(pack, *tests)
    assert before.returncode == 1 and "Run `make derived`" in before.stdout, before.stdout + before.stderr
    derived = run(pack, "docs/derived.py")
    assert derived.returncode == 0 and "ja lacks FlattenFeatures" in derived.stdout, derived.stderr
    after = run(pack, *tests)
    assert after.returncode == 0, after.stdout
    rest = run(
        pack, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/nodes/test_locales.py", "tests/nodes/test_help.py"
    )
    assert rest.returncode == 0, rest.stdout


def test_contributing_shows_this_example():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert not [name for name in ADDED if name not in text]
