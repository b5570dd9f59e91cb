"""What a synthesis needs to know of a generator's layers, whatever its architecture."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..geometry.canvas import Canvas
from ..support.errors import SoatError


@dataclass(frozen=True)
class Layer:
    """One layer that has a style: a convolution, after which there is a feature map, or one that only makes colours.

    At a layer, a canvas of some length has `length * sampling_rate` samples, and a margin beyond each end that doesn't
    wrap. A generator's own picture is 1 x 1 in this unit, unless its `picture` says otherwise.

    Attributes:
        name: As its inventors call it, e.g. `b64.conv1`.
        style_index: Index in style space S, all layers in order; -1 where a synthesis begins.
        w_index: Index of the w in w_plus that drives its affine.
        sampling_rate: Samples along a length of 1 at its output.
        growth: How many times the rate of its input that is.
        margin: Samples at its output beyond each end of the canvas.
        has_noise: Whether noise is added in it.
        of_places: Whether it is made of where its samples lie in the picture, and of no map before it.
        has_features: Whether it leads on. If not, it adds colours to the RGB skip of the layer before it.
        torgb: The layer that makes colours of its output for the RGB skip; None where none hangs on it.
    """

    name: str
    style_index: int
    w_index: int
    sampling_rate: int
    growth: int = 1
    margin: int = 0
    has_noise: bool = True
    of_places: bool = False
    has_features: bool = True
    torgb: Layer | None = None

    def samples(self, length: float, wraps: bool = False) -> int:
        """The number of samples at this layer's output along an axis of a canvas of such a length."""
        return round(length * self.sampling_rate) + (0 if wraps else 2 * self.margin)

    def length(self, samples: int, wraps: bool = False) -> float:
        """The length of a canvas's axis that has so many samples at this layer's output."""
        return (samples - (0 if wraps else 2 * self.margin)) / self.sampling_rate

    def margins(self, canvas: Canvas) -> tuple[int, int]:
        """Samples at this layer's output beyond each end of a canvas: above and below, and left and right."""
        return (0 if canvas.wrap_y else self.margin), (0 if canvas.wrap_x else self.margin)

    def inner(self, canvas: Canvas) -> Canvas:
        """A canvas at this layer's output without its margin."""
        above, left = self.margins(canvas)
        return Canvas(canvas.height - 2 * above, canvas.width - 2 * left, canvas.wrap_y, canvas.wrap_x)

    def canvas_after(self, canvas: Canvas, before: Layer) -> Canvas:
        """The canvas at this layer's output, from that at an earlier layer's output.

        Args:
            canvas: At the output of an earlier layer.
            before: That layer.
        """
        height = self.samples(before.length(canvas.height, canvas.wrap_y), canvas.wrap_y)
        width = self.samples(before.length(canvas.width, canvas.wrap_x), canvas.wrap_x)
        return Canvas(height, width, canvas.wrap_y, canvas.wrap_x)


class LayerTable(ABC):
    """The layers of a generator, and what is asked of them by name.

    Attributes:
        start: What stands for the state before the first layer.
        layers: All layers that have a style, in the order of style space S.
        num_ws: Rows of w_plus.
        by_number: Whether layers are called by numbers, from the input on, and not by resolutions.
    """

    by_number: bool = False

    def __init__(self, start: Layer, layers: tuple[Layer, ...], num_ws: int) -> None:
        self.start, self.layers, self.num_ws = start, layers, num_ws
        self.with_features = tuple(layer for layer in layers if layer.has_features)
        following = [*self.with_features[1:], None]
        self.block_ends = tuple(
            layer
            for layer, after in zip(self.with_features, following, strict=True)
            if after is None or after.sampling_rate != layer.sampling_rate
        )
        """The last feature map of each sampling rate."""

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.layers)

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, style_index: int) -> Layer:
        return self.layers[style_index]

    @property
    def last(self) -> Layer:
        """The last layer after which there is a feature map."""
        return self.with_features[-1]

    def between(self, after: Layer, until: Layer | None = None) -> list[Layer]:
        """The layers that lead from the feature map after one layer to that after a later one, or to the picture."""
        last = until.style_index if until else len(self.layers)
        return [layer for layer in self.with_features if after.style_index < layer.style_index <= last]

    def find(self, name: str, *, with_features: bool = False) -> Layer:
        """Look a layer up by name; names that other generators have may stand for one of these.

        Args:
            name: As its inventors call it.
            with_features: Whether only layers count after which a feature map can be taken.

        Raises:
            SoatError: There is no such layer.
        """
        layers = self.with_features if with_features else self.layers
        found = next((layer for layer in layers if layer.name == name), None) or self.stand_in(name, layers)
        if found is None:
            what = "convolution" if with_features else "layer"
            raise SoatError(
                f"There is no {what} named {name!r}. Choose one of {layers[0].name} ... {layers[-1].name}.", name=name
            )
        return found

    @abstractmethod
    def stand_in(self, name: str, layers: tuple[Layer, ...]) -> Layer | None:
        """The layer that is meant by a name that none of `layers` has; None if the name says nothing."""

    def description(self) -> dict[str, Any]:
        """What a file keeps beside the resolution, for `described_by` to give this table again; JSON can hold it.

        Nothing of the usual layers, which their resolution tells (`known_layers.usual_layers`).
        """
        return {}

    @classmethod
    def described_by(cls, description: Mapping[str, Any], img_resolution: int) -> LayerTable | None:
        """The table that `description` describes; None if that says nothing of this kind of table.

        Raises:
            ValueError: It contradicts itself.
            SoatError: There is no such resolution.
        """
        return None

    def range(self, first_layer: str, last_layer: str) -> tuple[int, int]:
        """Style indices of an inclusive range of layers.

        Raises:
            SoatError: The range is empty, or a name says nothing.
        """
        first, last = (self.find(name).style_index for name in (first_layer, last_layer))
        if first > last:
            raise SoatError(
                f"first_layer {first_layer} comes after last_layer {last_layer}, so the range is empty. Swap them."
            )
        return first, last
