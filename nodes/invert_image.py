"""The node InvertImage: searches the code that the generator makes a picture of."""

from __future__ import annotations

from collections import Counter
from typing import Any

import torch

from ..soat_backend import inversion, perceptual
from ..soat_backend.generators import Generator
from ..soat_backend.latents import Latent
from ..soat_backend.latents.spaces import SPACES
from ..soat_backend.latents.statistics import COVARIANCES
from ..soat_backend.optimise import StopSearch
from ..soat_backend.synthesis.feature_map import FeatureMap
from . import host, inputs

# How often each node's search was stopped, by its id.
_times_stopped: Counter[str | None] = Counter()
BUNDLED_NETWORK = "alexnet (bundled)"


class InvertImage:
    """A picture to the code that the generator makes it of."""

    DISPLAY_NAME = "Invert Image"
    CATEGORY = f"{inputs.CATEGORY}/pictures"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "inversion", "projector", "GAN inversion", "encode photo", "pSp e4e", "PTI")
    DESCRIPTION = (
        "Finds the code of a picture, so that every node works on it. Optimises in style space with a prior that keeps "
        "the code editable (SOAT, section 3.4). Interrupting it keeps the best so far."
    )
    FUNCTION = "invert"
    RETURN_TYPES = ("SOAT_LATENT", "IMAGE", "STRING", "SOAT_GENERATOR", "SOAT_FEATURES")
    RETURN_NAMES = ("latent", "reconstruction", "report", "generator", "features")
    HAS_INTERMEDIATE_OUTPUT = True
    OUTPUT_TOOLTIPS = (
        "The code, one for each picture; of one larger than the model's one for each part.",
        "What the generator makes of it.",
        "How like it is, and how far the code is from usual ones.",
        "The generator; with noise maps or tuning one of its own that fits the picture.",
        "The feature maps: at base_layer as they were fitted, else at the first layer what the code makes.",
    )

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        ranges = inversion.settings
        usual = ranges.InversionSettings()
        weight = {"step": 0.001, "round": 1e-6}
        return {
            "required": {
                "generator": inputs.generator(),
                "image": (
                    "IMAGE",
                    {
                        "tooltip": "Pictures of the model's shape, squares as a rule; with a base_layer of any shape. "
                        "Each of a batch is inverted by itself."
                    },
                ),
                "steps": inputs.integer(
                    usual.steps, 0, ranges.MAX_STEPS, "At most so many; 200 for a sketch, 1000 to be exact."
                ),
                "learning_rate": inputs.number(
                    usual.learning_rate,
                    0.0,
                    ranges.MAX_LEARNING_RATE,
                    "Size of a step, in standard deviations of random codes.",
                    **weight,
                    advanced=True,
                ),
                "space": inputs.choice(
                    SPACES,
                    usual.space,
                    "style_space: a number for each channel, faithful and editable. w_plus: a w for each layer. "
                    "w: one w, seldom faithful, always plausible.",
                ),
                "perceptual_weight": inputs.number(
                    usual.perceptual_weight,
                    0.0,
                    ranges.MAX_WEIGHT,
                    "Weight of looking alike (LPIPS).",
                    **weight,
                    advanced=True,
                ),
                "mse_weight": inputs.number(
                    usual.mse_weight,
                    0.0,
                    ranges.MAX_WEIGHT,
                    "Weight of being alike pixel by pixel.",
                    **weight,
                    advanced=True,
                ),
                "prior_weight": inputs.number(
                    usual.prior_weight,
                    0.0,
                    ranges.MAX_WEIGHT,
                    "Weight of being a usual code. More: easier to edit. Less: closer to the picture.",
                    **weight,
                ),
                "seed": inputs.seed("Seed of the random codes that are tried as the beginning."),
            },
            "optional": {
                "mask": (
                    "MASK",
                    {
                        "tooltip": "What to fit, stretched over the picture; the rest is made up. Leave out hands, "
                        "text, borders."
                    },
                ),
                "init": inputs.latent("Codes to begin with, one or one for each picture, instead of random ones."),
                "candidates": inputs.integer(
                    usual.candidates,
                    0,
                    ranges.MAX_CANDIDATES,
                    "Random codes of which the most alike is the beginning; 0: the mean.",
                    advanced=True,
                ),
                "covariance": inputs.choice(
                    COVARIANCES,
                    usual.covariance,
                    "Of the prior. diagonal: each number by itself. full: how they go together too.",
                    advanced=True,
                ),
                "patience": inputs.integer(
                    usual.patience,
                    0,
                    ranges.MAX_STEPS,
                    "Steps without getting better after which the search ends; 0: never.",
                    advanced=True,
                ),
                "noise_maps": inputs.switch(
                    usual.noise_maps, "Fit the noise too. One picture at a time.", advanced=True
                ),
                "tune_steps": inputs.integer(
                    usual.tune_steps,
                    0,
                    ranges.MAX_STEPS,
                    "Last phase: steps that fit the generator itself around the code. One picture at a time.",
                ),
                "network": inputs.choice(
                    [BUNDLED_NETWORK, *host.model_files("lpips")],
                    BUNDLED_NETWORK,
                    "What sees likeness: AlexNet, or a file of models/lpips (VGG16).",
                    advanced=True,
                ),
                "at_once": inputs.integer(
                    usual.at_once,
                    1,
                    ranges.MAX_AT_ONCE,
                    "Pictures of a batch that are searched at once: faster, more memory, the same but for rounding.",
                    advanced=True,
                ),
                "base_layer": inputs.base_layer(),
                "base_weight": inputs.number(
                    usual.base_weight,
                    0.0,
                    ranges.MAX_WEIGHT,
                    "Weight of the fitted map's being near what the found code makes there. More: easier to edit. "
                    "Less: closer to the picture.",
                    **weight,
                    advanced=True,
                ),
            },
            "hidden": {"unique_id": "UNIQUE_ID"},
        }

    @classmethod
    def VALIDATE_INPUTS(cls, network: str | None = None, base_layer: str | None = None) -> bool | str:
        """The network's file must be there, and the layer one that some model may have."""
        said = inputs.check_base_layer(base_layer)
        return said if said is not True else host.check_model("network", "lpips", network, BUNDLED_NETWORK)

    @classmethod
    def IS_CHANGED(cls, unique_id: str | None = None, **_: Any) -> int:
        """A search that was stopped is no answer to keep: the next run searches again."""
        return _times_stopped[unique_id]

    def invert(
        self,
        generator: Generator,
        image: torch.Tensor,
        steps: int,
        learning_rate: float,
        space: str,
        perceptual_weight: float,
        mse_weight: float,
        prior_weight: float,
        seed: int,
        mask: torch.Tensor | None = None,
        init: Latent | None = None,
        *,
        candidates: int,
        covariance: str,
        patience: int,
        noise_maps: bool,
        tune_steps: int,
        network: str,
        at_once: int,
        base_layer: str,
        base_weight: float,
        unique_id: str | None = None,
    ) -> tuple[Latent, torch.Tensor, str, Generator, FeatureMap]:
        """Search the code of each picture, and render what was found."""
        settings = inversion.InversionSettings(
            space=space,
            steps=steps,
            learning_rate=learning_rate,
            perceptual_weight=perceptual_weight,
            mse_weight=mse_weight,
            prior_weight=prior_weight,
            covariance=covariance,
            seed=seed,
            candidates=candidates,
            patience=patience,
            noise_maps=noise_maps,
            tune_steps=tune_steps,
            at_once=at_once,
            base_layer=None if base_layer == inputs.NO_BASE else base_layer,
            base_weight=base_weight,
        )
        pictures = inputs.image_to_rgb(image)
        nchw = None if mask is None else inputs.mask_to_nchw(mask)
        judge = _load_network(network)
        size = pictures.shape[2], pictures.shape[3]
        there = host.device_memory()
        if there is not None:
            inversion.check_room(generator, judge, settings, len(pictures), size, there)
        host.load_on_device(
            generator, judge, memory_required=inversion.inversion_bytes(generator, judge, settings, len(pictures), size)
        )
        say = host.Words(unique_id)
        with host.stoppable_progress("inverting", "keeping the best so far") as progress:

            def watch(done: int, total: int, picture: torch.Tensor, lpips: float) -> None:
                say(f"LPIPS {lpips:.3f}, step {done} of {total}")
                if not progress(done, total, lambda: host.live_picture(inputs.rgb_to_image(picture)[0])):
                    _times_stopped[unique_id] += 1
                    raise StopSearch

            found = inversion.invert(generator, pictures, judge, settings, nchw, init, watch)
        first = found.reports[0]
        if found.generator is not generator:
            host.put_away(found.generator)
        report = "\n".join(f"{index}: {each}" for index, each in enumerate(found.reports))
        features = found.features.to(host.result_device())
        result = found.latent, inputs.rgb_to_image(found.pictures), report, found.generator, features
        return host.shown(result, soat_text=[f"LPIPS {first.lpips:.3f}, {first.steps} steps: {first.ending}"])


def _load_network(name: str) -> perceptual.FeatureNetwork:
    with torch.inference_mode(False):
        return (
            perceptual.load_alexnet()
            if name == BUNDLED_NETWORK
            else perceptual.load_features(host.model_path("lpips", name))
        )
