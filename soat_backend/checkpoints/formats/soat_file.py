"""Our own safetensors: NVIDIA's names, configuration and provenance in the header. And the same names without them."""

from __future__ import annotations

from dataclasses import replace

from ...generators import GeneratorConfig
from ...support.errors import CheckpointError
from ..containers.contents import Contents
from .claims import Converted
from .nvidia_names import convert_nvidia_names, has_nvidia_names
from .unsupported import require_embedding


class SoatFile:
    """Reads a file that this package wrote."""

    name = "SOAT safetensors"
    reads_state_dict = True

    def detect(self, contents: Contents) -> bool:
        """Whether the header has a StyleGAN2's configuration."""
        return contents.container == "safetensors" and "stylegan2" in contents.metadata.get("config", "")

    def convert(self, contents: Contents) -> Converted:
        """The generator, if the configuration says what the tensors say."""
        config = GeneratorConfig.from_json(contents.metadata["config"])
        converted = convert_nvidia_names(contents.tensors, self.name, config.conv_clamp)
        if converted.config != config:
            raise CheckpointError(
                "The configuration in the file's header disagrees with its tensors (resolution, channels, constant, "
                "colours, blocks, z, w, classes or mapping layers), so the header was edited or the file damaged. "
                "Convert the original again.",
            )
        notes = {name: text for name, text in contents.metadata.items() if name != "config"}
        return replace(converted, notes=notes)


class NvidiaStateDict:
    """A bare state dict of NVIDIA's generator, as some tools save."""

    name = "NVIDIA state dict"
    reads_state_dict = True

    def detect(self, contents: Contents) -> bool:
        """Whether the names are NVIDIA's."""
        return has_nvidia_names(contents.tensors)

    def convert(self, contents: Contents) -> Converted:
        """The generator, as far as a bare state dict tells."""
        converted = convert_nvidia_names(contents.tensors, self.name)
        if not converted.config.c_dim:
            require_embedding(converted.config.z_dim, converted.config.w_dim)
        return replace(converted, notes={"conv_clamp": "not stored in such a file, taken to be none"})
