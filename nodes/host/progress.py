"""How far a node is: ComfyUI's bar on the node, or a line in the terminal."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from PIL import Image

from ...soat_backend.support.terminal import TerminalBar, stop_signals
from .comfyui import in_comfyui, model_management, progress_bar, say_on_node
from .previews import LIVE_SIDE

_PREVIEW_SECONDS = 0.5  # Between them at least: each goes over the network.
# Makes a picture of what there is of a result; None if there is nothing to see yet.
Preview = Callable[[], Image.Image | None]
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
        self._previewed = time.monotonic()
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

    def __call__(self, done: int, total: int, preview: Preview | None = None) -> None:
        """Report that `done` of `total` steps are finished; now and then show what `preview` gives of the result."""
        if self._bar is not None:
            picture = None
            if preview and time.monotonic() - self._previewed >= _PREVIEW_SECONDS:
                picture = preview()
                self._previewed = time.monotonic()
            self._bar.update_absolute(done, total, picture and ("JPEG", picture, LIVE_SIDE))
            model_management().throw_exception_if_processing_interrupted()
        elif self._terminal:
            self._terminal.update(f"  {self._label}".rstrip(), done, total)

    def finish(self, preview: Preview) -> None:
        """Show what came of it: the frontend keeps a preview until another comes, unfinished or an older run's."""
        if self._bar is not None:
            self._bar.update_absolute(1, 1, ("JPEG", preview(), LIVE_SIDE))


class Words:
    """What a node says of itself while it works, now and then: a line on it in ComfyUI.

    Args:
        node_id: The node's, ComfyUI's UNIQUE_ID; None: it says nothing.
    """

    def __init__(self, node_id: str | None) -> None:
        self._node_id = node_id if in_comfyui() else None
        self._said = -math.inf

    def __call__(self, text: str, at_once: bool = False) -> None:
        """Say it, unless something was just said."""
        if self._node_id is None or not (at_once or time.monotonic() - self._said >= _PREVIEW_SECONDS):
            return
        self._said = time.monotonic()
        say_on_node(self._node_id, text)


@contextmanager
def stoppable_progress(label: str, what: str) -> Iterator[Callable[[int, int, Preview | None], bool]]:
    """Progress for a node that has a result at any time: the user's wish to stop ends its work, not the run.

    Args:
        label: What is being done.
        what: Is being done about the wish, for the terminal.

    Yields:
        Like a `Progress`, and tells whether to go on. After a wish the nodes that follow run: ComfyUI forgets it.
    """
    with Progress(label) as progress:
        if in_comfyui():
            # Not asked for beforehand: it may come while the bar is drawn, which then raises.
            interrupted = model_management().InterruptProcessingException

            def report(done: int, total: int, preview: Preview | None = None) -> bool:
                try:
                    progress(done, total, preview)
                except interrupted:
                    return False
                return True

            yield report
            return
        with stop_signals(what) as received:

            def report_in_terminal(done: int, total: int, preview: Preview | None = None) -> bool:
                progress(done, total, preview)
                return not received

            yield report_in_terminal
