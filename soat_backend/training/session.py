"""Running a training: its log, saved states, sample sheets and figures, until it is told to stop."""

from __future__ import annotations

import json
import logging
import math
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from .export import Export
from .metric import compare
from .options import TrainingError
from .sheet import sample_images, save_sheets
from .state import save_state
from .trainer import Trainer

logger = logging.getLogger(__name__)

STATE_NAME = "state.pt"
LOG_NAME = "log.jsonl"
SHEETS_NAME = "sheets"


@dataclass(frozen=True)
class Schedule:
    """When to stop, and how often to do what.

    Attributes:
        seconds: To train for, or None for no limit.
        images: To stop at, counted from the training's very beginning, or None.
        log_images: Images between lines of the log.
        save_seconds: Between saved states.
        sheet_images: Images between sample sheets.
        metric_images: Images between figures; 0 for none.
        metric_samples: Pictures compared for a figure.
    """

    seconds: float | None = None
    images: int | None = None
    log_images: int = 1_600
    save_seconds: float = 240.0
    sheet_images: int = 16_000
    metric_images: int = 32_000
    metric_samples: int = 1_024


class Session:
    """One run of a trainer in a work folder.

    Args:
        trainer: New or resumed.
        work: Folder for state, log and sheets.
        export: The checkpoint to write whenever the state is saved.
        schedule: When to do what.
        started: `time.monotonic()` from which the schedule's seconds count; now if None.
    """

    def __init__(
        self,
        trainer: Trainer,
        work: Path,
        export: Export,
        schedule: Schedule,
        started: float | None = None,
    ) -> None:
        self.trainer = trainer
        self.work = work
        self.export = export
        self.schedule = schedule
        self.started = time.monotonic() if started is None else started
        work.mkdir(parents=True, exist_ok=True)
        self._sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._logged = (trainer.images, time.monotonic())

    def run(self, stop_requested: Callable[[], bool] = lambda: False) -> None:
        """Train until the schedule's end or a request to stop, then save state, checkpoint and sheets.

        Raises:
            TrainingError: A loss is no longer finite. The last saved state is left as it was.
        """
        schedule, trainer = self.schedule, self.trainer
        last_save = time.monotonic()
        while schedule.images is None or trainer.images < schedule.images:
            if trainer.grow_if_due():
                logger.info("growing to %d px", trainer.resolution)
            began = time.monotonic()
            self._add_up(trainer.step())
            trainer.seconds += time.monotonic() - began
            if self._passed(schedule.log_images):
                self._log()
            if self._passed(schedule.sheet_images):
                save_sheets(trainer.finished(), self.work / SHEETS_NAME, trainer.images)
            if schedule.metric_images and self._passed(schedule.metric_images):
                self._measure()
            if self._is_late() or stop_requested():
                break
            if time.monotonic() - last_save > schedule.save_seconds:
                self.save()
                last_save = time.monotonic()
        self.save()
        save_sheets(trainer.finished(), self.work / SHEETS_NAME, trainer.images)
        logger.info("stopped after %d images; the state is in %s", trainer.images, self.work / STATE_NAME)

    def save(self) -> None:
        """Save the state, and the checkpoint made of it."""
        self._require_finite()
        save_state(self.trainer, self.work / STATE_NAME)
        self.export.write(self.trainer)

    def _is_late(self) -> bool:
        seconds = self.schedule.seconds
        return seconds is not None and time.monotonic() - self.started >= seconds

    def _passed(self, every: int) -> bool:
        """Whether the last step went past a multiple of `every` images."""
        return self.trainer.images % every < self.trainer.options.batch

    def _add_up(self, report: dict[str, torch.Tensor]) -> None:
        for name, value in report.items():
            total = self._sums[name]
            total[0] += float(value)
            total[1] += 1

    def _require_finite(self) -> None:
        if not all(math.isfinite(total) for total, _ in self._sums.values()):
            raise TrainingError(
                f"The training diverged: a loss is no longer a number after {self.trainer.images} images. Go on from "
                "the last saved state with a lower --learning-rate or a higher --r1-factor."
            )

    def _log(self) -> None:
        self._require_finite()
        trainer, now = self.trainer, time.monotonic()
        images_before, time_before = self._logged
        means = {name: round(total / count, 4) for name, (total, count) in self._sums.items()}
        speed = round((trainer.images - images_before) / max(now - time_before, 1e-9), 1)
        entry = {"images": trainer.images, "resolution": trainer.resolution, "fade": round(trainer.fade, 3), **means}
        self._write({**entry, "images_per_second": speed, "hours": round(trainer.seconds / 3600, 3)})
        self._sums.clear()
        self._logged = (trainer.images, now)

    def _measure(self) -> None:
        """Compare averaged samples, untruncated, with real pictures."""
        trainer, count = self.trainer, self.schedule.metric_samples
        generator = trainer.finished()
        random = torch.Generator().manual_seed(5)
        z = torch.randn(count, generator.config.z_dim, generator=random).to(generator.device)
        with torch.no_grad():
            fake = sample_images(generator, generator.mapping(z)).cpu()
        indices = np.arange(count) % len(trainer.data)
        real = torch.from_numpy(trainer.data[indices]).permute(0, 3, 1, 2).float() / 127.5 - 1.0
        figures = {name: round(value, 2) for name, value in compare(real, fake).items()}
        self._write({"images": trainer.images, "resolution": trainer.resolution, **figures})

    def _write(self, entry: dict[str, float]) -> None:
        logger.info(" ".join(f"{name} {value}" for name, value in entry.items()))
        with (self.work / LOG_NAME).open("a", encoding="utf-8") as log:
            log.write(json.dumps(entry) + "\n")
