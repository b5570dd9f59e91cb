"""Native operators: the passes over memory around the convolutions in C++, where a compiler is at hand.

Built at the first use, never at import, and kept by a digest of the sources, the compiler and the processor. Without
them everything runs on the reference formulations in `ops/`, only slower.
"""

from .binding import Library, library, status

__all__ = ["Library", "library", "status"]
