"""Brings the pictures whose manner is wanted to the shape of a generator's, faces to where it has them."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from ..feature_ops import get_features
from ..generators import Generator
from ..latents import sample
from ..pictures.faces import ffhq_crop, find_faces
from ..pictures.photos import Crop, cut, square_crop
from ..support.errors import SoatError
from ..synthesis.colours import as_rgb
from ..synthesis.render import render
from .settings import MAX_PICTURES

# Faces are found in pictures of so many pixels a side and more.
_LOOKED_AT = 256
# A picture whose values deviate less than this, in 0..1, is one colour.
_ONE_COLOUR = 2e-3


def fit_style_pictures(
    generator: Generator, pictures: Sequence[torch.Tensor], align: bool = True
) -> tuple[torch.Tensor, list[bool]]:
    """Pictures of any size as pictures of a generator's.

    Where the generator's average picture has a face, a picture's largest face is brought to the same place, size and
    angle. Pictures without one, and those for other generators, are cut to the generator's shape from their middle.

    Args:
        generator: On any device.
        pictures: 1 to MAX_PICTURES, `[1, 3, H, W]` each, in 0..1.
        align: Whether to look for faces.

    Returns:
        `[N, 3, height, width]` float32 in -1..1 on the CPU, and of each whether a face was aligned.

    Raises:
        SoatError: None, too many, or one that is of one colour.
    """
    if not 1 <= len(pictures) <= MAX_PICTURES:
        raise SoatError(
            f"The manner is learnt from 1 to {MAX_PICTURES} pictures, got {len(pictures)}. For more, fine-tune the "
            "generator on a folder of them: `python -m soat finetune`."
        )
    for index, picture in enumerate(pictures):
        if not float(picture.float().std((2, 3)).max()) > _ONE_COLOUR:
            raise SoatError(
                f"Picture {index} is of one colour, so there is no manner to learn from it. Give a picture with "
                "something in it, of what the generator makes if possible."
            )
    own = _face_of(_average(generator)) if align else None
    fitted, aligned = [], []
    for picture in pictures:
        face = None if own is None else _face_of(picture)
        crop = _central(picture, generator) if own is None or face is None else _in_place(face, own)
        fitted.append(cut(picture.float(), crop, generator.img_size))
        aligned.append(own is not None and face is not None)
    return torch.cat(fitted).clamp(0.0, 1.0) * 2.0 - 1.0, aligned


def _average(generator: Generator) -> torch.Tensor:
    """The generator's average picture `[1, 3, H, W]` in 0..1 on the CPU."""
    latent = sample(generator, truncation_psi=0.0)
    pictures = render(get_features(generator, latent, generator.layers.with_features[0].name))
    return (as_rgb(pictures).clamp(-1.0, 1.0) + 1.0) / 2.0


def _face_of(picture: torch.Tensor) -> Crop | None:
    """Where the largest face of `[1, 3, H, W]` in 0..1 lies, as FFHQ would cut it out; None without a face."""
    factor = max(1, -(-_LOOKED_AT // min(picture.shape[2:])))
    enlarged = F.interpolate(picture.float(), scale_factor=factor, mode="bicubic") if factor > 1 else picture.float()
    faces = find_faces(enlarged.clamp(0.0, 1.0) * 255.0)
    height, width = picture.shape[2:]
    return ffhq_crop(faces[0].landmarks / factor, width, height) if faces else None


def _central(picture: torch.Tensor, generator: Generator) -> Crop:
    height, width = generator.img_size
    return square_crop(picture.shape[3], picture.shape[2], aspect=width / height)


def _in_place(face: Crop, own: Crop) -> Crop:
    """The part of a picture in which its face lies as the generator's own does in the generator's picture."""
    # Places as complex numbers: multiplying turns and scales them.
    own_right, own_centre = complex(*own.right), complex(*own.centre)
    right, centre = complex(*face.right), complex(*face.centre)
    middle = centre + (complex(own.width / 2, own.height / 2) - own_centre) / own_right * right
    half_width = own.width / 2 / own_right * right
    half_height = None if own.width == own.height else abs(half_width) * own.height / own.width
    return Crop((middle.real, middle.imag), (half_width.real, half_width.imag), face.width, face.height, half_height)
