"""What every generator is, whatever its architecture: the contract between weights and the loop that runs them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any, Protocol

import torch
from torch import nn

from ..geometry.canvas import Canvas, Window
from ..geometry.frame import Places
from ..support.runtime import exact
from .fingerprint import fingerprint
from .layers import Layer, LayerTable


class LayerModule(Protocol):
    """A layer that makes the next feature map: its weights, and how they are run.

    Attributes:
        affine: From w to its style.
        out_channels: Of its output.
    """

    affine: nn.Module
    out_channels: int

    def __call__(
        self, x: torch.Tensor, canvas: Canvas, window: Window, style: torch.Tensor, field: torch.Tensor | Places | None
    ) -> torch.Tensor:
        """Run the layer on a window of the canvas.

        Args:
            x: All of the canvas at its input, `[B, C_in, H, W]`.
            canvas: What x covers.
            window: What to make, of the canvas at its output.
            style: `[B or 1, C_in]`, its affine's output.
            field: What is known of the window's places: noise `[B or 1, 1, h, w]` of its size, where they lie in the
                picture if the layer is made of that, or None.

        Returns:
            `[B, C_out, h, w]` of x's type.
        """

    def flops(self, pixels: float) -> float:
        """Floating-point operations for so many samples of the layer's output."""

    def kernel_bytes(self, device_type: str, dtype: torch.dtype) -> int:
        """The most memory that the layer keeps besides its weights on a device: them as its convolution takes them."""


class Generator(nn.Module, ABC):
    """A generator: configuration, mapping and synthesis weights.

    Attributes:
        config: Its shape.
        dtype: Type of the activations while it runs; styles, demodulation and RGB are float32 whatever this is.
        allow_tf32: Whether CUDA may use TF32 where the type is float32: faster, about as coarse as half precision.
        name: What to call it in messages, e.g. the checkpoint's file name.
        mapping: From z to w; has the mean of w as `w_avg`.
        unbounded: Whether a synthesis can begin on a canvas of any size, and its first layer is one of places.
        architecture: What kind of generator it is, in words; only generators of one kind are mixed.
        img_channels: Of its pictures: 1 grey, 3 RGB, 4 RGBA.
        picture: Height and width of its picture, in lengths as of `Layer`.
        provenance: Where it comes from, as far as that is known; see `provenance.py`.
    """

    config: Any
    dtype: torch.dtype
    mapping: Any
    unbounded: bool = False
    architecture: str
    img_channels: int = 3
    picture: tuple[float, float] = (1.0, 1.0)

    def __init__(self, config: Any, name: str, dtype: torch.dtype) -> None:
        super().__init__()
        self.config = config
        self.name = name
        self.dtype = dtype
        self.allow_tf32 = False
        self.provenance: dict[str, Any] = {}

    @property
    def device(self) -> torch.device:
        """The device that the weights are on."""
        return self.mapping.w_avg.device

    @property
    @abstractmethod
    def layers(self) -> LayerTable:
        """The table of the generator's layers."""

    @property
    def img_size(self) -> tuple[int, int]:
        """Height and width of its picture, in pixels."""
        height, width = (self.layers.last.samples(length) for length in self.picture)
        return height, width

    @abstractmethod
    def module(self, layer: Layer) -> Any:
        """The weights of a layer: a LayerModule, or of one that only makes colours, what makes them."""

    @abstractmethod
    def begin(self, batch: int, canvas: Canvas | None = None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """The state before the first layer: activation `[B, C, H, W]`, and the colours so far, float32, if any.

        Args:
            batch: How many pictures.
            canvas: At `layers.start`; another than a plain picture's (None) only if the generator is unbounded.
        """

    @abstractmethod
    def tile_halo(self, layer: Layer) -> int:
        """Samples that a tile's edge can spoil up to the picture, at the layer where a canvas is cut into tiles."""

    def to_picture(self, activation: torch.Tensor) -> torch.Tensor:
        """The picture `[B, img_channels, H, W]` float32, of the last activation of a generator without an RGB skip."""
        return activation.float()

    @property
    def style_widths(self) -> list[int]:
        """How many style channels each layer has, C_in, in S order."""
        return [self.module(layer).affine.weight.shape[0] for layer in self.layers]

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the mapping and the affine layers; generators that share it share style space."""
        return fingerprint(self)

    def styles(self, w_rows: torch.Tensor) -> list[torch.Tensor]:
        """Style space: the rows of w through their affines, `[B, C_in]` float32 each, in S order.

        Args:
            w_rows: w_plus `[B, num_ws, w_dim]`, or `[B, layers, w_dim]` with a row for each style layer.
        """
        by_layer = w_rows.shape[1] == len(self.layers)
        with exact(w_rows.device):
            return [
                self.module(layer).affine(w_rows[:, layer.style_index if by_layer else layer.w_index])
                for layer in self.layers
            ]
