"""The few tensor operators a layer is made of. They know windows and weights, and no generator.

    dispatch.py       what others call: each operator, and which implementation a call takes
    reference.py      each in plain PyTorch: for any device and type, with gradients of any order
    native/           each in C++ for the CPU, with the gradients' formulas; beside each source, what calls it
    conditions.py     what that goes by
    kernels.py        the forms that a layer's weight takes
    modulation.py, convolution.py, filters.py, resampling.py    what implementations share

An operator's implementations are the same map, with the same arguments. `tests/backend/operators.py` lists them all.
"""

from .convolution import convolve_points
from .dispatch import (
    demodulated_convolution,
    filtered_leaky_relu,
    finish,
    modulated_convolution,
    scaled_window,
    styled_convolution,
    to_rgb,
    upsample_rgb,
)
from .kernels import Kernels
from .modulation import demodulation, normalise_style_fp16
from .reference import LRELU_GAIN, LRELU_SLOPE
from .resampling import Padding, RateError, Rates

__all__ = [
    "LRELU_GAIN",
    "LRELU_SLOPE",
    "Kernels",
    "Padding",
    "RateError",
    "Rates",
    "convolve_points",
    "demodulated_convolution",
    "demodulation",
    "filtered_leaky_relu",
    "finish",
    "modulated_convolution",
    "normalise_style_fp16",
    "scaled_window",
    "styled_convolution",
    "to_rgb",
    "upsample_rgb",
]
