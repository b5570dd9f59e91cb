"""A generator that paints in the manner of a few pictures, found by fitting its weights to pairs.

Source: Chong and Forsyth 2022, JoJoGAN (2112.11641), section 3: the given picture's code, with random styles in the
layers that paint manner, gives pairs of a code and what it should look like, as many as one likes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import torch

from ..generators import Generator
from ..generators.provenance import descent
from ..inversion import InversionSettings, invert
from ..latents import Latent, concatenate, to_styles
from ..latents.sampling import random_w, sample
from ..latents.spaces import open_space
from ..optimise import Problem, StopSearch, painting_weights, reconstruct, search, searchable, with_gradients
from ..perceptual import FeatureNetwork, PerceptualTarget
from ..perceptual.lpips import LARGEST_SIDE
from ..support.runtime import differentiable
from ..synthesis.coarse import shrunk
from ..synthesis.colours import as_made, as_rgb
from ..synthesis.feature_map import FeatureMap
from .manner import Manner
from .settings import StylizeSettings

# Of a step: pairs, and pictures of random codes whose manner is compared.
PAIRS, RANDOM = 4, 2
# Random codes that are drawn from.
_CODES = 4096
# Codes that nothing is learnt from, by which the report says how far the manner went.
_SHOWN, _SHOWN_SEED = 4, 0

# Told (steps done, steps in all, a function that gives pictures in the present manner `[1, 3, H, n W]`, the manner's
# distance); may raise StopSearch.
Watch = Callable[[int, int, Callable[[], torch.Tensor], float], None]


@dataclass(frozen=True, eq=False)
class Stylized:
    """What was found.

    Attributes:
        generator: With weights of its own; mapping and affines, and so codes and the fingerprint, are the first one's.
        latent: The codes that were found for the pictures.
        pictures: For each given picture itself, what the first generator makes of its code, and what the new one does,
            side by side: `[N, 3, H, 3 W]` float32 in about -1..1 on the CPU.
        report: A line for people.
    """

    generator: Generator
    latent: Latent
    pictures: torch.Tensor
    report: str


def stylize(
    generator: Generator,
    pictures: torch.Tensor,
    network: FeatureNetwork,
    settings: StylizeSettings = StylizeSettings(),  # noqa: B008 - immutable
    watch: Watch | None = None,
) -> Stylized:
    """Fit a copy of a generator until it paints in the manner of some pictures. The same arguments give the same.

    Args:
        generator: On the device to work on; it stays as it is.
        pictures: `[N, 3, H, W]` in -1..1 of the generator's size, what is in them where the generator has it
            (`fit_style_pictures`).
        network: Whose features are compared, on the same device.
        settings: Of the search.
        watch: Told of each step; may raise StopSearch, and what is found so far is the result.

    Raises:
        SoatError: The pictures aren't of the generator's shape.
    """
    begun, stopped = time.perf_counter(), False
    total = settings.steps + settings.inversion_steps * len(pictures)

    def watch_inversion(done: int, _: int, picture: torch.Tensor, distance: float) -> None:
        nonlocal stopped
        if watch is None:
            return
        try:
            watch(done, total, lambda: as_rgb(picture), distance)
        except StopSearch:
            stopped = True
            raise

    # w_plus: near enough to the picture for a pair, and plausible. In w the head may be held otherwise, and is bent.
    inverted = invert(
        generator,
        pictures,
        network,
        InversionSettings(space="w_plus", steps=settings.inversion_steps, prior_weight=0.01, seed=settings.seed),
        watch=watch_inversion,
    )
    with with_gradients(generator):
        fitting = _Fitting(generator, pictures, network, settings, inverted.latent)
        before = fitting.manner_of_shown()
        if stopped:
            fitting.problem.stop()
        else:
            fitting.run(watch, total)
        result = fitting.finished()
        after = fitting.manner_of_shown()
        with torch.no_grad():
            own = reconstruct(result, to_styles(result, inverted.latent)).picture
        given = as_made(pictures.float(), generator.img_channels)
        side_by_side = [given.cpu(), as_rgb(inverted.pictures).cpu(), as_rgb(own).cpu()]
    result.provenance = descent(
        f"the manner of {len(pictures)} picture{'s' if len(pictures) > 1 else ''}",
        [generator],
        steps=fitting.problem.taken,
        strength=settings.strength,
        preserve_colour=settings.preserve_colour,
    )
    codes = ", ".join(f"{each.lpips:.3f}" for each in inverted.reports)
    report = (
        f"distance of manner {before:.3f} before, {after:.3f} now ({after / max(before, 1e-9):.0%}); codes found to "
        f"LPIPS {codes}; {fitting.problem.taken} steps in "
        f"{time.perf_counter() - begun:.1f} s: {fitting.problem.ending}"
    )
    return Stylized(result, inverted.latent, torch.cat(side_by_side, dim=3), report)


class _Fitting:
    """The search for the weights."""

    def __init__(
        self,
        generator: Generator,
        pictures: torch.Tensor,
        network: FeatureNetwork,
        settings: StylizeSettings,
        latent: Latent,
    ) -> None:
        self.settings = settings
        self.working = searchable(generator, copy_weights=True)
        self.working.name = f"{generator.name}, stylized"
        device, network = generator.device, differentiable(network)
        targets = self._seen(as_made(pictures.float(), generator.img_channels).to(device))
        self._likeness, self._manner = PerceptualTarget(network, targets), Manner(network, targets)
        self._styles = [style.detach().clone() for style in to_styles(self.working, latent)]
        self._space = open_space("w", self.working)
        finest = self.working.layers.last.sampling_rate
        self._mixed = [layer.sampling_rate >= settings.mixed_from * finest for layer in self.working.layers]
        with torch.no_grad():
            self._codes = self._space.of_w(random_w(self.working, _CODES, settings.seed)).clone()
            shown = [sample(self.working, _SHOWN_SEED + index) for index in range(_SHOWN)]
            self._shown = [style.clone() for style in to_styles(self.working, concatenate(shown))]
        self._draw = torch.Generator("cpu").manual_seed(settings.seed)
        self._wanted = torch.empty(0, device="cpu")
        self.distance = 0.0
        weights = painting_weights(self.working, colours=not settings.preserve_colour)
        self._weights = list(weights.values())
        origin = dict(generator.named_parameters())
        self._first = [origin[name].detach().to(torch.float32, copy=True) for name in weights]
        # JoJoGAN's betas: each step has other codes, and what the last ones wanted says little about these.
        betas = (0.0, 0.99)
        self.problem = Problem(self._weights, settings.steps, settings.learning_rate, keep_best=False, betas=betas)

    def _seen(self, pictures: torch.Tensor) -> torch.Tensor:
        """What is compared of pictures `[B, img_channels, H, W]`."""
        return as_made(shrunk(as_rgb(pictures), LARGEST_SIDE), 1 if self.settings.preserve_colour else 3)

    def run(self, watch: Watch | None, total: int) -> None:
        """Search; a stop leaves the weights as they are then."""
        earlier = total - self.settings.steps

        def after_step(_: FeatureMap, __: list[int]) -> None:
            if watch:
                watch(earlier + self.problem.taken, total, self.shown_now, self.distance)

        with suppress(StopSearch):
            search([self.problem], lambda _: self._make(), lambda features, _: self._loss(features), after_step)

    def _make(self) -> FeatureMap:
        """Pairs, whose content is a given picture's, and pictures of random codes, as one batch."""
        count = len(self._styles[0])
        codes = self._codes[
            torch.randint(_CODES, (PAIRS + RANDOM,), generator=self._draw, device="cpu").to(self._codes.device)
        ]
        # Each picture as often as the others, whatever their number.
        of_pairs = torch.arange(PAIRS, device="cpu") + PAIRS * self.problem.taken
        of_random = torch.arange(RANDOM, device="cpu") + RANDOM * self.problem.taken
        self._wanted = torch.cat((of_pairs, of_random)).remainder(count).to(codes.device)
        content = self._wanted[:PAIRS]
        styles = [
            random if mixed else torch.cat((given[content], random[PAIRS:]))
            for random, given, mixed in zip(self._space.styles(codes), self._styles, self._mixed, strict=True)
        ]
        return reconstruct(self.working, styles)

    def _loss(self, features: FeatureMap) -> torch.Tensor:
        seen = self._seen(features.picture)
        pairs = self._likeness.select(self._wanted[:PAIRS].tolist()).distance(seen[:PAIRS]).mean()
        manner = self._manner.distance(seen[PAIRS:], self._wanted[PAIRS:]).mean()
        self.distance = float(manner.detach())
        return (pairs + self.settings.style_weight * manner)[None]

    @torch.no_grad()
    def shown_now(self) -> torch.Tensor:
        """Pictures of some fixed codes as they are now, side by side: `[1, 3, H, n W]`."""
        return torch.cat(as_rgb(reconstruct(self.working, self._shown).picture).split(1), dim=3)

    @torch.no_grad()
    def manner_of_shown(self) -> float:
        """How far the manner of these pictures is from that of the given ones, of which each counts alike."""
        seen = self._seen(reconstruct(self.working, self._shown).picture)
        count = len(self._styles[0])
        distances = [
            self._manner.distance(seen, torch.full((len(seen),), which, device=seen.device)) for which in range(count)
        ]
        return float(torch.stack(distances).mean())

    def finished(self) -> Generator:
        """The generator as far on its way as was asked for."""
        self.problem.finish()
        strength = self.settings.strength
        with torch.no_grad():
            for weight, first in zip(self._weights, self._first, strict=True):
                if strength != 1.0:
                    weight.copy_(first + strength * (weight - first) if strength else first)
        return self.working
