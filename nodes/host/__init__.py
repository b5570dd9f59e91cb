"""What ComfyUI provides (devices, memory, progress, folders), with plain stand-ins when it is absent."""

from .comfyui import in_comfyui
from .devices import device, load_generators, load_on_device
from .folders import (
    PREVIEW_END,
    check_prefix,
    file_signature,
    folder,
    input_files,
    input_path,
    output_entry,
    output_path,
    set_folders,
)
from .models import model_files, model_path, register_model_folders
from .progress import Progress, show_progress, stoppable_progress

__all__ = [
    "PREVIEW_END",
    "Progress",
    "check_prefix",
    "device",
    "file_signature",
    "folder",
    "in_comfyui",
    "input_files",
    "input_path",
    "load_generators",
    "load_on_device",
    "model_files",
    "model_path",
    "output_entry",
    "output_path",
    "register_model_folders",
    "set_folders",
    "show_progress",
    "stoppable_progress",
]

register_model_folders()
