"""Tasks in a process of their own, with the memory allocator as it comes: as ComfyUI and other packs run.

`keep_freed_memory` changes the allocator of a whole process, so what runs without it can't run in the same one.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import torch

Tasks = dict[str, Callable[[], object]]


@contextmanager
def apart(make: Callable[..., Tasks], *arguments: Any) -> Iterator[Tasks]:
    """The tasks that `make(*arguments)` gives over there, to be called here; each call waits until it is done."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, make, arguments), daemon=True)
    process.start()
    there.close()

    def call(name: str) -> Callable[[], object]:
        def task() -> object:
            here.send(name)
            return here.recv()

        return task

    try:
        yield {name: call(name) for name in here.recv()}
    finally:
        here.close()
        process.join()


def _serve(pipe: Connection, make: Callable[..., Tasks], arguments: tuple[Any, ...]) -> None:
    with torch.inference_mode():
        tasks = make(*arguments)
        pipe.send(list(tasks))
        while True:
            try:
                name = pipe.recv()
            except EOFError:
                return
            tasks[name]()
            pipe.send(None)
