"""The two small networks that find faces and their landmarks, in plain PyTorch.

Source: the tiny face detector and the 68 point landmark network of face-api.js (see NOTICE.md), both stacks of
separable convolutions.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from ...support.runtime import ON_CPU

WEIGHTS = Path(__file__).with_name("face_networks.safetensors")

LANDMARKS_SIDE = 112
# Means of the training pictures, 0..255.
_DETECTOR_MEAN = (117.001, 114.697, 97.404)
_LANDMARKS_MEAN = (122.782, 117.001, 104.298)
# Usual sizes of faces, width and height in cells of the detector's grid.
ANCHORS = ((1.603231, 2.094468), (6.041143, 7.080126), (2.882459, 3.518061), (4.266906, 5.178857), (9.041765, 10.66308))
_LEAKY_SLOPE = 0.1


class _Weights:
    """The tensors of one network, by their names in the file."""

    def __init__(self, tensors: dict[str, torch.Tensor], network: str) -> None:
        self._tensors = {name: tensor.float() for name, tensor in tensors.items() if name.startswith(network)}
        self._network = network

    def __getitem__(self, name: str) -> torch.Tensor:
        return self._tensors[f"{self._network}.{name}"]

    def separable(self, x: torch.Tensor, layer: str) -> torch.Tensor:
        """A depthwise 3x3 convolution without padding, stride 1, then a pointwise one."""
        return self._pointwise(F.conv2d(x, self[f"{layer}.depthwise"], groups=x.shape[1]), layer)

    def separable_halved(self, x: torch.Tensor, layer: str) -> torch.Tensor:
        """A separable convolution with stride 2, and its activation."""
        return self._pointwise(F.conv2d(x, self[f"{layer}.depthwise"], stride=2, groups=x.shape[1]), layer)

    def _pointwise(self, x: torch.Tensor, layer: str) -> torch.Tensor:
        return F.conv2d(x, self[f"{layer}.pointwise"], self[f"{layer}.bias"])


@lru_cache(maxsize=1)
def _load() -> tuple[_Weights, _Weights]:
    # Loaded where gradients could pass, whatever mode a node runs in.
    with torch.inference_mode(False):
        tensors = load_file(WEIGHTS)
        return _Weights(tensors, "detector"), _Weights(tensors, "landmarks")


@torch.no_grad()
def run_detector(pictures: torch.Tensor) -> torch.Tensor:
    """What the detector says of each cell of a grid of 32 px.

    Args:
        pictures: `[B, 3, S, S]` RGB 0..255, S a multiple of 32.

    Returns:
        `[B, cells, cells, 5 anchors, 5]`: x, y, width, height and score, as the network gives them.
    """
    weights, _ = _load()
    x = (pictures - _column(_DETECTOR_MEAN)) / 255.0
    x = F.leaky_relu(F.conv2d(x, weights["conv0.weight"], weights["conv0.bias"]), _LEAKY_SLOPE)
    for index in range(1, 6):
        x = F.max_pool2d(x, 2, 2, ceil_mode=True)
        x = F.leaky_relu(weights.separable(F.pad(x, (1, 1, 1, 1)), f"conv{index}"), _LEAKY_SLOPE)
    x = F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=-torch.inf), 2, 1)
    x = F.conv2d(x, weights["conv8.weight"], weights["conv8.bias"])
    batch, _, rows, columns = x.shape
    return x.permute(0, 2, 3, 1).reshape(batch, rows, columns, len(ANCHORS), 5)


@torch.no_grad()
def run_landmarks(faces: torch.Tensor) -> torch.Tensor:
    """Find the 68 landmarks of faces.

    Args:
        faces: `[B, 3, 112, 112]` RGB 0..255.

    Returns:
        `[B, 68, 2]`, x and y as fractions of the picture.
    """
    _, weights = _load()
    x = (faces - _column(_LANDMARKS_MEAN)) / 255.0
    for block in range(4):
        # Stride 2 with one row and column more at the end only.
        wider = F.pad(x, (0, 1, 0, 1))
        if block:
            first = weights.separable_halved(wider, f"dense{block}.conv0")
        else:
            first = F.conv2d(wider, weights["dense0.conv0.weight"], weights["dense0.conv0.bias"], stride=2)
        total = first = F.relu(first)
        for index in range(1, 4):
            total = total + weights.separable(F.pad(F.relu(total), (1, 1, 1, 1)), f"dense{block}.conv{index}")
        x = F.relu(total)
    x = F.avg_pool2d(x, 7).flatten(1)
    return F.linear(x, weights["fc.weight"], weights["fc.bias"]).reshape(-1, 68, 2)


def _column(values: tuple[float, float, float]) -> torch.Tensor:
    return torch.tensor(values, **ON_CPU)[:, None, None]
