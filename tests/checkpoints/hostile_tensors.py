"""Tensors that are not what they claim, in torch's old and new files and in TensorFlow's."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Callable

import numpy as np
import torch
from attacks import BASE, CALLS, Execute, content, entry, legacy, text, torch_zip, zip_of
from foreign import TfNetwork, fake_modules, make_generator, tf_bytes, torch_bytes

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
content("tensor/name that steers the terminal", with_tensor("\x1b[2J\x07", tensor_op((1,), (1,))))
content("tensor/payload", with_tensor(WEIGHT, CALLS["reduce"]))
content("tensor/no levels", with_tensor("style.1.weight", tensor_op((0, 0), (0, 0))))
content(
    "tensor/first of many levels", with_tensor("to_rgbs.3.conv.weight", tensor_op((1, 1, 1, 1, 1), (1, 1, 1, 1, 1)))
)

# Constants of absurd shapes: a picture is so many times as large as its constant.
CONSTANT = "input.input"
for _height, _width in ((4, 1 << 20), (1 << 40, 1), (0, 4), (-4, 4), (4, -(1 << 60)), (1 << 90, 1 << 90), (65, 65)):
    content(
        f"constant/{_height} x {_width}",
        with_tensor(CONSTANT, tensor_op((1, 12, _height, _width), (0, 0, 0, 0))),
    )
content("constant/without channels", with_tensor(CONSTANT, tensor_op((1, 0, 4, 4), (16, 16, 4, 1))))
content("constant/flat", with_tensor(CONSTANT, tensor_op((1, 12), (12, 1))))
content("colours/none", with_tensor("to_rgb1.conv.weight", tensor_op((1, 0, 12, 1, 1), (1, 1, 1, 1, 1))))
content("colours/many", with_tensor("to_rgb1.conv.weight", tensor_op((1, 1 << 40, 12, 1, 1), (0, 0, 0, 0, 0))))


@entry("constant/of a wide picture")
def wide_picture(path):
    """Each of its tensors is there; the noise that is lacking would take 70 GB."""
    state = dict(BASE)
    state["input.input"] = torch.zeros(1, 12, 64, 100_000)
    torch.save({name: tensor for name, tensor in state.items() if not name.startswith("noises.")}, path)


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


for _dtype in (torch.int32, torch.int64, torch.complex64, torch.bool, torch.float8_e4m3fn):

    @entry(f"values/{_dtype}")
    def wrong_dtype(path, dtype=_dtype):
        state = dict(BASE)
        state["style.3.bias"] = torch.ones(14).to(dtype)
        torch.save(state, path)


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


class Scalar:
    """A numpy number, of whatever type and bytes."""

    def __init__(self, kind, data):
        self.parts = (np.dtype(kind), data)

    def __reduce__(self):
        return np.float32(1).__reduce__()[0], self.parts


def with_strength(kind, data) -> Callable[[], bytes]:
    """A good file, but for one noise strength."""
    return lambda: tf_bytes(make_generator(), extra={"4x4/Conv/noise_strength": Scalar(kind, data)})


content("tensorflow/number that is an object", with_strength(object, Execute()))
content("tensorflow/number whose bytes are a payload", with_strength("f4", Execute()))
content("tensorflow/number cut short", with_strength("f4", b"\0"))
content("tensorflow/number too long", with_strength("f4", bytes(1 << 20)))
content("tensorflow/number of 2 GB", with_strength("V2147483647", b""))
content("tensorflow/number that is none", with_strength("f4", np.float32(np.nan).tobytes()))
content(
    "tensorflow/network in itself",
    b"\x80\x04cdnnlib.tflib.network\nNetwork\n)\x81\x94}" + text("components") + b"}" + text("a") + b"h\x00ssb.",
)
