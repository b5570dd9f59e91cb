"""What is published to ComfyUI's registry: enough to run, and nothing else."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
LARGEST_BYTES = 40 << 20
USE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import importlib, torch
pack = importlib.import_module("soat-stylegan")
nodes = pack.NODE_CLASS_MAPPINGS
def call(kind, **inputs):
    with torch.inference_mode():
        node = nodes[kind]()
        return getattr(node, node.FUNCTION)(**inputs)
pictures = {}
for name in nodes["LoadStyleGAN"].INPUT_TYPES()["required"]["checkpoint"][0]:
    generator = call("LoadStyleGAN", checkpoint=name)[0]
    latent = call("SampleLatent", generator=generator)[0]
    image = call("Render", features=call("GetFeatures", generator=generator, latent=latent)[0])[0]
    pictures[name] = list(image.shape)
call("InvertImage", generator=generator, image=image, steps=1)
photo = call("ProceduralImage", scene="portrait", size="256")[0]
call("AlignFace", image=photo, size=64)
print(json.dumps(pictures))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """The folder that the registry would hand out."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs a git checkout and git, which say what belongs to the pack")
    # New files that are still to be committed belong to it too.
    list_files = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others"]
    tracked, ignored = (
        set(subprocess.run([*list_files, *more], check=True, capture_output=True, text=True).stdout.split("\0")) - {""}
        for more in (("--exclude-standard",), ("--ignored", "--exclude-from", str(ROOT / ".comfyignore")))
    )
    folder = tmp_path_factory.mktemp("registry") / "soat-stylegan"
    for name in tracked - ignored:
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


def test_it_runs_by_itself(package):
    command = [sys.executable, "-c", USE, str(package.parent)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=package.parent, check=False)
    assert done.returncode == 0, done.stderr
    sides = {path.name: int(path.stem.split("_")[-1]) for path in (ROOT / "models").glob("*.safetensors")}
    assert json.loads(done.stdout) == {f"demo/{name}": [1, side, side, 3] for name, side in sides.items()}


def test_it_has_what_comfyui_shows(package):
    for workflow in (ROOT / "example_workflows").glob("*.json"):
        assert (package / "example_workflows" / workflow.name).is_file()
        assert (package / "example_workflows" / f"{workflow.stem}.jpg").is_file()
    for folder in ("web", "locales", "subgraphs"):
        wanted = {path.relative_to(ROOT) for path in (ROOT / folder).rglob("*") if path.is_file()}
        assert wanted == {path.relative_to(package) for path in (package / folder).rglob("*") if path.is_file()}
    for name in ("README.md", "LICENSE", "requirements.txt", "pyproject.toml", "CHANGELOG.md"):
        assert (package / name).is_file()


def test_it_has_nothing_else(package):
    assert {path.name for path in package.iterdir()}.isdisjoint({"tests", "docs", "benchmarks", ".ci", ".github"})
    assert sum(path.stat().st_size for path in package.rglob("*")) < LARGEST_BYTES


def listed(text: str, name: str) -> list[str]:
    """The strings of a list in pyproject.toml: Python 3.10 has no tomllib."""
    (found,) = re.findall(rf"^{name} = (\[.*?\])$", text, flags=re.M | re.S)
    return ast.literal_eval(found)


def test_no_installation_touches_torch():
    """ComfyUI's must stay, whether its Manager installs requirements.txt or somebody the package."""
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = [line for line in lines if line and not line.startswith("#")]
    assert [line.split(">")[0] for line in required] == ["numpy", "pillow", "safetensors", "ninja"]
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert listed(text, "dependencies") == required
    assert listed(text, "standalone") == ["torch>=2.1"]


@pytest.mark.parametrize("start", [["-m", "soat", "nodes"], ["-c", "import soat"]], ids=["command", "import"])
def test_without_torch_it_says_what_to_install(tmp_path, start):
    (tmp_path / "soat").symlink_to(ROOT, target_is_directory=True)
    # -S: without what is installed.
    command = [sys.executable, "-S", *start]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False)
    assert done.returncode == 1 and done.stdout == ""
    sentence = done.stderr.strip().splitlines()[-1]
    assert "SOAT needs PyTorch" in sentence and 'pip install "torch>=2.1"' in sentence
    assert ("Traceback" in done.stderr) == (start[0] == "-c")


def test_the_registry_is_told_what_it_asks_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r'^requires-comfyui = ">=\d+\.\d+\.\d+"$', text, flags=re.M)
    assert "Operating System :: OS Independent" in listed(text, "classifiers")
    (name,) = re.findall(r'^DisplayName = "(.+)"$', text, flags=re.M)
    assert "comfyui" not in name.lower() and len(name) < 100
    with Image.open(ROOT / "docs" / "brand" / "icon.png") as icon:
        assert icon.width == icon.height <= 400
    with Image.open(ROOT / "docs" / "brand" / "banner.jpg") as banner:
        assert banner.width / banner.height == pytest.approx(21 / 9, rel=0.01)


def test_a_release_has_its_addresses():
    spec = importlib.util.spec_from_file_location("release", ROOT / "docs" / "release.py")
    release = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(release)
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    prepared = release.prepared(text, "https://github.com/someone/soat", "v0.1.0")
    assert '\nRepository = "https://github.com/someone/soat"\n' in prepared
    assert '\nChangelog = "https://github.com/someone/soat/blob/v0.1.0/CHANGELOG.md"\n' in prepared
    for name in ("icon.png", "banner.jpg"):
        assert f'= "https://raw.githubusercontent.com/someone/soat/v0.1.0/docs/brand/{name}"\n' in prepared
        assert (ROOT / "docs" / "brand" / name).is_file()
    with pytest.raises(ValueError, match="make them agree"):
        release.prepared(text, "https://github.com/someone/soat", "v9.9.9")
