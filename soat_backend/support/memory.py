"""The process's memory, for processes that are ours alone."""

from __future__ import annotations

import ctypes
import sys

# <malloc.h>
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_KEEP_BYTES = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tell glibc's malloc not to return large blocks to the system, which would be asked back at once.

    Every layer, and every step of a training or an inversion, allocates and frees the same hundreds of megabytes;
    without this, each comes as new pages that the kernel has to clear first. It is for processes of our own: how much
    memory ComfyUI keeps is its own business. Returns whether it applied: there is nothing to do elsewhere than under
    glibc.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _KEEP_BYTES)) and bool(mallopt(_M_TRIM_THRESHOLD, _KEEP_BYTES))
