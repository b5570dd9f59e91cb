"""Fixtures: the reference models, small random generators that need no file, and a ComfyUI that isn't there."""

from __future__ import annotations

import os
import sys
import types
from pathlib import Path

import pytest
import torch
from soat.nodes import NODE_CLASS_MAPPINGS
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.generators import Generator, GeneratorConfig, StyleGAN2

REFERENCE = Path(__file__).parent / "reference"


@pytest.fixture(autouse=True)
def _threads():
    """Two; one in each of several processes, which are faster together than threads."""
    torch.set_num_threads(1 if "PYTEST_XDIST_WORKER" in os.environ else 2)


def random_generator(
    img_resolution: int = 32, width: int = 12, seed: int = 0, mapping_seed: int = 0, name: str = "random", **more
) -> Generator:
    """A small generator with random weights, noise that is seen, and channels that differ from layer to layer.

    Generators of one `mapping_seed` share mapping and affines, and so style space.
    """
    resolutions = [2**k for k in range(2, img_resolution.bit_length())]
    channels = {r: max(width - 2 * k, 4) for k, r in enumerate(resolutions)}
    config = GeneratorConfig(img_resolution, channels, z_dim=16, w_dim=24, mapping_layers=2, **more)
    generator = StyleGAN2(config, name=name)
    rngs = {shared: torch.Generator().manual_seed(s) for shared, s in ((True, 1000 + mapping_seed), (False, seed))}
    with torch.no_grad():
        for key, tensor in generator.state_dict().items():
            shared = ".affine." in key or key.startswith("mapping.")
            value = torch.randn(tensor.shape, generator=rngs[shared])
            if key.startswith("mapping.fc"):
                value = value * (100.0 if key.endswith("weight") else 10.0)
            if key.endswith("affine.bias"):
                value = 1.0 + 0.1 * value
            if key.endswith("noise_strength"):
                value = 0.2 + 0.0 * value
            if key.endswith("conv0.bias") or key.endswith("conv1.bias") or key == "mapping.w_avg":
                value = 0.1 * value
            tensor.copy_(value)
    return generator.eval().requires_grad_(False)


@pytest.fixture
def generator() -> Generator:
    return random_generator()


@pytest.fixture(scope="session")
def make_generator():
    """Makes random generators of `random_generator`'s arguments whose pictures are seldom beyond black or white."""

    def make(*args, **more) -> Generator:
        generator = random_generator(*args, **more)
        # A clamp bounds the colours too, and small ones would never run into it.
        factor = 0.2 if generator.config.conv_clamp is None else 0.5
        for name, parameter in generator.named_parameters():
            if name.endswith(("torgb.weight", "torgb.bias")):
                parameter.mul_(factor)
        return generator

    return make


@pytest.fixture(scope="session")
def node():
    """Runs a node as ComfyUI does; its first output."""

    def run(class_id: str, **inputs):
        node_class = NODE_CLASS_MAPPINGS[class_id]
        with torch.inference_mode():
            result = getattr(node_class(), node_class.FUNCTION)(**inputs)
        return (result["result"] if isinstance(result, dict) else result)[0]

    return run


@pytest.fixture
def comfyui(tmp_path, monkeypatch):
    """Stand-ins for the few functions of ComfyUI that the host calls; they record what they are asked."""
    log = types.SimpleNamespace(loaded=[], bars=[], previews=[], interrupt=False, folders={})

    class InterruptProcessingException(BaseException):
        pass

    class ModelPatcher:
        def __init__(self, model, load_device, offload_device):
            model.device = offload_device
            self.model, self.load_device = model, load_device

    class ProgressBar:
        def __init__(self, total):
            log.bars.append([])

        def update_absolute(self, value, total=None, preview=None):
            log.previews.append(preview)
            log.bars[-1].append((value, total))

    def throw_exception_if_processing_interrupted():
        if log.interrupt:
            log.interrupt = False
            raise InterruptProcessingException

    def add_model_folder_path(name, path):
        log.folders.setdefault(name, []).append(path)

    def get_full_path(name, file):
        for folder in log.folders[name]:
            if (path := tmp_path / folder / file).is_file():
                return str(path)
        return None

    def get_filename_list(name):
        return [path.name for folder in log.folders[name] for path in (tmp_path / folder).glob("*")]

    management = types.SimpleNamespace(
        get_torch_device=lambda: torch.device("cpu"),
        intermediate_device=lambda: torch.device("cpu"),
        get_total_memory=lambda device: 64 << 30,
        load_models_gpu=lambda patchers, **options: log.loaded.append((patchers, options)),
        throw_exception_if_processing_interrupted=throw_exception_if_processing_interrupted,
        InterruptProcessingException=InterruptProcessingException,
    )
    folder_paths = types.SimpleNamespace(
        folder_names_and_paths=log.folders,
        models_dir=str(tmp_path / "models"),
        get_input_directory=lambda: str(tmp_path / "comfy_input"),
        get_output_directory=lambda: str(tmp_path / "comfy_output"),
        get_temp_directory=lambda: str(tmp_path / "comfy_temp"),
        add_model_folder_path=add_model_folder_path,
        get_full_path=get_full_path,
        get_filename_list=get_filename_list,
    )
    comfy = types.SimpleNamespace(model_management=management)
    for name, module in {
        "folder_paths": folder_paths,
        "comfy": comfy,
        "comfy.model_management": management,
        "comfy.model_patcher": types.SimpleNamespace(ModelPatcher=ModelPatcher),
        "comfy.utils": types.SimpleNamespace(ProgressBar=ProgressBar),
    }.items():
        monkeypatch.setitem(sys.modules, name, module)
    return log


@pytest.fixture(scope="session")
def rosinality_a() -> Generator:
    return load_generator(REFERENCE / "rosinality_256_a.pt", name="rosinality_256_a.pt")


@pytest.fixture(scope="session")
def rosinality_b() -> Generator:
    return load_generator(REFERENCE / "rosinality_256_b.pt", name="rosinality_256_b.pt")


@pytest.fixture(scope="session")
def nvidia() -> Generator:
    return load_generator(REFERENCE / "nvidia_ada_32.pkl", name="nvidia_ada_32.pkl")
