"""What a file holds, whatever wrote it: a tree of plain data, records and stored tensors, from its bytes alone."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ...support.errors import CheckpointError
from .blob import Blob, Cursor
from .pickle_reader import read_pickle
from .safetensors_reader import begins_as_safetensors, looks_like_safetensors, read_safetensors
from .stored import StoredTensor
from .torch_reader import LEGACY_MAGIC, TORCH_CALLS, read_legacy, read_zip
from .unwrap import StateDict, find_state_dict

_WEB_PAGE = "a web page, saved in place of the download; open its address in a browser and download again"
# Texts that land in model folders by mistake, by how they begin, in small letters, behind white space.
_TEXTS = (
    (("<!doctype html", "<html", "<head", "<body", "<script", "<!--"), _WEB_PAGE),
    (("version https://git-lfs",), "a Git LFS pointer, not the file it points to; fetch that with `git lfs pull`"),
    (
        ("<?xml", "<!doctype"),
        "a web page or an XML file, not the model; open its address in a browser and download again",
    ),
)
# How pickles of the protocols 0 and 1 begin, Python 2's default, which don't say what they are.
_OLD_PICKLE = re.compile(
    rb"\(*(?:[ci](?:copy_?reg|collections|torch|numpy|dnnlib|tfutil|training|__builtin__)[\w.]*\n\w+\n"
    rb"|[dl]p\d+\r?\n|[]}]q.)",
    re.DOTALL,
)
_START = 256
_SHOWN_TEXT = 40
# Other files, by their first bytes.
_OTHER_FILES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GGUF", "a GGUF file of a language or diffusion model"),
    (b"\x89HDF", "an HDF5 file (Keras); StyleGAN2 for Keras isn't supported"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"Rar!", "a RAR archive; unpack it first"),
)


@dataclass(frozen=True)
class Contents:
    """A file, read but not understood.

    Attributes:
        container: What kind of file it is, e.g. `torch zip`.
        tree: Dicts, lists, `Inert` records and `StoredTensor`s.
        metadata: Of a safetensors header.
    """

    container: str
    tree: Any
    metadata: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def state_dict(self) -> StateDict:
        """The generator's state dict in the tree; empty if there is none."""
        return find_state_dict(self.tree)

    @property
    def tensors(self) -> dict[str, StoredTensor]:
        """The tensors of that."""
        return self.state_dict.tensors


def read_contents(file: Blob, path: str | os.PathLike[str]) -> Contents:
    """Tell the kind of a file from its bytes, and read its structure; weights stay in the file.

    Args:
        file: The open file.
        path: Where it is, for memory mapping.

    Raises:
        CheckpointError: It is damaged, or no kind of file a checkpoint could be.
    """
    start = file.part(0, min(_START, file.length)).read()
    if begins_as_safetensors(start):
        return _read_safetensors(file, path)
    if start.startswith(b"PK"):
        return Contents("torch zip", read_zip(file))
    if start.startswith(b"\x80"):
        return _read_pickle(file)
    if _OLD_PICKLE.match(start):
        raise CheckpointError(
            "This is a pickle of the oldest kind (protocol 0 or 1), which can't be read here. Load it where it was "
            "made, and save it again with pickle.dump(..., protocol=2)."
        )
    text = _text(start)
    for beginnings, what in _TEXTS:
        if text.lower().startswith(beginnings):
            raise CheckpointError(f"This is {what}.")
    if looks_like_safetensors(start):
        return _read_safetensors(file, path)
    for signature, what in _OTHER_FILES:
        if start.startswith(signature):
            raise CheckpointError(f"This is {what}.")
    if text.isprintable() and text:
        raise CheckpointError(
            f"This is a text file that begins with {text[:_SHOWN_TEXT]!r}, saved in place of the download: it is "
            "neither a torch file, a binary pickle nor safetensors. Open its address in a browser and download again."
        )
    raise CheckpointError(
        "This is not a checkpoint: it is neither a torch file, a binary pickle nor safetensors. "
        "Choose a StyleGAN2 generator (.pt, .pth, .ckpt, .pkl or .safetensors)."
    )


def _text(start: bytes) -> str:
    """The beginning of a file as text: without the mark of its encoding, and the white space it begins with."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\0", b"")  # UTF-16, as far as it matters here
    return " ".join(start.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").split()).rstrip("\ufffd")


def _read_safetensors(file: Blob, path: str | os.PathLike[str]) -> Contents:
    tensors, metadata = read_safetensors(file, path)
    return Contents("safetensors", tensors, metadata)


def _read_pickle(file: Blob) -> Contents:
    """A pickle: torch's old format if it starts with torch's magic number, else one of NVIDIA's."""
    first = read_pickle(Cursor(file), TORCH_CALLS)
    if first == LEGACY_MAGIC and type(first) is int:
        return Contents("torch legacy", read_legacy(file))
    return Contents("pickle", first)
