"""Feature maps as pictures to look at: principal colours, energy, channels, shares of branches, the RGB so far."""

from __future__ import annotations

import math

import torch

from ..generators.layers import Layer
from ..support.errors import SoatError, require_between, require_choice
from ..support.runtime import ON_CPU
from .colours import as_rgb
from .feature_map import FeatureMap
from .loop import resolve_torgb
from .weights import with_margins

VIEWS = ("principal_colours", "energy", "channels", "shares", "rgb_so_far")
MAX_CHANNELS = 256
# Directions are found from at most so many places of a map; more would show the same.
_PLACES = 1 << 12
_TINY = 1e-30
# What is cut off at both ends before values become colours, so that a few outliers don't turn the rest grey.
_OUTLIERS = 0.01
_SHARE_COLOURS = ((0.90, 0.35, 0.25), (0.25, 0.55, 0.90), (0.95, 0.80, 0.30), (0.35, 0.75, 0.45), (0.70, 0.45, 0.85))


def view_features(features: FeatureMap, view: str, channel_count: int = 16) -> torch.Tensor:
    """A feature map as a picture to look at, in one of VIEWS.

    Args:
        features: What to look at; on the device of its generators.
        view: Which.
        channel_count: How many the view `channels` shows, in [1, MAX_CHANNELS].

    Returns:
        `[B, 3, h, w]` float32 in [0, 1] at the layer's own size; `channels` lays its maps out as a square sheet.

    Raises:
        SoatError: An unknown view, or too many channels.
    """
    require_choice("view", view, VIEWS)
    require_between("channel_count", channel_count, 1, MAX_CHANNELS)
    if view == "rgb_so_far":
        return rgb_so_far(features)
    if view == "shares":
        return shares(features)
    if view == "energy":
        return _to_unit(energy_map(features.activation), low=0.0).expand(-1, 3, -1, -1)
    if view == "channels":
        return channel_sheet(features.activation, strongest_channels(features.activation, channel_count))
    return principal_colours(features.activation)


def principal_colours(activation: torch.Tensor) -> torch.Tensor:
    """The three directions in which a map's channels vary most, as red, green and blue.

    Places of like content have like colours, over all of the batch (Source: Collins et al. 2020, "Editing in Style",
    section 3, sees parts of a face so by clustering; principal components need no number of clusters).

    Args:
        activation: `[B, C, h, w]`.

    Returns:
        `[B, 3, h, w]` float32 in [0, 1]; channels that no map fills are grey.
    """
    batch, count, height, width = activation.shape
    vectors = activation.detach().float().permute(0, 2, 3, 1).reshape(-1, count)
    vectors = vectors - vectors.mean(0)
    some = vectors[:: max(1, math.ceil(len(vectors) / _PLACES))]
    directions = _principal_directions(some.cpu())
    # Either sign is right: take the one that makes the largest part positive, so that colours don't flip by chance.
    largest = directions.gather(0, directions.abs().argmax(0, keepdim=True))
    projected = vectors @ (directions * largest.sign()).to(vectors.device)
    colours = torch.full((batch, 3, height, width), 0.5, dtype=vectors.dtype, device=vectors.device)
    parts = projected.shape[1]
    colours[:, :parts] = projected.reshape(batch, height, width, parts).permute(0, 3, 1, 2)
    return torch.cat([_to_unit(part) if index < parts else part for index, part in enumerate(colours.split(1, 1))], 1)


def _principal_directions(vectors: torch.Tensor) -> torch.Tensor:
    """The three directions in which vectors `[N, C]` around 0 vary most, `[C, 3 at most]`, of length 1.

    On the CPU: not every device has this decomposition, and the matrix is small. Of few vectors the one that says how
    like they are to each other is smaller still, and has the same directions.
    """
    if len(vectors) >= vectors.shape[1]:
        return torch.linalg.eigh(vectors.T @ vectors)[1].flip(1)[:, :3]
    shares = torch.linalg.eigh(vectors @ vectors.T)[1].flip(1)[:, :3]
    directions = vectors.T @ shares
    return directions / directions.norm(dim=0).clamp_min(_TINY)


def energy_map(activation: torch.Tensor) -> torch.Tensor:
    """Root mean square over the channels at each place, `[B, 1, h, w]` float32."""
    return activation.detach().float().square().mean(1, keepdim=True).sqrt()


def energy(activation: torch.Tensor) -> float:
    """The root mean square of all values of a map."""
    return float(_energy(activation))


def _energy(activation: torch.Tensor) -> torch.Tensor:
    return activation.detach().float().square().mean().sqrt()


def strongest_channels(activation: torch.Tensor, count: int) -> list[int]:
    """The channels that vary most over the canvas, the strongest first; of a batch by the mean of its pictures."""
    spread = activation.detach().float().var((2, 3), unbiased=False).mean(0)
    return torch.argsort(spread, descending=True, stable=True)[:count].tolist()


def channel_sheet(activation: torch.Tensor, channels: list[int]) -> torch.Tensor:
    """Channels as grey maps, row by row in as square a sheet as holds them; each by its own range over the batch."""
    batch, _, height, width = activation.shape
    columns = math.ceil(math.sqrt(len(channels)))
    rows = math.ceil(len(channels) / columns)
    sheet = torch.zeros(batch, 1, rows * height, columns * width, **ON_CPU)
    for place, channel in enumerate(channels):
        top, left = place // columns * height, place % columns * width
        own = activation[:, channel : channel + 1].detach().float().cpu()
        sheet[:, :, top : top + height, left : left + width] = _to_unit(own)
    return sheet.expand(-1, 3, -1, -1)


def shares(features: FeatureMap) -> torch.Tensor:
    """How much each branch counts where, at the features' layer: a colour for each, mixed by the branches' weights."""
    canvas = features.canvas
    picture = torch.zeros(features.batch, 3, canvas.height, canvas.width, **ON_CPU)
    for index, branch in enumerate(features.branches):
        colour = torch.tensor(_SHARE_COLOURS[index % len(_SHARE_COLOURS)], **ON_CPU).view(1, 3, 1, 1)
        picture = picture + with_margins(branch.weight.at(features.grid), *features.layer.margins(canvas)) * colour
    return picture.clamp(0.0, 1.0)


def rgb_so_far(features: FeatureMap) -> torch.Tensor:
    """What the torgbs up to the features' layer make: the picture at the layer's resolution, coarse and often pale.

    Of a generator whose last layer alone makes colours it is grey before that.
    """
    made = resolve_torgb(features)
    if not _has_colours(made):
        canvas = made.canvas
        return torch.full((made.batch, 3, canvas.height, canvas.width), 0.5, **ON_CPU)
    return ((as_rgb(made.picture).detach().float() + 1.0) / 2.0).clamp(0.0, 1.0)


def _has_colours(features: FeatureMap) -> bool:
    """Whether a layer has made colours, now that no torgb is pending."""
    return features.rgb_skip is not None or features.layer == features.generator.layers.last


def describe_features(features: FeatureMap, channel_count: int = 16) -> str:
    """What a feature map is, for people: layer, sizes, branches, energy, strongest channels."""
    batch, count, height, width = features.activation.shape
    inner = features.inner
    wraps = [name for name, on in (("horizontally", features.wrap_x), ("vertically", features.wrap_y)) if on]
    return "\n".join(
        [
            f"layer: {features.layer.name}, {count} channels, {width} x {height} pixels, batch of {batch}",
            f"picture: {inner.width * _growth(features)} x {inner.height * _growth(features)} pixels"
            + (f", wraps {' and '.join(wraps)}" if wraps else ""),
            f"branches: {len(features.branches)}",
            *(["colours: none yet, the last layer makes them"] if not _has_colours(features) else []),
            f"energy: {energy(features.activation):.4g}",
            f"channels that vary most: {', '.join(map(str, strongest_channels(features.activation, channel_count)))}",
        ]
    )


def _growth(features: FeatureMap) -> int:
    return features.generator.layers.last.sampling_rate // features.sampling_rate


class EnergyLog:
    """Collects each layer's energy as a synthesis goes on: give it as `watch`."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self._energies: list[torch.Tensor] = []

    def __call__(self, features: FeatureMap) -> None:
        """Note the energy of one layer's feature map."""
        self.layers.append(features.layer)
        self._energies.append(_energy(features.activation))

    @property
    def values(self) -> list[float]:
        """The energies; asked for at the end, so that an accelerator isn't waited for at each layer."""
        return torch.stack(self._energies).tolist() if self._energies else []


def _to_unit(values: torch.Tensor, low: float | None = None) -> torch.Tensor:
    """Values to [0, 1] by their own range but for outliers; 0.5 if they are all the same."""
    ordered = values.flatten().sort().values
    if not bool(ordered.isfinite().all()):
        raise SoatError("The feature map has values that are no numbers (NaN or infinity), so there is nothing to see.")
    last = len(ordered) - 1
    least = float(ordered[round(_OUTLIERS * last)]) if low is None else low
    most = float(ordered[round((1.0 - _OUTLIERS) * last)])
    if most <= least:
        return torch.full_like(values, 0.5)
    return ((values - least) / (most - least)).clamp(0.0, 1.0)
