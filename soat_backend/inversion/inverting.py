"""From a picture to the code that a generator makes it of.

Source: SOAT, section 3.4 and eq. 5: optimisation in style space with a Gaussian prior.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F

from ..feature_ops import get_features
from ..generators import Generator
from ..generators.provenance import descent
from ..latents import Latent, concatenate, select
from ..latents.spaces import Space, open_space
from ..optimise import Problem, StopSearch, searchable, with_gradients
from ..perceptual import FeatureNetwork
from ..support.errors import LatentError, SoatError
from ..support.runtime import differentiable
from ..synthesis.colours import as_made
from ..synthesis.feature_map import FeatureMap
from .base_code import together
from .base_search import BaseSearch, begin_base_search
from .code_search import CodeSearch
from .layout import FIRST_LAYER, Layout, layout_of
from .likeness import Likeness
from .report import Report
from .settings import InversionSettings

# Told (steps done, steps in all, the present picture `[1, img_channels, H, W]` in -1..1, its LPIPS) after each
# step, and now and then before the first.
Watch = Callable[[int, int, torch.Tensor, float], None]


@dataclass(frozen=True, eq=False)
class Inversion:
    """What was found for a batch of pictures.

    Attributes:
        latent: A code for each.
        pictures: What the generator makes of them, `[B, img_channels, H, W]` float32, about -1..1, on the CPU.
        reports: One for each.
        generator: What to render the code with: the one given, or the one fitted to the picture.
        features: The feature maps that the pictures are made of, a batch: at `settings.base_layer` with the base codes,
            and else what the codes make at FIRST_LAYER.
    """

    latent: Latent
    pictures: torch.Tensor
    reports: list[Report]
    generator: Generator
    features: FeatureMap


def invert(
    generator: Generator,
    pictures: torch.Tensor,
    network: FeatureNetwork,
    settings: InversionSettings = InversionSettings(),  # noqa: B008 - immutable
    mask: torch.Tensor | None = None,
    init: Latent | None = None,
    watch: Watch | None = None,
) -> Inversion:
    """Find the codes of pictures, none of which depends on what else is in the batch.

    Works in inference mode too. The same arguments give the same result.

    Args:
        generator: On the device to work on.
        pictures: `[B, 3, H, W]` in -1..1 of the shape of the generator's, brought to their size. For a grey generator
            their luminance is searched; of one that makes transparent pictures the colours are compared, and alpha
            is what comes with the code.
        network: For LPIPS, on the same device.
        settings: Of the search.
        mask: `[B or 1, 1, h, w]` in 0..1, stretched over the pictures: where likeness counts.
        init: Codes to begin with, one or one for each picture, instead of random ones.
        watch: Told of each step; may raise StopSearch, and then pictures not begun have the code they would have
            begun with.

    Raises:
        SoatError: The pictures aren't of the generator's shape, the mask is empty, or noise or weights are to be fitted
            to several.
        LatentError: `init` is of another model, space or batch.
    """
    layout = _layout(generator, settings, pictures)
    if settings.noise_maps:
        _check_noise_maps(generator, layout)
    copy_weights = settings.noise_maps or settings.tune_steps > 0
    if copy_weights and len(pictures) > 1:
        raise SoatError(
            f"Noise maps and tuning fit a generator to one picture, got {len(pictures)}. Invert them one at a time, or "
            "switch both off."
        )
    device = generator.device
    with with_gradients(generator):
        working = searchable(generator, copy_weights)
        network = differentiable(network)
        space = open_space(settings.space, working)
        targets = as_made(_fitted(pictures, layout.picture_size), generator.img_channels).to(device)
        masks = None if mask is None else _fitted(mask, layout.picture_size).to(device)
        first_codes = None if init is None else _first_codes(space, init, len(pictures) * layout.count)
        if masks is not None and not bool((masks.amax(dim=(1, 2, 3)) > 0).all()):
            raise SoatError("The mask is empty, so nothing of the picture counts. Paint what to fit.")
        searches: list[CodeSearch | BaseSearch] = []
        for start in range(0, len(targets), settings.at_once):
            some = list(range(start, min(start + settings.at_once, len(targets))))
            own_masks = None if masks is None else masks[[index % len(masks) for index in some]]
            codes = range(some[0] * layout.count, (some[-1] + 1) * layout.count)
            first = None if first_codes is None else first_codes[[index % len(first_codes) for index in codes]]
            if settings.base_layer is None:
                likeness = Likeness(network, targets[some], own_masks)
                searches.append(CodeSearch(working, space, likeness, settings, first))
            else:
                searches.append(begin_base_search(space, network, settings, layout, targets[some], own_masks, first))
        _run_all(searches, settings, watch)
        result = working if copy_weights else generator
        with torch.no_grad():
            best = [code for search in searches for code in search.best]
            found = torch.cat([picture.cpu() for search in searches for picture in search.pictures()])
            reports = [report for search in searches for report in search.reports()]
            latent = concatenate([space.latent(code) for code in best])
            maps = [
                search.features(index)
                for search in searches
                if isinstance(search, BaseSearch)
                for index in range(len(search.best))
            ]
            features = _with_generator(result, together(maps)) if maps else get_features(result, latent, FIRST_LAYER)
        if copy_weights:
            fitted = {"noise_maps": settings.noise_maps, "tune_steps": settings.tune_steps}
            working.provenance = descent("inversion, fitted to one picture", [generator], **fitted)
    return Inversion(latent, found, reports, result, features)


def _layout(generator: Generator, settings: InversionSettings, pictures: torch.Tensor) -> Layout:
    """How pictures lie on a canvas: in any shape with a base code, of one picture without."""
    size = pictures.shape[2], pictures.shape[3]
    if settings.base_layer is None:
        check_shape(generator, *size)
        size = generator.img_size
    layer = generator.layers.find(settings.base_layer or FIRST_LAYER, with_features=True)
    return layout_of(generator, layer, size)


def _with_generator(generator: Generator, features: FeatureMap) -> FeatureMap:
    """A map that was searched with a copy of a generator, of the generator itself and its type."""
    return replace(features, activation=features.activation.to(generator.dtype)).with_branches(
        lambda branch: replace(branch, generator=generator)
    )


def _run_all(searches: list[CodeSearch | BaseSearch], settings: InversionSettings, watch: Watch | None) -> None:
    each = settings.steps + settings.tune_steps
    total = each * sum(len(search.best) for search in searches)
    before = 0
    for search in searches:

        def report(done: int, picture: torch.Tensor, lpips: float, before: int = before) -> None:
            if watch:
                watch(before + done, total, picture, lpips)

        try:
            search.run(report)
        except StopSearch:
            search.endings = [Problem.STOPPED] * len(search.best)
            break
        before += each * len(search.best)


def _check_noise_maps(generator: Generator, layout: Layout) -> None:
    if not any(layer.has_noise for layer in generator.layers):
        raise SoatError(f"{generator.name} adds no noise, so there are no noise maps to fit. Switch noise maps off.")
    if layout.count > 1:
        raise SoatError(
            f"Noise maps are those of one picture of {generator.name}, and this one is {layout.count} of them large. "
            "Switch noise maps off, or cut a part out that is one picture."
        )


def check_shape(generator: Generator, height: int, width: int) -> None:
    """Refuse a picture that would have to be stretched by a pixel or more."""
    own_height, own_width = generator.img_size
    if abs(width * own_height - height * own_width) < max(own_height, own_width):
        return
    if own_height == own_width:
        raise SoatError(
            f"The picture is {width} x {height}, and {generator.name} makes squares. Cut a square out of it first, or "
            "align the face if it shows one of the kind that the model was trained on; or, to invert it, choose a "
            "base layer, with which a picture of any shape is fitted."
        )
    raise SoatError(
        f"The picture is {width} x {height}, and {generator.name} makes pictures of {own_width} x {own_height}. "
        f"Crop it to that shape first, for instance to {own_width} x {own_height} pixels or a multiple of that.",
        size=generator.img_size,
    )


def _fitted(pictures: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """A copy of `[B, C, H, W]` of a size, float32 on the CPU: not every device can average so."""
    pictures = pictures.float().cpu().clone()
    if pictures.shape[2:] == size:
        return pictures
    resized = F.interpolate(pictures, size=size, mode="bicubic", antialias=True)
    return resized.clamp(float(pictures.min()), float(pictures.max()))


def _first_codes(space: Space, init: Latent, count: int) -> torch.Tensor:
    if init.batch not in (1, count):
        raise LatentError(f"init has {init.batch} codes for {count} pictures. Give one, or one for each picture.")
    with torch.no_grad():
        return torch.cat([space.read(select(init, [index])) for index in range(init.batch)])
