"""What shape a StyleGAN2 generator has. Read from a checkpoint's tensors, never asked from the user."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ...support.errors import CheckpointError, number_text
from ...support.strict_json import parse_json, whole_number

# Beyond the largest float16; clamps keep values within it.
_MAX_CLAMP = 1e6


@dataclass(frozen=True)
class GeneratorConfig:
    """Configuration of one StyleGAN2 generator (skip architecture, [1,3,3,1] resampling).

    Attributes:
        img_resolution: Side of the picture in pixels, a power of two.
        channels: Feature channels at each resolution, `{4: 512, 8: 512, ...}`.
        z_dim: Length of z.
        w_dim: Length of w.
        c_dim: Number of class labels; 0 if unconditional.
        mapping_layers: Fully connected layers of the mapping network.
        conv_clamp: Clamp of every layer's output at +- this value, or None.
        mapping_widths: Outputs of the mapping layers but the last, which gives w; None if all of them are `w_dim` too.
        embed_dim: Length of a class's embedding; None if it is `w_dim`, or there are no classes.
    """

    img_resolution: int
    channels: dict[int, int] = field(hash=False)
    z_dim: int = 512
    w_dim: int = 512
    c_dim: int = 0
    mapping_layers: int = 8
    conv_clamp: float | None = None
    mapping_widths: tuple[int, ...] | None = None
    embed_dim: int | None = None

    def __post_init__(self) -> None:
        # One way to write each shape, so that equal generators have equal configurations.
        if self.mapping_widths == (self.w_dim,) * min(self.mapping_layers - 1, len(self.mapping_widths or ()) + 1):
            object.__setattr__(self, "mapping_widths", None)
        if self.embed_dim == self.w_dim or not self.c_dim:
            object.__setattr__(self, "embed_dim", None)

    @property
    def embedding(self) -> int:
        """Length of a class's embedding; 0 if unconditional."""
        return (self.embed_dim or self.w_dim) if self.c_dim else 0

    @property
    def mapping_sizes(self) -> tuple[int, ...]:
        """Lengths of the mapping layers' inputs, first z with the class's embedding, and of w at the end."""
        between = self.mapping_widths or (self.w_dim,) * (self.mapping_layers - 1)
        return (self.z_dim + self.embedding, *between, self.w_dim)

    @property
    def architecture(self) -> str:
        """What it is called."""
        return "StyleGAN2"

    def describe(self) -> str:
        """Its layers in a line, for people: resolutions with their channels."""
        clamp = "" if self.conv_clamp is None else f", outputs clamped at {number_text(self.conv_clamp)}"
        return ", ".join(f"{resolution}: {self.channels[resolution]}" for resolution in self.resolutions) + clamp

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The layers' resolutions in pixels: 4, 8, ... img_resolution."""
        return tuple(sorted(self.channels))

    def to_json(self) -> str:
        """The configuration as JSON, as it is kept in the metadata of a safetensors file."""
        values = asdict(self)
        values["channels"] = {str(resolution): count for resolution, count in self.channels.items()}
        # Only where they are needed: so that headers of the usual shapes stay what they are.
        for name in ("mapping_widths", "embed_dim"):
            if values[name] is None:
                del values[name]
        return json.dumps({"architecture": "stylegan2", **values, "resample_filter": [1, 3, 3, 1]})

    @classmethod
    def from_json(cls, text: str) -> GeneratorConfig:
        """Read what `to_json` wrote.

        Raises:
            CheckpointError: The text is not the configuration of a StyleGAN2.
        """
        try:
            values = parse_json(text)
            if values.get("architecture") != "stylegan2" or values.get("resample_filter", [1, 3, 3, 1]) != [1, 3, 3, 1]:
                raise ValueError("not a StyleGAN2 with [1,3,3,1] resampling")
            return cls(
                img_resolution=whole_number(values["img_resolution"]),
                channels=_channels(values["channels"]),
                z_dim=whole_number(values["z_dim"]),
                w_dim=whole_number(values["w_dim"]),
                c_dim=whole_number(values.get("c_dim", 0)),
                mapping_layers=whole_number(values["mapping_layers"]),
                conv_clamp=parse_conv_clamp(values.get("conv_clamp")),
                mapping_widths=_widths(values.get("mapping_widths")),
                embed_dim=None if values.get("embed_dim") is None else whole_number(values["embed_dim"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise CheckpointError(f"The file's configuration can't be read as a StyleGAN2's: {error}.") from error


def parse_conv_clamp(value: Any) -> float | None:
    """A setting of a file as `GeneratorConfig.conv_clamp`.

    Raises:
        CheckpointError: It is neither None nor a positive number.
    """
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 < value <= _MAX_CLAMP:
        shown = repr(value)[:40] if isinstance(value, str | int | float) else "something else"
        raise CheckpointError(
            f"This StyleGAN2 clamps its layers at {shown}, where a positive number or nothing is expected: the file is "
            "damaged or was edited. Export the generator again."
        )
    return float(value)


def _channels(values: dict[str, Any]) -> dict[int, int]:
    """Channels by resolution, of which JSON makes texts."""
    channels = {int(resolution): whole_number(count) for resolution, count in values.items()}
    if [str(resolution) for resolution in channels] != list(values):
        raise ValueError("its resolutions are no whole numbers, or there twice")
    return channels


def _widths(value: Any) -> tuple[int, ...] | None:
    """Widths of the mapping network, which most files don't have."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError("its mapping widths are no list")
    return tuple(whole_number(width) for width in value)
