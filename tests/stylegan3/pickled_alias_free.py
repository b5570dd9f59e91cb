"""StyleGAN3s as NVIDIA's code pickles them: modules with their source, which must never run, and settings."""

from __future__ import annotations

import io
import pickle
import sys
import types
from collections import OrderedDict

import numpy as np
import torch


def _reconstruct(meta):
    raise AssertionError("NVIDIA's loader must never run")


class _Module:
    def __init__(self, class_name: str, parameters=(), buffers=(), modules=(), **settings) -> None:
        state = {
            "training": False,
            "_parameters": OrderedDict(
                (name, torch.nn.Parameter(x.data.clone())) for name, x in dict(parameters).items()
            ),
            "_buffers": OrderedDict((name, x if x is None else x.clone()) for name, x in dict(buffers).items()),
            "_modules": OrderedDict(modules),
            **settings,
        }
        self.meta = {
            "type": "class",
            "version": 6,
            "module_src": "raise SystemExit\n",
            "class_name": class_name,
            "state": state,
        }

    def __reduce__(self):
        return _reconstruct, (self.meta,)


def _dense(layer, activation: str = "linear", gain: float = 1.0) -> _Module:
    parameters = {"weight": layer.weight, "bias": layer.bias}
    return _Module("FullyConnectedLayer", parameters, activation=activation, bias_gain=gain)


def _layer(module, shape, change: dict) -> _Module:
    buffers = {name: getattr(module, name) for name in ("magnitude_ema", "up_filter", "down_filter")}
    settings = {
        "is_torgb": shape.to_rgb,
        "in_channels": shape.in_channels,
        "out_channels": shape.out_channels,
        "in_size": np.array([shape.in_size] * 2),
        "out_size": np.array([shape.out_size] * 2),
        "in_sampling_rate": shape.in_rate,
        "out_sampling_rate": np.float64(shape.out_rate),
        "tmp_sampling_rate": shape.inner_rate,
        "conv_kernel": shape.kernel,
        "conv_clamp": shape.clamp,
        "up_factor": np.int64(shape.up),
        "up_taps": shape.up_taps,
        "down_factor": shape.down,
        "down_taps": shape.down_taps,
        "padding": [*shape.padding, *shape.padding],
        **change,
    }
    parameters = {"weight": module.weight, "bias": module.bias}
    return _Module("SynthesisLayer", parameters, buffers, {"affine": _dense(module.affine)}, **settings)


def pickled(generator, changes: dict[str, dict] | None = None) -> bytes:
    """A generator as NVIDIA's pickle; `changes` are other settings of modules by their names."""
    changes, config = changes or {}, generator.config
    begin = generator.synthesis.input
    modules = {
        "input": _Module(
            "SynthesisInput",
            {"weight": begin.weight},
            {name: getattr(begin, name) for name in ("freqs", "phases", "transform")},
            {"affine": _dense(begin.affine)},
            **{
                "channels": config.input.channels,
                "size": np.array([config.input.size] * 2),
                "sampling_rate": np.float64(config.input.rate),
                "bandwidth": np.float64(config.input.bandwidth),
                **changes.get("input", {}),
            },
        )
    }
    for layer, shape in zip(generator.layers.layers[1:], config.layers, strict=True):
        modules[layer.name] = _layer(generator.module(layer), shape, changes.get(layer.name.split("_")[0], {}))
    synthesis = {"img_resolution": config.img_resolution, "output_scale": config.output_scale}
    mapping = {
        f"fc{i}": _dense(getattr(generator.mapping, f"fc{i}"), "lrelu", 0.01) for i in range(config.mapping_layers)
    }
    if config.c_dim:
        mapping["embed"] = _dense(generator.mapping.embed)
    children = {
        "synthesis": _Module("SynthesisNetwork", modules=modules, **{**synthesis, **changes.get("synthesis", {})}),
        "mapping": _Module(
            "MappingNetwork", {}, {"w_avg": generator.mapping.w_avg}, mapping, z_dim=config.z_dim, c_dim=config.c_dim
        ),
    }
    content = {"G": None, "D": None, "G_ema": _Module("Generator", modules=children)}
    return _pickled(content)


def _pickled(content) -> bytes:
    """As if the function came from NVIDIA's package."""
    names = ("torch_utils", "torch_utils.persistence")
    before = {name: sys.modules.get(name) for name in names}
    package, module = (types.ModuleType(name) for name in names)
    module._reconstruct_persistent_obj = _reconstruct
    package.persistence = module
    sys.modules.update(dict(zip(names, (package, module), strict=True)))
    own = _reconstruct.__module__, _reconstruct.__qualname__
    _reconstruct.__module__, _reconstruct.__qualname__ = names[1], "_reconstruct_persistent_obj"
    try:
        file = io.BytesIO()
        pickle.Pickler(file, protocol=4).dump(content)
        return file.getvalue()
    finally:
        _reconstruct.__module__, _reconstruct.__qualname__ = own
        for name, old in before.items():
            sys.modules.pop(name) if old is None else sys.modules.update({name: old})
