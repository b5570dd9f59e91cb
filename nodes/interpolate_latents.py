"""The node InterpolateLatents: codes on the way from one latent to another."""

from __future__ import annotations

from typing import Any

from ..soat_backend.latents import Latent, interpolate
from ..soat_backend.latents.mixing import METHODS
from ..soat_backend.support.errors import require_between
from . import inputs

MAX_STEPS = 4096


class InterpolateLatents:
    """The way from one latent to another."""

    DISPLAY_NAME = "Interpolate Latents"
    CATEGORY = f"{inputs.CATEGORY}/latents"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "morph", "lerp", "slerp", "blend faces", "in-between")
    DESCRIPTION = "Codes on the way from A to B: one at t, or a batch of steps with both ends."
    FUNCTION = "interpolate"
    RETURN_TYPES = ("SOAT_LATENT",)
    RETURN_NAMES = ("latent",)
    OUTPUT_TOOLTIPS = ("The codes, a batch of steps.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "latent_a": inputs.latent("Where it starts."),
                "latent_b": inputs.latent("Where it ends. Of the same generator."),
                "steps": inputs.integer(1, 1, MAX_STEPS, "How many codes, both ends included; 1: the one at t."),
                "t": inputs.number(0.5, 0.0, 1.0, "How far from A to B; used when steps is 1."),
                "method": inputs.choice(METHODS, "lerp", "lerp: straight. slerp: along the sphere, for z."),
            }
        }

    def interpolate(self, latent_a: Latent, latent_b: Latent, steps: int, t: float, method: str) -> tuple[Latent]:
        """Compute the codes at `t`, or at `steps` equal steps from the first latent to the second."""
        require_between("steps", steps, 1, MAX_STEPS)
        ts = [t] if steps == 1 else [step / (steps - 1) for step in range(steps)]
        return (interpolate(latent_a, latent_b, ts, method),)
