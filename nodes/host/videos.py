"""What VIDEO wires carry: ComfyUI's films, or plain files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .comfyui import in_comfyui, video_from_file


@dataclass(frozen=True)
class VideoFile:
    """A film that is in a file already."""

    path: Path


def video_of(path: Path) -> Any:
    """A film's file for a VIDEO wire."""
    return (video_from_file(str(path)) if in_comfyui() else None) or VideoFile(path)
