"""Where to compute, and bringing networks there: as ComfyUI does it, or plainly."""

from __future__ import annotations

import os
from typing import Any
from weakref import WeakKeyDictionary

import torch

from ...soat_backend.errors import SoatError
from ...soat_backend.features import FeatureMap
from ...soat_backend.generator.cost import kernel_bytes
from ...soat_backend.render import MAP_BYTES, automatic_tile
from .comfyui import in_comfyui, model_management, model_patcher

_patchers: WeakKeyDictionary[torch.nn.Module, Any] = WeakKeyDictionary()


def device() -> torch.device:
    """Where to compute: ComfyUI's choice, else SOAT_DEVICE, else CUDA, MPS or the CPU, whichever there is.

    Raises:
        SoatError: SOAT_DEVICE names no device.
    """
    if in_comfyui():
        return model_management().get_torch_device()
    wanted = os.environ.get("SOAT_DEVICE")
    if wanted:
        try:
            return torch.device(wanted)
        except RuntimeError:
            raise SoatError(f"SOAT_DEVICE is {wanted!r}, which is no device. Use cpu, cuda, cuda:1 or mps.") from None
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def load_on_device(*modules: torch.nn.Module, memory_required: int = 0) -> None:
    """Bring the weights of one or more networks to the device, making room as ComfyUI does.

    Args:
        *modules: Generators or other networks; all of them are there together afterwards.
        memory_required: Bytes the computation needs besides the weights.
    """
    if not in_comfyui():
        # Weights that are moved in inference mode could never be optimised.
        with torch.inference_mode(False):
            for module in modules:
                module.to(device())
        return
    # One call for all: a second one might make room by taking the first one's weights away again. Our layers don't
    # stream weights, so half a model on the device is of no use.
    patchers = [_patcher(module) for module in modules]
    model_management().load_models_gpu(patchers, memory_required=memory_required, force_full_load=True)


def _patcher(module: torch.nn.Module) -> Any:
    if module not in _patchers:
        # A patcher writes attributes such as `device` onto its model, and keeps it alive: give it a shell of the parts.
        shell = torch.nn.Module()
        for name, child in module.named_children():
            shell.add_module(name, child)
        _patchers[module] = model_patcher()(shell, model_management().get_torch_device(), torch.device("cpu"))
    return _patchers[module]


def load_generators(features: FeatureMap) -> torch.device:
    """Bring all generators of a feature map to the device, with room for rendering it.

    Returns:
        The device.
    """
    generators = list(dict.fromkeys(branch.generator for branch in features.branches))
    kept = sum(map(kernel_bytes, generators)) if device().type == "cpu" else 0
    load_on_device(*generators, memory_required=_rendering_bytes(features) + kept)
    return generators[0].device


def _rendering_bytes(features: FeatureMap) -> int:
    """About what a render holds at once: four float32 maps (the window, its scaled copy, the result, the sum).

    Of a canvas that is rendered in tiles, two maps of the whole and of its parts besides.
    """
    config = features.generator.config
    scale = config.img_resolution // features.resolution
    pixels = features.batch * features.canvas.height * features.canvas.width * scale**2
    tile = automatic_tile(features.generator) ** 2
    whole = 4 * MAP_BYTES if pixels > tile else 0
    pixels = min(pixels, tile)
    per_pixel = max(count * (side / config.img_resolution) ** 2 for side, count in config.channels.items())
    return whole + int(4 * 4 * pixels * per_pixel)
