"""What shape a StyleGAN3's input and its layers have: sizes, rates, filters' lengths.

Source: Karras et al. 2021 (StyleGAN3, "Alias-Free GAN"), section 3 and appendix C.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputShape:
    """The Fourier features that a synthesis begins with.

    Attributes:
        channels: How many there are.
        size: Samples along a side, those of the margin included.
        rate: Samples along a picture's side.
        bandwidth: Frequencies up to here, in cycles per picture, are heard in full; they fade out up to half the rate.
    """

    channels: int
    size: int
    rate: int
    bandwidth: float


@dataclass(frozen=True)
class LayerShape:
    """One layer: a convolution, then a leaky ReLU at a higher rate than before and after it, between two filters.

    Attributes:
        in_channels: Of its input.
        out_channels: Of its output.
        kernel: Side of the convolution's kernel.
        in_size: Samples along a side of its input, those of the margin included.
        out_size: The same of its output.
        in_rate: Samples along a picture's side, of its input.
        out_rate: The same of its output.
        inner_rate: The same where its leaky ReLU is.
        up_taps: Length of the filter before the leaky ReLU; 1: there is none.
        down_taps: Length of the filter after it; 1: there is none.
        radial: Whether that one is round, with a value for each pair of offsets, and not the same along each axis.
        clamp: Limit of the values before that filter, or None.
        to_rgb: Whether it makes the picture: without demodulation, leaky ReLU and filters.
    """

    in_channels: int
    out_channels: int
    kernel: int
    in_size: int
    out_size: int
    in_rate: int
    out_rate: int
    inner_rate: int
    up_taps: int
    down_taps: int
    radial: bool = False
    clamp: float | None = None
    to_rgb: bool = False

    @property
    def up(self) -> int:
        """How many times the rate of its input the leaky ReLU has."""
        return self.inner_rate // self.in_rate

    @property
    def down(self) -> int:
        """How many times the rate of its output the leaky ReLU has."""
        return self.inner_rate // self.out_rate

    @property
    def growth(self) -> int:
        """How many times the rate of its input its output has."""
        return self.out_rate // self.in_rate

    @property
    def in_margin(self) -> int:
        """Samples of its input beyond each edge of the picture."""
        return (self.in_size - self.in_rate) // 2

    @property
    def out_margin(self) -> int:
        """Samples of its output beyond each edge of the picture."""
        return (self.out_size - self.out_rate) // 2

    @property
    def padding(self) -> tuple[int, int]:
        """Samples at the inner rate that are added before and after (negative: cut off), the same along both axes."""
        convolved = self.in_size + self.kernel - 1
        total = (self.out_size - 1) * self.down + 1 - convolved * self.up + self.up_taps + self.down_taps - 2
        before = (total + self.up) // 2
        return before, total - before

    @property
    def reach(self) -> int:
        """Samples of its input, beyond those that lie under a window of its output, that the window depends on."""
        inner = -(-(self.up_taps + self.down_taps) // 2)
        return -(-inner // self.up) + self.kernel
