"""The tensors of a small file that is no generator, such as one of directions; nothing in it is executed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from ..support.errors import CheckpointError
from .containers.blob import open_regular_file
from .containers.stored import StoredTensor
from .load import named_errors

_MOST_TENSORS = 10_000
_MOST_DEPTH = 8
# Letters of a name; of a longer one, such as the path of a picture, the end tells more than the beginning.
_MOST_NAME = 200


def read_tensors(
    path: Path,
    most_bytes: int,
    choose: Callable[[Mapping[str, tuple[int, ...]]], Iterable[str]] | None = None,
) -> dict[str, torch.Tensor]:
    """Tensors of a safetensors, torch or pickle file, by their path in it joined with dots; alone: "".

    Args:
        path: The file.
        most_bytes: That those read may take together.
        choose: Given the shapes of all by name, the names of those to read; all of them if left out.

    Raises:
        CheckpointError: It can't be read, or has more in it.
    """
    # As in `load.read_generator`.
    from .containers.contents import read_contents
    from .containers.torch_reader import TorchTensor

    with named_errors(path), torch.inference_mode(False), open_regular_file(path) as file:
        stored: dict[str, StoredTensor] = {}
        for name, tensor in _found(read_contents(file, path).tree, (), 0):
            if name in stored:
                raise CheckpointError(f"Two tensors in the file are both called {name!r}. Save the right one alone.")
            stored[name] = tensor
            if len(stored) > _MOST_TENSORS:
                raise CheckpointError(
                    f"The file has more than {_MOST_TENSORS} tensors, so it is a whole model and no file of latent "
                    "codes or directions. Save those alone."
                )
        if choose is not None:
            wanted = choose({name: tensor.shape for name, tensor in stored.items()})
            stored = {name: stored[name] for name in wanted}
        total = sum(torch.Size(tensor.shape).numel() * tensor.dtype.itemsize for tensor in stored.values())
        if total > most_bytes:
            raise CheckpointError(
                f"Its tensors claim {total >> 20} MB, and at most {most_bytes >> 20} MB were expected here. Check that "
                "this is the right file."
            )
        return {
            name: (tensor.read_repeated() if isinstance(tensor, TorchTensor) else tensor.read()).clone()
            for name, tensor in stored.items()
        }


def _found(tree: Any, path: tuple[str, ...], depth: int) -> Iterator[tuple[str, StoredTensor]]:
    if isinstance(tree, StoredTensor):
        yield ".".join(path), tree
    elif depth < _MOST_DEPTH and isinstance(tree, dict | list | tuple):
        entries = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, value in entries:
            if isinstance(key, str | int):
                yield from _found(value, (*path, str(key)[-_MOST_NAME:]), depth + 1)
