"""Which weights of a generator stay as they are while it is fine-tuned."""

from __future__ import annotations

from dataclasses import dataclass

from ..generators import Generator
from .options import TrainingError

NONE = "none"
W = "w"
STYLE_SPACE = "style_space"
BLOCKS = "blocks:"


@dataclass(frozen=True)
class Freeze:
    """What is kept, bit for bit.

    Attributes:
        mapping: The mapping network and w_avg, so that the same z gives the same w.
        affines: All affine layers, so that the same w gives the same styles. With the mapping, this is what keeps style
            space shared (Source: SOAT, section 3.5).
        blocks: Everything in the synthesis blocks up to this resolution; 0 for none (Source: the idea of FreezeG:
            coarse structure stays because the layers that make it do).
    """

    mapping: bool = False
    affines: bool = False
    blocks: int = 0

    @classmethod
    def parse(cls, text: str) -> Freeze:
        """Read `none`, `w` (the mapping), `style_space` (and all affines) or `blocks:R` (and the blocks up to R px).

        Raises:
            TrainingError: It is none of these.
        """
        if text in (NONE, W, STYLE_SPACE):
            return cls(mapping=text != NONE, affines=text == STYLE_SPACE)
        resolution = text.removeprefix(BLOCKS)
        if text.startswith(BLOCKS) and resolution.isdecimal() and resolution.isascii() and int(resolution):
            return cls(mapping=True, blocks=int(resolution))
        raise TrainingError(
            f"--freeze can't be {text!r}: choose style_space (mapping and affines stay, so that both generators share "
            "style space), w (the mapping stays), blocks:R (the mapping and the blocks up to R px stay), or none.",
            freeze=text,
        )

    def covers(self, name: str) -> bool:
        """Whether a parameter, named as in a generator's state dict, stays as it is."""
        if name.startswith("mapping."):
            return self.mapping
        if self.affines and ".affine." in name:
            return True
        # Only StyleGAN2 has blocks.
        return bool(self.blocks) and int(name.split(".")[1].removeprefix("b")) <= self.blocks


def apply_freeze(generator: Generator, freeze: Freeze) -> None:
    """Let gradients reach all parameters but the frozen ones."""
    for name, parameter in generator.named_parameters():
        parameter.requires_grad_(not freeze.covers(name))
