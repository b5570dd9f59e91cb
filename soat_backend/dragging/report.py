"""How a drag of one picture went."""

from __future__ import annotations

from dataclasses import dataclass

from ..geometry.points import Drag


@dataclass(frozen=True)
class DragReport:
    """How the drag of one picture went.

    Attributes:
        reached: From each handle to the place that it has reached, as the search sees it.
        distances: Of each from its target, in pixels.
        moved: How far the code is from the one that the drag began with, in standard deviations of random w, as the
            root of the mean square over all numbers that were changed.
        steps: Taken.
        seconds: They took.
        ending: Why there were no more.
        remarks: What else should be known.
    """

    reached: tuple[Drag, ...]
    distances: tuple[float, ...]
    moved: float
    steps: int
    seconds: float
    ending: str
    remarks: tuple[str, ...] = ()

    @property
    def furthest(self) -> float:
        """The largest of the distances; 0 without points."""
        return max(self.distances, default=0.0)

    def __str__(self) -> str:
        if not self.distances:
            return "; ".join((self.ending, *self.remarks))
        each = ", ".join(f"{distance:.2f}" for distance in self.distances)
        text = (
            f"{each} px from the target{'s' if len(self.distances) > 1 else ''}, moved by {self.moved:.3f} sigmas, "
            f"{self.steps} steps in {self.seconds:.1f} s: {self.ending}"
        )
        return "; ".join((text, *self.remarks))
