"""What the command line is given from above: it may not import the nodes itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Host(Protocol):
    """The folders of a headless run, and whether nodes draw their progress."""

    def show_progress(self, shown: bool) -> None:
        """Whether nodes draw their progress in the terminal."""

    def set_folders(self, *, models: str | None = None, input: str | None = None, output: str | None = None) -> None:
        """Choose folders; None leaves one as it is."""

    def folder(self, kind: str) -> Path:
        """The folder `models`, `input`, `output` or `temp`."""

    def input_path(self, name: str) -> Path:
        """The file behind a name of the input folder; SoatError if there is none."""

    def model_path(self, folder_name: str, name: str) -> Path:
        """The file behind the name of a model in one of the model folders."""


@dataclass(frozen=True)
class NodePack:
    """Node classes by class type, how they are called, and their host."""

    classes: Mapping[str, type]
    host: Host
    display_names: Mapping[str, str] = field(default_factory=dict)
