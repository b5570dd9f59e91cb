"""The rules of the house that a machine can check."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS

ROOT = Path(__file__).parents[1]
SOURCES = [p for folder in ("nodes", "soat_backend") for p in (ROOT / folder).rglob("*.py")] + [
    ROOT / "__init__.py",
    ROOT / "__main__.py",
]
COMFYUI = {"aiohttp", "comfy", "folder_paths", "server", "execution", "comfy_execution", "comfy_api", "nodes", "soat"}
# Imported where they are used, with a word of advice if they aren't there.
OPTIONAL = {("picture_writers.py", "tifffile"), ("ray_engine.py", "ray"), ("dlib_faces.py", "dlib"), ("pyav.py", "av")}
DEPENDENCIES = {"torch", "numpy", "PIL", "safetensors", "ninja"}


def imports(path: Path) -> list[tuple[str, int]]:
    """(module, level) of every import in a file, those inside functions too."""
    found = []
    for entry in ast.walk(ast.parse(path.read_text())):
        if isinstance(entry, ast.Import):
            found += [(alias.name, 0) for alias in entry.names]
        elif isinstance(entry, ast.ImportFrom):
            found.append((entry.module or "", entry.level))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    depth = len(path.relative_to(ROOT).parts) - 1
    for module, level in imports(path):
        first = module.split(".")[0]
        if level == 0:
            known = first in sys.stdlib_module_names or first in DEPENDENCIES
            inside_host = path == ROOT / "nodes/host/comfyui.py" and first in COMFYUI - {"nodes", "soat"}
            optional = ("training" in path.parts and first == "scipy") or (path.name, first) in OPTIONAL
            assert known or inside_host or optional, f"{path.name} imports {module}"
        elif "soat_backend" in path.relative_to(ROOT).parts:
            assert level <= depth, f"{path.name} reaches out of the backend: {'.' * level}{module}"


# From the bottom up: a room uses those before it, never one after it.
ROOMS = (
    "support",
    "geometry",
    "ops",
    "generators",
    "synthesis",
    "checkpoints",
    "latents",
    "feature_ops",
    "perceptual",
    "optimise",
    "inversion",
    "dragging",
    "parts",
    "sound",
    "pictures",
    "stylizing",
    "training",
    "model_cards",
    "workflow",
    "cli",
)
# Rooms within a room, likewise.
INNER_ROOMS = {
    "checkpoints": ("containers", "formats", None),
    "ops": (
        *("filters", "kernels", "modulation", "convolution", "resampling"),
        *("native", "conditions", "reference", "dispatch", None),
    ),
    "generators": (None, "stylegan2", "stylegan3", "layer_names", "known_layers"),
    "training": ("renderers", None),
}
# What the loop, the canvas, weights and noise ask a generator for, and must not know of themselves.
ARCHITECTURE = re.compile(r"stylegan\d?|\bsg[23]\b|conv0|conv1|\bb4\b|img_resolution", re.IGNORECASE)
WITHOUT_ARCHITECTURE = ("geometry/canvas.py", *(f"synthesis/{name}.py" for name in (
    "loop", "plan", "render", "crop", "edits", "feature_map", "weights", "noise", "cost"
)))  # fmt: skip
LONGEST_FILE = 300


def modules() -> dict[str, Path]:
    """Every module of the backend by its dotted name below it."""
    found = {}
    for path in (ROOT / "soat_backend").rglob("*.py"):
        parts = path.relative_to(ROOT / "soat_backend").with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported_modules(name: str, path: Path, known: dict[str, Path]) -> set[str]:
    """The backend's modules that one of them imports anywhere in it."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    found = set()
    for entry in ast.walk(ast.parse(path.read_text())):
        if not isinstance(entry, ast.ImportFrom) or not entry.level:
            continue
        base = package[: len(package) - entry.level + 1]
        target = ".".join([*base, *(entry.module.split(".") if entry.module else [])])
        for alias in entry.names:
            inner = f"{target}.{alias.name}".strip(".")
            found.add(inner if inner in known else target)
    return found - {""}


def test_rooms_use_only_what_is_below_them():
    known = modules()
    assert {name.split(".")[0] for name in known if name} == set(ROOMS)
    for name, path in known.items():
        for other in imported_modules(name, path, known):
            here, there = name.split("."), other.split(".")
            assert ROOMS.index(there[0]) <= ROOMS.index(here[0]), f"{name} imports {other}, which lies above it"
            inner = INNER_ROOMS.get(here[0])
            if inner and here[0] == there[0] and len(here) > 1 and len(there) > 1:
                levels = [inner.index(each[1] if each[1] in inner else None) for each in (here, there)]
                assert levels[1] <= levels[0], f"{name} imports {other}, which lies above it"


def test_no_module_comes_back_to_itself():
    known = modules()
    left = {name: imported_modules(name, path, known) & set(known) for name, path in known.items()}
    while ends := [name for name, others in left.items() if not others & set(left)]:
        for name in ends:
            del left[name]
    assert not left, f"these import each other in circles: {sorted(left)}"


@pytest.mark.parametrize("name", WITHOUT_ARCHITECTURE)
def test_the_loop_knows_no_architecture(name):
    text = (ROOT / "soat_backend" / name).read_text()
    assert not ARCHITECTURE.findall(text)


def test_codes_know_no_architecture():
    """But for the papers that they name, and the nodes that save them."""
    allowed = re.compile(r"\(Source: .*?\)|stylegan2-ada-pytorch|(Save|Load) StyleGAN Latent", re.DOTALL)
    known = modules()
    for name, path in known.items():
        if name.startswith("latents."):
            text = allowed.sub("", path.read_text())
            assert not re.findall(r"stylegan\d|\bsg[23]\b", text, re.IGNORECASE), name
            others = imported_modules(name, path, known)
            assert not [other for other in others if other.startswith("generators.stylegan")], name


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


def test_there_is_one_loop_over_the_synthesis_layers():
    """Nothing but synthesis/loop.py runs the modules of synthesis layers; others look at their affines and weights."""
    calls = re.compile(r"\.module\(\w+\)\(|module\((patch|x)")
    running = [p.relative_to(ROOT).as_posix() for p in SOURCES if calls.search(p.read_text())]
    assert running == ["soat_backend/synthesis/loop.py"]


def test_the_library_names_no_node():
    """Its messages speak of tensors, inputs, layers and sizes; the host says which node failed."""
    ids = set(NODE_CLASS_MAPPINGS) - {"Render"}  # a word of plain English too
    mention = re.compile(rf"\b({'|'.join(sorted(ids))})\b")
    found = {
        f"{path.relative_to(ROOT).as_posix()}: {name}"
        for path in (ROOT / "soat_backend").rglob("*")
        if path.suffix in (".py", ".cpp", ".h", ".md")
        for name in mention.findall(path.read_text(encoding="utf-8"))
    }
    # The node that ComfyUI itself has under this id, which its frontend treats unlike others.
    assert found == {"soat_backend/workflow/ui/names.py: SaveLatent"}


def test_docstrings_say_something():
    """What goes in, what comes out, in which units: a word or two repeat the name."""
    found = []
    for path in SOURCES:
        for entry in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(entry, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                summary = (ast.get_docstring(entry) or "").partition("\n")[0]
                if summary and len(re.findall(r"[\w']+", summary)) < 3:
                    found.append(f"{path.relative_to(ROOT).as_posix()}, {getattr(entry, 'name', 'module')}: {summary}")
    assert found == []


def test_every_package_is_installed():
    tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = set(project["tool"]["setuptools"]["packages"])
    found = {"soat"} | {
        ".".join(("soat", *init.parent.relative_to(ROOT).parts))
        for folder in ("nodes", "soat_backend")
        for init in (ROOT / folder).rglob("__init__.py")
    }
    assert declared == found


def test_requirements_are_the_dependencies_without_torch():
    tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    required = [line for line in lines if line and not line.startswith("#")]
    assert sorted(required) == sorted(d for d in project["dependencies"] if not d.startswith("torch"))


def test_the_folder_works_under_any_name(tmp_path):
    """ComfyUI imports the pack by path, as its folder is called, and has a module `nodes` of its own."""
    link = tmp_path / "custom_nodes" / "soat-nodes.main"
    link.parent.mkdir()
    link.symlink_to(ROOT)
    code = f"""
import importlib.util, sys, types
sys.modules["nodes"] = types.ModuleType("nodes")
spec = importlib.util.spec_from_file_location({str(link).replace(".", "_x_")!r}, {str(link / "__init__.py")!r})
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
spec.loader.exec_module(module)
assert "soat" not in sys.modules
print(*sorted(module.NODE_CLASS_MAPPINGS))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    assert "LoadStyleGAN" in run.stdout.split() and not run.stderr


def test_rooms_that_only_some_nodes_run_are_imported_when_they_are_needed():
    """ComfyUI starts with every pack it has, and before a graph runs none of these does."""
    code = "import sys, soat\nprint(*(name for name in sys.modules if name.startswith('soat.')))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    room = "soat.soat_backend."
    rooms = ("checkpoints", "dragging", "generators.stylegan3", "inversion", "parts", "perceptual", "pictures.faces")
    late = {f"{room}{name}" for name in (*rooms, "stylizing")}
    # Codes' files know the layers of each architecture, of which they have no file.
    layers = f"{room}generators.stylegan3.numbered_layers"
    imported = [name for name in run.stdout.split() if name.rpartition(".")[0] in late and name != layers]
    assert not imported, "import_when_needed is for these rooms: name them where they are used, not at a file's head"
