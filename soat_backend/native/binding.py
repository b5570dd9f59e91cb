"""The built library, loaded once, or the reason why there is none."""

from __future__ import annotations

import ctypes
import logging
import os
import threading
from ctypes import c_float, c_int, c_int64, c_void_p

import torch

from .build import NoCompiler, build

logger = logging.getLogger("soat")

OFF = "SOAT_NATIVE"
SUFFIXES = {torch.float32: "f32", torch.bfloat16: "bf16"}

# Batch, height, width and channels; scale, noise, its stride, bias, limit; threads.
_FINISH: list[type] = [*[c_int64] * 4, *[c_void_p] * 2, c_int64, c_void_p, c_float, c_int]
# Batch, channels in and out; rows and columns: the canvas's size, begin, length, whether it wraps; style, its stride.
_WINDOW: list[type] = [*[c_int64] * 6, c_int, *[c_int64] * 3, c_int, c_void_p, c_int64]
_SIGNATURES: dict[str, list[type]] = {
    "finish": [*[c_void_p] * 2, *_FINISH],
    "blur_finish": [*[c_void_p] * 2, *_FINISH],
    "phases_finish": [*[c_void_p] * 5, *_FINISH],
    "blur": [*[c_void_p] * 2, *[c_int64] * 4, c_int],
    "finish_gradient": [
        *[c_void_p] * 3, *[c_int64] * 6, *[c_void_p] * 2, c_int64, c_void_p, c_float, *[c_void_p] * 3, c_int
    ],
    "scaling_gradient": [*[c_void_p] * 2, *[c_int64] * 3, c_void_p, c_int64, c_void_p, c_int],
    "scaled_window": [
        *[c_void_p] * 2, *[c_int64] * 5, c_int, *[c_int64] * 3, c_int, c_void_p, c_int64, c_int
    ],
    "winograd": [*[c_void_p] * 3, *_WINDOW, *_FINISH[4:]],
    "winograd_plain": [*[c_void_p] * 3, *_WINDOW, c_int],
    "winograd_doubling": [*[c_void_p] * 6, *_WINDOW, c_int],
    "to_rgb": [*[c_void_p] * 2, *[c_int64] * 3, c_void_p, c_int64, c_void_p, c_float, c_int],
    "upsample_rgb": [*[c_void_p] * 2, *[c_int64] * 3, c_int],
}  # fmt: skip


class Library:
    """The native operators. Tensors have to be on the CPU, of a type in SUFFIXES, and laid out as the source says.

    Attributes:
        multiplies_bfloat16: Whether the processor has instructions for it, which torch's convolutions use.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        loaded = ctypes.CDLL(path)
        self._functions = {}
        for name, signature in _SIGNATURES.items():
            for symbol in (
                [f"soat_{name}"] if name == "upsample_rgb" else [f"soat_{name}_{s}" for s in SUFFIXES.values()]
            ):
                function = getattr(loaded, symbol)
                function.argtypes, function.restype = signature, None
                self._functions[symbol] = function
        self.multiplies_bfloat16 = bool(loaded.soat_multiplies_bfloat16())

    def call(self, name: str, dtype: torch.dtype | None, *arguments: torch.Tensor | float | None) -> None:
        """Run an operator with torch's number of threads; a tensor is handed on as the address of its values."""
        values = [each.data_ptr() if isinstance(each, torch.Tensor) else each for each in arguments]
        symbol = f"soat_{name}" if dtype is None else f"soat_{name}_{SUFFIXES[dtype]}"
        self._functions[symbol](*values, torch.get_num_threads())


_lock = threading.Lock()
_tried = False
_library: Library | None = None
_reason = ""


def library() -> Library | None:
    """The native operators, built and loaded at the first call; None, and one line in the log, where that fails."""
    global _tried, _library, _reason
    if _tried:
        return _library
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


def status() -> str:
    """Which operators are in use, and why, for people; builds them if that is still to be done."""
    native = library()
    lines = [f"{name}: {'native' if native else 'reference'}" for name in _SIGNATURES]
    return "\n".join([*lines, f"({_reason})"])


def suits(*tensors: torch.Tensor) -> bool:
    """Whether native operators can take such tensors."""
    return all(each.device.type == "cpu" and each.dtype in SUFFIXES for each in tensors)


def wants_gradient(*tensors: torch.Tensor | None) -> bool:
    """Whether autograd follows what is made of these."""
    return torch.is_grad_enabled() and any(each is not None and each.requires_grad for each in tensors)


def empty_map(like: torch.Tensor, height: int, width: int) -> torch.Tensor:
    """A map of the batch, channels and type of another, not filled, channels-last on the CPU."""
    shape = (like.shape[0], like.shape[1], height, width)
    return torch.empty(shape, dtype=like.dtype, memory_format=torch.channels_last)
