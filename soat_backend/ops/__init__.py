"""The few tensor operators a StyleGAN2 layer is made of.

Each has its reference formulation in plain PyTorch here, which any device and gradients of any order can use, and most
have a native one (`native/`), which the CPU uses where it was built. Both are the same map.
"""

from .finish import finish
from .kernels import Kernels
from .modulation import convolve, convolve_doubled, convolve_in_phases, demodulation, tamed
from .rgb import to_rgb, upsample_rgb
from .whole_layer import is_whole_layer, whole_layer
from .window import scaled_window
from .winograd import pays, winograd_layer, winograd_phases

__all__ = [
    "Kernels",
    "convolve",
    "convolve_doubled",
    "convolve_in_phases",
    "demodulation",
    "finish",
    "is_whole_layer",
    "pays",
    "scaled_window",
    "tamed",
    "to_rgb",
    "upsample_rgb",
    "whole_layer",
    "winograd_layer",
    "winograd_phases",
]
