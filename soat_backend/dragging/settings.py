"""What can be chosen about a drag."""

from __future__ import annotations

from dataclasses import dataclass

from ..support.errors import require_between, require_choice

METHODS = ("track", "line")
MAX_STEPS = 10_000
MAX_STRENGTH = 10.0
MAX_WEIGHT = 1e6
MAX_STOP_DISTANCE = 100.0
MIN_FRAMES, MAX_FRAMES = 2, 1000
MAX_ROWS = 100
AUTO = "auto"


@dataclass(frozen=True)
class DragSettings:
    """Source of the losses: Pan et al. 2023, DragGAN (2305.10973); Ling et al. 2023, FreeDrag (2307.04684).

    Attributes:
        method: `track`: the handles' features are followed, and drawn on pixel by pixel (DragGAN). `line`: templates of
            the handles are moved along straight lines to the targets, with nothing to be followed (FreeDrag).
        steps: At most so many; fewer once all points have arrived, or none comes nearer.
        strength: Adam's learning rate, in standard deviations of random w.
        mask_weight: Of what changes outside the mask.
        stop_distance: From a target, where a point has arrived: in pixels of a picture of 512, and scaled to others.
        layer: Whose feature map is looked at, by name, with those of half and a quarter of its rate; `auto`: that of
            half the picture's resolution, at most 128.
        rows: So many rows of w_plus are changed, the first; 0: those up to a quarter of that layer's rate, at least 16.
        keep_near: Weight of staying near the code that the drag began with.
        patience: Steps without coming nearer after which the drag is ended.
        frames: So many codes of the way are kept.
    """

    method: str = METHODS[0]
    steps: int = 100
    strength: float = 0.05
    mask_weight: float = 1.0
    stop_distance: float = 1.0
    layer: str = AUTO
    rows: int = 0
    keep_near: float = 0.2
    patience: int = 25
    frames: int = 16

    def __post_init__(self) -> None:
        require_choice("method", self.method, METHODS)
        for name, low, high in (
            ("steps", 0, MAX_STEPS),
            ("strength", 0, MAX_STRENGTH),
            ("mask_weight", 0, MAX_WEIGHT),
            ("stop_distance", 0, MAX_STOP_DISTANCE),
            ("rows", 0, MAX_ROWS),
            ("keep_near", 0, MAX_WEIGHT),
            ("patience", 1, MAX_STEPS),
            ("frames", MIN_FRAMES, MAX_FRAMES),
        ):
            require_between(name, getattr(self, name), low, high)
