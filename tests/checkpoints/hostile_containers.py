"""Zip archives and safetensors headers that lie."""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable

from attacks import content, entry, zip_of
from foreign import REFERENCE, make_generator
from safetensors.torch import save

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
