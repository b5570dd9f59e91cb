"""Runs a node, in the ways that nodes are run."""

from __future__ import annotations

import os
import shutil
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from cases import Case
from compare import written
from making import Maker
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.generators import Generator
from soat.soat_backend.synthesis.feature_map import FeatureMap

# A real device to run on, by its name.
REAL = os.environ.get("SOAT_TEST_DEVICE", "")
# It sums in another order than the CPU, which a pretended one doesn't.
_REAL_IS_OFF = 30.0


def tolerance(case: Case) -> float:
    """How far a case's values may be off."""
    return case.tolerance * (_REAL_IS_OFF if REAL else 1.0)


def run(
    case: Case,
    maker: Maker,
    place: torch.device | str = "cpu",
    inference: bool = True,
    caller: AbstractContextManager[Any] | None = None,
) -> list[Any]:
    """All that a node gives: its outputs, what features look like when they are rendered, and its files.

    Args:
        case: Which.
        maker: Of its inputs.
        place: Where they are brought to before.
        inference: Whether all happens in inference mode.
        caller: What the caller has set, which inputs were made without.
    """
    with torch.inference_mode(inference):
        inputs = placed(case.inputs(maker), place)
        with caller or nullcontext():
            outputs = list(call(case.node, **inputs))
            pictures = [call("Render", features=each)[0] for each in outputs if isinstance(each, FeatureMap)]
    folder = maker.folder / "comfy_output"
    files = written(folder)
    shutil.rmtree(folder, ignore_errors=True)
    texts = [x.replace(str(maker.folder), "") if isinstance(x, str) else x for x in outputs]
    return [*texts, *pictures, files]


def call(node: str, **inputs: Any) -> Any:
    """What a node returns."""
    node_class = NODE_CLASS_MAPPINGS[node]
    result = getattr(node_class(), node_class.FUNCTION)(**inputs)
    return result["result"] if isinstance(result, dict) else result


def placed(x: Any, place: torch.device | str) -> Any:
    """Inputs brought to a device, but for latents: nodes keep them on the CPU."""
    if isinstance(x, dict):
        return {name: placed(value, place) for name, value in x.items()}
    if isinstance(x, list):
        return [placed(value, place) for value in x]
    if isinstance(x, FeatureMap):
        for branch in x.branches:
            branch.generator.to(place)
        return x.to(place)
    return x.to(place) if isinstance(x, torch.Tensor | Generator) else x
