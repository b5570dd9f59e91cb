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
from soat.soat_backend.generators import GeneratorConfig, StyleGAN2

LARGE = GeneratorConfig(64, {4: 512, 8: 512, 16: 512, 32: 512, 64: 512})  # 26 million weights, 105 MB

MEASURE = """
import os, sys, torch
torch.set_num_threads(1)
from soat.soat_backend.checkpoints import describe_loaded, load_generator, read_generator

def status(name):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":"))

load_generator(sys.argv[1])
for path in sys.argv[2:]:
    open("/proc/self/clear_refs", "w").write("5")
    before = status("VmRSS")
    loaded = read_generator(path)  # As the node LoadStyleGAN does, with what it says of the file.
    describe_loaded(loaded, "").describe()
    print((status("VmHWM") - before) / os.path.getsize(path))
    del loaded
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


def write_nvidia_in_protocol_2(path, generator):
    """Whose weights are encoded as text."""
    path.write_bytes(nvidia_bytes({"G_ema": nvidia_module(generator)}, protocol=2))


def write_float64(path, generator):
    state = {name: tensor.double() for name, tensor in rosinality_state(generator).items()}
    torch.save({"g_ema": state, "latent_avg": generator.mapping.w_avg.double()}, path)


def write_tensorflow(path, generator):
    """Only Gs is large, the worst case."""
    path.write_bytes(tf_bytes(generator))


def write_basicsr(path, generator):
    path.write_bytes(torch_bytes({"params_ema": basicsr_state(generator)}))


def write_all(folder):
    """The same large generator in every format."""
    with torch.device("meta"):
        generator = StyleGAN2(LARGE).requires_grad_(False)
    generator.to_empty(device="cpu")
    for tensor in generator.state_dict().values():
        tensor.fill_(0.5)
    paths = []
    for write in (
        write_safetensors,
        write_zip,
        write_legacy,
        write_nvidia,
        write_tensorflow,
        write_basicsr,
        write_nvidia_in_protocol_2,
        write_float64,
    ):
        paths.append(folder / write.__name__)
        write(paths[-1], generator)
        assert paths[-1].stat().st_size > 100e6
    return paths


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured as Linux does")
def test_peak_memory(tmp_path):
    small = tmp_path / "small"
    write_basicsr(small, make_generator())
    paths = write_all(tmp_path)
    command = [sys.executable, "-c", MEASURE, str(small), *map(str, paths)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    ratios = dict(zip((path.name for path in paths), map(float, result.stdout.split()), strict=True))
    # Of float64 one half stays, so that the file's size says little about the least.
    least = {name: 0.45 if name == "write_float64" else 0.9 for name in ratios}
    assert all(least[name] < ratio < 1.3 for name, ratio in ratios.items()), str(ratios)
