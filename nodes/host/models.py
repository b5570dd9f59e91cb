"""Which model files there are: ComfyUI's or the headless folder's, and the bundled ones as `demo/NAME`."""

from __future__ import annotations

import os
from pathlib import Path

from ...soat_backend.support.errors import SoatError, choices_text
from ...soat_backend.support.files import confined_path, path_below, require_text
from .comfyui import folder_paths, in_comfyui
from .folders import folder

MODEL_EXTENSIONS = (".safetensors", ".pt", ".pth", ".ckpt", ".pkl")
DIRECTION_EXTENSIONS = (".npy", ".npz", ".pt", ".safetensors")
# Of each model folder, how the names of its files end.
MODEL_FOLDERS = {
    "stylegan": MODEL_EXTENSIONS,
    "lpips": (".safetensors",),
    "dlib": (".dat",),
    "stylegan_directions": DIRECTION_EXTENSIONS,
}
BUNDLED_FOLDER = Path(__file__).resolve().parents[2] / "models"
BUNDLED_PREFIX = "demo/"
# Bundled generators that better ones have taken the place of; shared workflows go on naming them.
SUCCESSORS = {
    f"{BUNDLED_PREFIX}{old}.safetensors": f"{BUNDLED_PREFIX}{new}.safetensors"
    for old, new in {
        "landscape_64": "landscape_256",
        "landscape_128": "landscape_256",
        "landscape_neon_64": "landscape_neon_256",
        "portrait_64": "portrait_256",
        "portrait_128": "portrait_256",
        "portrait_comic_64": "portrait_comic_256",
    }.items()
}


def register_model_folders() -> None:
    """Make models/stylegan and the others known to ComfyUI, after whatever extra_model_paths.yaml has added."""
    if in_comfyui():
        for name in MODEL_FOLDERS:
            folder_paths().add_model_folder_path(name, os.path.join(folder_paths().models_dir, name))


def model_files(folder_name: str) -> list[str]:
    """Names a model input offers: the model folder's files, and for `stylegan` the bundled ones as `demo/NAME`."""
    # Not what lies in its subfolders: the states of trainings.
    extensions = MODEL_FOLDERS[folder_name]
    paths = [path for path in _model_files_below(BUNDLED_FOLDER, extensions) if path.parent == BUNDLED_FOLDER]
    bundled = [f"{BUNDLED_PREFIX}{path.name}" for path in paths]
    if in_comfyui():
        listed = folder_paths().get_filename_list(folder_name)
        found = [name for name in listed if name.lower().endswith(extensions)]
    else:
        base = folder("models") / folder_name
        found = [path.relative_to(base).as_posix() for path in _model_files_below(base, extensions)]
    return list(dict.fromkeys([*sorted(found), *(sorted(bundled) if folder_name == "stylegan" else [])]))


def _model_files_below(base: Path, extensions: tuple[str, ...]) -> list[Path]:
    """Files below a folder, links followed as ComfyUI does: its users often keep models on another disk."""
    found = []
    seen: set[str] = set()
    for parent, folders, files in os.walk(base, followlinks=True):
        # A link to a folder above would lead round and round.
        if (real := os.path.realpath(parent)) in seen:
            folders.clear()
            continue
        seen.add(real)
        paths = (Path(parent, name) for name in files)
        found += [path for path in paths if path.suffix.lower() in extensions and path.is_file()]
    return found


def model_path(folder_name: str, name: str) -> Path:
    """The file behind a name of `model_files`; behind that of a bundled file that is gone, its successor.

    Raises:
        SoatError: There is no such file, or the name points out of its folder. Links in that folder may lead anywhere.
    """
    require_text(name, "model name")
    if folder_name == "stylegan" and name.startswith(BUNDLED_PREFIX):
        path = confined_path(BUNDLED_FOLDER, name.removeprefix(BUNDLED_PREFIX), "model name")
        if path.is_file():
            return path
    base = folder("models") / folder_name
    path = path_below(base, name, "model name")
    if in_comfyui():
        path = Path(folder_paths().get_full_path(folder_name, name) or "")
    if not path.is_file():
        # Last, so that whoever kept the old file in the model folder goes on with it.
        if folder_name == "stylegan" and name in SUCCESSORS:
            return model_path(folder_name, SUCCESSORS[name])
        known = choices_text(model_files(folder_name), name)
        raise SoatError(f"There is no model {name!r} in the folder {base}. {known}. Put the file there and try again.")
    return path


def successor_note(name: str, path: Path) -> str:
    """What to know of a file that `model_path` gave for a name if it is a successor; else nothing."""
    successor = SUCCESSORS.get(name, "")
    if successor != f"{BUNDLED_PREFIX}{path.name}":
        return ""
    return f"{successor} has taken the place of {name}: its seeds and latents are other pictures."


def check_model(input_name: str, folder_name: str, name: str | None, *others: str) -> bool | str:
    """What VALIDATE_INPUTS says of an input that names a file of a model folder, or one of its other choices.

    One that comes over a wire is None and checked when the node runs.
    """
    try:
        if name is not None and name not in others:
            model_path(folder_name, name)
    except SoatError as error:
        return f"{input_name}: {error}"
    return True
