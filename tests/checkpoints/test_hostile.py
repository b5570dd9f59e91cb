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
def test_the_payloads_are_real(tmp_path):
    """What Python's own unpickler would have done."""
    code = """if True:
        import attacks, os, pickle, sys
        for call in sys.argv[1:]:
            try:
                pickle.loads(b"\\x80\\x04" + attacks.CALLS[call] + b".")
            except Exception:
                pass  # after the payload has run
            print(call, os.path.exists(os.environ["SOAT_CANARY"]))
            os.unlink(os.environ["SOAT_CANARY"])
    """
    calls = ["reduce", "stack_global", "inst", "obj", "eval", "exec", "partial"]
    environ = {**environment(tmp_path / "canary"), "PYTHONPATH": str(FOLDER)}
    command = [sys.executable, "-c", code, *calls]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120, check=True)
    assert result.stdout.split("\n")[:-1] == [f"{call} True" for call in calls]
