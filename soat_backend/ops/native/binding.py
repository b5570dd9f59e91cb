"""The built library, loaded once, or the reason why there is none."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
from ctypes import c_float, c_int, c_int64, c_void_p
from typing import Any, NamedTuple

import torch

from ...support.errors import SoatError

logger = logging.getLogger("soat")

OFF = "SOAT_NATIVE"
SUFFIXES = {torch.float32: "f32", torch.bfloat16: "bf16"}


class NativeError(SoatError):
    """A native operator was given what it can't take, or couldn't do its work."""


class OutOfMemory(NativeError, MemoryError):
    """The system hadn't the memory that a native operator works in."""


class _Kind(NamedTuple):
    """What an operator takes in one place.

    Attributes:
        ctype: As C has it.
        tensor: None for a number; else the type of a tensor's values, or MAPS if it is the type of the call.
        optional: Whether None may stand for a tensor.
    """

    ctype: Any
    tensor: torch.dtype | str | None = None
    optional: bool = False


_MAPS = "the type of the call"
_SIZE, _FLAG, _NUMBER = _Kind(c_int64), _Kind(c_int), _Kind(c_float)
_MAP, _FLOATS = _Kind(c_void_p, _MAPS), _Kind(c_void_p, torch.float32)
_FLOATS_OR_NONE = _FLOATS._replace(optional=True)

_SHAPE = [_SIZE] * 4  # Batch, height, width, channels.
_SCALED = [_FLOATS, _SIZE]  # By numbers for each image, and how far it is from one image's to the next's.
# The scale, noise and its stride, bias, limit.
_FINISH = [_FLOATS, _FLOATS_OR_NONE, _SIZE, _FLOATS, _NUMBER]
# Of rows or of columns: the canvas's size, where the window begins, its length, whether the canvas wraps.
_AXIS = [_SIZE, _SIZE, _SIZE, _FLAG]
# Batch and channels, or channels in and out; the window; the style.
_WINDOW = [_SIZE, _SIZE, *_AXIS, *_AXIS, *_SCALED]
_WINOGRAD = [_SIZE, *_WINDOW]
# A filter, its taps, the factor.
_FILTER = [_FLOATS, _SIZE, _SIZE]
# The shape; the result's height and width; where the first sample lies; filters and the second one's kind; gain, slope,
# limit.
_FILTERED = [*_SHAPE, *[_SIZE] * 4, *_FILTER * 2, _FLAG, _FLAG, *[_NUMBER] * 3]
_SIGNATURES: dict[str, list[_Kind]] = {
    "finish": [_MAP, _MAP, *_SHAPE, *_FINISH],
    "blur_finish": [_MAP, _MAP, *_SHAPE, *_FINISH],
    "phases_finish": [*[_MAP] * 5, *_SHAPE, *_FINISH],
    "blur": [_MAP, _MAP, *_SHAPE],
    "finish_gradient": [*[_MAP] * 3, _SIZE, _SIZE, *_SHAPE, *_FINISH, _FLOATS, _FLOATS_OR_NONE, _FLOATS],
    "scaling_gradient": [_MAP, _MAP, *[_SIZE] * 3, *_SCALED, _FLOATS],
    "scaled_window": [_MAP, _MAP, *_WINDOW],
    "winograd": [_MAP, _FLOATS, _MAP, *_WINOGRAD, *_FINISH],
    "winograd_plain": [_MAP, _FLOATS, _MAP, *_WINOGRAD, _FLOATS_OR_NONE],
    "winograd_doubling": [_MAP, _FLOATS, *[_MAP] * 4, *_WINOGRAD],
    "filtered_leaky_relu": [_MAP, _FLOATS_OR_NONE, _MAP, *_FILTERED],
    "filtered_leaky_relu_gradient": [_MAP, _FLOATS_OR_NONE, _MAP, _MAP, *_FILTERED],
    "to_rgb": [_MAP, _FLOATS, *[_SIZE] * 4, *_SCALED, _FLOATS, _NUMBER],
    "upsample_rgb": [_FLOATS, _FLOATS, *[_SIZE] * 3],
}
_OF_ONE_TYPE = ("upsample_rgb",)


class Library:
    """The native operators, loaded into this process.

    Attributes:
        path: The file.
        multiplies_bfloat16: Whether the processor has instructions for it, which torch's convolutions use.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        loaded = ctypes.CDLL(path)
        self._functions: dict[tuple[str, torch.dtype | None], tuple[Any, list[_Kind]]] = {}
        for name, kinds in _SIGNATURES.items():
            for dtype in (None,) if name in _OF_ONE_TYPE else SUFFIXES:
                function = getattr(loaded, f"soat_{name}" if dtype is None else f"soat_{name}_{SUFFIXES[dtype]}")
                function.argtypes, function.restype = [*(kind.ctype for kind in kinds), c_int], c_int64
                typed = [kind._replace(tensor=dtype) if kind.tensor == _MAPS else kind for kind in kinds]
                self._functions[name, dtype] = function, typed
        self.multiplies_bfloat16 = bool(loaded.soat_multiplies_bfloat16())

    def call(self, name: str, dtype: torch.dtype | None, *arguments: torch.Tensor | float | None) -> None:
        """Run an operator with torch's number of threads; a tensor is handed on as the address of its values.

        Args:
            name: The operator's.
            dtype: The type of its maps, one of SUFFIXES; None for an operator that has only one.
            *arguments: As the source says, tensors on the CPU and laid out as it reads them.

        Raises:
            NativeError: A tensor isn't on the CPU or of another type than the operator reads, which would be garbage.
            OutOfMemory: The system hadn't the memory to work in.
        """
        function, kinds = self._functions[name, dtype]
        values: list[Any] = []
        for argument, (_, wanted, optional) in zip(arguments, kinds, strict=True):
            if wanted is None:
                values.append(argument)
            elif isinstance(argument, torch.Tensor) and argument.dtype is wanted and argument.is_cpu:
                values.append(argument.data_ptr())
            elif argument is None and optional:
                values.append(None)
            else:
                raise _unfit(name, len(values), wanted, argument)
        status = function(*values, torch.get_num_threads())
        if status:
            raise _failure(name, status)


def _unfit(name: str, place: int, wanted: Any, argument: Any) -> NativeError:
    got = f"{argument.dtype} on {argument.device}" if isinstance(argument, torch.Tensor) else repr(argument)
    return NativeError(
        f"The native operator {name} expects {wanted} on the CPU as its argument {place + 1}, got {got}. This is a "
        f"mistake of the pack's, which should be reported. Until it is mended, {OFF}=0 in the environment does without "
        "native operators.",
        operator=name,
    )


def _failure(name: str, status: int) -> NativeError:
    """The error of what an entry point returned; failures.h says what that is."""
    if status < 0:
        return NativeError(
            f"The native operator {name} failed, and can't say why. {OFF}=0 in the environment does without native "
            "operators; if pictures come out then, please report it.",
            operator=name,
        )
    asked = f"{status / 2**20:.1f} MiB" if status > 1 else "as much as it asked for"
    return OutOfMemory(
        f"The native operator {name} needs memory to work in: {asked}, which the system hasn't. Render fewer pictures "
        "at once or smaller ones, close other programs, or raise the limit that this process runs under.",
        operator=name,
        bytes=status if status > 1 else None,
    )


_lock = threading.Lock()
_tried = False
_library: Library | None = None
_reason = ""


def library() -> Library | None:
    """The native operators, built and loaded at the first call; None, and one line in the log, where that fails."""
    global _tried, _library, _reason
    if _tried:
        return _library
    # Finding compilers and running them is nothing that ComfyUI's start has to wait for.
    from .build import build
    from .compilers import NoCompiler

    with _lock:
        if not _tried:
            try:
                if os.environ.get(OFF) == "0":
                    raise NoCompiler(f"they are switched off by {OFF}=0")
                path = build()
                _library, _reason = Library(str(path)), f"built: {path}"
            except (NoCompiler, OSError, AttributeError) as error:
                _reason = str(error)
                logger.info("native operators are not in use (%s); pictures are the same, only slower", error)
            _tried = True
    return _library


def call(name: str, dtype: torch.dtype | None, *arguments: torch.Tensor | float | None) -> None:
    """`Library.call` of the library that is there.

    Raises:
        NativeError: None is, or the operator can't take what it was given.
        OutOfMemory: The system hadn't the memory to work in.
    """
    native = library()
    if native is None:
        raise NativeError(f"There is no native operator {name} ({_reason}); the references need none.", operator=name)
    native.call(name, dtype, *arguments)


def status() -> str:
    """Which operators are in use, and why, for people; builds them if that is still to be done."""
    native = library()
    lines = [f"{name}: {'native' if native else 'reference'}" for name in _SIGNATURES]
    return "\n".join([*lines, f"({_reason})"])
