"""The search for the codes of some pictures at once, and for a generator that fits them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch

from ..generators import Generator
from ..latents.sampling import random_w
from ..latents.spaces import Space
from ..optimise import Problem, choose_starts, reconstruct, search
from ..synthesis.feature_map import FeatureMap
from .data_term import DataTerm
from .likeness import Likeness
from .noise_maps import noise_maps, normalise, self_correlation
from .report import Report, report_of
from .settings import CANDIDATES_AT_ONCE, InversionSettings
from .tuning import tune

# Told (steps done for these pictures, the present picture `[1, img_channels, H, W]` of the first, its LPIPS); may raise
# to stop.
Watch = Callable[[int, torch.Tensor, float], None]


class CodeSearch:
    """The search for the codes of some pictures at once, each for itself.

    Args:
        generator: In float32; with weights of its own if noise or weights are to be fitted.
        space: Where the codes are sought.
        likeness: To the pictures.
        settings: Of the search.
        first: Codes to begin with `[pictures, rows, D]`; None: the best of random ones.

    Attributes:
        best: Of each picture, the code that has been best so far, `[1, rows, D]`.
        endings: Of each, why there were no more steps.
        steps: Of each, taken so far.
        seconds: They took together.
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
        self._data_term = DataTerm(likeness, settings)
        self.given = first is not None
        self.best = list((space.start(count) if first is None else first).split(1))
        self.endings = ["not begun"] * count
        self.steps, self.seconds = [0] * count, 0.0

    def run(self, watch: Watch) -> None:
        """Begin, search, and fit the generator if that was asked for; raises what `watch` raises."""
        began = time.perf_counter()
        try:
            if not self.given:
                self._choose_starts(watch)
            self.endings = ["all steps taken"] * len(self.best)
            self._search_codes(watch)
            if self.settings.tune_steps:
                self._tune(watch)
        finally:
            self.seconds = time.perf_counter() - began

    def _choose_starts(self, watch: Watch) -> None:
        """Begin with the random codes whose pictures are most like, or with the mean if that is."""
        codes = self.space.start(1)
        if self.settings.candidates:
            w = random_w(self.generator, self.settings.candidates, self.settings.seed)
            codes = torch.cat((codes, self.space.of_w(w)))
        picture, shown = torch.empty(0), math.inf

        def nearer(index: int, features: FeatureMap, which: int) -> None:
            nonlocal picture, shown
            if index == 0:
                picture, shown = features.picture[which][None], float(self._data_term.lpips[which])

        choose_starts(
            self.best,
            codes,
            CANDIDATES_AT_ONCE,
            lambda some: reconstruct(self.generator, self.space.styles(some)),
            [self._data_term.of([index]) for index in range(len(self.best))],
            nearer,
            lambda: watch(0, picture, shown),
        )

    def _search_codes(self, watch: Watch) -> None:
        settings = self.settings
        codes = [best.clone() for best in self.best]
        maps = noise_maps(self.generator) if settings.noise_maps else []
        problems = [Problem([code, *maps], settings.steps, settings.learning_rate, settings.patience) for code in codes]
        together = torch.empty(0)

        def make(going: list[int]) -> FeatureMap:
            nonlocal together
            normalise(maps)
            together = torch.cat([codes[index] for index in going])
            return reconstruct(self.generator, self.space.styles(together))

        def objective(features: FeatureMap, going: list[int]) -> torch.Tensor:
            total = self._data_term(features.picture, going)
            if settings.prior_weight:
                total = total + settings.prior_weight * self.space.squared_sigmas(together, settings.covariance)
            if maps:
                total = total + settings.noise_weight * self_correlation(maps)
            return total

        def after_step(features: FeatureMap, _: list[int]) -> None:
            self.steps = [problem.taken for problem in problems]
            watch(sum(self.steps), features.picture[:1], float(self._data_term.lpips[0]))

        try:
            search(problems, make, objective, after_step)
        finally:
            self.best = [code.detach() for code in codes]
        self.endings = [problem.ending for problem in problems]

    def _tune(self, watch: Watch) -> None:
        """Fit the generator to the code of the one picture there is then."""
        settings, styles = self.settings, [style.detach() for style in self.space.styles(self.best[0])]
        taken = self.steps[0]

        def after_step(done: int, picture: torch.Tensor) -> None:
            self.steps[0] = taken + done
            watch(settings.steps + done, picture, float(self._data_term.lpips[0]))

        tune(self.generator, settings, lambda: reconstruct(self.generator, styles), self._data_term, after_step)

    @torch.no_grad()
    def pictures(self) -> list[torch.Tensor]:
        """What the best codes so far make, `[1, img_channels, H, W]` each."""
        return [reconstruct(self.generator, self.space.styles(code)).picture for code in self.best]

    @torch.no_grad()
    def reports(self) -> list[Report]:
        """How like the pictures of the best codes are, and how probable the codes."""
        reports = []
        for index, (code, picture) in enumerate(zip(self.best, self.pictures(), strict=True)):
            likeness = self.likeness.select([index])
            sigmas = self.space.squared_sigmas(code, self.settings.covariance).sqrt()
            seconds = self.seconds / len(self.best)
            reports.append(report_of(likeness, picture, float(sigmas), self.steps[index], seconds, self.endings[index]))
        return reports
