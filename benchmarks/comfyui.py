"""A real ComfyUI with the pack in it, for benchmarks: found as the tests find it, on the CPU, asked over HTTP."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 180
PROMPT_SECONDS = 300


def missing() -> str | None:
    """Why there is no ComfyUI to measure, or None if there is one."""
    path, python = _places()
    if (path / "main.py").is_file() and python.is_file():
        return None
    return f"no ComfyUI at {path} with {python}: set COMFYUI_PATH and COMFYUI_PYTHON, or install it there"


def _places() -> tuple[Path, Path]:
    path = Path(os.environ.get("COMFYUI_PATH") or "~/comfy/ComfyUI").expanduser()
    return path, Path(os.environ.get("COMFYUI_PYTHON") or "~/comfy/venv/bin/python").expanduser()


class Server:
    """A running ComfyUI."""

    def __init__(self, url: str, process_id: int) -> None:
        self._url, self._process_id = url, process_id
        self._expected = 0.0

    def resident(self) -> float:
        """MiB of its process in memory, as Linux tells."""
        pages = int(Path(f"/proc/{self._process_id}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE") / 2**20

    def ask(self, path: str, body: Any = None) -> Any:
        """A GET, or a POST of JSON; the answer's JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)

    def seconds(self, prompt: dict[str, Any]) -> float:
        """Queue a prompt and wait for it: what its execution took by ComfyUI's own timestamps.

        Raises:
            RuntimeError: It failed, or takes longer than PROMPT_SECONDS.
        """
        prompt_id = self.ask("/prompt", {"prompt": prompt})["prompt_id"]
        asked = time.monotonic()
        # Left alone as long as it works: each question takes time from what is measured.
        time.sleep(0.9 * self._expected)
        while time.monotonic() - asked < PROMPT_SECONDS:
            time.sleep(0.05)
            entry = self.ask(f"/history/{prompt_id}").get(prompt_id)
            if entry:
                told = dict(entry["status"]["messages"])
                if "execution_success" not in told:
                    raise RuntimeError(f"ComfyUI: {told}")
                took = (told["execution_success"]["timestamp"] - told["execution_start"]["timestamp"]) / 1000
                self._expected = min(took, self._expected or took)
                return took
        raise RuntimeError(f"ComfyUI isn't done with a prompt after {PROMPT_SECONDS} s")


@contextmanager
def running(base: Path) -> Iterator[Server]:
    """ComfyUI with a base directory of its own and nothing in it but this pack, and as many threads as here."""
    (base / "custom_nodes").mkdir(parents=True, exist_ok=True)
    (base / "user").mkdir(exist_ok=True)
    (base / "custom_nodes" / "soat-stylegan").symlink_to(ROOT, target_is_directory=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    path, python = _places()
    command = [str(python), str(path / "main.py"), "--cpu", "--port", str(port), "--base-directory", str(base)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
    log_path = base / "comfyui.log"
    with log_path.open("wb") as log:
        options: dict[str, Any] = {"cwd": base, "env": environment, "stdout": log, "stderr": subprocess.STDOUT}
        process = subprocess.Popen([*command, "--disable-auto-launch"], **options)
    try:
        server = Server(f"http://127.0.0.1:{port}", process.pid)
        _wait_until_ready(server, process, log_path)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes], log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.ask("/system_stats")
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("ComfyUI didn't start:\n" + log_path.read_text(errors="replace")[-4000:])
