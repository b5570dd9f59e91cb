"""The few tensor operators a StyleGAN2 layer is made of, as reference formulations in plain PyTorch.

All of them work on a *window*: a rectangle of the canvas with whatever halo the caller read around it. None knows of
borders: what lies outside the canvas (zeros, or the other side of a canvas that wraps) is already in the halo.
"""

from .activate import activate
from .modulated_conv import modulated_conv
from .resample import upsample_rgb

__all__ = ["activate", "modulated_conv", "upsample_rgb"]
