"""Latents in safetensors files, and codes in files of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..generators.known_layers import described_layers
from ..support.errors import LatentError, SoatError
from ..support.files import replacing
from ..support.strict_json import parse_json, whole_number
from .foreign import CODE_EXTENSIONS, read_codes
from .latent import SPACES, UNKNOWN, UNKNOWN_RESOLUTION, Latent

FORMAT = "soat-latent"

# What reading a file that contradicts itself can raise.
_FILE_TROUBLE = (
    SafetensorError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    RecursionError,
    SoatError,
)


def save_latent(latent: Latent, path: Path) -> None:
    """Write a latent; the file appears whole or not at all.

    Args:
        latent: Any space.
        path: Ends in .safetensors; replaced if it is there.

    Raises:
        LatentError: The file can't be written.
    """
    about: dict[str, Any] = {"space": latent.space, "fingerprint": latent.fingerprint}
    about |= {"img_resolution": latent.img_resolution, **(latent.table.description() if latent.table else {})}
    tensors = {f"code_{index:02d}": code.contiguous() for index, code in enumerate(latent.codes)}
    with replacing(path, LatentError) as partial:
        partial.write_bytes(save(tensors, metadata={"format": FORMAT, "latent": json.dumps(about)}))


def load_latent(path: Path) -> Latent:
    """Read what `save_latent` wrote, or codes that others found.

    Args:
        path: `.safetensors` of ours; anything else is read by `read_codes`.

    Raises:
        LatentError: The file is no latent of ours, or is damaged; or there are no codes in it.
        CheckpointError: A file of others can't be read.
    """
    if path.suffix.lower() in CODE_EXTENSIONS:
        return read_codes(path)
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise LatentError(
                    f"{path.name} is a safetensors file, but no latent: expected one that Save StyleGAN Latent wrote."
                )
            about = parse_json(metadata["latent"])
            codes = tuple(file.get_tensor(key) for key in sorted(file.keys()))
        if not isinstance(about["fingerprint"], str):
            raise ValueError("its fingerprint is no text")
        resolution = whole_number(about["img_resolution"])
        latent = Latent(about["space"], codes, about["fingerprint"], resolution, described_layers(about, resolution))
        sound = _is_sound(latent)
    except LatentError:
        raise
    except _FILE_TROUBLE as error:
        raise LatentError(
            f"{path.name} can't be read as a latent: {error}. Save it again with Save StyleGAN Latent."
        ) from error
    if not sound:
        raise LatentError(
            f"{path.name} holds no sound latent: expected finite float32 codes of one batch in one of "
            f"{', '.join(SPACES)}, of the shape its resolution has. Save it again with Save StyleGAN Latent."
        )
    return latent


def _is_sound(latent: Latent) -> bool:
    """Whether the codes are what their space and resolution say; their widths are checked against the generator."""
    rows: tuple[int, ...] = (1,)
    layers = 0
    if (latent.fingerprint, latent.img_resolution) != (UNKNOWN, UNKNOWN_RESOLUTION) or latent.space == "style_space":
        layers = len(latent.layers)
        rows = (latent.layers.num_ws, layers)
    count, dimensions = {"z": (1, 2), "w_plus": (1, 3), "style_space": (layers, 2)}[latent.space]
    codes = latent.codes
    return (
        len(codes) == count
        and latent.batch > 0
        and all(code.dtype == torch.float32 and code.dim() == dimensions for code in codes)
        and all(code.shape[0] == latent.batch and bool(code.isfinite().all()) for code in codes)
        and (latent.space != "w_plus" or codes[0].shape[1] in rows)
    )
