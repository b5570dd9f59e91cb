import argparse
import io
import struct
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import torch
from foreign import (
    REFERENCE,
    SMALL,
    assert_same_weights,
    basicsr_state,
    make_generator,
    nvidia_bytes,
    nvidia_module,
    rosinality_state,
    tf_bytes,
    torch_bytes,
)
from safetensors.torch import save_file
from soat.soat_backend.checkpoints import inspect_checkpoint, load_generator
from soat.soat_backend.generators import Generator, GeneratorConfig


@pytest.fixture
def load(tmp_path):
    """Loads bytes as a file whose name says nothing."""

    def load_bytes(content: bytes) -> Generator:
        path = tmp_path / "file.bin"
        path.write_bytes(content)
        return load_generator(path)

    return load_bytes


def wrapped(generator, **extra):
    return {"g_ema": rosinality_state(generator), "latent_avg": generator.mapping.w_avg.clone(), **extra}


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_rosinality(load, legacy, dtype):
    generator = make_generator(dtype=dtype)
    loaded = load(torch_bytes(wrapped(generator), legacy))
    assert_same_weights(loaded, generator)
    assert loaded.config == SMALL
    assert loaded.name == "file.bin"
    assert not loaded.training
    assert not any(parameter.requires_grad for parameter in loaded.parameters())


def test_rosinality_training_snapshot(load):
    """With both networks, optimizers, arguments, and names as DataParallel writes them."""
    generator, other = make_generator(), make_generator(seed=1)
    optimizer = torch.optim.Adam(other.parameters())
    g_ema = {f"module.{name}": tensor for name, tensor in rosinality_state(generator).items()}
    content = {
        "g": rosinality_state(other),
        "d": {"convs.0.0.weight": torch.zeros(3)},
        "g_ema": g_ema,
        "g_optim": optimizer.state_dict(),
        "args": argparse.Namespace(size=32, latent=14, lr=0.002, augment=True),
        "latent_avg": generator.mapping.w_avg,
        "ada_aug_p": np.float64(0.5),
    }
    assert_same_weights(load(torch_bytes(content)), generator)
    assert_same_weights(load(torch_bytes(content, legacy=True)), generator)


def test_rosinality_bare_state_dict_estimates_w_avg(load):
    generator = make_generator()
    loaded = load(torch_bytes(rosinality_state(generator)))
    assert_same_weights(loaded, generator, skip={"mapping.w_avg"})
    z = torch.from_numpy(np.random.RandomState(123).randn(10_000, SMALL.z_dim)).float()
    expected = generator.mapping(z).mean(dim=0)
    assert torch.allclose(loaded.mapping.w_avg, expected, atol=1e-5 * expected.abs().max())


def test_rosinality_without_noises_gets_the_same_noise_every_time(load):
    generator = make_generator()
    content = {"g_ema": rosinality_state(generator, noises=False), "latent_avg": generator.mapping.w_avg}
    first, second = load(torch_bytes(content)), load(torch_bytes(content))
    noise_names = {name for name in first.state_dict() if name.endswith("noise_const")}
    assert_same_weights(first, generator, skip=noise_names)
    assert_same_weights(second, first)
    picture = first.state_dict()["synthesis.b32.conv1.noise_const"]
    assert picture.shape == (32, 32)
    assert abs(picture.mean().item()) < 0.2
    assert abs(picture.std().item() - 1) < 0.1


@pytest.mark.parametrize("wrapper", ["params_ema", "params", None])
def test_basicsr(load, wrapper):
    generator = make_generator()
    state = basicsr_state(generator)
    loaded = load(torch_bytes({wrapper: state} if wrapper else state))
    assert_same_weights(loaded, generator, skip={"mapping.w_avg"})
    assert loaded.mapping.w_avg.abs().sum() > 0


@pytest.mark.parametrize("c_dim", [0, 5])
@pytest.mark.parametrize("clamp", [None, 256])
@pytest.mark.parametrize("channels_last", [False, True])
def test_nvidia(load, c_dim, clamp, channels_last):
    config = replace(SMALL, c_dim=c_dim, conv_clamp=clamp)
    generator, other = make_generator(config), make_generator(config, seed=1)
    modules = {
        "G": nvidia_module(other),
        "D": None,
        "G_ema": nvidia_module(generator, clamp, channels_last=channels_last),
        "training_set_kwargs": {"path": "/data", "resolution": 32},
    }
    loaded = load(nvidia_bytes(modules))
    assert loaded.config == config
    assert_same_weights(loaded, generator)
    assert all(tensor.is_contiguous() for tensor in loaded.state_dict().values())


def test_nvidia_generator_alone(load):
    generator = make_generator()
    assert_same_weights(load(nvidia_bytes(nvidia_module(generator, clamp=None))), generator)


def test_nvidia_reference_file():
    generator = load_generator(REFERENCE / "nvidia_ada_32.pkl")
    config = generator.config
    channels = {4: 32, 8: 32, 16: 32, 32: 16}
    assert config == GeneratorConfig(32, channels, z_dim=48, w_dim=40, c_dim=0, mapping_layers=2)


def test_rosinality_reference_file_equals_torch_load():
    content = torch.load(REFERENCE / "rosinality_256_a.pt", weights_only=True)
    state = load_generator(REFERENCE / "rosinality_256_a.pt").state_dict()
    assert torch.equal(state["mapping.w_avg"], content["latent_avg"])
    assert torch.equal(state["synthesis.b256.conv0.weight"], content["g_ema"]["convs.10.conv.weight"][0])
    assert torch.equal(state["synthesis.b8.torgb.affine.bias"], content["g_ema"]["to_rgbs.0.conv.modulation.bias"])


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("c_dim", [0, 5])
def test_tensorflow(load, protocol, c_dim):
    config = replace(SMALL, c_dim=c_dim, conv_clamp=256.0)
    generator = make_generator(config)
    loaded = load(tf_bytes(generator, protocol, conv_clamp=256))
    assert loaded.config == config
    assert_same_weights(loaded, generator)


def test_zip_with_64_bit_fields(load):
    """As torch writes files beyond 4 GB: every size and offset is in an extra field."""
    generator = make_generator()
    data = torch_bytes(wrapped(generator))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries, start = archive.infolist(), archive.start_dir
    directory = b""
    for item in entries:
        wide = struct.pack("<HHQQQ", 1, 24, item.file_size, item.compress_size, item.header_offset)
        name = item.filename.encode()
        fixed = b"PK\1\2" + bytes(16)
        fixed += struct.pack("<IIHHHHHII", 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(wide), 0, 0, 0, 0, 0xFFFFFFFF)
        directory += fixed + name + wide
    position = start + len(directory)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, len(entries), len(entries), len(directory), start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, position, 1)
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    assert_same_weights(load(data[:start] + directory + record + locator + end), generator)


def test_bare_state_dicts_under_nvidia_names(load, tmp_path):
    generator = make_generator()
    state = generator.state_dict()
    assert_same_weights(load(torch_bytes({"G_ema": state})), generator)
    save_file(dict(state), tmp_path / "x.safetensors")
    assert_same_weights(load_generator(tmp_path / "x.safetensors"), generator)


def test_rosinality_in_safetensors(tmp_path):
    generator = make_generator()
    save_file({**rosinality_state(generator), "latent_avg": generator.mapping.w_avg}, tmp_path / "x.safetensors")
    assert_same_weights(load_generator(tmp_path / "x.safetensors"), generator)
    assert inspect_checkpoint(tmp_path / "x.safetensors").format == "rosinality"


def test_loading_in_inference_mode_gives_ordinary_tensors(load):
    with torch.inference_mode():
        loaded = load(torch_bytes(wrapped(make_generator())))
    assert not any(tensor.is_inference() for tensor in loaded.state_dict().values())


def test_formats_are_told_apart_by_content(tmp_path):
    generator = make_generator()
    files = {
        "rosinality": torch_bytes(wrapped(generator)),
        "BasicSR": torch_bytes(basicsr_state(generator)),
        "NVIDIA pickle": nvidia_bytes({"G_ema": nvidia_module(generator)}),
        "TensorFlow pickle": tf_bytes(generator),
        "NVIDIA state dict": torch_bytes(generator.state_dict()),
    }
    for name, content in files.items():
        path = tmp_path / "misleading.safetensors"
        path.write_bytes(content)
        assert inspect_checkpoint(path).format == name
