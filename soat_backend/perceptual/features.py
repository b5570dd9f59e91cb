"""The networks whose features LPIPS compares: AlexNet and VGG16, as far as their last convolution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from ..support.errors import SoatError
from ..support.runtime import ON_CPU

WEIGHTS = Path(__file__).with_name("lpips_alex.safetensors")

# Source: LPIPS's scaling layer, for pictures in -1..1.
_SHIFT = (-0.030, -0.088, -0.188)
_SCALE = (0.458, 0.448, 0.450)


@dataclass(frozen=True)
class Convolution:
    """One convolution of a network, with its ReLU.

    Attributes:
        shape: Of its weights, `[C_out, C_in, k, k]`.
        stride: In pixels.
        padding: In pixels, zeros.
        pool: Side of the maximum over every other pixel that comes before it; 0 for none.
        compared: Whether its activation is one of the features.
    """

    shape: tuple[int, int, int, int]
    stride: int = 1
    padding: int = 1
    pool: int = 0
    compared: bool = True

    def size_after(self, side: int) -> int:
        """The side of its result, in pixels, of that of what it gets."""
        side = (side - self.pool) // 2 + 1 if self.pool else side
        return (side + 2 * self.padding - self.shape[2]) // self.stride + 1


@dataclass(frozen=True)
class Architecture:
    """A network's name, its convolutions in order, and the smallest side of a picture it takes."""

    name: str
    convolutions: tuple[Convolution, ...]
    smallest_side: int

    def enlarged_size(self, height: int, width: int) -> tuple[int, int]:
        """The size in which a picture is taken: enlarged by whole steps if it is smaller than the smallest."""
        factor = max(-(-self.smallest_side // min(height, width)), 1)
        return height * factor, width * factor

    def map_bytes(self, height: int, width: int) -> int:
        """Memory of all maps that a picture of a size becomes, before and after ReLU, as a gradient needs them."""
        values = 0
        for layer in self.convolutions:
            height, width = (layer.size_after(side) for side in (height, width))
            values += 2 * layer.shape[0] * height * width
        return values * torch.float32.itemsize


def _vgg16() -> tuple[Convolution, ...]:
    convolutions, channels = [], 3
    for block, (width, count) in enumerate(((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))):
        for index in range(count):
            pool = 2 if block and not index else 0
            convolutions.append(Convolution((width, channels, 3, 3), pool=pool, compared=index == count - 1))
            channels = width
    return tuple(convolutions)


# Source: Krizhevsky 2014 and Simonyan and Zisserman 2015, as torchvision has them; LPIPS compares five activations.
ALEXNET = Architecture(
    "AlexNet",
    (
        Convolution((64, 3, 11, 11), stride=4, padding=2),
        Convolution((192, 64, 5, 5), padding=2, pool=3),
        Convolution((384, 192, 3, 3), pool=3),
        Convolution((256, 384, 3, 3)),
        Convolution((256, 256, 3, 3)),
    ),
    smallest_side=31,
)
VGG16 = Architecture("VGG16", _vgg16(), smallest_side=16)


class FeatureNetwork(nn.Module):
    """A network's convolutions, and LPIPS's linear weights of its features. None of them is ever trained.

    Args:
        architecture: Which network.
        weights: `conv{i}.weight` and `conv{i}.bias` of each convolution, `lin{i}.weight` of each feature.
    """

    def __init__(self, architecture: Architecture, weights: Mapping[str, torch.Tensor]) -> None:
        super().__init__()
        self.architecture = architecture
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for index in range(len(architecture.convolutions)):
            # Channels last: for small pictures on one core libraries are four times as fast then.
            weight = weights[f"conv{index}.weight"].float().contiguous(memory_format=torch.channels_last)
            self.weights.append(nn.Parameter(weight, requires_grad=False))
            self.biases.append(nn.Parameter(weights[f"conv{index}.bias"].float(), requires_grad=False))
        for index in range(sum(convolution.compared for convolution in architecture.convolutions)):
            self.register_buffer(f"linear{index}", weights[f"lin{index}.weight"].float())
        self.register_buffer("shift", torch.tensor(_SHIFT, **ON_CPU)[:, None, None])
        self.register_buffer("scale", torch.tensor(_SCALE, **ON_CPU)[:, None, None])

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        """Run pictures through the network, and keep the features of several depths.

        Args:
            images: `[B, 3, H, W]` in -1..1, of `architecture.smallest_side` pixels a side at least.

        Returns:
            Activations after ReLU, `[B, C, h, w]`: AlexNet's five, of 64, 192, 384, 256, 256 channels; of VGG16 the
            last of each block, 64, 128, 256, 512, 512.
        """
        x = (images - self.get_buffer("shift")) / self.get_buffer("scale")
        features = []
        for layer, weight, bias in zip(self.architecture.convolutions, self.weights, self.biases, strict=True):
            if layer.pool:
                x = F.max_pool2d(x, layer.pool, 2)
            x = F.relu(F.conv2d(x, weight, bias, layer.stride, layer.padding))
            if layer.compared:
                features.append(x)
        return features


def load_alexnet() -> FeatureNetwork:
    """AlexNet with the weights that come with the pack, on the CPU."""
    return load_features(WEIGHTS)


def load_features(path: Path) -> FeatureNetwork:
    """A network of a safetensors file; which one is read from the tensors.

    Args:
        path: Keys as `FeatureNetwork` wants them.

    Raises:
        SoatError: The file can't be read, or holds neither network.
    """
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise SoatError(f"{path.name} can't be read as safetensors: {error}. Copy the file again.") from error
    for architecture in (ALEXNET, VGG16):
        if _missing(architecture, weights) is None:
            return FeatureNetwork(architecture, weights).eval()
    nearest = VGG16 if "conv5.weight" in weights else ALEXNET
    raise SoatError(
        f"{path.name} doesn't hold the perceptual network that was expected: for {nearest.name} "
        f"{_missing(nearest, weights)}. A file for models/lpips has conv0.weight, conv0.bias, ... of AlexNet's 5 or "
        "VGG16's 13 convolutions, and LPIPS's lin0.weight ... lin4.weight."
    )


def _missing(architecture: Architecture, weights: Mapping[str, torch.Tensor]) -> str | None:
    """What keeps weights from being this network's, or None."""
    expected: dict[str, tuple[int, ...]] = {}
    for index, convolution in enumerate(architecture.convolutions):
        expected[f"conv{index}.weight"] = convolution.shape
        expected[f"conv{index}.bias"] = convolution.shape[:1]
    compared = [convolution for convolution in architecture.convolutions if convolution.compared]
    expected |= {f"lin{index}.weight": (1, layer.shape[0], 1, 1) for index, layer in enumerate(compared)}
    for name, shape in expected.items():
        if name not in weights:
            return f"{name} is missing"
        if tuple(weights[name].shape) != shape:
            return f"{name} is {list(weights[name].shape)} instead of {list(shape)}"
    extra = sorted(set(weights) - set(expected))
    return f"{extra[0][:40]} is one too many" if extra else None
