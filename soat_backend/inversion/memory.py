"""What an inversion takes besides the weights of its generator and its network."""

from __future__ import annotations

from ..generators import Generator
from ..optimise.descent import COPIES_WHILE_FITTED
from ..optimise.reconstruction import gradient_bytes
from ..perceptual import FeatureNetwork
from ..perceptual.lpips import LARGEST_SIDE
from ..support.errors import SoatError
from ..synthesis.coarse import shrunk_size
from ..synthesis.cost import kernel_bytes, running_bytes
from .layout import Layout, layout_of
from .settings import CANDIDATES_AT_ONCE, InversionSettings

# Where the windows of a canvas are blended, two of them are run.
_RUN_TWICE = 2


def inversion_bytes(
    generator: Generator,
    network: FeatureNetwork,
    settings: InversionSettings,
    pictures: int,
    size: tuple[int, int] | None = None,
) -> int:
    """About what `invert` holds at once, to ask for room.

    Args:
        generator: Makes the pictures.
        network: For LPIPS.
        settings: Of the search.
        pictures: How many there are.
        size: Their height and width; None: of the generator's shape.
    """
    together = min(settings.at_once, pictures)
    layout = _layout(generator, settings, size)
    windows = together * (layout.count if layout else 1)
    searching = gradient_bytes(generator, windows) + windows * _looking_bytes(network, generator.img_size, LARGEST_SIDE)
    if layout is not None and layout.count > 1:
        run = gradient_bytes(generator, together * _RUN_TWICE * layout.pictures, layout.layer)
        looking = together * _looking_bytes(network, layout.picture_size, layout.seen_side)
        searching = max(searching, run + looking)
    beginning = running_bytes(generator, CANDIDATES_AT_ONCE) if settings.candidates else 0
    weights = sum(weight.numel() * weight.element_size() for weight in generator.parameters())
    fitting = COPIES_WHILE_FITTED * weights if settings.tune_steps else weights if settings.noise_maps else 0
    return max(searching, beginning) + fitting + kernel_bytes(generator, generator.device.type)


def check_room(
    generator: Generator,
    network: FeatureNetwork,
    settings: InversionSettings,
    pictures: int,
    size: tuple[int, int],
    there: int,
) -> None:
    """Refuse canvases that take more than there is, before a search of minutes ends for want of memory.

    Args:
        generator: As of `inversion_bytes`, like all up to `size`.
        network: Likewise.
        settings: Likewise.
        pictures: Likewise.
        size: Likewise.
        there: Bytes of the device's memory.

    Raises:
        SoatError: They do.
    """
    layout, needed = _layout(generator, settings, size), inversion_bytes(generator, network, settings, pictures, size)
    if layout is None or layout.count == 1 or needed <= there:
        return
    way = "Cut it into parts along its longer side, fit each alone, and stitch their feature maps"
    if min(settings.at_once, pictures) > 1:
        way = "Set at_once to 1, so that pictures are fitted one after the other"
    raise SoatError(
        f"A picture of {size[1]} x {size[0]} is {layout.pictures:.1f} pictures of {generator.name} large. To fit it "
        f"takes about {needed / 1e9:.1f} GB, and there are {there / 1e9:.1f} GB. {way}."
    )


def _layout(generator: Generator, settings: InversionSettings, size: tuple[int, int] | None) -> Layout | None:
    if settings.base_layer is None or size is None:
        return None
    return layout_of(generator, generator.layers.find(settings.base_layer, with_features=True), size)


def _looking_bytes(network: FeatureNetwork, size: tuple[int, int], largest_side: int) -> int:
    """What the network's maps of a picture take, and their gradients."""
    seen = network.architecture.enlarged_size(*shrunk_size(*size, largest_side))
    return 2 * network.architecture.map_bytes(*seen)
