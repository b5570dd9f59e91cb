"""What older checkpoints leave out, made the same way every time: noise pictures, and the mean of w."""

from __future__ import annotations

import numpy as np
import torch

from ..generators import Generator, GeneratorConfig
from ..generators.mapping import Mapping
from ..generators.stylegan2.layer_table import stylegan2_layers

_SEED = 123
_W_AVG_SAMPLES = 10_000
_BATCH = 500


def missing_noise(config: GeneratorConfig, dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """A noise picture for every convolution, each a function of its layer alone.

    Args:
        config: Of the generator.
        dtype: Of the pictures.

    Returns:
        `[H, W]` each, by state dict name.
    """
    pictures = {}
    for index, layer in enumerate(stylegan2_layers(config.img_resolution).with_features):
        values = np.random.RandomState(_SEED + index).randn(layer.sampling_rate, layer.sampling_rate)
        pictures[f"synthesis.{layer.name}.noise_const"] = torch.from_numpy(values).to(dtype)
    return pictures


def estimate_w_avg(generator: Generator) -> torch.Tensor:
    """The mean of w over 10,000 samples of z from a fixed seed, and of the classes if there are any.

    Source: StyleGAN2's projector, which starts from the same mean.

    Returns:
        `[w_dim]` float32.
    """
    mapping: Mapping = generator.mapping
    config = generator.config
    random = np.random.RandomState(_SEED)
    total = torch.zeros(config.w_dim, dtype=torch.float64)
    with torch.no_grad():
        for start in range(0, _W_AVG_SAMPLES, _BATCH):
            z = torch.from_numpy(random.randn(_BATCH, config.z_dim).astype(np.float32))
            labels = None
            if config.c_dim:
                classes = torch.arange(start, start + _BATCH) % config.c_dim
                labels = torch.nn.functional.one_hot(classes, config.c_dim).float()
            total += mapping(z, labels).double().sum(dim=0)
    return (total / _W_AVG_SAMPLES).float()
