import sys
from pathlib import Path

import pytest
from soat.soat_backend.checkpoints import load_generator
from soat.soat_backend.support.errors import CheckpointError

# The writers of foreign layouts and the hostile corpus are used by several test files and by subprocesses.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def refused(tmp_path):
    """What is said of bytes that are no generator that can be run."""

    def message(content: bytes) -> str:
        (tmp_path / "x.pt").write_bytes(content)
        with pytest.raises(CheckpointError) as caught:
            load_generator(tmp_path / "x.pt")
        return str(caught.value)

    return message
