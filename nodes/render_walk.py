"""The node RenderWalk: features straight to a film, frame by frame, with a sound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..soat_backend.pictures.film import MAX_CRF, MAX_FPS, MIN_FPS, FilmWriter, describe_film
from ..soat_backend.support.errors import SoatError, require_choice
from ..soat_backend.support.files import replacing
from ..soat_backend.support.memory import give_back_freed_memory
from ..soat_backend.synthesis.feature_map import FeatureMap
from ..soat_backend.synthesis.plan import part_of
from ..soat_backend.synthesis.render import plan, render
from . import host, inputs

# Those that browsers play.
FORMATS = ("mp4", "webm")


class RenderWalk:
    """Features straight to a film, frame by frame."""

    DISPLAY_NAME = "Render Walk"
    CATEGORY = f"{inputs.CATEGORY}/output"
    SEARCH_ALIASES = (
        *inputs.PACK_WORDS,
        "video",
        "mp4",
        "webm",
        "film",
        "movie",
        "export video",
        "StyleGAN video",
        "music video",
    )
    DESCRIPTION = (
        "Renders a batch or list of features picture by picture into a video file in the output folder, with a sound: "
        "a film may be of any length, since its pictures are never held together."
    )
    FUNCTION = "save"
    OUTPUT_NODE = True
    # A list comes whole, so that all frames go into one film.
    INPUT_IS_LIST = True
    RETURN_TYPES = ("VIDEO",)
    RETURN_NAMES = ("video",)
    OUTPUT_TOOLTIPS = ("The film, for nodes that go on with it; it is saved already.",)

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "features": inputs.features("One for each frame: a batch, or a list, as numbers that move make it."),
                "filename_prefix": inputs.filename_prefix("video/SOAT"),
                "fps": inputs.number(24.0, MIN_FPS, MAX_FPS, "Frames a second."),
                "format": inputs.choice(
                    FORMATS, "mp4", "mp4: H.264 and AAC, plays everywhere. webm: VP9 and Opus, slower, for the web."
                ),
                "crf": inputs.integer(
                    18,
                    0,
                    MAX_CRF,
                    "How much is lost: 0 next to nothing, 18 nothing one sees, 28 a small file.",
                    advanced=True,
                ),
            },
            "optional": {"audio": inputs.audio("The film's sound, cut where the film ends.")},
            "hidden": {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"},
        }

    @classmethod
    def VALIDATE_INPUTS(cls, filename_prefix: Any = None) -> bool | str:
        """The name must stay in the output folder."""
        # ComfyUI gives lists to a node that takes lists.
        return host.check_prefix(filename_prefix[0] if isinstance(filename_prefix, list) else filename_prefix)

    def save(
        self,
        features: list[FeatureMap],
        filename_prefix: Sequence[str],
        fps: Sequence[float],
        format: Sequence[str],
        crf: Sequence[int],
        audio: list[Any] | None = None,
        prompt: list[Any] | None = None,
        extra_pnginfo: list[Any] | None = None,
    ) -> dict[str, Any]:
        """Render one picture after the other, each into the film as soon as it is made."""
        require_choice("format", format[0], FORMATS)
        if not features:
            raise SoatError("There are no frames; the list that is connected is empty.")
        texts = host.workflow_texts(prompt, extra_pnginfo)
        sound = inputs.audio_to_sound(audio[0]) if audio and audio[0] is not None else None
        height, width = plan(features[0]).size
        new_file = host.output_path(filename_prefix[0], f".{format[0]}", width=width, height=height)
        with new_file as path, replacing(path) as partial:
            film = FilmWriter(partial, format[0], fps[0], crf=crf[0], sound=sound, texts=texts)
            with film, host.Progress("rendering") as progress:
                for picture in _pictures(features, progress):
                    film.add(picture)
        said = describe_film(film.frames, fps[0], (height, width))
        shown = {"images": [host.output_entry(path)], "animated": (True,), "soat_text": [said]}
        return {"ui": shown, "result": (host.video_of(path),)}


def _pictures(features: list[FeatureMap], progress: host.Progress) -> Iterator[np.ndarray]:
    """Each frame's pixels, uint8 `[H, W, 3]`; only one is on the device at a time."""
    total, done = sum(each.batch for each in features), 0
    generators: set[Any] = set()
    for each in features:
        # As a rule they are the same for all.
        if generators != (generators := {branch.generator for branch in each.branches}):
            device = host.load_generators(each.item(0))
        for index in range(each.batch):
            picture = render(each.item(index).to(device), progress=part_of(progress, done, total))
            image = inputs.rgb_to_image(picture)[0]
            done += 1
            progress(done, total, lambda image=image: host.live_picture(image))
            yield (image.numpy() * 255.0).astype(np.uint8)
            give_back_freed_memory()
