"""The pack inside ComfyUI: what it adds, and that it does so quietly and quickly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from soat.nodes import NODE_CLASS_MAPPINGS

ROOT = Path(__file__).parents[2]
KEPT_BY_COMFYUI = {"SaveLatent", "LoadLatent"}
IMPORT_SECONDS = float(os.environ.get("SOAT_IMPORT_SECONDS") or 0.3)

# Each child starts with nothing but torch imported. CPU time, not the clock's: that would measure what else the
# machine is doing.
TIMED_IMPORT = """
import importlib.util, os, statistics, sys, time
import torch

def import_pack():
    spec = importlib.util.spec_from_file_location("pack", sys.argv[1] + "/__init__.py")
    sys.modules["pack"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["pack"])
    assert "LoadStyleGAN" in sys.modules["pack"].NODE_CLASS_MAPPINGS

times = []
for _ in range(5):
    read, write = os.pipe()
    if os.fork() == 0:
        started = time.process_time()
        import_pack()
        os.write(write, str(time.process_time() - started).encode())
        os._exit(0)
    assert os.wait()[1] == 0
    times.append(float(os.read(read, 100)))
print(statistics.median(times))
"""


def test_every_node_is_there_and_ours(comfyui):
    nodes = comfyui.json("/object_info")
    modules = {name: nodes[name]["python_module"] for name in NODE_CLASS_MAPPINGS}
    ours = {name for name, module in modules.items() if module == "custom_nodes.soat-stylegan"}
    assert set(NODE_CLASS_MAPPINGS) - ours == KEPT_BY_COMFYUI
    assert {modules[name] for name in KEPT_BY_COMFYUI} == {"nodes"}
    assert {nodes[name]["category"].partition("/")[0] for name in ours} == {"StyleGAN (SOAT)"}


def test_every_node_and_input_is_explained(comfyui):
    nodes = comfyui.json("/object_info")
    for name in set(NODE_CLASS_MAPPINGS) - KEPT_BY_COMFYUI:
        node = nodes[name]
        assert node["description"] and all(node["output_tooltips"]), name
        for group in ("required", "optional"):
            for input_name, declared in node["input"].get(group, {}).items():
                assert declared[1]["tooltip"], f"{name}.{input_name}"


def test_it_loads_without_a_line_of_error(comfyui):
    lines = comfyui.start_log
    heading = lines.index("Import times for custom nodes:")
    listed = [line for line in lines[heading:] if "seconds" in line and line.rstrip().endswith("soat-stylegan")]
    assert len(listed) == 1 and "IMPORT FAILED" not in listed[0]
    assert not [line for line in lines if "Traceback" in line]
    base, extra = str(comfyui.base), str(comfyui.extra_models)
    names_us = [line for line in lines if "soat" in line.replace(base, "").replace(extra, "").lower()]
    assert names_us == listed


def test_a_model_folder_of_extra_model_paths_is_searched(comfyui):
    checkpoint = comfyui.json("/object_info/LoadStyleGAN")["LoadStyleGAN"]["input"]["required"]["checkpoint"]
    assert os.path.join("sub", "extra.safetensors") in checkpoint[0]
    assert "demo/landscape_256.safetensors" in checkpoint[0]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="measures in forked processes")
def test_import_takes_little_beyond_torch(tmp_path):
    # Every start but the first finds compiled modules, also where this process was told not to write any.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(tmp_path)
    command = [sys.executable, "-c", TIMED_IMPORT, str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert float(done.stdout) < IMPORT_SECONDS
