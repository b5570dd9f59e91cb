"""The stack machine that pickles are written for, of which only those parts exist that build plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .blob import Cursor, damaged
from .inert import Call, Global, Inert, answer_call, plain_key

# Longer bytes and texts stay in the file. Keys and names are far shorter, weights and source code longer.
MAX_INLINE_BYTES = 64
MAX_INLINE_TEXT = 1024
MAX_INTEGER_BYTES = 1024
MAX_NAME = 256
# Items of lists that are turned into dictionaries, all together.
MAX_LISTED = 1_000_000


class PickleMachine:
    """Stack, marks and memo of one pickle being read from a cursor.

    Args:
        cursor: Stands behind the instruction being run.
        calls: Answers to the calls that describe data, by name.
        persistent: Answers a persistent id (torch's storages).
    """

    def __init__(self, cursor: Cursor, calls: dict[str, Call], persistent: Callable[[Any], Any]) -> None:
        self.cursor = cursor
        self._calls = calls
        self.persistent = persistent
        self._stack: list[Any] = []
        self._mark_positions: list[int] = []
        self.memo: dict[int, Any] = {}
        self._listed = 0

    # Stack

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self) -> Any:
        """Take the topmost value of the stack."""
        if not self._stack or (self._mark_positions and self._mark_positions[-1] == len(self._stack)):
            raise damaged("its pickle takes more from the stack than there is")
        return self._stack.pop()

    def mark(self) -> None:
        """Remember this place on the stack."""
        self._mark_positions.append(len(self._stack))

    def pop_to_mark(self) -> list[Any]:
        """Take all values above the last mark, and the mark."""
        if not self._mark_positions:
            raise damaged("its pickle lacks a mark")
        position = self._mark_positions.pop()
        items = self._stack[position:]
        del self._stack[position:]
        return items

    def duplicate(self) -> None:
        """Put the topmost value there twice."""
        value = self.pop()
        self._stack += [value, value]

    def discard(self) -> None:
        """Take the topmost value away; right behind a mark, the mark, as in Python."""
        if self._mark_positions and self._mark_positions[-1] == len(self._stack):
            self._mark_positions.pop()
        else:
            self.pop()

    # Numbers and text

    def unsigned(self, size: int) -> int:
        """The next bytes as a number without sign."""
        return int.from_bytes(self.cursor.read(size), "little")

    def line(self) -> str:
        """The next line of text."""
        return self.cursor.read_line(MAX_INLINE_TEXT).decode("latin-1")

    def text_integer(self) -> None:
        """A number or a boolean in decimal digits."""
        line = self.line()
        if line in ("00", "01"):
            self.push(line == "01")
            return
        self.push(int(line.rstrip("L")))

    def integer(self, size: int) -> None:
        """A number of any length, within reason."""
        length = self.unsigned(size)
        if length > MAX_INTEGER_BYTES:
            raise damaged(f"its pickle declares an integer of {length} bytes")
        self.push(int.from_bytes(self.cursor.read(length), "little", signed=True))

    def text(self, size: int, encoding: str) -> None:
        """A text; a long one stays in the file."""
        length = self.unsigned(size)
        if length > MAX_INLINE_TEXT:
            self.push(self.cursor.skip(length))
        else:
            self.push(self.cursor.read(length).decode(encoding, "replace"))

    def python2_text(self, size: int) -> None:
        """Text or data, of which Python 2 had one type: short ones are names, longer ones the content of arrays."""
        self.text(size, "latin-1")

    def data(self, size: int) -> None:
        """Data; long data stays in the file."""
        length = self.unsigned(size)
        self.push(self.cursor.read(length) if length <= MAX_INLINE_BYTES else self.cursor.skip(length))

    # Containers

    def join(self, count: int) -> None:
        """Join the topmost values."""
        items = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(items)))

    def append(self, items: list[Any]) -> None:
        """Add items to the list on top; other collections of the file are of no interest."""
        target = self.peek()
        if isinstance(target, list):
            target += items

    def peek(self) -> Any:
        """The topmost value, which stays there."""
        value = self.pop()
        self.push(value)
        return value

    def set_items(self, items: list[Any]) -> None:
        """Put keys and values into the dictionary on top."""
        target = self.peek()
        if isinstance(target, Inert):
            target.pairs = {} if target.pairs is None else target.pairs
            target = target.pairs
        if not isinstance(target, dict) or len(items) % 2:
            raise damaged("its pickle sets items of something that is no dictionary")
        target.update((plain_key(key), value) for key, value in zip(items[::2], items[1::2], strict=True))

    def set_item(self) -> None:
        """One key and value."""
        value, key = self.pop(), self.pop()
        self.set_items([key, value])

    def append_one(self) -> None:
        """One item."""
        self.append([self.pop()])

    def dict_from_mark(self) -> None:
        """A dictionary of what lies above the mark."""
        items = self.pop_to_mark()
        self.push({})
        self.set_items(items)

    # Memo

    def remember(self, index: int) -> None:
        """Keep the topmost value in the memo."""
        self.memo[index] = self.peek()

    def recall(self, index: int) -> None:
        """Put a value of the memo on the stack."""
        if index not in self.memo:
            raise damaged("its pickle refers to something it never made")
        self.push(self.memo[index])

    # Names and calls

    def named_global(self) -> None:
        """A name given by the next two lines."""
        module, name = self.line(), self.line()
        self._push_global(module, name)

    def _push_global(self, module: str, name: str) -> None:
        if len(module) + len(name) > MAX_NAME:
            raise damaged("its pickle names a class at absurd length")
        self.push(Global(f"{module}.{name}"))

    def stack_global(self) -> None:
        """A name given by two values."""
        name, module = self.pop(), self.pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise damaged("its pickle names a class by something that is no text")
        self._push_global(module, name)

    def call(self, function: Any, args: Any) -> None:
        """Answer or record a call."""
        name = function.name if isinstance(function, Global) else "?"
        self._listed += len(args[0]) if isinstance(args, tuple) and args and isinstance(args[0], list) else 0
        if self._listed > MAX_LISTED:
            raise damaged("its pickle makes dictionaries of the same lists over and over")
        self.push(answer_call(name, args if isinstance(args, tuple) else (args,), self._calls))

    def reduce(self) -> None:
        """A call of a function or class."""
        args, function = self.pop(), self.pop()
        self.call(function, args)

    def new_object_with_keywords(self) -> None:
        """A call of a class; keywords are of no interest."""
        _, args, cls = self.pop(), self.pop(), self.pop()
        self.call(cls, args)

    def object_from_mark(self) -> None:
        """A call of the class above the mark."""
        items = self.pop_to_mark()
        if not items:
            raise damaged("its pickle makes an object of no class")
        self.call(items[0], tuple(items[1:]))

    def instance_from_mark(self) -> None:
        """A call of the class named in the next lines."""
        self.named_global()
        cls = self.pop()
        self.call(cls, tuple(self.pop_to_mark()))

    def build(self) -> None:
        """Give an object its state."""
        state, target = self.pop(), self.peek()
        if isinstance(target, Inert):
            target.state = state
        elif hasattr(type(target), "set_pickled_state"):
            target.set_pickled_state(state)

    def extension(self) -> None:
        """Refuse what only other programs than checkpoints use."""
        raise damaged("its pickle uses the extension registry or out-of-band buffers, which no checkpoint does")
