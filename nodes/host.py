"""What ComfyUI provides (devices, memory, progress, folders), with plain stand-ins when it is absent.

The one place that imports comfy and folder_paths. They count as present only when ComfyUI itself has loaded
`folder_paths`: a package that happens to be called `comfy` says nothing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any
from weakref import WeakKeyDictionary

import torch

from ..soat_backend.errors import SoatError
from ..soat_backend.features import FeatureMap
from ..soat_backend.files import confined_path, require_text, reserve_file, series_path
from ..soat_backend.render import automatic_tile
from ..soat_backend.terminal import TerminalBar
from ..soat_backend.workflow.node_types import choices_text

MODEL_EXTENSIONS = (".safetensors", ".pt", ".pth", ".ckpt", ".pkl")
MODEL_FOLDERS = ("stylegan", "lpips")
BUNDLED_FOLDER = Path(__file__).resolve().parent.parent / "models"
BUNDLED_PREFIX = "demo/"
PREVIEW_END = "_temp"  # Of the prefix of every file in the temporary folder, as in ComfyUI.

_chosen_folders: dict[str, Path] = {}
_temp_folders_in_use: set[Path] = set()
_patchers: WeakKeyDictionary[torch.nn.Module, Any] = WeakKeyDictionary()
show_progress = False  # The command line turns it on; ComfyUI has its own bars.


def in_comfyui() -> bool:
    """Whether ComfyUI is running us."""
    return hasattr(sys.modules.get("folder_paths"), "folder_names_and_paths")


def _folder_paths() -> Any:
    import folder_paths

    return folder_paths


def register_model_folders() -> None:
    """Make models/stylegan and models/lpips known to ComfyUI, after whatever extra_model_paths.yaml has added."""
    if in_comfyui():
        for name in MODEL_FOLDERS:
            _folder_paths().add_model_folder_path(name, os.path.join(_folder_paths().models_dir, name))


def set_folders(*, models: str | None = None, input: str | None = None, output: str | None = None) -> None:
    """Choose the headless folders; those left out come from SOAT_MODELS, SOAT_INPUT, SOAT_OUTPUT, else ./models etc."""
    for kind, chosen in (("models", models), ("input", input), ("output", output)):
        if chosen:
            _chosen_folders[kind] = Path(chosen).expanduser().resolve()


def folder(kind: str) -> Path:
    """The folder `models`, `input`, `output` or `temp`; it need not exist."""
    if in_comfyui():
        if kind == "models":
            return Path(_folder_paths().models_dir)
        return Path(getattr(_folder_paths(), f"get_{kind}_directory")())
    if kind == "temp":
        return folder("output") / "temp"
    return _chosen_folders.get(kind) or Path(os.environ.get(f"SOAT_{kind.upper()}") or kind).expanduser().resolve()


def model_files(folder_name: str) -> list[str]:
    """Names a model input offers: the model folder's files, and for `stylegan` the bundled ones as `demo/NAME`."""
    # Not what lies in its subfolders: the states of trainings.
    paths = [path for path in _model_files_below(BUNDLED_FOLDER) if path.parent == BUNDLED_FOLDER]
    bundled = [f"{BUNDLED_PREFIX}{path.name}" for path in paths]
    if in_comfyui():
        listed = _folder_paths().get_filename_list(folder_name)
        found = [name for name in listed if name.lower().endswith(MODEL_EXTENSIONS)]
    else:
        base = folder("models") / folder_name
        found = [path.relative_to(base).as_posix() for path in _model_files_below(base)]
    return list(dict.fromkeys([*sorted(found), *(sorted(bundled) if folder_name == "stylegan" else [])]))


def _model_files_below(base: Path) -> list[Path]:
    root = base.resolve()
    return [
        path
        for path in base.rglob("*")
        if path.suffix.lower() in MODEL_EXTENSIONS and path.is_file() and path.resolve().is_relative_to(root)
    ]


def model_path(folder_name: str, name: str) -> Path:
    """The file behind a name of `model_files`.

    Raises:
        SoatError: There is no such file, or the name leads out of its folder.
    """
    require_text(name, "model name")
    if folder_name == "stylegan" and name.startswith(BUNDLED_PREFIX):
        path = confined_path(BUNDLED_FOLDER, name.removeprefix(BUNDLED_PREFIX), "model name")
        if path.is_file():
            return path
    base = folder("models") / folder_name
    path = confined_path(base, name, "model name") if not in_comfyui() else _comfyui_model(folder_name, name)
    if not path.is_file():
        known = choices_text(model_files(folder_name), name)
        raise SoatError(f"There is no model {name!r} in the folder {base}: {known}. Put the file there and try again.")
    return path


def _comfyui_model(folder_name: str, name: str) -> Path:
    # The names are checked as without ComfyUI, but links are followed: its users often keep models on another disk.
    confined_path(BUNDLED_FOLDER / "unlinked", name, "model name")
    return Path(_folder_paths().get_full_path(folder_name, name) or "")


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
        raise SoatError(f"There is no file {plain!r} in the folder {folder(kind)}: {known}. Put the file there.")
    return path


def output_path(
    prefix: str, extension: str, *, kind: str = "output", width: int = 0, height: int = 0, batch_number: int = 0
) -> Path:
    """Reserve the next file `prefix_00001_.ext` of the output folder (or, with `kind="temp"`, of the temporary one).

    Raises:
        SoatError: The prefix leads out of the folder, or is no name for a file on every system.
    """
    if kind == "temp" and not in_comfyui():
        _remove_old_previews(folder(kind))
    return reserve_file(folder(kind), prefix, extension, width=width, height=height, batch_number=batch_number)


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


def device() -> torch.device:
    """Where to compute: ComfyUI's choice, else SOAT_DEVICE, else CUDA, MPS or the CPU, whichever there is.

    Raises:
        SoatError: SOAT_DEVICE names no device.
    """
    if in_comfyui():
        from comfy import model_management

        return model_management.get_torch_device()
    wanted = os.environ.get("SOAT_DEVICE")
    if wanted:
        try:
            return torch.device(wanted)
        except RuntimeError:
            raise SoatError(f"SOAT_DEVICE is {wanted!r}, which is no device. Use cpu, cuda, cuda:1 or mps.") from None
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def load_on_device(*modules: torch.nn.Module, memory_required: int = 0) -> None:
    """Bring the weights of one or more networks to the device, making room as ComfyUI does.

    Args:
        *modules: Generators or other networks; all of them are there together afterwards.
        memory_required: Bytes the computation needs besides the weights.
    """
    if not in_comfyui():
        # Weights that are moved in inference mode could never be optimised.
        with torch.inference_mode(False):
            for module in modules:
                module.to(device())
        return
    from comfy import model_management

    # One call for all: a second one might make room by taking the first one's weights away again. Our layers don't
    # stream weights, so half a model on the device is of no use.
    patchers = [_patcher(module) for module in modules]
    model_management.load_models_gpu(patchers, memory_required=memory_required, force_full_load=True)


def _patcher(module: torch.nn.Module) -> Any:
    from comfy import model_management
    from comfy.model_patcher import ModelPatcher

    if module not in _patchers:
        # A patcher writes attributes such as `device` onto its model, and keeps it alive: give it a shell of the parts.
        shell = torch.nn.Module()
        for name, child in module.named_children():
            shell.add_module(name, child)
        _patchers[module] = ModelPatcher(shell, model_management.get_torch_device(), torch.device("cpu"))
    return _patchers[module]


def load_generators(features: FeatureMap) -> torch.device:
    """Bring all generators of a feature map to the device, with room for rendering it.

    Returns:
        The device.
    """
    generators = list(dict.fromkeys(branch.generator for branch in features.branches))
    load_on_device(*generators, memory_required=_rendering_bytes(features))
    return generators[0].device


def _rendering_bytes(features: FeatureMap) -> int:
    """About what a render holds at once: four float32 maps (the window, its scaled copy, the result, the sum)."""
    config = features.generator.config
    scale = config.img_resolution // features.resolution
    pixels = features.batch * features.canvas.height * features.canvas.width * scale**2
    pixels = min(pixels, automatic_tile(features.generator) ** 2)
    per_pixel = max(count * (side / config.img_resolution) ** 2 for side, count in config.channels.items())
    return int(4 * 4 * pixels * per_pixel)


def file_signature(path: Path) -> str:
    """What changes when a file is replaced."""
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"


class Progress:
    """How far a node is: ComfyUI's bar on the node, or a line in the terminal. Raises when the user has stopped it.

    Use as `with Progress("rendering") as progress: ...` and hand it on as a callback `progress(done, total)`.

    Args:
        label: What is being done.
    """

    def __init__(self, label: str = "") -> None:
        self._label = label
        self._terminal: TerminalBar | None = None
        self._bar: Any = None
        if in_comfyui():
            from comfy.utils import ProgressBar

            self._bar = ProgressBar(1)
        elif show_progress:
            self._terminal = TerminalBar()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal:
            self._terminal.clear()

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` steps are finished."""
        if self._bar is not None:
            from comfy import model_management

            self._bar.update_absolute(done, total)
            model_management.throw_exception_if_processing_interrupted()
        elif self._terminal:
            self._terminal.update(f"  {self._label}".rstrip(), done, total)


register_model_folders()
