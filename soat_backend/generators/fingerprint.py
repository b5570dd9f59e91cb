"""Tells whether two generators share their latent space."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import torch


def fingerprint(generator: torch.nn.Module) -> str:
    """Digest of the mapping network and all affine layers, which give a latent its meaning.

    Generators fine-tuned with both frozen share it; so does a half-precision copy, since it is taken after rounding
    to float16. w_avg doesn't count: it can be estimated anew.

    Args:
        generator: On any device.

    Returns:
        32 hexadecimal digits.
    """

    def shares(name: str) -> bool:
        return name != "mapping.w_avg" and (name.startswith("mapping.") or ".affine." in name)

    return _digest({name: tensor for name, tensor in generator.state_dict().items() if shares(name)})


def weights_digest(generator: torch.nn.Module) -> str:
    """Digest of all of a generator's weights, after rounding to float16: tells which generator it is.

    Returns:
        32 hexadecimal digits.
    """
    return _digest(generator.state_dict())


def _digest(tensors: Mapping[str, torch.Tensor]) -> str:
    digest = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        rounded = tensor.detach().to("cpu", torch.float16).contiguous()
        digest.update(f"{name} {list(rounded.shape)}\n".encode())
        digest.update(rounded.numpy().astype("<f2").tobytes())
    return digest.hexdigest()[:32]
