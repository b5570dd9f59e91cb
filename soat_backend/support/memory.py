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


class _MallInfo(ctypes.Structure):
    """Source: `struct mallinfo2` of <malloc.h>."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    )


# What malloc has kept free in all, when it last gave back.
_free_before = 0
_LET_GROW = 128 << 20


def give_back_freed_memory() -> bool:
    """Return memory to the system that lies free between blocks in use, once there is much more of it than before.

    Whoever keeps a small map of each of many frames, and frees a layer's weights of megabytes in between, finds each
    map at the beginning of the last frame's hole, so that no hole is large enough for the next weights: a film's memory
    grows by those of all its frames. What is in the holes can be given back, under glibc; elsewhere there is nothing
    to do. Returns whether it was done.
    """
    global _free_before
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None)
    if not (hasattr(libc, "mallinfo2") and hasattr(libc, "malloc_trim")):
        return False
    libc.mallinfo2.restype = _MallInfo
    free = libc.mallinfo2().fordblks
    # Holes count as free after they were given back, too.
    if free - _free_before <= _LET_GROW:
        _free_before = min(free, _free_before)
        return False
    libc.malloc_trim(ctypes.c_size_t(0))
    _free_before = free
    return True
