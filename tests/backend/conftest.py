import sys
from pathlib import Path

import pytest
import torch

# `plain` is imported by several test files, which pytest's importlib mode doesn't let them do by itself.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors are no work for two."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
