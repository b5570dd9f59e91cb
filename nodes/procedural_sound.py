"""The node ProceduralSound: a few bars of music from a seed."""

from __future__ import annotations

from typing import Any

from ..soat_backend.latents.sampling import MAX_SEED
from ..soat_backend.sound.rhythm import MAX_SECONDS, MAX_TEMPO, MIN_SECONDS, MIN_TEMPO, rhythm
from ..soat_backend.support.errors import require_between
from . import inputs


class ProceduralSound:
    """A few bars of music, synthesised from a seed."""

    DISPLAY_NAME = "Procedural Sound"
    CATEGORY = f"{inputs.CATEGORY}/pictures"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "audio", "beat", "drum machine", "test sound", "music", "placeholder")
    DESCRIPTION = (
        "Synthesises drums, a bass and chords from a seed: something for Audio Value to follow. Put Load Audio in its "
        "place for a sound of your own."
    )
    FUNCTION = "play"
    RETURN_TYPES = ("AUDIO",)
    RETURN_NAMES = ("audio",)
    OUTPUT_TOOLTIPS = ("The sound, one channel.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "seconds": inputs.number(4.0, MIN_SECONDS, MAX_SECONDS, "How long."),
                "tempo": inputs.number(120.0, MIN_TEMPO, MAX_TEMPO, "Beats a minute; the first is at the beginning."),
                "seed": inputs.seed("Which chords, and where the cymbals are."),
            }
        }

    def play(self, seconds: float, tempo: float, seed: int) -> tuple[dict[str, Any]]:
        """Synthesise the bars."""
        require_between("seed", seed, 0, MAX_SEED)
        return (inputs.sound_to_audio(rhythm(seconds, tempo, seed)),)
