"""Pickles that run code, explode, or declare what they don't have."""

from __future__ import annotations

import struct
from collections.abc import Callable

from attacks import BASE, CALLS, Execute, content, entry, legacy, module, nested, text, torch_zip
from foreign import make_generator, nvidia_bytes, nvidia_module, torch_bytes

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
