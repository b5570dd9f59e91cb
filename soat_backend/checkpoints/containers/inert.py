"""What a pickle's classes and functions become here: names, never anything that could run.

A pickle is a program that calls importable functions. Ours records the calls instead (`Inert`). The few calls that
describe data (dicts, tensors, arrays) are answered by small functions of our own, given in a table by name; a call
they can't make sense of stays a record. None of them raises: what the file's other networks contain is no concern.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


class Global:
    """The name of a class or function in the file, e.g. `collections.OrderedDict`. Nothing is imported for it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class Inert:
    """The record of a call or an object in a pickle.

    Attributes:
        name: What was called.
        args: Positional arguments.
        state: What the pickle would have put into the object.
        pairs: Items set on it, if it was used as a dict.
    """

    __slots__ = ("args", "name", "pairs", "state")

    def __init__(self, name: str, args: tuple[Any, ...] = ()) -> None:
        self.name = name
        self.args = args
        self.state: Any = None
        self.pairs: dict[Any, Any] | None = None


class OpaqueKey:
    """A dict key that is no plain value; compared by identity, since hashing nested tuples can take forever."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


_HASH_MODULUS = sys.hash_info.modulus

Call = Callable[[tuple[Any, ...]], Any]

_DICT_CLASSES = frozenset({"collections.OrderedDict", "dnnlib.util.EasyDict", "dnnlib.EasyDict", "builtins.dict"})


def answer_call(name: str, args: tuple[Any, ...], table: dict[str, Call]) -> Any:
    """Answer a pickle's call from the table, or record it."""
    if name in _DICT_CLASSES:
        return _as_dict(args)
    if name in ("copyreg._reconstructor", "copy_reg._reconstructor") and args and isinstance(args[0], Global):
        return _as_dict(args[2:]) if args[0].name in _DICT_CLASSES else Inert(args[0].name)
    function = table.get(name)
    result = function(args) if function else None
    return Inert(name, args) if result is None else result


def plain_key(key: Any) -> Any:
    """A dict key that is safe to hash."""
    if key is None or type(key) in (str, bool, bytes):
        return key
    # Larger integers, and floats, can be chosen to share one hash, which makes a dict quadratic.
    return key if type(key) is int and abs(key) < _HASH_MODULUS else OpaqueKey(key)


def _as_dict(args: tuple[Any, ...]) -> dict[Any, Any]:
    """`OrderedDict()`, `OrderedDict([[key, value], ...])` or `EasyDict({...})`."""
    if len(args) == 1 and isinstance(args[0], dict):
        return args[0]  # Not a copy: a file could ask for any number of them.
    if len(args) == 1 and isinstance(args[0], list):
        pairs = (pair for pair in args[0] if isinstance(pair, list | tuple) and len(pair) == 2)
        return {plain_key(pair[0]): pair[1] for pair in pairs}
    return {}
