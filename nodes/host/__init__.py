"""What ComfyUI provides (devices, memory, progress, folders), with plain stand-ins when it is absent."""

from .comfyui import in_comfyui
from .devices import (
    device,
    device_memory,
    load_generators,
    load_on_device,
    load_to_begin_again,
    load_to_generate,
    put_away,
    result_device,
)
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
    workflow_texts,
    workflow_to_keep,
)
from .growing import Growing, as_v3
from .models import check_model, model_files, model_path, register_model_folders, successor_note
from .previews import live_picture, save_preview, save_previews, shown, told_now
from .progress import Progress, Words, show_progress, stoppable_progress
from .server import Answer, serve
from .shield import name_errors, shield
from .videos import VideoFile, video_of

__all__ = [
    "PREVIEW_END",
    "Answer",
    "Growing",
    "Progress",
    "VideoFile",
    "Words",
    "as_v3",
    "check_model",
    "check_prefix",
    "device",
    "device_memory",
    "file_signature",
    "folder",
    "in_comfyui",
    "input_files",
    "input_path",
    "live_picture",
    "load_generators",
    "load_on_device",
    "load_to_begin_again",
    "load_to_generate",
    "model_files",
    "model_path",
    "name_errors",
    "output_entry",
    "output_path",
    "put_away",
    "register_model_folders",
    "result_device",
    "save_preview",
    "save_previews",
    "serve",
    "set_folders",
    "shield",
    "show_progress",
    "shown",
    "stoppable_progress",
    "successor_note",
    "told_now",
    "video_of",
    "workflow_texts",
    "workflow_to_keep",
]

register_model_folders()
