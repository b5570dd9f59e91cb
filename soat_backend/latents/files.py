"""Latents in safetensors files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from ..errors import LatentError
from .latent import SPACES, Latent

FORMAT = "soat-latent"


def save_latent(latent: Latent, path: Path) -> None:
    """Write a latent; the file appears whole or not at all.

    Args:
        latent: Any space.
        path: Ends in .safetensors; replaced if it is there.
    """
    about = {"space": latent.space, "fingerprint": latent.fingerprint, "img_resolution": latent.img_resolution}
    tensors = {f"code_{index:02d}": code.contiguous() for index, code in enumerate(latent.codes)}
    partial = path.with_name(path.name + ".partial")
    save_file(tensors, partial, metadata={"format": FORMAT, "latent": json.dumps(about)})
    os.replace(partial, path)


def load_latent(path: Path) -> Latent:
    """Read what `save_latent` wrote.

    Raises:
        LatentError: The file is no latent of ours, or is damaged.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise LatentError(
                    f"{path.name} is a safetensors file, but no latent: expected one that SaveLatent wrote."
                )
            about = json.loads(metadata["latent"])
            codes = tuple(file.get_tensor(key) for key in sorted(file.keys()))
        space, fingerprint = about["space"], str(about["fingerprint"])
        img_resolution = int(about["img_resolution"])
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise LatentError(f"{path.name} can't be read as a latent: {error}. Save it again with SaveLatent.") from error
    _check(codes, space, path.name)
    return Latent(space, codes, fingerprint, img_resolution)


def _check(codes: tuple[torch.Tensor, ...], space: str, name: str) -> None:
    dimensions = {"z": 2, "w_plus": 3, "style_space": 2}
    sound = (
        space in SPACES
        and codes
        and all(code.dtype == torch.float32 and code.dim() == dimensions[space] for code in codes)
        and len({code.shape[0] for code in codes}) == 1
        and all(bool(code.isfinite().all()) for code in codes)
    )
    if not sound:
        raise LatentError(
            f"{name} holds no sound latent: expected float32 codes of one batch in one of {', '.join(SPACES)}. "
            "Save it again with SaveLatent."
        )
