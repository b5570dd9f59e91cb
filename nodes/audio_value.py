"""The node AudioValue: numbers that follow a sound, one for each frame."""

from __future__ import annotations

from typing import Any

from ..soat_backend import sound
from ..soat_backend.support.errors import require_between
from . import host, inputs

LIMIT = 1e6


class AudioValue:
    """A number that follows a sound: a list, one value a frame."""

    DISPLAY_NAME = "Audio Value"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "audio reactive",
        "sound",
        "music video",
        "beat",
        "onset",
        "loudness",
        "amplitude",
        "float list",
    )
    DESCRIPTION = (
        "A number for each frame, from a sound: how loud it is, a band of it or a pitch, or where something begins. "
        "Connected to an input such as strength or alpha, everything after it runs once a frame."
    )
    FUNCTION = "follow"
    # What it says is told again where a run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True
    RETURN_TYPES = ("FLOAT", "INT", "FLOAT", "FLOAT")
    RETURN_NAMES = ("value", "rounded", "beats", "travelled")
    OUTPUT_IS_LIST = (True, True, True, True)
    OUTPUT_TOOLTIPS = (
        "One number a frame.",
        "The same, rounded, for inputs that take whole numbers.",
        "How many beats there have been; for position of Latent Walk: a latent further at each.",
        "How far one has come if value is a speed, in units a second; for position of Latent Walk.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        hertz = {"step": 1.0}
        return {
            "required": {
                "audio": inputs.audio("The sound, from Load Audio."),
                "frames": inputs.integer(0, 0, sound.MAX_FRAMES, "How many values; 0: as long as the sound lasts."),
                "fps": inputs.number(24.0, sound.MIN_FPS, sound.MAX_FPS, "Frames a second, as the film will have."),
                "what": inputs.choice(
                    sound.MEASURES,
                    "loudness",
                    "loudness: of all of it. band: from low_hz to high_hz. onsets: where something begins. chroma: one "
                    "pitch in all octaves.",
                ),
                "start": inputs.number(0.0, -LIMIT, LIMIT, "Value of silence."),
                "end": inputs.number(1.0, -LIMIT, LIMIT, "Value of the loudest moment."),
                "low_hz": inputs.number(
                    20.0, 0.0, sound.MAX_HZ, "Where the band begins; drums and bass: 20 to 200.", **hertz
                ),
                "high_hz": inputs.number(200.0, 0.0, sound.MAX_HZ, "Where the band ends.", **hertz),
                "pitch": inputs.choice(sound.PITCHES, "A", "Whose loudness chroma is."),
                "attack": inputs.number(0.0, 0.0, sound.MAX_SECONDS, "How slowly it rises: seconds for two thirds."),
                "release": inputs.number(0.2, 0.0, sound.MAX_SECONDS, "How slowly it falls: seconds for two thirds."),
                "smoothing": inputs.number(
                    0.0, 0.0, sound.MAX_SECONDS, "Blurs it in time, to both sides, so many seconds.", advanced=True
                ),
                "level": inputs.choice(
                    sound.LEVELS,
                    "peak",
                    "peak: end is at the loudest moment of these frames. absolute: at full scale, whatever there is.",
                    advanced=True,
                ),
            }
        }

    def follow(
        self,
        audio: Any,
        frames: int,
        fps: float,
        what: str,
        start: float,
        end: float,
        low_hz: float,
        high_hz: float,
        pitch: str,
        attack: float,
        release: float,
        smoothing: float,
        level: str,
    ) -> Any:
        """Compute the value of each frame, the same as whole numbers, the beats so far, and the way travelled."""
        for name, value in (("start", start), ("end", end)):
            require_between(name, value, -LIMIT, LIMIT)
        require_between("frames", frames, 0, sound.MAX_FRAMES)
        heard = inputs.audio_to_sound(audio)
        count = sound.frame_count(heard, frames, fps)
        following = sound.Following(what, low_hz, high_hz, pitch, smoothing, attack, release, level)
        values = start + (end - start) * following.shares(heard, count, fps)
        beats = following.beats(heard, count, fps).tolist()
        numbers = values.tolist()
        result = (numbers, [round(value) for value in numbers], beats, sound.travelled(values, fps).tolist())
        return host.shown(result, soat_text=[f"{count} frames, {round(beats[-1])} beats"])
