"""The search for the base codes of some pictures at once, after that for their codes."""

from __future__ import annotations

import time
from dataclasses import replace

import torch

from ..generators import Generator
from ..latents.spaces import Space
from ..optimise import Problem, search, synthesize_differentiably
from ..perceptual import FeatureNetwork
from ..synthesis.feature_map import FeatureMap
from ..synthesis.render import render
from .base_code import BaseCode, deviations, features_of, reach_of
from .code_search import CodeSearch, Watch
from .data_term import DataTerm
from .layout import Layout
from .likeness import Likeness
from .report import Report, report_of
from .settings import InversionSettings
from .tuning import tune
from .window_codes import WindowCodes, seen_windows

# How fast a map changes beside a code, both in deviations.
_PACE = 0.5


def phases(steps: int) -> tuple[int, int, int]:
    """Of a search's steps: first for the code as without a base code, then for the base code alone, then for both."""
    alone = steps // 4
    return steps - 2 * alone, alone, alone


class BaseSearch:
    """A search for codes, and then for the maps at a layer that make the pictures together with them.

    Args:
        codes: Not begun; of `phases(settings.steps)[0]` steps, without tuning.
        likeness: To the pictures.
        settings: Of the search.
        layout: Of the canvas of each; its layer is where the base code is.

    Attributes:
        best: Of each picture, the codes that have been best so far, `[branches, rows, D]`.
        endings: Of each, why there were no more steps.
    """

    def __init__(self, codes: WindowCodes, likeness: Likeness, settings: InversionSettings, layout: Layout) -> None:
        self.generator: Generator = codes.generator
        self.space: Space = codes.space
        self._codes, self.likeness, self.settings, self.layout = codes, likeness, settings, layout
        self._data_term = DataTerm(likeness, settings)
        self._base: BaseCode | None = None
        self.best, self.endings = codes.best, codes.endings
        self._steps, self._seconds = [0] * len(self.best), 0.0

    def run(self, watch: Watch) -> None:
        """Search the codes, the base codes, both, and fit the generator if that was asked for; raises as `watch`."""
        began = time.perf_counter()
        try:
            try:
                self._codes.run(watch)
            finally:
                self.best, self.endings, self._steps = self._codes.best, self._codes.endings, self._codes.steps
            self._begin()
            _, alone, both = phases(self.settings.steps)
            self._search(alone, False, watch)
            self._search(both, True, watch)
            if self.settings.tune_steps:
                self._tune(watch)
        finally:
            self._seconds = time.perf_counter() - began

    @torch.no_grad()
    def features(self, index: int) -> FeatureMap:
        """The map of a picture, so far, a batch of one."""
        base = self._base
        if base is None:
            return self._anchor(index)
        return base.features([index], self.space.styles(self.best[index]))

    @torch.no_grad()
    def _anchor(self, index: int) -> FeatureMap:
        """What a picture's found codes make at the layer."""
        made = features_of(self.generator, self.space.styles(self.best[index]), self.layout.seam_layer)
        return self.layout.canvas([made] if made.batch == 1 else [made.item(number) for number in range(made.batch)])

    def _begin(self) -> None:
        anchors = [self._anchor(index) for index in range(len(self.best))]
        reaches = [reach_of(mask, anchor) for mask, anchor in zip(self.likeness.masks.split(1), anchors, strict=True)]
        self._base = BaseCode(anchors, deviations(self.generator, self.layout.layer), _PACE, reaches)

    def _search(self, steps: int, with_codes: bool, watch: Watch) -> None:
        """Change the base codes, with the codes as they are or together with them."""
        assert self._base is not None
        base, settings, before = self._base, self.settings, list(self._steps)
        found = [code.detach() for code in self.best]
        codes = [code.clone() for code in found]
        # What no layer to come reads stays as it was found: only the prior would move it.
        read = self.space.counts_after(self.layout.layer)
        problems = [
            Problem([*unknowns, code] if with_codes else unknowns, steps, settings.learning_rate, settings.patience)
            for unknowns, code in zip(base.unknowns, codes, strict=True)
        ]
        together = torch.empty(0)

        def changed(index: int) -> torch.Tensor:
            return torch.where(read, codes[index][self._codes.painters[index]], found[index])

        def make(going: list[int]) -> FeatureMap:
            nonlocal together
            together = torch.cat([changed(index) for index in going])
            return synthesize_differentiably(base.features(going, self.space.styles(together)))

        def objective(features: FeatureMap, going: list[int]) -> torch.Tensor:
            total = self._data_term(features.picture, going) + settings.base_weight * base.squared_offset(going)
            if with_codes and settings.prior_weight:
                sigmas = self.space.squared_sigmas(together, settings.covariance)
                total = total + settings.prior_weight * sigmas.view(len(going), -1).mean(1)
            return total

        def after_step(features: FeatureMap, _: list[int]) -> None:
            self._steps = [taken + problem.taken for taken, problem in zip(before, problems, strict=True)]
            watch(sum(self._steps), features.picture[:1], float(self._data_term.lpips[0]))

        try:
            search(problems, make, objective, after_step)
        finally:
            self.best = [changed(index).detach() for index in range(len(codes))]
        self.endings = [problem.ending for problem in problems]

    def _tune(self, watch: Watch) -> None:
        """Fit the generator to the base code of the one picture there is then."""
        features, taken = self.features(0), self._steps[0]

        def after_step(done: int, picture: torch.Tensor) -> None:
            self._steps[0] = taken + done
            watch(self.settings.steps + done, picture, float(self._data_term.lpips[0]))

        def make() -> FeatureMap:
            return synthesize_differentiably(features)

        tune(self.generator, self.settings, make, self._data_term, after_step)

    @torch.no_grad()
    def pictures(self) -> list[torch.Tensor]:
        """What the best codes so far make, `[1, img_channels, H, W]` each."""
        device = self.generator.device
        return [render(self.features(index)).to(device) for index in range(len(self.best))]

    @torch.no_grad()
    def reports(self) -> list[Report]:
        """How like the pictures of the best codes are, and how far these are from usual ones."""
        reports = []
        for index, (codes, picture) in enumerate(zip(self.best, self.pictures(), strict=True)):
            sigmas = float(self.space.squared_sigmas(codes, self.settings.covariance).mean().sqrt())
            offset = 0.0 if self._base is None else float(self._base.squared_offset([index]).sqrt())
            seconds, likeness = self._seconds / len(self.best), self.likeness.select([index])
            reports.append(
                report_of(likeness, picture, sigmas, self._steps[index], seconds, self.endings[index], offset)
            )
        return reports


def begin_base_search(
    space: Space,
    network: FeatureNetwork,
    settings: InversionSettings,
    layout: Layout,
    targets: torch.Tensor,
    masks: torch.Tensor | None,
    first: torch.Tensor | None,
) -> BaseSearch:
    """The search for some pictures' codes and maps, not begun.

    Args:
        space: Where the codes are sought; of the generator to search with.
        network: For LPIPS.
        settings: Of the search.
        layout: Of the pictures' canvases.
        targets: `[B, 3, H, W]` in -1..1, of the layout's size.
        masks: `[B, 1, H, W]` in 0..1, where likeness counts; None for everywhere.
        first: Codes to begin with, of each picture's windows one after the other; None: the best of random ones.
    """
    where = torch.ones_like(targets[:, :1]) if masks is None else masks
    seen = seen_windows(where, layout).cpu()
    chosen = seen.flatten().nonzero().flatten().to(targets.device)
    parts = Likeness(network, layout.windows(targets)[chosen], layout.windows(where)[chosen])
    for_codes = replace(settings, steps=phases(settings.steps)[0], tune_steps=0)
    search = CodeSearch(space.generator, space, parts, for_codes, None if first is None else first[chosen])
    whole = Likeness(network, targets, where, layout.seen_side)
    return BaseSearch(WindowCodes(search, layout, seen), whole, settings, layout)
