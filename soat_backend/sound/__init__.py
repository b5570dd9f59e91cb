"""Sound: what a film follows, as numbers for its frames."""

from .sound import Sound

__all__ = ["Sound"]
