"""A pickle reader that only builds plain data: it imports nothing, calls nothing, and trusts no length.

Python's own unpickler would do with a guarded `find_class`, yet still allocates what a file declares, hashes what it
nests, and copies every weight. This one leaves long strings where they are in the file (`Blob`), so that networks
nobody wants cost nothing. Source: the opcodes are documented in Python's `pickletools`.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from .blob import Cursor, damaged
from .inert import Call, Inert
from .pickle_machine import PickleMachine

# A StyleGAN2 with all its networks and optimizers takes below 100,000.
MAX_OPCODES = 500_000
_STOP = ord(".")


def _record(pid: Any) -> Any:
    return Inert("persistent id")


def read_pickle(
    cursor: Cursor,
    calls: dict[str, Call],
    persistent: Callable[[Any], Any] = _record,
    max_opcodes: int = MAX_OPCODES,
) -> Any:
    """The object a pickle describes.

    Args:
        cursor: Stands at the pickle's first byte, and afterwards behind its last.
        calls: Answers to the calls that describe data, by name; all others become `Inert` records.
        persistent: Answers persistent ids (torch's storages).
        max_opcodes: Instructions after which it is absurd.

    Raises:
        CheckpointError: It isn't a pickle, is cut short, or is absurd.
    """
    machine = PickleMachine(cursor, calls, persistent)
    for _ in range(max_opcodes):
        opcode = cursor.read(1)[0]
        if opcode == _STOP:
            return machine.pop()
        handler = _HANDLERS.get(opcode)
        if handler is None:
            raise damaged(f"its pickle has an unknown instruction 0x{opcode:02x}")
        handler(machine)
    raise damaged("its pickle has more instructions than any StyleGAN2 needs")


_R = PickleMachine

_HANDLERS: dict[int, Callable[[PickleMachine], object]] = {
    0x80: lambda r: r.cursor.skip(1),  # PROTO
    0x95: lambda r: r.cursor.skip(8),  # FRAME
    ord("("): _R.mark,
    ord("0"): _R.discard,
    ord("1"): lambda r: r.pop_to_mark(),
    ord("2"): _R.duplicate,
    ord("N"): lambda r: r.push(None),
    0x88: lambda r: r.push(True),
    0x89: lambda r: r.push(False),
    ord("I"): _R.text_integer,
    ord("L"): _R.text_integer,
    ord("J"): lambda r: r.push(struct.unpack("<i", r.cursor.read(4))[0]),
    ord("K"): lambda r: r.push(r.unsigned(1)),
    ord("M"): lambda r: r.push(r.unsigned(2)),
    0x8A: lambda r: r.integer(1),
    0x8B: lambda r: r.integer(4),
    ord("F"): lambda r: r.push(float(r.line())),
    ord("G"): lambda r: r.push(struct.unpack(">d", r.cursor.read(8))[0]),
    ord("S"): lambda r: r.push(r.line().strip("'\"")),
    ord("V"): lambda r: r.push(r.line()),
    ord("T"): lambda r: r.python2_text(4),
    ord("U"): lambda r: r.python2_text(1),
    ord("X"): lambda r: r.text(4, "utf-8"),
    0x8C: lambda r: r.text(1, "utf-8"),
    0x8D: lambda r: r.text(8, "utf-8"),
    ord("B"): lambda r: r.data(4),
    ord("C"): lambda r: r.data(1),
    0x8E: lambda r: r.data(8),
    0x96: lambda r: r.data(8),
    ord("]"): lambda r: r.push([]),
    0x8F: lambda r: r.push([]),  # EMPTY_SET: a list, since nothing here is hashed
    ord("}"): lambda r: r.push({}),
    ord(")"): lambda r: r.push(()),
    0x85: lambda r: r.join(1),
    0x86: lambda r: r.join(2),
    0x87: lambda r: r.join(3),
    ord("t"): lambda r: r.push(tuple(r.pop_to_mark())),
    ord("l"): lambda r: r.push(r.pop_to_mark()),
    0x91: lambda r: r.push(r.pop_to_mark()),  # FROZENSET
    ord("d"): _R.dict_from_mark,
    ord("a"): _R.append_one,
    ord("e"): lambda r: r.append(r.pop_to_mark()),
    0x90: lambda r: r.append(r.pop_to_mark()),  # ADDITEMS
    ord("s"): _R.set_item,
    ord("u"): lambda r: r.set_items(r.pop_to_mark()),
    ord("p"): lambda r: r.remember(int(r.line())),
    ord("q"): lambda r: r.remember(r.unsigned(1)),
    ord("r"): lambda r: r.remember(r.unsigned(4)),
    0x94: lambda r: r.remember(len(r.memo)),
    ord("g"): lambda r: r.recall(int(r.line())),
    ord("h"): lambda r: r.recall(r.unsigned(1)),
    ord("j"): lambda r: r.recall(r.unsigned(4)),
    ord("c"): _R.named_global,
    0x93: _R.stack_global,
    ord("i"): _R.instance_from_mark,
    ord("o"): _R.object_from_mark,
    0x81: _R.reduce,  # NEWOBJ: a class and its arguments, like REDUCE
    0x92: _R.new_object_with_keywords,
    ord("R"): _R.reduce,
    ord("b"): _R.build,
    ord("P"): lambda r: r.push(r.persistent(r.line())),
    ord("Q"): lambda r: r.push(r.persistent(r.pop())),
    0x82: _R.extension,
    0x83: _R.extension,
    0x84: _R.extension,
    0x97: _R.extension,
    0x98: _R.extension,
}
