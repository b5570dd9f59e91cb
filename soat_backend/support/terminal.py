"""The terminal: a progress bar on one line, text that can't steer it, and Ctrl-C as a request to come to an end."""

from __future__ import annotations

import logging
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

logger = logging.getLogger(__name__)

_WIDTH = 24
_TTY_INTERVAL = 0.1
_LOG_INTERVAL = 30.0


def printable(text: str, limit: int = 20_000) -> str:
    """Text that may come from a stranger's file, without what could steer a terminal; line ends stay."""
    clean = "".join(
        character if character.isprintable() or character == "\n" else " " for character in text[: limit + 1]
    )
    return clean if len(text) <= limit else clean[: limit - 3] + "..."


class TerminalBar:
    """Draws `label [####....] 3/7` over itself; into a file or pipe it writes a line now and then instead.

    Args:
        stream: Where to draw; standard error if None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._tty = self._stream.isatty()
        # A log wants no line about what is over in a moment.
        self._drawn = 0.0 if self._tty else time.monotonic()
        self._label = ""
        self._on_line = False

    def update(self, label: str, done: int, total: int) -> None:
        """Show how far the work is, unless that was shown a moment ago and there is more to come."""
        now = time.monotonic()
        at_once = self._tty and (label != self._label or done >= total)
        if not at_once and now - self._drawn < (_TTY_INTERVAL if self._tty else _LOG_INTERVAL):
            return
        self._drawn, self._label = now, label
        filled = _WIDTH * done // max(total, 1)
        text = f"{printable(label, 80)} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}"
        if self._tty:
            columns = shutil.get_terminal_size().columns - 1
            self._stream.write(f"\r\x1b[2K{text[:columns]}")
            self._on_line = True
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the bar off the line, so that something else can be printed."""
        if self._tty and self._on_line:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
        self._on_line = False


@contextmanager
def stop_signals(what: str) -> Iterator[list[int]]:
    """Collect the first interrupt or termination instead of dying of it; a second one acts as ever.

    Elsewhere than in the main thread, where signals don't arrive, nothing is collected.

    Args:
        what: Is being done about it, for the log.

    Yields:
        The signals received, none or one.
    """
    received: list[int] = []
    handled = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
    before = {number: signal.getsignal(number) for number in handled}

    def note(number: int, _frame: Any) -> None:
        received.append(number)
        logger.warning("%s; once more stops at once, unsaved", what)
        for each in handled:
            signal.signal(each, before[each])

    for number in handled:
        signal.signal(number, note)
    try:
        yield received
    finally:
        for number in handled:
            signal.signal(number, before[number])
