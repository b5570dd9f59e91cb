"""What a checkpoint is, in a few lines: behind `python -m soat inspect`."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..generators import GeneratorConfig
from ..generators.fingerprint import fingerprint
from ..generators.provenance import licences, parents_of, read_provenance, trained_on
from ..support.terminal import printable
from .load import Loaded, read_generator

if TYPE_CHECKING:
    from ..generators import StyleGAN3Config


@dataclass(frozen=True)
class CheckpointInfo:
    """What is known of a checkpoint that can be read.

    Attributes:
        name: The file's name.
        format: Which of the formats it is.
        config: Shape of its generator.
        dtype: Type of most of its weights, e.g. `float32`.
        parameter_count: Trained numbers in the generator.
        file_size: In bytes.
        fingerprint: Of its latent space.
        metadata: What else the file says of itself.
    """

    name: str
    format: str
    config: GeneratorConfig | StyleGAN3Config
    dtype: str
    parameter_count: int
    file_size: int
    fingerprint: str
    metadata: dict[str, str] = field(default_factory=dict)

    def summary(self) -> str:
        """One line for people: pictures, classes, domain, format, file size, number of weights."""
        classes = f", {self.config.c_dim} classes" if self.config.c_dim else ""
        millions = f"{self.parameter_count / 1e6:.1f} million weights"
        domain = f", trained on {_line(self.trained_on, 60)}" if self.trained_on else ""
        return f"{self._pictures}{classes}{domain}, {self.format}, {self.file_size / 1e6:.1f} MB, {millions}"

    @property
    def _pictures(self) -> str:
        """What its pictures are, and what of its blocks is unusual."""
        config = self.config
        height, width = config.img_size
        colours = {1: ", grey", 3: "", 4: ", RGB and alpha"}[config.img_channels]
        return f"{width} x {height} px{colours}{config.remark}"

    @property
    def trained_on(self) -> str:
        """What the generator was trained on, if the file says so: only this project's files do."""
        return trained_on(self.provenance)

    @property
    def provenance(self) -> dict[str, Any]:
        """Where the generator comes from, if the file says so; see `generators/provenance.py`."""
        return read_provenance(self.metadata.get("provenance", ""))

    def describe(self) -> str:
        """Some lines for people: all that is known of the file, a property a line."""
        config = self.config
        classes = f", {config.c_dim} classes" if config.c_dim else ""
        between = f" ({', '.join(map(str, config.mapping_widths))} wide before w)" if config.mapping_widths else ""
        mapping = f"{config.mapping_layers} mapping layers{between}{classes}"
        lines = [
            f"{self.name}: {config.architecture} generator, {self._pictures}",
            f"  format       {self.format}, {self.file_size / 1e6:.1f} MB",
            f"  weights      {self.parameter_count / 1e6:.2f} million, {self.dtype}",
            f"  latent       z {config.z_dim}, w {config.w_dim}, {mapping}",
            f"  channels     {config.describe()}",
            f"  fingerprint  {self.fingerprint}",
            *self._origin(),
        ]
        for name, text in sorted(self.metadata.items()):
            lines.append(f"  {_line(name, 11):<12} {_line(text, 300)}")
        return "\n".join(lines)

    def _origin(self) -> list[str]:
        """A line for the licence, if one is named, and one for each generator that it was made of."""
        own = self.provenance.get("licence")
        lines = [f"  licence      {_line(own, 300)}"] if isinstance(own, str) else []
        for parent in parents_of(self.provenance):
            named = "; ".join(licences({"parents": [parent]})) or "none named in its file"
            lines.append(f"  parent       {_line(str(parent.get('name', '')), 100)}, licence: {_line(named, 300)}")
        return lines


def inspect_checkpoint(path: str | os.PathLike[str]) -> CheckpointInfo:
    """Say what a checkpoint is, after checking all of it.

    Args:
        path: The file.

    Raises:
        CheckpointError: It is no generator that can be loaded; the message says what it is.
    """
    return describe_loaded(read_generator(path, sample=False), Path(path).name)


def describe_loaded(loaded: Loaded, name: str) -> CheckpointInfo:
    """What is known of a checkpoint that was just read.

    Args:
        loaded: What `read_generator` gave.
        name: The file's name.
    """
    generator = loaded.generator
    sizes: Counter[str] = Counter()
    for tensor in generator.state_dict().values():
        sizes[str(tensor.dtype).removeprefix("torch.")] += tensor.numel()
    return CheckpointInfo(
        name=name,
        format=loaded.format_name,
        config=generator.config,
        dtype=sizes.most_common(1)[0][0],
        parameter_count=sum(parameter.numel() for parameter in generator.parameters()),
        file_size=loaded.file_size,
        fingerprint=fingerprint(generator),
        metadata=loaded.notes,
    )


def _line(text: str, limit: int) -> str:
    return printable(text.replace("\n", " "), limit)
