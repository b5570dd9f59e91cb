import sys
from pathlib import Path

import pytest
import torch
from soat.nodes import host
from soat.soat_backend.latents import statistics as prior

# Our modules are imported by several test files, which pytest's importlib mode doesn't let them by itself.
sys.path.insert(0, str(Path(__file__).parents[1] / "stylegan3"))
sys.path.insert(0, str(Path(__file__).parent))

import pretended
from making import Maker
from running import REAL, run


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are no work for two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# PyTorch makes its threads for gradients at the first of them, one for each device there is by then.
DEVICE = torch.device(REAL) if REAL else pretended.device() if pretended.is_possible() else None


@pytest.fixture
def device():
    """The device that isn't there, or a real one that SOAT_TEST_DEVICE names."""
    if DEVICE is None:
        pytest.skip(f"PyTorch {torch.__version__} can't pretend a device, or has a real one: SOAT_TEST_DEVICE=cuda")
    return DEVICE


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Where nodes read and write: where they do with `comfyui` too."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    for name in ("models/stylegan_directions", "comfy_input", "comfy_output"):
        (tmp_path / name).mkdir(parents=True)
    host.set_folders(
        models=str(tmp_path / "models"), input=str(tmp_path / "comfy_input"), output=str(tmp_path / "comfy_output")
    )


@pytest.fixture
def maker(make_generator, tmp_path, monkeypatch):
    """Makes inputs; nothing is known of their generators yet."""
    monkeypatch.setattr(prior, "_kept", {})
    return Maker(make_generator, tmp_path)


@pytest.fixture(scope="session")
def _known():
    return {}


@pytest.fixture
def on_the_cpu(_known, make_generator, tmp_path):
    """What a case gives on the CPU in inference mode, made once."""

    def get(case):
        if str(case) not in _known:
            prior._kept.clear()
            _known[str(case)] = run(case, Maker(make_generator, tmp_path))
            prior._kept.clear()
        return _known[str(case)]

    return get


@pytest.fixture
def comfyui_on(request):
    """From now on the stand-in for ComfyUI is there, and keeps everything on a device."""

    def choose(device):
        request.getfixturevalue("comfyui")
        management = sys.modules["comfy.model_management"]
        management.get_torch_device = management.intermediate_device = lambda: device
        management.load_models_gpu = lambda patchers, **_: [each.model.to(each.load_device) for each in patchers]
        host.register_model_folders()

    return choose
