"""The forms of a layer's weight that the ways to convolve with it take."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property

import torch
import torch.nn.functional as F

from ..support import runtime

# Numbers that a 3x3 kernel becomes, of F(4 x 4, 3 x 3) and of a transposed convolution of stride 2.
POINTS, DOUBLING_POINTS = 36, 49
# With infinity, the points of F(4 x 4, 3 x 3). Rounding errors are half those of the usual 0, +-1, +-2: not twice a
# direct convolution's.
WINOGRAD_POINTS = (0.0, math.sqrt(0.5), -math.sqrt(0.5), math.sqrt(2.0), -math.sqrt(2.0))
_GROUP = 16


class Kernels:
    """A layer's weight in the forms its convolution takes, each made when it is first asked for and then kept.

    Of a weight that wants no gradient they are ordinary tensors even if made in inference mode: what is kept may later
    be part of a calculation that wants gradients of other things.

    Args:
        weight: `[C_out, C_in, 3, 3]`. Of other kernels, 1x1, there are only `power` and `whole`.

    Attributes:
        weight: The same.
        out_channels: C_out.
    """

    def __init__(self, weight: torch.Tensor) -> None:
        self.weight = weight
        self.out_channels = len(weight)
        self._whole: dict[torch.dtype, torch.Tensor] = {}
        self._phases: dict[torch.dtype, tuple[torch.Tensor, ...]] = {}

    def __deepcopy__(self, memo: object) -> Kernels:
        """Itself: what is kept belongs to a weight's values, and is several times their size."""
        return self

    def __reduce__(self) -> tuple[type[Kernels], tuple[torch.Tensor]]:
        """Pickles are of the weight alone: all else is made again when it is asked for."""
        return type(self), (self.weight,)

    @cached_property
    def power(self) -> torch.Tensor:
        """The sum of the squares of each kernel, `[C_out, C_in]` float32."""
        with self._ordinary():
            return self.weight.float().square().sum(dim=(2, 3))

    def whole(self, dtype: torch.dtype) -> torch.Tensor:
        """The weight in a type, laid out as the maps are."""
        if dtype not in self._whole:
            with self._ordinary():
                self._whole[dtype] = self.weight.to(dtype, memory_format=runtime.MAP_LAYOUT)
        return self._whole[dtype]

    def phases(self, dtype: torch.dtype) -> tuple[torch.Tensor, ...]:
        """What a transposed convolution of stride 2 does to even and odd rows and columns.

        Four kernels of 1x1, 1x2, 2x1 and 2x2: even rows and columns, even rows and odd columns, odd and even, odd and
        odd. Together they have the weight's nine numbers, so four convolutions cost what the one does in theory.
        """
        if dtype not in self._phases:
            taps = {0: slice(1, 2), 1: slice(0, 3, 2)}
            with self._ordinary():
                weight = self.weight.to(dtype)
                self._phases[dtype] = tuple(
                    weight[:, :, taps[row], taps[column]].flip(2, 3).contiguous(memory_format=torch.channels_last)
                    for row in (0, 1)
                    for column in (0, 1)
                )
        return self._phases[dtype]

    @cached_property
    def winograd(self) -> torch.Tensor:
        """The weight at Winograd's points: `at_winograd_points`. Four times the weight's own memory."""
        with self._ordinary():
            return at_winograd_points(self.weight)

    @cached_property
    def winograd_transposed(self) -> torch.Tensor:
        """At Winograd's points too, the weight that takes a convolution's gradient back to what went in."""
        with self._ordinary():
            return at_winograd_points(self.weight.flip(2, 3).transpose(0, 1))

    @cached_property
    def winograd_doubling(self) -> torch.Tensor:
        """The weight at the points of a doubling layer: `at_doubling_points`. 5.4 times the weight's own memory."""
        with self._ordinary():
            return at_doubling_points(self.weight)

    def _ordinary(self) -> AbstractContextManager[object]:
        return nullcontext() if self.weight.requires_grad else torch.inference_mode(False)


def kept_bytes(weight: torch.Tensor, device_type: str, dtype: torch.dtype, *, doubled: bool) -> int:
    """At most what a layer keeps beside its weight in the form that inference takes.

    Args:
        weight: `[C_out, C_in, 3, 3]`.
        device_type: Of the device it runs on: the CPU keeps it at Winograd's points, others in the maps' type.
        dtype: Of the maps.
        doubled: Whether the layer doubles the size.
    """
    if device_type != "cpu":
        return weight.numel() * dtype.itemsize
    return weight.numel() // 9 * (DOUBLING_POINTS if doubled else POINTS) * 4


def at_winograd_points(weight: torch.Tensor) -> torch.Tensor:
    """A weight `[C_out, C_in, 3, 3]` at the 36 points of F(4 x 4, 3 x 3), in groups of 16 output channels.

    Returns:
        `[36, ceil(C_out / 16), C_in, 16]` float32, zeros for channels that aren't.
    """
    return _at_points(weight, toom_cook(WINOGRAD_POINTS, 3))


def at_doubling_points(weight: torch.Tensor) -> torch.Tensor:
    """The same at the 49 points of a transposed convolution of stride 2, `[49, ceil(C_out / 16), C_in, 16]`.

    In each direction odd results have two taps, F(3, 2) at the points 0, 1, -1, infinity; even ones have one, and three
    values take the place of points.
    """
    matrix = torch.zeros(7, 3, dtype=torch.float64, device="cpu")
    # Taps as in `phases`: what comes before an odd place meets the last tap.
    matrix[:4, [2, 0]] = toom_cook((0.0, 1.0, -1.0), 2)
    matrix[4:, 1] = 1.0
    return _at_points(weight, matrix)


def toom_cook(points: tuple[float, ...], taps: int) -> torch.Tensor:
    """What moves a kernel's values in one direction to points and infinity, `[points + 1, taps]` float64."""
    rows = [
        [point**k / math.prod(point - other for other in points if other != point) for k in range(taps)]
        for point in points
    ]
    return torch.tensor([*rows, [0.0] * (taps - 1) + [1.0]], dtype=torch.float64, device="cpu")


def _at_points(weight: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    # Made on the CPU, and rounded there: not every device has float64.
    both_directions = torch.kron(matrix, matrix).float().to(weight.device)
    padded = F.pad(weight.float().flatten(2), (0, 0, 0, 0, 0, -len(weight) % _GROUP))
    grouped = padded.unflatten(0, (-1, _GROUP)).permute(3, 0, 2, 1)
    return (both_directions @ grouped.flatten(1)).unflatten(1, grouped.shape[1:])
