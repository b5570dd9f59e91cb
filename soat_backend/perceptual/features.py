"""AlexNet as LPIPS uses it: the activations after each of its five convolutions."""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

WEIGHTS = Path(__file__).with_name("lpips_alex.safetensors")

# Source: LPIPS's scaling layer, for pictures in -1..1.
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)
# (stride, padding, whether a 3x3 maximum over every other pixel comes before it), of each convolution.
_LAYERS = ((4, 2, False), (1, 2, True), (1, 1, True), (1, 1, False), (1, 1, False))


class AlexNet(nn.Module):
    """The convolutions of AlexNet (Source: Krizhevsky 2014, as torchvision has it), and LPIPS's linear weights.

    Args:
        weights: `conv{i}.weight`, `conv{i}.bias` and `lin{i}.weight` for i from 0 to 4.
    """

    def __init__(self, weights: dict[str, torch.Tensor]) -> None:
        super().__init__()
        self.convolutions = nn.ParameterList()
        self.biases = nn.ParameterList()
        for index in range(len(_LAYERS)):
            self.convolutions.append(nn.Parameter(weights[f"conv{index}.weight"].float(), requires_grad=False))
            self.biases.append(nn.Parameter(weights[f"conv{index}.bias"].float(), requires_grad=False))
            self.register_buffer(f"linear{index}", weights[f"lin{index}.weight"].float())
        self.register_buffer("shift", torch.tensor(_SHIFT)[:, None, None])
        self.register_buffer("scale", torch.tensor(_SCALE)[:, None, None])

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """The features of pictures.

        Args:
            images: `[B, 3, H, W]` in -1..1, of 31 pixels a side at least.

        Returns:
            Five activations after ReLU, `[B, C, h, w]` with C of 64, 192, 384, 256, 256.
        """
        x = (images - self.get_buffer("shift")) / self.get_buffer("scale")
        features = []
        for weight, bias, (stride, padding, pooled) in zip(self.convolutions, self.biases, _LAYERS, strict=True):
            if pooled:
                x = F.max_pool2d(x, 3, 2)
            x = F.relu(F.conv2d(x, weight, bias, stride, padding))
            features.append(x)
        return features


def load_alexnet() -> AlexNet:
    """The network with the weights that come with the pack, on the CPU."""
    return AlexNet(load_file(WEIGHTS)).eval()
