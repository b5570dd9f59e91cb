"""From a picture to the code that a generator makes it of.

Source: SOAT, section 3.4 and eq. 5: optimisation in style space with a Gaussian prior.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from ..generators import Generator
from ..latents import Latent, concatenate, select
from ..latents.sampling import random_w
from ..latents.spaces import Space, open_space
from ..optimise.descent import Course, Descent, minimise
from ..optimise.reconstruction import reconstruct
from ..perceptual import FeatureNetwork
from ..support.errors import LatentError, SoatError
from ..support.runtime import differentiable, exact
from .likeness import Likeness
from .noise_maps import noise_maps, normalise, self_correlation
from .settings import CANDIDATES_AT_ONCE, InversionSettings


class StopInversion(Exception):
    """Raised by a watcher: the search ends, and the best found so far is what it gives."""


# Told (steps done, steps in all, the present picture `[1, 3, R, R]` in -1..1, its LPIPS) after each step, and now and
# then before the first.
Watch = Callable[[int, int, torch.Tensor, float], None]
# The same of one search, which doesn't know of others: (its steps done, picture, LPIPS).
_OwnWatch = Callable[[int, torch.Tensor, float], None]


@dataclass(frozen=True)
class Report:
    """How well one picture was inverted.

    Attributes:
        lpips: Perceptual distance, 0 for equal pictures.
        mse: Mean squared error of pictures in 0..1.
        sigmas: How far the code is from the mean: about 1 for random codes.
        steps: Taken.
        seconds: They took; of pictures searched at once, each one's share.
        ending: Why there were no more.
    """

    lpips: float
    mse: float
    sigmas: float
    steps: int
    seconds: float
    ending: str

    @property
    def psnr(self) -> float:
        """Peak signal to noise ratio in dB."""
        return -10.0 * math.log10(max(self.mse, 1e-12))

    def __str__(self) -> str:
        return (
            f"LPIPS {self.lpips:.4f}, MSE {self.mse:.5f}, PSNR {self.psnr:.2f} dB, {self.sigmas:.2f} sigmas from the "
            f"mean (random codes: about 1), {self.steps} steps in {self.seconds:.1f} s: {self.ending}"
        )


@dataclass(frozen=True, eq=False)
class Inversion:
    """What was found for a batch of pictures.

    Attributes:
        latent: A code for each.
        pictures: What the generator makes of them, `[B, 3, R, R]` float32, about -1..1, on the CPU.
        reports: One for each.
        generator: What to render the code with: the one given, or the one fitted to the picture.
    """

    latent: Latent
    pictures: torch.Tensor
    reports: list[Report]
    generator: Generator


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
        pictures: `[B, 3, H, H]` in -1..1; brought to the generator's resolution.
        network: For LPIPS, on the same device.
        settings: Of the search.
        mask: `[B or 1, 1, h, w]` in 0..1, stretched over the pictures: where likeness counts.
        init: Codes to begin with, one or one for each picture, instead of random ones.
        watch: Told of each step; may raise StopInversion, and then pictures not begun have the code they would have
            begun with.

    Raises:
        SoatError: The pictures aren't square, the mask is empty, or noise or weights are to be fitted to several.
        LatentError: `init` is of another model, space or batch.
    """
    height, width = pictures.shape[2:]
    if height != width:
        raise SoatError(
            f"InvertImage: the picture is {width} x {height}, and {generator.name} makes squares. Cut it "
            "with SquareCrop, or with AlignFace if it shows a face the model was trained on."
        )
    own = settings.noise_maps or settings.tune_steps > 0
    if own and len(pictures) > 1:
        raise SoatError(
            f"InvertImage: noise maps and tuning fit a generator to one picture, got {len(pictures)}. Invert them one "
            "at a time, or switch both off."
        )
    device = generator.device
    # ComfyUI runs nodes in inference mode, whose tensors no gradient can pass.
    with torch.inference_mode(False), torch.enable_grad(), exact(device, generator.allow_tf32):
        working = _working_copy(generator, own)
        network = differentiable(network)
        space = open_space(settings.space, working)
        side = generator.config.img_resolution
        targets = _fitted(pictures, side).to(device)
        masks = None if mask is None else _fitted(mask, side).to(device)
        first_codes = None if init is None else _first_codes(space, init, len(pictures))
        if masks is not None and not bool((masks.amax(dim=(1, 2, 3)) > 0).all()):
            raise SoatError("InvertImage: the mask is empty, so nothing of the picture counts. Paint what to fit.")
        searches = []
        for start in range(0, len(targets), settings.at_once):
            some = list(range(start, min(start + settings.at_once, len(targets))))
            own_masks = None if masks is None else masks[[index % len(masks) for index in some]]
            likeness = Likeness(network, targets[some], own_masks)
            first = None if first_codes is None else first_codes[[index % len(first_codes) for index in some]]
            searches.append(_Search(working, space, likeness, settings, first))
        _run_all(searches, settings, watch)
        with torch.no_grad():
            best = [code for search in searches for code in search.best]
            found = torch.cat([reconstruct(working, space.styles(code)).cpu() for code in best])
            reports = [report for search in searches for report in search.reports()]
            latent = concatenate([space.latent(code) for code in best], "InvertImage")
    return Inversion(latent, found, reports, working if own else generator)


def _run_all(searches: list[_Search], settings: InversionSettings, watch: Watch | None) -> None:
    each = settings.steps + settings.tune_steps
    total = each * sum(len(search.best) for search in searches)
    before = 0
    for search in searches:

        def report(done: int, picture: torch.Tensor, lpips: float, before: int = before) -> None:
            if watch:
                watch(before + done, total, picture, lpips)

        try:
            search.run(report)
        except StopInversion:
            search.endings = ["stopped, the best so far"] * len(search.best)
            break
        before += each * len(search.best)


class _Search:
    """The search for the codes of some pictures at once, each for itself.

    Attributes:
        best: Of each picture, the code that has been best so far, `[1, rows, D]`.
        endings: Of each, why there were no more steps.
    """

    def __init__(
        self,
        generator: Generator,
        space: Space,
        likeness: Likeness,
        settings: InversionSettings,
        first: torch.Tensor | None,
    ) -> None:
        self.generator, self.space, self.likeness, self.settings = generator, space, likeness, settings
        count = len(likeness.targets)
        self.given = first is not None
        self.best = list((space.start(count) if first is None else first).split(1))
        self.endings = ["not begun"] * count
        self._steps, self._seconds = [0] * count, 0.0

    def run(self, watch: _OwnWatch) -> None:
        """Begin, search, and fit the generator if that was asked for; raises what `watch` raises."""
        began = time.perf_counter()
        try:
            if not self.given:
                self._try_candidates(watch)
            self.endings = ["all steps taken"] * len(self.best)
            self._search_codes(watch)
            if self.settings.tune_steps:
                self._tune(watch)
        finally:
            self._seconds = time.perf_counter() - began

    @torch.no_grad()
    def _try_candidates(self, watch: _OwnWatch) -> None:
        """Begin with the random codes whose pictures are most like, or with the mean if that is."""
        codes = self.space.start(1)
        if self.settings.candidates:
            w = random_w(self.generator, self.settings.candidates, self.settings.seed)
            codes = torch.cat((codes, self.space.of_w(w)))
        likenesses = [self.likeness.select([index]) for index in range(len(self.best))]
        lowest, picture, shown = [math.inf] * len(self.best), torch.empty(0), math.inf
        for some in codes.split(CANDIDATES_AT_ONCE):
            pictures = reconstruct(self.generator, self.space.styles(some))
            for index, likeness in enumerate(likenesses):
                losses = self._data_term(likeness, pictures)
                nearest = int(losses.argmin())
                if float(losses[nearest]) < lowest[index]:
                    lowest[index], self.best[index] = float(losses[nearest]), some[nearest][None]
                    if index == 0:
                        picture, shown = pictures[nearest][None], float(self._lpips[nearest])
            watch(0, picture, shown)

    def _search_codes(self, watch: _OwnWatch) -> None:
        settings = self.settings
        codes = [best.clone().requires_grad_() for best in self.best]
        maps = noise_maps(self.generator) if settings.noise_maps else []
        for noise in maps:
            noise.requires_grad_()
        best_maps = [noise.detach().clone() for noise in maps]
        descents = [
            Descent([code, *maps], Course(settings.steps, settings.patience), settings.learning_rate) for code in codes
        ]
        lowest, picture = [math.inf] * len(codes), torch.empty(0)

        def losses(going: list[int]) -> torch.Tensor:
            nonlocal picture
            normalise(maps)
            code = torch.cat([codes[index] for index in going])
            pictures = reconstruct(self.generator, self.space.styles(code))
            picture = pictures[:1].detach()
            total = self._data_term(self.likeness.select(going), pictures)
            if settings.prior_weight:
                total = total + settings.prior_weight * self.space.squared_sigmas(code, settings.covariance)
            if maps:
                total = total + settings.noise_weight * self_correlation(maps)
            return total

        def after_step(going: list[int], values: list[float]) -> None:
            nonlocal best_maps
            for index, value in zip(going, values, strict=True):
                self._steps[index] += 1
                if value < lowest[index]:
                    lowest[index], self.best[index] = value, codes[index].detach().clone()
                    best_maps = [noise.detach().clone() for noise in maps]
            watch(sum(self._steps), picture, float(self._lpips[0]))

        try:
            minimise(descents, losses, after_step)
            for index, descent in enumerate(descents):
                if descent.course.end < settings.steps:
                    self.endings[index] = "the loss stopped falling"
        finally:
            with torch.no_grad():
                for noise, best in zip(maps, best_maps, strict=True):
                    noise.requires_grad_(False).copy_(best)

    def _tune(self, watch: _OwnWatch) -> None:
        """Fit the generator to the code of the one picture there is then."""
        settings, styles = self.settings, [style.detach() for style in self.space.styles(self.best[0])]
        parameters = [
            parameter
            for name, parameter in self.generator.named_parameters()
            # Without the affines and the mapping, so that style space stays the one it shares with its origin.
            if name.startswith("synthesis.") and ".affine." not in name
        ]
        picture = torch.empty(0)

        def losses(_: list[int]) -> torch.Tensor:
            nonlocal picture
            picture = reconstruct(self.generator, styles)
            return self._data_term(self.likeness, picture)

        def after_step(*_: object) -> None:
            self._steps[0] += 1
            watch(settings.steps + descent.step + 1, picture.detach(), float(self._lpips[0]))

        for parameter in parameters:
            parameter.requires_grad_()
        descent = Descent(parameters, Course(settings.tune_steps), settings.tune_learning_rate)
        try:
            minimise([descent], losses, after_step)
        finally:
            self.generator.requires_grad_(False)

    def _data_term(self, likeness: Likeness, pictures: torch.Tensor) -> torch.Tensor:
        lpips, mse = likeness.measure(pictures)
        self._lpips = lpips.detach()
        return self.settings.perceptual_weight * lpips + self.settings.mse_weight * mse

    @torch.no_grad()
    def reports(self) -> list[Report]:
        """How like the pictures of the best codes are, and how probable the codes."""
        reports = []
        for index, code in enumerate(self.best):
            lpips, mse = self.likeness.select([index]).measure(reconstruct(self.generator, self.space.styles(code)))
            sigmas = self.space.squared_sigmas(code, self.settings.covariance).sqrt()
            # Halved range, so a quarter of the squares.
            figures = float(lpips), float(mse) / 4.0, float(sigmas)
            seconds = self._seconds / len(self.best)
            reports.append(Report(*figures, self._steps[index], seconds, self.endings[index]))
        return reports


def _working_copy(generator: Generator, own: bool) -> Generator:
    """The generator in float32, with weights of its own if they are to be changed."""
    working = differentiable(generator, own_weights=own)
    if own:
        working.name = f"{generator.name}, fitted"
    working.dtype = torch.float32
    return working


def _fitted(pictures: torch.Tensor, side: int) -> torch.Tensor:
    """A copy of `[B, C, H, W]` as `[B, C, side, side]` float32 on the CPU: not every device can average so."""
    pictures = pictures.float().cpu().clone()
    if pictures.shape[2:] == (side, side):
        return pictures
    resized = F.interpolate(pictures, size=(side, side), mode="bicubic", antialias=True)
    return resized.clamp(float(pictures.min()), float(pictures.max()))


def _first_codes(space: Space, init: Latent, count: int) -> torch.Tensor:
    if init.batch not in (1, count):
        raise LatentError(
            f"InvertImage: init has {init.batch} codes for {count} pictures. Give one, or one for each picture."
        )
    with torch.no_grad():
        return torch.cat([space.read(select(init, [index])) for index in range(init.batch)])
