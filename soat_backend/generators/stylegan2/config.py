"""What shape a StyleGAN2 generator has. Read from a checkpoint's tensors, never asked from the user."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from ...support.errors import CheckpointError, number_text
from ...support.strict_json import parse_json, whole_number

# Beyond the largest float16; clamps keep values within it.
_MAX_CLAMP = 1e6
# Side of the constant that all but a few models begin with.
USUAL_CONSTANT = 4
# skip: each block adds colours. orig: only the last makes them. resnet: so too, and each block has a shortcut.
BLOCK_ARCHITECTURES = ("skip", "orig", "resnet")
# What headers leave out, so that those of the usual shapes stay what they are.
_USUAL_PICTURES: dict[str, Any] = {
    "constant": (USUAL_CONSTANT, USUAL_CONSTANT),
    "img_channels": 3,
    "block_architecture": BLOCK_ARCHITECTURES[0],
}


@dataclass(frozen=True)
class GeneratorConfig:
    """Configuration of one StyleGAN2 generator ([1,3,3,1] resampling).

    Attributes:
        img_resolution: Name of the last block, a power of two: of a model that begins with 4 x 4, its picture's side in
            pixels.
        channels: Feature channels at each resolution, `{4: 512, 8: 512, ...}`.
        z_dim: Length of z.
        w_dim: Length of w.
        c_dim: Number of class labels; 0 if unconditional.
        mapping_layers: Fully connected layers of the mapping network.
        conv_clamp: Clamp of every layer's output at +- this value, or None.
        mapping_widths: Outputs of the mapping layers but the last, which gives w; None if all of them are `w_dim` too.
        embed_dim: Length of a class's embedding; None if it is `w_dim`, or there are no classes.
        constant: Height and width of the learned constant that a synthesis begins with.
        img_channels: Of the picture: 1 grey, 3 RGB, 4 RGBA.
        block_architecture: One of BLOCK_ARCHITECTURES (Source: StyleGAN2, figure 7).
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
    constant: tuple[int, int] = (USUAL_CONSTANT, USUAL_CONSTANT)
    img_channels: int = 3
    block_architecture: str = "skip"

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

    @property
    def remark(self) -> str:
        """What of it is unusual, to follow the size of its pictures; nothing as a rule."""
        usual = self.block_architecture == BLOCK_ARCHITECTURES[0]
        return "" if usual else f", {self.block_architecture} blocks"

    def describe(self) -> str:
        """Its layers in a line, for people: resolutions with their channels."""
        clamp = "" if self.conv_clamp is None else f", outputs clamped at {number_text(self.conv_clamp)}"
        return ", ".join(f"{resolution}: {self.channels[resolution]}" for resolution in self.resolutions) + clamp

    @property
    def resolutions(self) -> tuple[int, ...]:
        """The layers' resolutions in pixels: 4, 8, ... img_resolution."""
        return tuple(sorted(self.channels))

    @property
    def picture(self) -> tuple[float, float]:
        """Height and width of the picture, in lengths as of `Layer`: 1 x 1 for a constant of 4 x 4."""
        return self.constant[0] / USUAL_CONSTANT, self.constant[1] / USUAL_CONSTANT

    def size_at(self, resolution: int) -> tuple[int, int]:
        """Height and width of a block's maps, in samples."""
        return self.constant[0] * resolution // USUAL_CONSTANT, self.constant[1] * resolution // USUAL_CONSTANT

    @property
    def img_size(self) -> tuple[int, int]:
        """Height and width of the picture, in pixels."""
        return self.size_at(self.img_resolution)

    def to_json(self) -> str:
        """The configuration as JSON, as it is kept in the metadata of a safetensors file."""
        values = asdict(self)
        values["channels"] = {str(resolution): count for resolution, count in self.channels.items()}
        # Only where they are needed: so that headers of the usual shapes stay what they are.
        for name in ("mapping_widths", "embed_dim"):
            if values[name] is None:
                del values[name]
        for name, usual in _USUAL_PICTURES.items():
            if getattr(self, name) == usual:
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
                constant=_constant(values.get("constant", _USUAL_PICTURES["constant"])),
                img_channels=whole_number(values.get("img_channels", _USUAL_PICTURES["img_channels"])),
                block_architecture=block_architecture_of(values.get("block_architecture", BLOCK_ARCHITECTURES[0])),
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


def _constant(value: Any) -> tuple[int, int]:
    """Height and width of a constant, of which JSON makes a list."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("the size of its constant is no pair")
    return whole_number(value[0]), whole_number(value[1])


def block_architecture_of(value: Any) -> str:
    """A setting of a file as `GeneratorConfig.block_architecture`.

    Raises:
        ValueError: It is none.
    """
    if value not in BLOCK_ARCHITECTURES:
        raise ValueError(f"its blocks are none of {', '.join(BLOCK_ARCHITECTURES)}")
    return str(value)


def _widths(value: Any) -> tuple[int, ...] | None:
    """Widths of the mapping network, which most files don't have."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise ValueError("its mapping widths are no list")
    return tuple(whole_number(width) for width in value)
