"""Whether what two runs of a node gave is the same, and lies where it belongs."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file
from soat.nodes import host
from soat.soat_backend.generators import Generator
from soat.soat_backend.latents import Latent, NamedDirections
from soat.soat_backend.pictures.film import read_film
from soat.soat_backend.pictures.photos import Crop
from soat.soat_backend.synthesis.feature_map import FeatureMap

# What a run may take differs, and so does how well pixels that aren't quite equal can be compressed.
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_INCIDENTAL = re.compile(r"in \d+\.\d+ s|[\d,]+ bytes")


def assert_same(found: Any, expected: Any, tolerance: float, where: str = "output", everywhere: bool = False) -> None:
    """Compare all that there is in outputs.

    Args:
        found: Outputs, or a part of them.
        expected: Those of a run on the CPU.
        tolerance: How far a number may be off, as a part of the range of all in its tensor; in texts, of itself.
        where: What to call it.
        everywhere: Whether tensors may be anywhere; else on the CPU, as those of all wires but features are.
    """
    assert type(found) is type(expected), where
    if isinstance(expected, torch.Tensor):
        _assert_close(found, expected, tolerance, where, everywhere)
    elif isinstance(expected, FeatureMap):
        assert found.layer == expected.layer
        assert_same(found.activation, expected.activation, tolerance, f"{where}'s activation", True)
        assert_same(found.rgb_skip, expected.rgb_skip, tolerance, f"{where}'s rgb_skip", True)
    elif isinstance(expected, Latent):
        assert str(found) == str(expected) and found.fingerprint == expected.fingerprint, where
        assert_same(found.codes, expected.codes, tolerance, f"{where}'s codes")
    elif isinstance(expected, NamedDirections):
        assert (found.names, found.fingerprint) == (expected.names, expected.fingerprint), where
        for one, other in zip(found.directions, expected.directions, strict=True):
            assert one.space == other.space and one.deviation == pytest.approx(other.deviation, rel=1e-2), where
            assert_same(one.rows, other.rows, tolerance, f"{where}'s rows")
    elif isinstance(expected, Generator):
        assert (found.config, found.dtype, found.name) == (expected.config, expected.dtype, expected.name)
        assert_same(dict(found.state_dict()), dict(expected.state_dict()), tolerance, f"{where}'s weights", True)
    elif isinstance(expected, host.VideoFile):
        # What is in it is compared with the other files.
        assert found.path.name == expected.path.name, where
    elif isinstance(expected, Crop):
        for field in fields(Crop):
            assert getattr(found, field.name) == pytest.approx(getattr(expected, field.name), abs=1e-3), where
    elif isinstance(expected, dict):
        assert list(found) == list(expected), where
        for name, value in expected.items():
            assert_same(found[name], value, tolerance, f"{where} {name}", everywhere)
    elif isinstance(expected, tuple | list):
        assert len(found) == len(expected), where
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_same(one, other, tolerance, f"{where} {index}", everywhere)
    elif isinstance(expected, str):
        _assert_same_text(found, expected, tolerance, where)
    elif expected is not None:
        assert found == pytest.approx(expected, rel=tolerance), where


def _assert_close(found: torch.Tensor, expected: torch.Tensor, tolerance: float, where: str, everywhere: bool) -> None:
    assert everywhere or found.device.type == "cpu", f"{where} is on {found.device}"
    assert (found.shape, found.dtype) == (expected.shape, expected.dtype), where
    found, expected = (x.detach().cpu().double() for x in (found, expected))
    spread = float(expected.max() - expected.min()) or 1.0
    error = float((found - expected).abs().max()) / spread
    assert error <= tolerance, f"{where} is off by {error:.1e} of its range"


def _assert_same_text(found: str, expected: str, tolerance: float, where: str) -> None:
    texts = [_INCIDENTAL.sub("", text) for text in (found, expected)]
    words = [_NUMBER.sub("#", text) for text in texts]
    assert words[0] == words[1], where
    numbers = [[float(number) for number in _NUMBER.findall(text)] for text in texts]
    # The last digit that is written may be rounded either way.
    assert numbers[0] == pytest.approx(numbers[1], rel=tolerance, abs=1.01e-4), f"{where}: {found!r}, {expected!r}"


def written(folder: Path) -> dict[str, torch.Tensor]:
    """What the files in a folder hold, by their names, but for previews, which ComfyUI has elsewhere."""
    found: dict[str, Any] = {}
    for path in sorted(folder.rglob("*.*")):
        if "temp" in path.parts:
            continue
        if path.suffix == ".safetensors":
            found.update({f"{path.name} {name}": tensor for name, tensor in sorted(load_file(path).items())})
        elif path.suffix == ".mp4":
            found[path.name] = torch.from_numpy(np.stack(list(read_film(path)[0])))
        else:
            with Image.open(path) as picture:
                found[path.name] = torch.from_numpy(np.asarray(picture).copy())
    return found
