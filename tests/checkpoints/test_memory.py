"""Loading peaks at less than 1.3 times the file's size above what the process takes anyway."""

import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from foreign import (
    basicsr_state,
    make_generator,
    nvidia_bytes,
    nvidia_module,
    rosinality_state,
    tf_bytes,
    torch_bytes,
)
from soat.soat_backend.checkpoints import save_generator
from soat.soat_backend.generator import Generator, GeneratorConfig

LARGE = GeneratorConfig(64, {4: 512, 8: 512, 16: 512, 32: 512, 64: 512})  # 26 million weights, 105 MB

MEASURE = """
import os, sys, torch
torch.set_num_threads(1)
from soat.soat_backend.checkpoints import load_generator
load_generator(sys.argv[2])

def status(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":"))

open("/proc/self/clear_refs", "w").write("5")
before = status("VmRSS")
generator = load_generator(sys.argv[1])
print((status("VmHWM") - before) / os.path.getsize(sys.argv[1]))
"""


def write_safetensors(path, generator):
    save_generator(generator, path, provenance={})


def write_zip(path, generator):
    torch.save({"g_ema": rosinality_state(generator), "latent_avg": generator.mapping.w_avg}, path)


def write_legacy(path, generator):
    state = OrderedDict(rosinality_state(generator))
    path.write_bytes(torch_bytes({"g_ema": state, "latent_avg": generator.mapping.w_avg}, legacy=True))


def write_nvidia(path, generator):
    path.write_bytes(nvidia_bytes({"G_ema": nvidia_module(generator)}))


def write_tensorflow(path, generator):
    """Only Gs is large, the worst case."""
    path.write_bytes(tf_bytes(generator))


def write_basicsr(path, generator):
    path.write_bytes(torch_bytes({"params_ema": basicsr_state(generator)}))


@pytest.fixture(scope="module")
def large_generator():
    with torch.device("meta"):
        generator = Generator(LARGE).requires_grad_(False)
    generator.to_empty(device="cpu")
    for tensor in generator.state_dict().values():
        tensor.fill_(0.5)
    return generator


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured as Linux does")
@pytest.mark.parametrize(
    "write", [write_safetensors, write_zip, write_legacy, write_nvidia, write_tensorflow, write_basicsr]
)
def test_peak_memory(tmp_path, large_generator, write):
    large, small = tmp_path / "large.bin", tmp_path / "small.bin"
    write(large, large_generator)
    write(small, make_generator())
    assert large.stat().st_size > 100e6
    command = [sys.executable, "-c", MEASURE, str(large), str(small)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert 0.9 < float(result.stdout) < 1.3
