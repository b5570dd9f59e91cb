"""The node StylizeGenerator: a generator that paints in the manner of one picture, or of a few."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import torch

from ..soat_backend import perceptual, stylizing
from ..soat_backend.generators import Generator
from ..soat_backend.optimise import StopSearch
from . import host, inputs

# How often each node's search was stopped, by its id.
_times_stopped: Counter[str | None] = Counter()


class StylizeGenerator:
    """A second generator that paints in the manner of one picture, or of a few."""

    DISPLAY_NAME = "Stylize Generator"
    CATEGORY = f"{inputs.CATEGORY}/load"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "JoJoGAN", "one shot", "style transfer", "few shot fine-tune", "toonify")
    DESCRIPTION = (
        "Makes a generator that paints everything in the manner of one picture, or of up to eight, within a minute or "
        "a few (JoJoGAN). It shares style space with the first one, so one code is one thing in both, and Interpolate "
        "Features blends them. Interrupting it keeps what is found so far."
    )
    FUNCTION = "stylize"
    RETURN_TYPES = ("SOAT_GENERATOR", "IMAGE", "STRING")
    RETURN_NAMES = ("generator", "image", "report")
    HAS_INTERMEDIATE_OUTPUT = True
    # `soat demo` leaves graphs with it out unless all are asked for.
    TAKES_MINUTES = True
    OUTPUT_TOOLTIPS = (
        "The generator in the new manner; Save StyleGAN keeps it.",
        "For each picture: itself, what the first generator makes of its code, and what the new one does.",
        "How near the manner came, steps, time.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        ranges = stylizing.settings
        usual = ranges.StylizeSettings()
        return {
            "required": {
                "generator": inputs.generator(),
                "image": ("IMAGE", {"tooltip": "One to eight pictures in the manner that is wanted, of like things."}),
                "strength": inputs.number(
                    usual.strength,
                    0.0,
                    ranges.MAX_STRENGTH,
                    "How far to go towards the manner: 0 is the first generator, 1 all the way, more goes beyond.",
                    0.05,
                ),
                "preserve_colour": inputs.switch(
                    usual.preserve_colour, "Keep the generator's colours; only strokes and shapes are learnt."
                ),
                "steps": inputs.integer(usual.steps, 0, ranges.MAX_STEPS, "More: closer to the pictures, less varied."),
                "seed": inputs.seed("Seed of the random codes that it is learnt with."),
            },
            "optional": {
                "align": inputs.switch(
                    True, "Bring faces to where the generator has them, if it makes faces. Off: cut from the middle."
                ),
                "learning_rate": inputs.number(
                    usual.learning_rate,
                    0.0,
                    ranges.MAX_LEARNING_RATE,
                    "Size of a step.",
                    0.0005,
                    round=1e-6,
                    advanced=True,
                ),
                "mixed_from": inputs.number(
                    usual.mixed_from,
                    0.0,
                    1.0,
                    "Which layers paint manner: those of so many times the resolution and more. Less: content may "
                    "change too.",
                    0.0625,
                    round=1e-4,
                    advanced=True,
                ),
                "style_weight": inputs.number(
                    usual.style_weight,
                    0.0,
                    ranges.MAX_WEIGHT,
                    "Weight of the manner of random pictures. More: nearer to the manner, more like the picture given.",
                    0.001,
                    round=1e-6,
                    advanced=True,
                ),
                "inversion_steps": inputs.integer(
                    usual.inversion_steps, 0, ranges.MAX_STEPS, "To find the code of each picture.", advanced=True
                ),
            },
            "hidden": {"unique_id": "UNIQUE_ID"},
        }

    @classmethod
    def IS_CHANGED(cls, unique_id: str | None = None, **_: Any) -> int:
        """What was stopped is no answer to keep: the next run learns again."""
        return _times_stopped[unique_id]

    def stylize(
        self,
        generator: Generator,
        image: torch.Tensor,
        strength: float,
        preserve_colour: bool,
        steps: int,
        seed: int,
        *,
        align: bool,
        learning_rate: float,
        mixed_from: float,
        style_weight: float,
        inversion_steps: int,
        unique_id: str | None = None,
    ) -> tuple[Generator, torch.Tensor, str]:
        """Fit a copy of the generator to the pictures' manner."""
        settings = stylizing.StylizeSettings(
            strength=strength,
            preserve_colour=preserve_colour,
            steps=steps,
            seed=seed,
            learning_rate=learning_rate,
            mixed_from=mixed_from,
            style_weight=style_weight,
            inversion_steps=inversion_steps,
        )
        with torch.inference_mode(False):
            judge = perceptual.load_alexnet()
        host.load_on_device(generator, judge, memory_required=stylizing.stylizing_bytes(generator, judge))
        given = (inputs.image_to_rgb(image) + 1.0) / 2.0
        pictures, aligned = stylizing.fit_style_pictures(generator, given.split(1), align)
        say = host.Words(unique_id)
        with host.stoppable_progress("stylizing", "keeping what is found so far") as progress:

            def watch(done: int, total: int, shown: Callable[[], torch.Tensor], distance: float) -> None:
                say(f"{distance:.3f} away, step {done} of {total}")
                if not progress(done, total, lambda: host.live_picture(inputs.rgb_to_image(shown())[0])):
                    _times_stopped[unique_id] += 1
                    raise StopSearch

            found = stylizing.stylize(generator, pictures, judge, settings, watch)
        host.put_away(found.generator)
        faces = f"; {sum(aligned)} of {len(aligned)} aligned by their faces" if any(aligned) else ""
        report = found.report + faces
        return host.shown((found.generator, inputs.rgb_to_image(found.pictures), report), soat_text=[report])
