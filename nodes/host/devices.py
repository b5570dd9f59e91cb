"""Where to compute, and bringing networks there: as ComfyUI does it, or plainly."""

from __future__ import annotations

import os
from typing import Any
from weakref import WeakKeyDictionary

import torch

from ...soat_backend.generators import Generator
from ...soat_backend.support.errors import SoatError
from ...soat_backend.synthesis.cost import kernel_bytes, running_bytes
from ...soat_backend.synthesis.feature_map import FeatureMap
from ...soat_backend.synthesis.render import plan
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


def device_memory() -> int | None:
    """Bytes of memory of the device to compute on, whatever lies there now; None if nobody says."""
    there = device()
    if in_comfyui():
        return int(model_management().get_total_memory(there))
    if there.type == "cuda":
        return int(torch.cuda.get_device_properties(there).total_memory)
    if there.type in ("cpu", "mps") and hasattr(os, "sysconf"):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def result_device() -> torch.device:
    """Where tensors wait on wires: the CPU, or in a ComfyUI that keeps everything on its GPU, there."""
    return model_management().intermediate_device() if in_comfyui() else torch.device("cpu")


def load_on_device(*modules: torch.nn.Module, memory_required: int = 0) -> torch.device:
    """Bring the weights of one or more networks to the device, making room as ComfyUI does.

    Args:
        *modules: Generators or other networks; all of them are there together afterwards.
        memory_required: Bytes the computation needs besides the weights.

    Returns:
        The device.
    """
    there = device()
    # Weights that are moved in inference mode could never be optimised.
    with torch.inference_mode(False):
        if in_comfyui():
            # One call for all: a second one might make room by taking the first one's weights away again. Our layers
            # don't stream weights, so half a model on the device is of no use.
            patchers = [_patcher(module) for module in modules]
            model_management().load_models_gpu(patchers, memory_required=memory_required, force_full_load=True)
        else:
            for module in modules:
                module.to(there)
    return there


def _patcher(module: torch.nn.Module) -> Any:
    if module not in _patchers:
        # A patcher writes attributes such as `device` onto its model, and keeps it alive: give it a shell around the
        # same weights and parts.
        shell = torch.nn.Module()
        for kind in ("_parameters", "_buffers", "_modules", "_non_persistent_buffers_set"):
            shell.__dict__[kind] = module.__dict__[kind]
        _patchers[module] = model_patcher()(shell, model_management().get_torch_device(), torch.device("cpu"))
    return _patchers[module]


def load_to_generate(generator: Generator, batch: int, layer: str) -> torch.device:
    """Bring a generator to the device, with room for running a batch of pictures to a layer.

    Returns:
        The device.
    """
    until = generator.layers.find(layer, with_features=True)
    return load_on_device(generator, memory_required=running_bytes(generator, batch, until) + _kept_bytes(generator))


def load_generators(features: FeatureMap) -> torch.device:
    """Bring all generators of a feature map to the device, with room for rendering it.

    Returns:
        The device.
    """
    generators = list(dict.fromkeys(branch.generator for branch in features.branches))
    kept = sum(map(_kept_bytes, generators))
    return load_on_device(*generators, memory_required=plan(features).bytes + kept)


def load_to_begin_again(*maps: FeatureMap) -> list[FeatureMap]:
    """Bring feature maps of places, and all their generators, to the device, where an edit makes them anew.

    Returns:
        The feature maps, there; as they are if not all of them are of places, since then an edit runs no layer.
    """
    if not all(features.is_of_places for features in maps):
        return list(maps)
    generators = list(dict.fromkeys(branch.generator for features in maps for branch in features.branches))
    kept = sum(map(_kept_bytes, generators))
    there = load_on_device(*generators, memory_required=sum(plan(features).bytes for features in maps) + kept)
    return [features.to(there) for features in maps]


def put_away(module: torch.nn.Module) -> None:
    """Take a network that nobody told ComfyUI of off the device; it comes back when it is used."""
    with torch.inference_mode(False):
        module.to("cpu")


def _kept_bytes(generator: Generator) -> int:
    return kernel_bytes(generator, device().type)
