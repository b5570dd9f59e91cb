"""Where pictures and latents are read and written: ComfyUI's folders, or those of the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ...soat_backend.support.errors import SoatError, choices_text
from ...soat_backend.support.files import confined_path, require_text, reserved_file, series_path
from .comfyui import folder_paths, in_comfyui

PREVIEW_END = "_temp"  # Of the prefix of every file in the temporary folder, as in ComfyUI.

_chosen_folders: dict[str, Path] = {}
_temp_folders_in_use: set[Path] = set()


def set_folders(*, models: str | None = None, input: str | None = None, output: str | None = None) -> None:
    """Choose the headless folders; those left out come from SOAT_MODELS, SOAT_INPUT, SOAT_OUTPUT, else ./models etc."""
    for kind, chosen in (("models", models), ("input", input), ("output", output)):
        if chosen:
            _chosen_folders[kind] = Path(chosen).expanduser().resolve()


def folder(kind: str) -> Path:
    """The folder `models`, `input`, `output` or `temp`; it need not exist."""
    if in_comfyui():
        if kind == "models":
            return Path(folder_paths().models_dir)
        return Path(getattr(folder_paths(), f"get_{kind}_directory")())
    if kind == "temp":
        return folder("output") / "temp"
    return _chosen_folders.get(kind) or Path(os.environ.get(f"SOAT_{kind.upper()}") or kind).expanduser().resolve()


def input_files(extensions: Collection[str] | None = None) -> list[str]:
    """Files right inside the input folder, sorted, those with one of the (lower-case) extensions if given."""
    base = folder("input")
    if not base.is_dir():
        return []
    files = (path for path in base.iterdir() if path.is_file())
    return sorted(path.name for path in files if extensions is None or path.suffix.lower() in extensions)


def input_path(name: str) -> Path:
    """The file behind a name of the input folder; `name [output]` and `name [temp]` mean those folders, as in ComfyUI.

    Raises:
        SoatError: There is no such file, or the name leads out of its folder.
    """
    require_text(name, "file name")
    kind, plain = "input", name
    for other in ("input", "output", "temp"):
        if name.endswith(f"[{other}]"):
            kind, plain = other, name.removesuffix(f"[{other}]").rstrip()
    path = confined_path(folder(kind), plain)
    if not path.is_file():
        known = choices_text((entry.name for entry in _listing(path.parent)), path.name)
        raise SoatError(f"There is no file {plain!r} in the folder {folder(kind)}. {known}. Put the file there.")
    return path


@contextmanager
def output_path(
    prefix: str, extension: str, *, kind: str = "output", width: int = 0, height: int = 0, batch_number: int = 0
) -> Iterator[Path]:
    """The next file `prefix_00001_.ext` of the output folder (or, with `kind="temp"`, of the temporary one).

    As of `reserved_file`: a block that fails before it has written anything leaves nothing behind.

    Raises:
        SoatError: The prefix leads out of the folder, or is no name for a file on every system.
    """
    if kind == "temp" and not in_comfyui():
        _remove_old_previews(folder(kind))
    more = {"width": width, "height": height, "batch_number": batch_number}
    with reserved_file(folder(kind), prefix, extension, **more) as path:
        yield path


def _remove_old_previews(temp: Path) -> None:
    """Make room for a process's first preview; until then those of the last run can be looked at."""
    if temp in _temp_folders_in_use:
        return
    _temp_folders_in_use.add(temp)
    for path in temp.glob(f"*{PREVIEW_END}_[0-9]*_.*"):
        # One that somebody has open may stay.
        with suppress(OSError):
            path.unlink()


def output_entry(path: Path, kind: str = "output") -> dict[str, str]:
    """A written file as ComfyUI's frontend wants to be told of it."""
    subfolder = path.parent.relative_to(folder(kind)).as_posix()
    return {"filename": path.name, "subfolder": "" if subfolder == "." else subfolder, "type": kind}


def check_prefix(prefix: str | None, kind: str = "output") -> bool | str:
    """What VALIDATE_INPUTS says of a filename_prefix; one that comes over a wire is None and checked when it runs."""
    try:
        if prefix is not None:
            series_path(folder(kind), prefix)
    except SoatError as error:
        return str(error)
    return True


def _listing(directory: Path) -> list[Path]:
    return sorted(entry for entry in directory.iterdir() if entry.is_file()) if directory.is_dir() else []


def file_signature(path: Path) -> str:
    """What changes when a file is replaced."""
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def workflow_to_keep(prompt: Any, extra_pnginfo: Any) -> dict[str, Any]:
    """What a written file keeps of the workflow that made it, by name: of what ComfyUI gives a node, which may be none.

    Args:
        prompt: The hidden input PROMPT; or a list of one, as a node gets it that takes lists.
        extra_pnginfo: The hidden input EXTRA_PNGINFO, likewise.
    """
    prompt, extra = (each[0] if isinstance(each, list) and each else each for each in (prompt, extra_pnginfo))
    return {name: value for name, value in {"prompt": prompt, **(extra or {})}.items() if value is not None}


def workflow_texts(prompt: Any, extra_pnginfo: Any) -> dict[str, str]:
    """The same, each as JSON."""
    return {name: json.dumps(value) for name, value in workflow_to_keep(prompt, extra_pnginfo).items()}
