"""The node AlignFace: finds a face in a photo and cuts it out as models of faces want it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from ..soat_backend.pictures import faces
from ..soat_backend.pictures.photos import Crop, cut
from ..soat_backend.pictures.photos.square import MAX_SIDE
from ..soat_backend.support.errors import SoatError
from . import host, inputs

BUNDLED_LANDMARKS = "bundled"
MAX_FACES = 64
_SMALL_FACE = 64.0


class AlignFace:
    """A face of a photo as models of faces want it."""

    DISPLAY_NAME = "Align Face"
    CATEGORY = f"{inputs.CATEGORY}/pictures"
    SEARCH_ALIASES = (*inputs.PACK_WORDS, "FFHQ crop", "detect face", "landmarks", "dlib", "portrait photo")
    DESCRIPTION = (
        "Cuts a face out of a photo with eyes and mouth where models of FFHQ expect them. Paste Back puts what was "
        "made of it into the photo again."
    )
    FUNCTION = "align"
    RETURN_TYPES = ("IMAGE", "SOAT_CROP", "STRING")
    RETURN_NAMES = ("image", "crop", "report")
    OUTPUT_TOOLTIPS = ("The face, square.", "Where it was, for Paste Back.", "What was found in each picture.")

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:
        """Inputs as ComfyUI wants them."""
        return {
            "required": {
                "image": ("IMAGE", {"tooltip": "Photos; one face is taken of each of a batch."}),
                "size": inputs.integer(1024, 16, MAX_SIDE, "Side of the result in pixels; the model's size or more."),
                "face": inputs.integer(0, 0, MAX_FACES, "Which face, the largest first."),
                "margin": inputs.number(
                    1.0,
                    faces.MIN_MARGIN,
                    faces.MAX_MARGIN,
                    "How much wider than FFHQ's crop, for models of other faces: 1.2 for the bundled portraits.",
                ),
            },
            "optional": {
                "landmarks": inputs.choice(
                    [BUNDLED_LANDMARKS, *host.model_files("dlib")],
                    BUNDLED_LANDMARKS,
                    "What finds faces: networks that come with the pack, or a file of models/dlib (with dlib).",
                ),
            },
        }

    @classmethod
    def VALIDATE_INPUTS(cls, landmarks: str | None = None) -> bool | str:
        """A file of landmarks must be there."""
        return host.check_model("landmarks", "dlib", landmarks, BUNDLED_LANDMARKS)

    def align(
        self,
        image: torch.Tensor,
        size: int,
        face: int,
        margin: float,
        landmarks: str,
    ) -> tuple[torch.Tensor, list[Crop], str]:
        """Find the faces of each photo, and cut out the one that was chosen."""
        photos = inputs.image_to_nchw(image)
        find = _finder(landmarks)
        cuts, crops, lines = [], [], []
        with host.Progress("finding faces") as progress:
            for index, photo in enumerate(photos):
                found = find(photo[None] * 255.0)
                chosen = _choose(found, face, index, photo)
                height, width = photo.shape[1:]
                crops.append(faces.ffhq_crop(chosen.landmarks, width, height, margin))
                cuts.append(cut(photo[None], crops[-1], size))
                lines.append(f"{index}: {_described(chosen, len(found), face)}")
                progress(index + 1, len(photos))
        return inputs.nchw_to_image(torch.cat(cuts)), crops, "\n".join(lines)


def _finder(name: str) -> Callable[[torch.Tensor], list[faces.Face]]:
    return faces.find_faces if name == BUNDLED_LANDMARKS else faces.DlibFaces(host.model_path("dlib", name))


def _choose(found: list[faces.Face], wanted: int, index: int, photo: torch.Tensor) -> faces.Face:
    height, width = photo.shape[1:]
    if not found:
        raise SoatError(
            f"No face was found in picture {index} ({width} x {height}). A face is found if both eyes can "
            "be seen and it is about 30 pixels wide and a thirtieth of the picture or more. Cut the photo around the "
            "face, enlarge a tiny one, or take SquareCrop for another subject."
        )
    if wanted >= len(found):
        raise SoatError(
            f"Face {wanted} was asked for, and picture {index} has {len(found)}: choose a face from 0 (the "
            f"largest) to {len(found) - 1}."
        )
    return found[wanted]


def _described(face: faces.Face, count: int, wanted: int) -> str:
    width = face.box[2] - face.box[0]
    parts = [f"face {wanted} of {count}, the largest first" if count > 1 else "one face"]
    parts.append(f"{width:.0f} pixels wide, score {face.score:.2f}")
    if faces.is_sideways(face):
        parts.append("seen from the side, which models of aligned faces know little of")
    if width < _SMALL_FACE:
        parts.append("so small that the model will make up most of it")
    return "; ".join(parts)
