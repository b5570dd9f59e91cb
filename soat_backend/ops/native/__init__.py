"""The operators in C++, where a compiler is at hand; each source beside what calls it.

Built at the first use, never at import, and kept by a digest of the sources, the compiler and the processor. Without
them everything runs on `ops/reference.py`, only slower. What each operator takes and gives is said in
`ops/dispatch.py`, which also chooses between the two; here they take what `dispatch.native_supports` says.
"""

from .binding import SUFFIXES as DTYPES
from .binding import Library, library, status
from .demodulated_convolution import demodulated_convolution, demodulated_convolution_with_gradient
from .filtered_leaky_relu import filtered_leaky_relu, filtered_leaky_relu_with_gradient
from .finish import blur, finish, finish_with_gradient
from .rgb import COLOURS, to_rgb, upsample_rgb
from .styled_convolution import styled_convolution, styled_convolution_with_gradient
from .window import scaled_window
from .winograd import convolution_in_phases

__all__ = [
    "COLOURS",
    "DTYPES",
    "Library",
    "blur",
    "convolution_in_phases",
    "demodulated_convolution",
    "demodulated_convolution_with_gradient",
    "filtered_leaky_relu",
    "filtered_leaky_relu_with_gradient",
    "finish",
    "finish_with_gradient",
    "library",
    "scaled_window",
    "status",
    "styled_convolution",
    "styled_convolution_with_gradient",
    "to_rgb",
    "upsample_rgb",
]
