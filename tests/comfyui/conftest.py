"""A real ComfyUI, started once for all tests here, and a browser looking at it."""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from soat.nodes import NODE_CLASS_MAPPINGS, NODE_DISPLAY_NAME_MAPPINGS
from soat.nodes.core import HEADLESS_DISPLAY_NAMES, HEADLESS_NODE_CLASSES
from soat.soat_backend.workflow import NodeCatalog

sys.path.insert(0, str(Path(__file__).parent))

RENDERERS = {"classic": False, "vue": True}
ROOT = Path(__file__).parents[2]
PACK = "soat-stylegan"
BUNDLED = ROOT / "models" / "landscape_256.safetensors"
COMFYUI_PATH = Path(os.environ.get("COMFYUI_PATH") or "~/comfy/ComfyUI").expanduser()
COMFYUI_PYTHON = Path(os.environ.get("COMFYUI_PYTHON") or "~/comfy/venv/bin/python").expanduser()
CHROMIUM = Path(os.environ.get("CHROMIUM") or "/usr/bin/chromium")
START_SECONDS = 180
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_BROWSER_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


@dataclass(frozen=True)
class Run:
    """A prompt's entry in the history."""

    status: str
    messages: dict[str, dict[str, Any]]
    outputs: dict[str, Any]
    node_ids: frozenset[str]

    @property
    def cached(self) -> set[str]:
        return set(self.messages["execution_cached"]["nodes"])

    @property
    def executed(self) -> set[str]:
        return set(self.node_ids) - self.cached

    def images(self) -> dict[str, list[dict[str, str]]]:
        """Of each node that shows pictures, where they are."""
        return {node_id: told["images"] for node_id, told in self.outputs.items() if "images" in told}


class Server:
    """A running ComfyUI by its HTTP interface."""

    def __init__(self, url: str, base: Path, log_path: Path, extra_models: Path) -> None:
        self.url, self.base, self.log_path, self.extra_models = url, base, log_path, extra_models
        self.start_log: list[str] = []

    def request(self, path: str, body: Any = None) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.read()

    def json(self, path: str, body: Any = None) -> Any:
        return json.loads(self.request(path, body))

    def log(self) -> list[str]:
        return _COLOUR.sub("", self.log_path.read_text(errors="replace")).splitlines()

    def queue(self, prompt: dict[str, Any], client_id: str = "") -> str:
        return self.json("/prompt", {"prompt": prompt, "client_id": client_id})["prompt_id"]

    def refusal(self, prompt: dict[str, Any]) -> dict[str, Any]:
        """What is wrong with a prompt that must not be accepted, by node id."""
        with pytest.raises(urllib.error.HTTPError) as refused:
            self.queue(prompt)
        assert refused.value.code == 400
        return json.loads(refused.value.read())["node_errors"]

    def wait(self, prompt_id: str, prompt: dict[str, Any], seconds: float = 300.0) -> Run:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            entry = self.json(f"/history/{prompt_id}").get(prompt_id)
            if entry:
                messages = dict(entry["status"]["messages"])
                return Run(entry["status"]["status_str"], messages, entry["outputs"], frozenset(prompt))
            time.sleep(0.02)
        raise TimeoutError(f"prompt {prompt_id} isn't done after {seconds} s")

    def run(self, prompt: dict[str, Any]) -> Run:
        return self.wait(self.queue(prompt), prompt)

    def saved(self, run: Run, node_id: str) -> list[Path]:
        return [self.base / "output" / e["subfolder"] / e["filename"] for e in run.outputs[node_id]["images"]]


class Messages:
    """What the server tells one client over a WebSocket (RFC 6455, with nothing but the standard library)."""

    def __init__(self, url: str) -> None:
        self.client_id = uuid.uuid4().hex
        where = urllib.parse.urlsplit(url)
        self._socket = socket.create_connection((where.hostname, where.port), timeout=60)
        self._stream = self._socket.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET /ws?clientId={self.client_id} HTTP/1.1\r\nHost: {where.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        assert b" 101 " in self._stream.readline()
        while self._stream.readline().strip():
            pass

    def wait_for(self, kind: str, **wanted: Any) -> dict[str, Any]:
        while True:
            first, second = self._stream.read(2)
            length = second & 127
            if length > 125:
                size, code = (2, ">H") if length == 126 else (8, ">Q")
                (length,) = struct.unpack(code, self._stream.read(size))
            payload = self._stream.read(length)
            if first & 15 == 1:
                message = json.loads(payload)
                data = message["data"]
                if message["type"] == kind and all(data.get(name) == value for name, value in wanted.items()):
                    return data

    def close(self) -> None:
        self._socket.close()


@pytest.fixture(scope="session")
def comfyui(tmp_path_factory) -> Iterator[Server]:
    """The server, with the pack linked into an empty base directory, and one more model folder from a YAML file."""
    if not (COMFYUI_PATH / "main.py").is_file() or not COMFYUI_PYTHON.is_file():
        pytest.skip(
            f"no ComfyUI at {COMFYUI_PATH} with {COMFYUI_PYTHON}: install ComfyUI with comfy-cli to ~/comfy/ComfyUI "
            "(its Python in ~/comfy/venv) or set COMFYUI_PATH and COMFYUI_PYTHON"
        )
    base = tmp_path_factory.mktemp("comfyui")
    (base / "custom_nodes").mkdir()
    (base / "custom_nodes" / PACK).symlink_to(ROOT, target_is_directory=True)
    (base / "user" / "default").mkdir(parents=True)
    _paint_on_a_picture(base / "input")
    # Else the frontend greets with a dialog over the graph, and over the first app.
    greeted = {"Comfy.TutorialCompleted": True, "Comfy.OnboardingCoachmarks.Seen": ["appMode"]}
    (base / "user" / "default" / "comfy.settings.json").write_text(json.dumps(greeted))
    extra = tmp_path_factory.mktemp("other_disk")
    (extra / "generators" / "sub").mkdir(parents=True)
    shutil.copy(BUNDLED, extra / "generators" / "sub" / "extra.safetensors")
    config = base / "extra_model_paths.yaml"
    config.write_text(f"other:\n  base_path: {extra}\n  stylegan: generators\n")
    port, log_path = _free_port(), base / "server.log"
    command = [str(COMFYUI_PYTHON), str(COMFYUI_PATH / "main.py"), "--cpu", "--port", str(port)]
    command += ["--base-directory", str(base), "--extra-model-paths-config", str(config), "--disable-auto-launch"]
    with log_path.open("wb") as log:
        # An optimisation magnifies the last bit, which is another one with another number of threads.
        environment = {**os.environ, "OMP_NUM_THREADS": str(torch.get_num_threads())}
        process = subprocess.Popen(command, cwd=base, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        server = Server(f"http://127.0.0.1:{port}", base, log_path, extra)
        _wait_until_ready(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _paint_on_a_picture(folder: Path) -> None:
    """What ComfyUI has in its input folder from the beginning, as its mask editor saves it after a stroke."""
    folder.mkdir()
    rows, columns = np.mgrid[:96, :128]
    colours = np.stack([2 * columns, 2 * rows, 255 - columns - rows], -1)
    alpha = np.where((columns - 90) ** 2 + (rows - 40) ** 2 < 30**2, 0, 255)[..., None]
    Image.fromarray(np.concatenate([colours, alpha], -1).astype(np.uint8)).save(folder / "example.png")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.json("/system_stats")
            server.start_log = server.log()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("ComfyUI didn't start:\n" + "\n".join(server.log()[-40:]))


@pytest.fixture
def messages(comfyui) -> Iterator[Messages]:
    """A client of the server's WebSocket."""
    client = Messages(comfyui.url)
    yield client
    client.close()


@pytest.fixture(scope="session")
def catalog() -> NodeCatalog:
    """The node types of a headless run."""
    classes = {**NODE_CLASS_MAPPINGS, **HEADLESS_NODE_CLASSES}
    return NodeCatalog(classes, {**NODE_DISPLAY_NAME_MAPPINGS, **HEADLESS_DISPLAY_NAMES})


@pytest.fixture(scope="session")
def has_browser() -> bool:
    """Whether there is a Chromium to test with, for tests that mean something without one too."""
    return CHROMIUM.is_file() and importlib.util.find_spec("playwright") is not None


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="browser tests need `pip install playwright`")
    if not CHROMIUM.is_file():
        pytest.skip(f"no Chromium at {CHROMIUM}: install it, or set CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(_BROWSER_OPTIONS))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def page(comfyui, browser) -> Any:
    """ComfyUI's frontend, ready; `page.complaints` collects errors of the console and uncaught ones."""
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda m: page.complaints.append(f"{m.text} {m.location}") if m.type == "error" else None)
    page.goto(comfyui.url)
    page.wait_for_function("!!(window.app?.graph && window.LiteGraph?.registered_node_types['Render'])", timeout=90_000)
    return page


@pytest.fixture(params=RENDERERS, scope="module")
def frontend(request, page, comfyui):
    """The page in one of both renderers."""
    from artist import Frontend

    comfyui.request("/api/settings/Comfy.VueNodes.Enabled", RENDERERS[request.param])
    # Tests of the panel of properties leave it open.
    comfyui.request("/api/settings/Comfy.RightSidePanel.IsOpen", False)
    # The frontend would open the tabs of the tests before again, which moves what is shown for some time.
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
    page.reload()
    page.wait_for_function("!!(window.app?.graph && window.LiteGraph?.registered_node_types['Render'])", timeout=90_000)
    # The frontend opens a workflow of its own at first, which must not come after ours.
    page.wait_for_function("!!window.app.extensionManager?.workflow?.activeWorkflow", timeout=90_000)
    yield Frontend(page)
    comfyui.request("/api/settings/Comfy.VueNodes.Enabled", False)
