"""The node LearnDirection: a direction of one's own, learnt from codes that have something and codes that haven't."""

from __future__ import annotations

from typing import Any

from ..soat_backend import latents as room
from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent, Learnt, learn_direction
from ..soat_backend.latents.learnt_directions import MAX_REGULARISATION, METHODS
from ..soat_backend.support.number_lists import parse_numbers
from . import host, inputs

# Of codes left out; below it they are told hardly better than by chance: the share of two sets, scores' correlation.
_GOOD_SHARE, _GOOD_CORRELATION = 0.6, 0.3


class LearnDirection:
    """A direction learnt from examples."""

    DISPLAY_NAME = "Learn Direction"
    CATEGORY = f"{inputs.CATEGORY}/edit"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "attribute vector",
        "InterFaceGAN",
        "boundary",
        "find a slider",
        "mean difference",
        "latent arithmetic",
        "train direction",
    )
    DESCRIPTION = (
        "Learns a direction from examples: pictures that have something and others that haven't, or a score for each. "
        "Edit Latent then gives it to any picture of the generator, and Save Direction keeps it."
    )
    FUNCTION = "learn"
    RETURN_TYPES = ("SOAT_DIRECTION", "STRING")
    RETURN_NAMES = ("direction", "report")
    # What is said of the examples is shown again when a later run finds it done.
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = (
        "For Edit Latent with method direction, or Save Direction.",
        "How many examples there were, how well those that were left out are told apart, and what a step of 1 is.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "generator": inputs.generator("Whose codes they are."),
                "latents": inputs.latent("Codes that have it, from Select Latents for instance; or all, with scores."),
                "method": inputs.choice(
                    METHODS,
                    "ridge",
                    "ridge: what tells them apart, judged by how the generator's codes vary. mean_difference: from one "
                    "mean to the other, with all that goes along.",
                ),
            },
            "optional": {
                "others": inputs.latent("Codes that haven't got it. Without these and scores: random codes."),
                "scores": (
                    "STRING",
                    {
                        "default": "",
                        "multiline": True,
                        "tooltip": "Instead of others: a number for each of the latents, with commas or lines between.",
                    },
                ),
                "regularisation": inputs.number(
                    1.0,
                    0.0,
                    MAX_REGULARISATION,
                    "Of ridge. More for few or doubtful examples, less for many good ones.",
                    0.05,
                    advanced=True,
                ),
            },
        }

    def learn(
        self,
        generator: Generator,
        latents: Latent,
        method: str,
        scores: str,
        regularisation: float,
        others: Latent | None = None,
    ) -> tuple[room.NamedDirections, str]:
        """Learn a direction, and say how far it is to be trusted."""
        host.load_on_device(generator)
        numbers = parse_numbers(scores, "scores") or None
        learnt = learn_direction(generator, latents, others, numbers, method, regularisation)
        report = "\n".join((_examples(latents, others, numbers), _trust(learnt, numbers), _steps(learnt, numbers)))
        return host.shown((room.one_direction(generator, learnt.direction), report), soat_text=[report])


def _examples(latents: Latent, others: Latent | None, scores: list[float] | None) -> str:
    if scores:
        return f"{latents.batch} latents with scores from {min(scores):g} to {max(scores):g}."
    return f"{latents.batch} latents that have it, {f'{others.batch} others' if others else 'against random ones'}."


def _trust(learnt: Learnt, scores: list[float] | None) -> str:
    if learnt.told is None:
        return "Too few to leave some out and see whether they are told right."
    if scores:
        said = f"Scores of those left out are foretold with a correlation of {learnt.told:.2f} (0 is chance)."
    else:
        said = f"Of those left out {100.0 * learnt.told:.0f} % are told right (50 % is chance)."
    if learnt.told >= (_GOOD_CORRELATION if scores else _GOOD_SHARE):
        return said
    return f"{said} Hardly better than chance: take more examples, or clearer ones."


def _steps(learnt: Learnt, scores: list[float] | None) -> str:
    way = "What goes with a score higher by 1" if scores else "From one mean to the other"
    return f"{way} is a strength of {learnt.apart:.2g} standard deviations, or of 1 as found."
