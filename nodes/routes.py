"""What our part of the frontend asks ComfyUI's server: of a model file, what it is and what its seeds look like.

Both answer with data of this pack's model folder only, from files that can be chosen in LoadStyleGAN anyway.
Pictures are the first of those asked for, `Soat-Made` of them; of a slow model asking again gives more.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import torch
from PIL import Image

from ..soat_backend.model_cards import ModelCards
from ..soat_backend.support.errors import SoatError
from . import host
from .inputs import nchw_to_image

_cards = ModelCards()


def model(query: Mapping[str, str]) -> host.Answer:
    """What the file `checkpoint` is, in JSON: `summary` (a line), `text`, `resolution`, `classes`, `layers`."""
    checkpoint = _value(query, "checkpoint", str, "")
    path = host.model_path("stylegan", checkpoint)
    card = _cards.describe(path)
    if note := host.successor_note(checkpoint, path):
        card = card._replace(summary=note, text=f"{note}\n{card.text}")
    return host.Answer(json.dumps(card._asdict()).encode(), "application/json")


def samples(query: Mapping[str, str]) -> host.Answer:
    """Seeds of the file `checkpoint` side by side as PNG: `seeds`, such as `3,17`, or `seed` to `seed + count - 1`.

    The rest is as in SampleLatent.
    """
    path = host.model_path("stylegan", _value(query, "checkpoint", str, ""))
    settings: dict[str, Any] = {
        "truncation_psi": _value(query, "truncation_psi", float, 0.7),
        "truncation_cutoff": _value(query, "truncation_cutoff", int, -1),
        "class_idx": _value(query, "class_idx", int, -1),
        "rng": _value(query, "rng", str, "numpy"),
    }
    if "seeds" in query:
        return _strip(_cards.samples_of(path, _value(query, "seeds", _numbers, []), **settings))
    seed, count = _value(query, "seed", int, 0), _value(query, "count", int, 1)
    return _strip(_cards.samples(path, seed, count, **settings))


def sequence(query: Mapping[str, str]) -> host.Answer:
    """The first pictures of a sequence side by side as PNG; values as in SampleLatentSequence."""
    return _strip(
        _cards.sequence(
            host.model_path("stylegan", _value(query, "checkpoint", str, "")),
            count=_value(query, "count", int, 5),
            loop=_value(query, "loop", _switch, True),
            **_related(query),
        )
    )


def grid(query: Mapping[str, str]) -> host.Answer:
    """The first pictures of a grid, in reading order, side by side as PNG; values as in SampleLatentGrid."""
    return _strip(
        _cards.grid(
            host.model_path("stylegan", _value(query, "checkpoint", str, "")),
            columns=_value(query, "columns", int, 4),
            rows=_value(query, "rows", int, 3),
            loop_x=_value(query, "loop_x", _switch, True),
            loop_y=_value(query, "loop_y", _switch, False),
            **_related(query),
        )
    )


def _related(query: Mapping[str, str]) -> dict[str, Any]:
    return {
        "seed": _value(query, "seed", int, 0),
        "smoothness": _value(query, "smoothness", float, 0.7),
        "truncation_psi": _value(query, "truncation_psi", float, 0.7),
        "class_idx": _value(query, "class_idx", int, -1),
    }


def _strip(pictures: torch.Tensor) -> host.Answer:
    strip = nchw_to_image(torch.cat(list(pictures), dim=2)[None])[0]
    file = io.BytesIO()
    Image.fromarray((strip * 255.0 + 0.5).byte().numpy()).save(file, "PNG", compress_level=1)
    return host.Answer(file.getvalue(), "image/png", {"Soat-Made": str(len(pictures))})


def register() -> None:
    """Have ComfyUI's server answer so, if there is one."""
    host.serve("/soat/model", model)
    host.serve("/soat/samples", samples)
    host.serve("/soat/sequence", sequence)
    host.serve("/soat/grid", grid)


def _switch(text: str) -> bool:
    """True or false, as the frontend writes them."""
    if text not in ("true", "false"):
        raise ValueError(text)
    return text == "true"


def _numbers(text: str) -> list[int]:
    """Whole numbers with commas between them."""
    return [int(part) for part in text.split(",")]


def _value(query: Mapping[str, str], name: str, kind: Callable[[str], Any], default: Any) -> Any:
    text = query.get(name)
    if text is None:
        return default
    try:
        return kind(text)
    except ValueError:
        raise SoatError(f"{name}: expected {kind.__name__.lstrip('_')}, got {text[:40]!r}.") from None
