"""How far a node is: ComfyUI's bar on the node, or a line in the terminal."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from ...soat_backend.terminal import TerminalBar
from .comfyui import in_comfyui, model_management, progress_bar

_shown = False


def show_progress(shown: bool) -> None:
    """Whether nodes draw their progress in the terminal; ComfyUI has its own bars."""
    global _shown
    _shown = shown


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
            self._bar = progress_bar()(1)
        elif _shown:
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
            self._bar.update_absolute(done, total)
            model_management().throw_exception_if_processing_interrupted()
        elif self._terminal:
            self._terminal.update(f"  {self._label}".rstrip(), done, total)
