"""Sound: what a film follows, as numbers for its frames."""

from typing import TYPE_CHECKING

from ..support.when_needed import import_when_needed

if TYPE_CHECKING:
    from .follow import MAX_SECONDS
    from .measures import MAX_FPS, MAX_FRAMES, MAX_HZ, MIN_FPS
    from .sound import Sound
    from .values import LEVELS, MEASURES, PITCHES, Following, frame_count, travelled

__all__ = [
    "LEVELS",
    "MAX_FPS",
    "MAX_FRAMES",
    "MAX_HZ",
    "MAX_SECONDS",
    "MEASURES",
    "MIN_FPS",
    "PITCHES",
    "Following",
    "Sound",
    "frame_count",
    "travelled",
]

__getattr__ = import_when_needed(
    __name__,
    {
        "MAX_SECONDS": "follow",
        "Sound": "sound",
        **dict.fromkeys(("MAX_FPS", "MAX_FRAMES", "MAX_HZ", "MIN_FPS"), "measures"),
        **dict.fromkeys(("LEVELS", "MEASURES", "PITCHES", "Following", "frame_count", "travelled"), "values"),
    },
)
