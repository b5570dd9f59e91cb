"""FeatureMap: a synthesis stopped after a layer, with all that is needed to go on. What SOAT_FEATURES wires carry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch

from ..generators import Generator
from ..generators.layers import Layer
from ..geometry.canvas import Canvas
from ..geometry.frame import Frame
from .noise import NoiseField
from .weights import Grid, Item, One, Weight


@dataclass(frozen=True, eq=False)
class Branch:
    """One way to go on: a generator with the styles and noise it is run with, and how much it counts where.

    Attributes:
        generator: Runs the remaining layers.
        styles: Style space, one `[B or 1, C_in]` float32 per layer of the generator, in S order.
        noise: Its noise, anchored where this branch's own picture lies on the canvas.
        weight: Its share. The weights of all branches of a FeatureMap sum to 1 everywhere.
        frame: How its own picture lies on the canvas, for layers that are made of places.
    """

    generator: Generator
    styles: tuple[torch.Tensor, ...]
    noise: NoiseField
    weight: Weight = One()  # noqa: RUF009 - immutable
    frame: Frame = Frame()  # noqa: RUF009 - immutable

    def moved(self, down: float, right: float) -> Branch:
        """The same after all of it moved on its canvas, in pictures."""
        return replace(self, noise=self.noise.moved(down, right), frame=self.frame.moved(down, right))

    def periodic(self, period_y: float | None, period_x: float | None) -> Branch:
        """The same in a part cut out of a canvas that begins anew after a length in pictures; None: it doesn't."""
        return replace(
            self, noise=self.noise.periodic(period_y, period_x), frame=self.frame.periodic(period_y, period_x)
        )


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """The state of a synthesis that stopped after a layer. Never changed in place.

    Attributes:
        layer: The layer it stopped after; the generator's `layers.start` before the first.
        activation: `[B, C, H, W]`.
        rgb_skip: Colours so far, already upsampled to this resolution, `[B, img_channels, H, W]` float32; None where no
            layer has made any.
        branches: How to go on; at each layer the result is the weighted sum of all branches' results.
        wrap_y: Whether the canvas's top continues at its bottom.
        wrap_x: Whether its left continues at its right.
        torgb_pending: Whether this layer's torgb is still to be added to rgb_skip, so that it sees edits of the
            activation.
        untouched: Whether the activation is what the branches make of this canvas from the beginning, so that it can
            be made anew, on another one.
    """

    layer: Layer
    activation: torch.Tensor
    rgb_skip: torch.Tensor | None
    branches: tuple[Branch, ...]
    wrap_y: bool = False
    wrap_x: bool = False
    torgb_pending: bool = True
    untouched: bool = False

    @property
    def sampling_rate(self) -> int:
        """Samples that a length of 1 has at this layer."""
        return self.layer.sampling_rate

    @property
    def picture(self) -> torch.Tensor:
        """The picture `[B, img_channels, H, W]` float32, of a synthesis that ran to its end."""
        return self.generator.to_picture(self.activation) if self.rgb_skip is None else self.rgb_skip

    @property
    def canvas(self) -> Canvas:
        """The canvas at this layer: its size in samples, margins included, and where it wraps."""
        height, width = self.activation.shape[2:]
        return Canvas(height, width, self.wrap_y, self.wrap_x)

    @property
    def inner(self) -> Canvas:
        """The canvas at this layer without its margins: in pictures, it has the same size at every layer."""
        return self.layer.inner(self.canvas)

    @property
    def grid(self) -> Grid:
        """Where branches' weights are asked for at this layer."""
        return Grid(self.layer, self.inner.height, self.inner.width)

    @property
    def is_of_places(self) -> bool:
        """Whether the map is just what its branches make of the canvas's places, so that these can be changed."""
        return self.generator.unbounded and self.untouched and self.layer.of_places

    @property
    def batch(self) -> int:
        """The number of images in the batch."""
        return self.activation.shape[0]

    @property
    def generator(self) -> Generator:
        """The first branch's generator; all branches share resolution and channels from this layer on."""
        return self.branches[0].generator

    def item(self, index: int) -> FeatureMap:
        """One image of the batch, as a batch of one."""

        def pick(x: torch.Tensor) -> torch.Tensor:
            return x if x.shape[0] == 1 else x[index : index + 1]

        def branch(b: Branch) -> Branch:
            noise = replace(b.noise, seed=b.noise.seed + index) if b.noise.mode == "random" else b.noise
            return replace(b, styles=tuple(map(pick, b.styles)), noise=noise, weight=Item(b.weight, index))

        return self.with_tensors(pick, untouched=self.untouched).with_branches(branch)

    def with_tensors(self, change: Callable[[torch.Tensor], torch.Tensor], *, untouched: bool = False) -> FeatureMap:
        """The same features with `change` applied to the activation, and to the rgb_skip if there is one.

        Args:
            change: Gives the new tensor.
            untouched: As of the result.
        """
        skip = None if self.rgb_skip is None else change(self.rgb_skip)
        return replace(self, activation=change(self.activation), rgb_skip=skip, untouched=untouched)

    def with_branches(self, change: Callable[[Branch], Branch]) -> FeatureMap:
        """The same features with `change` applied to every branch."""
        return replace(self, branches=tuple(change(branch) for branch in self.branches))

    def to(self, device: torch.device | str) -> FeatureMap:
        """The same features with their tensors on another device; the generators stay where they are."""

        def move(branch: Branch) -> Branch:
            return replace(branch, styles=tuple(style.to(device) for style in branch.styles))

        return self.with_tensors(lambda x: x.to(device), untouched=self.untouched).with_branches(move)

    def __str__(self) -> str:
        return f"{self.layer.name} {list(self.activation.shape)}"
