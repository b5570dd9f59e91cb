import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits and measures as Linux has them")


def environment(canary):
    return {**os.environ, "SOAT_CANARY": str(canary), "PYTHONDONTWRITEBYTECODE": "1"}


@LINUX
def test_no_hostile_file_does_anything_but_be_refused(tmp_path):
    canary = tmp_path / "canary"
    command = [sys.executable, str(FOLDER / "try_hostile.py")]
    result = subprocess.run(command, env=environment(canary), capture_output=True, text=True, timeout=600)
    assert result.returncode == 0, result.stderr[-2000:]
    report = json.loads(result.stdout.splitlines()[-1])
    assert report["tried"] > 600
    assert report["faults"] == {}
    assert not canary.exists()


@LINUX
@pytest.mark.parametrize("call", ["reduce", "stack_global", "inst", "obj", "eval", "exec", "python2_eval", "partial"])
def test_the_payloads_are_real(tmp_path, call):
    """What Python's own unpickler would have done."""
    code = "import hostile, pickle, sys; pickle.loads(b'\\x80\\x04' + hostile.CALLS[sys.argv[1]] + b'.')"
    environ = {**environment(tmp_path / "canary"), "PYTHONPATH": str(FOLDER)}
    subprocess.run([sys.executable, "-c", code, call], env=environ, capture_output=True, timeout=120)
    assert (tmp_path / "canary").exists()
