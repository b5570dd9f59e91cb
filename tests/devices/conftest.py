import sys
from pathlib import Path

import pytest
import torch
from soat.nodes import host
from soat.soat_backend.inversion import prior

# Our modules are imported by several test files, which pytest's importlib mode doesn't let them by itself.
sys.path.insert(0, str(Path(__file__).parent))

import pretended
from cases import Maker


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are no work for two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def device():
    """The device that isn't there."""
    try:
        return pretended.device()
    except pretended.Missing as reason:
        pytest.skip(str(reason))


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    """Where nodes read and write."""
    monkeypatch.setattr(host.folders, "_chosen_folders", {})
    for name in ("models/stylegan", "models/stylegan_directions", "input", "output"):
        (tmp_path / name).mkdir(parents=True)
    host.set_folders(**{name: str(tmp_path / name) for name in ("models", "input", "output")})
    return tmp_path


@pytest.fixture
def maker(make_generator, tmp_path, monkeypatch):
    """Makes inputs; nothing is known of their generators yet."""
    monkeypatch.setattr(prior, "_kept", {})
    return Maker(make_generator, tmp_path)
