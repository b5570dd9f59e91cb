"""OpenMMLab's StyleGAN2 (MMGeneration, MMagic): rosinality's layers, renamed.

Source: `mmgen/models/architectures/stylegan` of open-mmlab/mmgeneration. Its layers compute what rosinality's do.
"""

from __future__ import annotations

import re

from ..containers.blob import damaged
from ..containers.contents import Contents
from .claims import Claims, Converted
from .rosinality import ROSINALITY, convert_layers

_CONSTANT = "constant_input.input"
# How rosinality calls what MMGeneration has; weights behind a hook that scales them are called `weight_orig`.
_RENAMED = (
    (re.compile(r"style_mapping\.(\d+)\.(?:linear\.)?(weight|bias)(?:_orig)?"), r"style.\1.\2"),
    (re.compile(r"constant_input\.input"), "input.input"),
    (re.compile(r"(.+\.conv)\.style_modulation\.(?:linear\.)?(weight|bias)(?:_orig)?"), r"\1.modulation.\2"),
    (re.compile(r"(.+\.conv)\.weight_orig"), r"\1.weight"),
    (re.compile(r"(.+)\.noise_injector\.weight"), r"\1.noise.weight"),
    (re.compile(r"injected_noise_(\d+)"), r"noises.noise_\1"),
)


class MMGeneration:
    """Reads its generators."""

    name = "MMGeneration"
    reads_state_dict = True

    def detect(self, contents: Contents) -> bool:
        """Whether the state dict has its names."""
        return _CONSTANT in contents.tensors and any(name.startswith("style_mapping.") for name in contents.tensors)

    def convert(self, contents: Contents) -> Converted:
        """The same generator under our names."""
        original_names: dict[str, str] = {}
        for name in contents.tensors:
            new = _renamed(name)
            if new in original_names:
                raise damaged(f"{name[:80]!r} and {original_names[new][:80]!r} are the same weight")
            original_names[new] = name
        tensors = {new: contents.tensors[name] for new, name in original_names.items()}
        converted = convert_layers(Claims(tensors, self.name, original_names), ROSINALITY)
        converted.notes["colours"] = (
            "taken as red, green, blue, as in the weights MMGeneration converted from NVIDIA's; models that it trained "
            "itself often make blue, green, red, which the file doesn't tell"
        )
        return converted


def _renamed(name: str) -> str:
    for pattern, new in _RENAMED:
        if (match := pattern.fullmatch(name)) is not None:
            return match.expand(new)
    return name
