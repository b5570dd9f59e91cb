"""What shape a StyleGAN2 generator has. Read from a checkpoint's tensors, never asked from the user."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from ..errors import CheckpointError
from ..layers import num_ws


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
    """

    img_resolution: int
    channels: dict[int, int] = field(hash=False)
    z_dim: int = 512
    w_dim: int = 512
    c_dim: int = 0
    mapping_layers: int = 8
    conv_clamp: float | None = None

    @property
    def num_ws(self) -> int:
        """Rows of w_plus."""
        return num_ws(self.img_resolution)

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, ... img_resolution."""
        return tuple(sorted(self.channels))

    def to_json(self) -> str:
        """As kept in the metadata of a safetensors file."""
        values = asdict(self)
        values["channels"] = {str(resolution): count for resolution, count in self.channels.items()}
        return json.dumps({"architecture": "stylegan2", **values, "resample_filter": [1, 3, 3, 1]})

    @classmethod
    def from_json(cls, text: str) -> GeneratorConfig:
        """Read what `to_json` wrote.

        Raises:
            CheckpointError: The text is not the configuration of a StyleGAN2.
        """
        try:
            values = json.loads(text)
            if values.get("architecture") != "stylegan2" or values.get("resample_filter", [1, 3, 3, 1]) != [1, 3, 3, 1]:
                raise ValueError("not a StyleGAN2 with [1,3,3,1] resampling")
            clamp = values.get("conv_clamp")
            return cls(
                img_resolution=int(values["img_resolution"]),
                channels={int(resolution): int(count) for resolution, count in values["channels"].items()},
                z_dim=int(values["z_dim"]),
                w_dim=int(values["w_dim"]),
                c_dim=int(values.get("c_dim", 0)),
                mapping_layers=int(values["mapping_layers"]),
                conv_clamp=None if clamp is None else float(clamp),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CheckpointError(f"The file's configuration can't be read as a StyleGAN2's: {error}.") from error
