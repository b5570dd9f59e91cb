"""Pictures moved by an affine map, between an upsampling and a downsampling by the wavelet sym6.

Source: Karras et al. 2020, appendix B. A picture that isn't moved is what it was, since the two are each other's
inverse. Deviation: beyond its edges a picture goes on mirrored without end, where theirs ends after a width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from .geometry import mirrored_places

# The scaling function of Daubechies' symlet of 6 vanishing moments; the sum is sqrt 2.
SYM6 = (
    0.015404109327027373, 0.0034907120842174702, -0.11799011114819057, -0.048311742585633, 0.4910559419267466,
    0.787641141030194, 0.3379294217276218, -0.07263752278646252, -0.021060292512300564, 0.04472490177066578,
    0.0017677118642428036, -0.007800708325034148,
)  # fmt: skip
# Samples of twice the rate that a result reads before its own first one.
_BEFORE = len(SYM6) // 2 - 1
# Pixels of mirrored border, of which the wavelet needs 3 for every sample; the rest are room for interpolation.
_BORDER = 8


def move(images: torch.Tensor, backwards: torch.Tensor) -> torch.Tensor:
    """Move, turn and scale each picture about its middle.

    Args:
        images: `[B, C, H, H]`, H at least 8.
        backwards: `[B, 2, 3]`, from each place of the result to where it comes from, as of `Geometry.backwards`.

    Returns:
        `[B, C, H, H]`, differentiable once.
    """
    side = images.shape[2]
    fine = _twice(_mirrored(images, _BORDER))
    from_x, from_y = _comes_from(_places(side, images), backwards.to(images), side)
    # From pixels to samples of the fine map, and to grid_sample's -1..1 over all of it.
    length = fine.shape[2]
    grid = torch.stack((from_x, from_y), -1)
    grid = (grid + _BORDER + 0.5) * (4.0 / length) - 1.0
    moved = F.grid_sample(fine, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return _halved(moved)


def _mirrored(images: torch.Tensor, border: int) -> torch.Tensor:
    """Pictures with a border in which the edge pixels come twice."""
    side = images.shape[2]
    order = mirrored_places(torch.arange(-border, side + border, device=images.device), side)
    return images[:, :, order][:, :, :, order]


def _kernel(images: torch.Tensor, horizontal: bool) -> torch.Tensor:
    taps = torch.tensor(SYM6, dtype=images.dtype, device=images.device)
    taps = taps[None, :] if horizontal else taps[:, None]
    return taps.expand(images.shape[1], 1, *taps.shape)


def _twice(images: torch.Tensor) -> torch.Tensor:
    """Twice the rate: `[B, C, h, w]` to `[B, C, 2 h, 2 w]`; samples 2 k and 2 k + 1 lie in pixel k."""
    channels = images.shape[1]
    # Both directions' sqrt 2 is the filter's gain; a sample at either end lacks what lies beyond, which is border.
    cut = _BEFORE
    x = F.conv_transpose2d(images, _kernel(images, True) * 2**0.5, stride=(1, 2), padding=(0, cut), groups=channels)
    return F.conv_transpose2d(x, _kernel(images, False) * 2**0.5, stride=(2, 1), padding=(cut, 0), groups=channels)


def _halved(fine: torch.Tensor) -> torch.Tensor:
    """The inverse, of a map with `_BEFORE` samples more before and after it: `[B, C, 2 h + 10, ...]` to h."""
    channels = fine.shape[1]
    x = F.conv2d(fine, _kernel(fine, True) * 0.5**0.5, stride=(1, 2), groups=channels)
    return F.conv2d(x, _kernel(fine, False) * 0.5**0.5, stride=(2, 1), groups=channels)


def _places(side: int, images: torch.Tensor) -> torch.Tensor:
    """Of the fine samples that a result is made of, in pixels from the picture's middle."""
    samples = torch.arange(-_BEFORE, 2 * side + _BEFORE, dtype=images.dtype, device=images.device)
    return (samples + 0.5) / 2.0 - side / 2.0


def _comes_from(places: torch.Tensor, backwards: torch.Tensor, side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Where samples come from, `[B, n, n]` of x and of y, in pixels, 0 the first one's middle."""
    x, y = places[None, None, :], places[None, :, None]
    found = [
        row[:, 0, None, None] * x + row[:, 1, None, None] * y + row[:, 2, None, None] for row in backwards.unbind(1)
    ]
    return _folded(found[0] + side / 2.0 - 0.5, side), _folded(found[1] + side / 2.0 - 0.5, side)


def _folded(place: torch.Tensor, side: int) -> torch.Tensor:
    """Into the picture and the first 4 pixels of its border: what lies beyond is what a mirror shows there."""
    beyond = (place < -4.5) | (place > side + 3.5)
    distance = torch.remainder(place + 0.5, 2.0 * side)
    return torch.where(beyond, torch.minimum(distance, 2.0 * side - distance) - 0.5, place)
