"""Writes our safetensors, and turns other checkpoints into it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch

from ..generators import Generator
from ..generators.provenance import LONGEST_LICENCE
from ..support.errors import CheckpointError
from ..support.files import replacing
from .containers.safetensors_reader import DTYPES
from .load import WEIGHT_DTYPES, is_ours, read_generator

# Agrees with pyproject.toml, which isn't there when ComfyUI imports the pack; a test compares them.
TOOL_VERSION = "soat 0.1.0"
_DTYPE_NAMES = {dtype: name for name, dtype in DTYPES.items()}
_HASH_CHUNK = 1 << 20
_LONGEST_NOTES = 10_000  # Of characters, each of which JSON may write as six.
_ALIGNMENT = 8


def save_generator(
    generator: Generator,
    out_path: str | os.PathLike[str],
    *,
    provenance: Mapping[str, Any] | str,
    dtype: torch.dtype | None = None,
) -> None:
    """Write a generator as our safetensors. The file appears whole or not at all.

    Args:
        generator: To be written.
        out_path: The file; what is there is replaced.
        provenance: Where the generator comes from, as kept in the header (a text is kept as it is).
        dtype: float32, float16 or bfloat16 to store all but w_avg in, or None for what they are.

    Raises:
        CheckpointError: The file can't be written, or the weights don't fit the type.
    """
    if dtype is not None and dtype not in WEIGHT_DTYPES:
        raise CheckpointError(f"A generator is saved as float32, float16 or bfloat16, not as {dtype}.", dtype=dtype)
    tensors = {name: _cast(name, tensor, dtype) for name, tensor in generator.state_dict().items()}
    text = provenance if isinstance(provenance, str) else json.dumps(dict(provenance))
    metadata = {"config": generator.config.to_json(), "provenance": text}
    with replacing(Path(out_path), CheckpointError) as partial, partial.open("wb") as file:
        _write_safetensors(file, tensors, metadata)


def provenance_to_save(generator: Generator, licence: str = "", notes: str = "") -> dict[str, Any]:
    """What a generator's file should say of its origin: all that is known of it, and what its owner adds.

    Args:
        generator: As loaded, or made of others.
        licence: Under which it is saved; empty: what was known of it stays.
        notes: Any text; empty: what was there stays.

    Raises:
        CheckpointError: One of the two is longer than a file keeps.
    """
    added = {"licence": licence.strip(), "notes": notes.strip()}
    for name, most in (("licence", LONGEST_LICENCE), ("notes", _LONGEST_NOTES)):
        if len(added[name]) > most:
            raise CheckpointError(
                f"{name}: expected at most {most} characters, got {len(added[name])}. Shorten the text, or say where "
                "the whole of it is.",
                length=len(added[name]),
            )
    return {**generator.provenance, **{name: text for name, text in added.items() if text}, "tool": TOOL_VERSION}


def convert_checkpoint(path: str | os.PathLike[str], out_path: str | os.PathLike[str]) -> None:
    """Turn any readable checkpoint into our safetensors, bit for bit but for float64, which becomes float32.

    Args:
        path: The checkpoint. If it is ours already, its provenance stays.
        out_path: The file to write; not the same as `path`.

    Raises:
        CheckpointError: The checkpoint can't be read, or the file not written.
    """
    if os.path.exists(out_path) and os.path.exists(path) and os.path.samefile(path, out_path):
        raise CheckpointError(f"{Path(path).name} can't be converted onto itself. Choose another name for the result.")
    loaded = read_generator(path)
    provenance: Mapping[str, Any] | str
    if is_ours(loaded.notes):
        provenance = loaded.notes["provenance"]
    else:
        provenance = {**loaded.generator.provenance, "source_sha256": _sha256(path), "tool": TOOL_VERSION}
        if "narrowed" in loaded.notes:
            provenance["narrowed"] = loaded.notes["narrowed"]
    save_generator(loaded.generator, out_path, provenance=provenance)


def _cast(name: str, tensor: torch.Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    tensor = tensor.detach().cpu().contiguous()
    if dtype is None or name == "mapping.w_avg":
        return tensor.float() if dtype is not None else tensor
    cast = tensor.to(dtype)
    if not torch.isfinite(cast).all():
        raise CheckpointError(f"{name} has values too large for {dtype}. Save the generator as float32.", dtype=dtype)
    return cast


def _write_safetensors(file: BinaryIO, tensors: dict[str, torch.Tensor], metadata: dict[str, str]) -> None:
    """Write header and tensors, the widest types first, so that all of them are aligned.

    By hand, since the library of that name writes metadata in another order each time: the same generator would not be
    the same file.
    """
    names = sorted(tensors, key=lambda name: (-tensors[name].element_size(), name))
    header: dict[str, Any] = {"__metadata__": metadata}
    position = 0
    for name in names:
        tensor = tensors[name]
        end = position + tensor.numel() * tensor.element_size()
        header[name] = {
            "dtype": _DTYPE_NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [position, end],
        }
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _ALIGNMENT)
    file.write(len(text).to_bytes(8, "little") + text)
    for name in names:
        file.write(tensors[name].reshape(-1).view(torch.uint8).numpy().data)


def _sha256(path: str | os.PathLike[str]) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_HASH_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
