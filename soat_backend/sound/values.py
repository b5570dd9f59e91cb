"""A number for each frame of a film that follows a sound."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from ..support.errors import SoatError, number_text, require_choice
from .follow import at_most_one, followed, smoothed, travelled
from .measures import MAX_FRAMES, PITCHES, band, chroma, frame_times, loudness
from .onsets import find_onsets
from .sound import Sound

MEASURES = ("loudness", "band", "onsets", "chroma")
LEVELS = ("peak", "absolute")


@dataclass(frozen=True)
class Following:
    """What of a sound is followed, and how.

    Attributes:
        what: `loudness`: all of it. `band`: from low_hz to high_hz. `onsets`: 1 where something begins, less for what
            is weaker, 0 elsewhere. `chroma`: one pitch in all octaves.
        low_hz: Of a band, in Hz.
        high_hz: Of a band, in Hz.
        pitch: Of chroma, one of PITCHES.
        smoothing: Standard deviation of a blur in time, in seconds, before it is followed.
        attack: Time constant of a rise, in seconds.
        release: Time constant of a fall, in seconds.
        level: `peak`: the greatest number is 1. `absolute`: a root mean square of 1 is 1, and so is every onset.
    """

    what: str = "loudness"
    low_hz: float = 20.0
    high_hz: float = 200.0
    pitch: str = "A"
    smoothing: float = 0.0
    attack: float = 0.0
    release: float = 0.0
    level: str = "peak"

    def shares(self, sound: Sound, frames: int, fps: float) -> torch.Tensor:
        """What is followed, 0 where it is silent: `[frames]` float64.

        Args:
            sound: The sound; after its end there is silence.
            frames: How many.
            fps: Frames a second; frame k is what is heard around k / fps seconds.

        Raises:
            SoatError: A number out of its range, or an unknown word.
        """
        require_choice("what", self.what, MEASURES)
        require_choice("level", self.level, LEVELS)
        values = followed(
            smoothed(self._measured(sound, frames, fps), fps, self.smoothing), fps, self.attack, self.release
        )
        return at_most_one(values) if self.level == "peak" else values

    def beats(self, sound: Sound, frames: int, fps: float) -> torch.Tensor:
        """How many onsets there have been at each frame, each counted within `release`: `[frames]` float64.

        At an onset it leaves for the next whole number, fast at first, and is there at 95 % after three times release.
        """
        _, count = find_onsets(sound, frames / fps).in_frames(frames, fps)
        # What rises here is what falls in the value: the onset fades, and the count has come.
        return followed(torch.cat((count.new_zeros(1), count.cumsum(0))), fps, self.release, self.release)[1:]

    def _measured(self, sound: Sound, frames: int, fps: float) -> torch.Tensor:
        if self.what == "loudness":
            return loudness(sound, frames, fps)
        if self.what == "band":
            return band(sound, frames, fps, self.low_hz, self.high_hz)
        if self.what == "chroma":
            return chroma(sound, frames, fps, self.pitch)
        strength, _ = find_onsets(sound, frames / fps).in_frames(frames, fps)
        return strength if self.level == "peak" else (strength > 0.0).double()


def frame_count(sound: Sound, frames: int, fps: float) -> int:
    """How many frames: as asked for, or with 0 as many as the sound lasts.

    Raises:
        SoatError: An empty sound, or one that lasts too long.
    """
    if frames:
        return len(frame_times(frames, fps))
    frame_times(1, fps)
    needed = sound.frames(fps)
    if not needed:
        raise SoatError("The sound is empty: it has no samples. Load another, or say how many frames there are.")
    if needed > MAX_FRAMES:
        raise SoatError(
            f"The sound lasts {sound.seconds:.0f} seconds, at {number_text(fps)} a second {needed} frames, more than "
            f"{MAX_FRAMES}. Choose how many frames there are, or a lower fps, or cut the sound."
        )
    return needed


__all__ = ["LEVELS", "MEASURES", "PITCHES", "Following", "frame_count", "travelled"]
