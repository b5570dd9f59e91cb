"""All hostile files. Each entry of CORPUS writes one; none may do anything but be refused."""

from __future__ import annotations

import os
import random
import struct
from pathlib import Path

import hostile_pickles
import hostile_tensors
from attacks import BASE, CALLS, CORPUS, MAY_LOAD, content
from foreign import REFERENCE, make_generator, nvidia_bytes, nvidia_module, tf_bytes, torch_bytes
from hostile_containers import GOOD_ZIP, ours_in_full

__all__ = ["CALLS", "CORPUS", "MAY_LOAD", "REFERENCE", "hostile_pickles", "hostile_tensors"]


# Things that are no files, or hardly

content("file/empty", b"")
content("file/one byte", b"\x80")
content("file/text", b"hello world\n")
content("file/zeros", bytes(100_000))
content("file/0xff", b"\xff" * 100_000)
CORPUS["file/folder"] = lambda path: path.mkdir()
CORPUS["file/pipe"] = os.mkfifo
CORPUS["file/link to a device"] = lambda path: path.symlink_to("/dev/zero")
CORPUS["file/link to itself"] = lambda path: path.symlink_to(path)
CORPUS["file/link to nothing"] = lambda path: path.symlink_to("/nowhere/at/all")
CORPUS["file/nothing"] = lambda path: None


def sparse(path: Path, head: bytes, tail: bytes = b"") -> None:
    """A file of 64 GiB that takes no space."""
    with path.open("wb") as file:
        file.write(head)
        file.seek(64 << 30)
        file.write(tail or b"\0")


CORPUS["file/sparse pickle"] = lambda path: sparse(path, b"\x80\x04\x8e" + struct.pack("<Q", 1 << 30))
CORPUS["file/sparse line"] = lambda path: sparse(path, b"\x80\x04c")
CORPUS["file/sparse zip"] = lambda path: sparse(path, b"PK\x03\x04", b"PK\x05\x06" + b"\xff" * 16 + b"\0\0")
CORPUS["file/sparse safetensors"] = lambda path: sparse(path, struct.pack("<Q", 1 << 35) + b"{")


# Truncations at every 64th, and changed bytes, of every kind of file

WHOLE = {
    "zip": GOOD_ZIP,
    "nvidia": (REFERENCE / "nvidia_ada_32.pkl").read_bytes(),
    "nvidia in protocol 2": nvidia_bytes({"G_ema": nvidia_module(make_generator())}, protocol=2),
    "legacy": torch_bytes({"g_ema": dict(BASE)}, legacy=True),
    "tensorflow": tf_bytes(make_generator()),
    "tensorflow in protocol 5": (Path(__file__).parent / "tensorflow" / "sg2_only_gs.pkl").read_bytes(),
    "safetensors": ours_in_full(),
}
MUTATIONS = 24


def mutated(data: bytes, seed: int) -> bytes:
    """Some bytes changed, most of them near the start, where the structure is."""
    changed, chance = bytearray(data), random.Random(seed)
    for _ in range(chance.choice((1, 4, 16))):
        changed[int(len(changed) * chance.random() ** 4)] = chance.randrange(256)
    return bytes(changed)


for _kind, _data in WHOLE.items():
    for _part in range(64):
        content(f"truncated/{_kind} {_part}/64", _data[: len(_data) * _part // 64])
    for _seed in range(MUTATIONS):
        content(f"mutated/{_kind} {_seed}", lambda data=_data, seed=_seed: mutated(data, seed))
