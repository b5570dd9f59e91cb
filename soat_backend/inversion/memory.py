"""What an inversion takes besides the weights of its generator and its network."""

from __future__ import annotations

from ..generators import Generator
from ..optimise.descent import COPIES_WHILE_FITTED
from ..optimise.reconstruction import gradient_bytes
from ..perceptual import FeatureNetwork
from ..perceptual.lpips import LARGEST_SIDE
from ..synthesis.coarse import shrunk_size
from ..synthesis.cost import kernel_bytes, running_bytes
from .settings import CANDIDATES_AT_ONCE, InversionSettings


def inversion_bytes(generator: Generator, network: FeatureNetwork, settings: InversionSettings, pictures: int) -> int:
    """About what `invert` holds at once, to ask for room."""
    together = min(settings.at_once, pictures)
    size = network.architecture.enlarged_size(*shrunk_size(*generator.img_size, LARGEST_SIDE))
    # Maps, and their gradients.
    searching = gradient_bytes(generator, together) + 2 * together * network.architecture.map_bytes(*size)
    beginning = running_bytes(generator, CANDIDATES_AT_ONCE) if settings.candidates else 0
    weights = sum(weight.numel() * weight.element_size() for weight in generator.parameters())
    fitting = COPIES_WHILE_FITTED * weights if settings.tune_steps else weights if settings.noise_maps else 0
    return max(searching, beginning) + fitting + kernel_bytes(generator, generator.device.type)
