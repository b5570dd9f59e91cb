"""What our part of the frontend asks ComfyUI's server: of a model file, what it is and what its seeds look like.

Both answer with data of this pack's model folder only, from files that can be chosen in LoadStyleGAN anyway.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import torch
from PIL import Image

from ..soat_backend.errors import SoatError
from ..soat_backend.model_cards import ModelCards
from . import host
from .inputs import nchw_to_image

Answer = tuple[bytes, str]  # Content and its type.

_cards = ModelCards()


def model(query: Mapping[str, str]) -> Answer:
    """What the file `checkpoint` is, as JSON: `summary` (a line), `text` (some), `resolution`, number of `classes`."""
    card = _cards.describe(host.model_path("stylegan", _value(query, "checkpoint", str, "")))
    return json.dumps(card._asdict()).encode(), "application/json"


def samples(query: Mapping[str, str]) -> Answer:
    """Seeds `seed` to `seed + count - 1` of the file `checkpoint` side by side as PNG; the rest as in SampleLatent."""
    pictures = _cards.samples(
        host.model_path("stylegan", _value(query, "checkpoint", str, "")),
        seed=_value(query, "seed", int, 0),
        count=_value(query, "count", int, 1),
        truncation_psi=_value(query, "truncation_psi", float, 0.7),
        truncation_cutoff=_value(query, "truncation_cutoff", int, -1),
        class_idx=_value(query, "class_idx", int, -1),
        rng=_value(query, "rng", str, "numpy"),
    )
    strip = nchw_to_image(torch.cat(list(pictures), dim=2)[None])[0]
    file = io.BytesIO()
    Image.fromarray((strip * 255.0 + 0.5).byte().numpy()).save(file, "PNG", compress_level=1)
    return file.getvalue(), "image/png"


def register() -> None:
    """Have ComfyUI's server answer so, if there is one."""
    host.serve("/soat/model", model)
    host.serve("/soat/samples", samples)


def _value(query: Mapping[str, str], name: str, kind: type, default: Any) -> Any:
    text = query.get(name)
    if text is None:
        return default
    try:
        return kind(text)
    except ValueError:
        raise SoatError(f"{name}: expected {kind.__name__}, got {text[:40]!r}.") from None
