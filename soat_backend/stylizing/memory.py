"""What stylizing takes besides the weights of its generator and its network."""

from __future__ import annotations

from ..generators import Generator
from ..inversion import InversionSettings, inversion_bytes
from ..optimise.descent import COPIES_WHILE_FITTED
from ..optimise.reconstruction import gradient_bytes
from ..perceptual import FeatureNetwork
from ..perceptual.lpips import LARGEST_SIDE
from ..synthesis.coarse import shrunk_size
from .style_search import PAIRS, RANDOM


def stylizing_bytes(generator: Generator, network: FeatureNetwork) -> int:
    """About what `stylize` holds at once, to ask for room."""
    together = PAIRS + RANDOM
    weights = sum(weight.numel() for weight in generator.parameters()) * 4
    size = network.architecture.enlarged_size(*shrunk_size(*generator.img_size, LARGEST_SIDE))
    learning = gradient_bytes(generator, together) + 2 * together * network.architecture.map_bytes(*size)
    return max(
        learning + COPIES_WHILE_FITTED * weights, inversion_bytes(generator, network, InversionSettings(steps=1), 1)
    )
