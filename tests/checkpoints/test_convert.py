import hashlib
import json
import os
import re
from dataclasses import replace
from pathlib import Path

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
    tf_bytes,
    torch_bytes,
)
from safetensors import safe_open
from soat.soat_backend.checkpoints import convert_checkpoint, inspect_checkpoint, load_generator, save_generator
from soat.soat_backend.checkpoints.save import TOOL_VERSION
from soat.soat_backend.generators import GeneratorConfig
from soat.soat_backend.support.errors import CheckpointError

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "data" / "landscape_64.safetensors"

SOURCES = {
    "rosinality": lambda: (REFERENCE / "rosinality_256_a.pt").read_bytes(),
    "NVIDIA pickle": lambda: nvidia_bytes({"G_ema": nvidia_module(make_generator(), clamp=256)}),
    "TensorFlow pickle": lambda: tf_bytes(make_generator()),
    "BasicSR": lambda: torch_bytes(basicsr_state(make_generator(dtype=torch.float16))),
}


@pytest.mark.parametrize("format_name", SOURCES)
def test_convert_is_bit_for_bit_and_keeps_the_configuration(tmp_path, format_name):
    source, out = tmp_path / "source.bin", tmp_path / "out.safetensors"
    source.write_bytes(SOURCES[format_name]())
    convert_checkpoint(source, out)
    original, converted = load_generator(source), load_generator(out)
    assert converted.config == original.config
    assert_same_weights(converted, original)
    with safe_open(out, "pt") as file:
        metadata = file.metadata()
        for name, tensor in original.state_dict().items():
            assert torch.equal(file.get_tensor(name), tensor)
    assert GeneratorConfig.from_json(metadata["config"]) == original.config
    assert json.loads(metadata["provenance"]) == {
        "source_format": format_name,
        "source_file": "source.bin",
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "tool": TOOL_VERSION,
    }
    assert inspect_checkpoint(out).format == "SOAT safetensors"


def test_converting_ours_again_changes_no_byte(tmp_path):
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    convert_checkpoint(REFERENCE / "nvidia_ada_32.pkl", first)
    convert_checkpoint(first, second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("start", [b"\x80", b"PK"], ids=["a pickle's", "a zip's"])
def test_a_header_whose_length_begins_as_another_kind_of_file(tmp_path, start):
    """safetensors begin with their header's length, whose lowest bytes may be anything."""
    generator, path = make_generator(), tmp_path / "saved.safetensors"
    save_generator(generator, path, provenance="")
    length = int.from_bytes(path.read_bytes()[:8], "little")
    wanted = int.from_bytes(start, "little")
    save_generator(generator, path, provenance="x" * ((wanted - length) % 256 ** len(start)))
    assert path.read_bytes().startswith(start)
    assert_same_weights(load_generator(path), generator)


def test_convert_refuses_its_own_input_under_any_name(tmp_path):
    source, link = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    save_generator(make_generator(), source, provenance={})
    before = source.read_bytes()
    link.symlink_to(source)
    for out in (source, link):
        with pytest.raises(CheckpointError, match="onto itself"):
            convert_checkpoint(source, out)
    assert source.read_bytes() == before


def test_a_failed_conversion_leaves_nothing(tmp_path):
    source, out = tmp_path / "a.pkl", tmp_path / "out.safetensors"
    source.write_bytes(b"\x80\x04}.")
    out.write_bytes(b"precious")
    with pytest.raises(CheckpointError):
        convert_checkpoint(source, out)
    assert out.read_bytes() == b"precious"
    assert sorted(os.listdir(tmp_path)) == ["a.pkl", "out.safetensors"]


def test_an_unwritable_folder_is_a_checkpoint_error(tmp_path):
    with pytest.raises(CheckpointError, match=r"out\.safetensors can't be written"):
        save_generator(make_generator(), tmp_path / "nowhere" / "out.safetensors", provenance={})


def test_half_precision_copy_keeps_w_avg_and_fingerprint(tmp_path):
    torch.manual_seed(3)
    generator = make_generator()
    generator.mapping.w_avg.copy_(torch.randn(SMALL.w_dim))
    for name, dtype in (("full", None), ("half", torch.float16)):
        save_generator(generator, tmp_path / name, provenance={"steps": 3}, dtype=dtype)
    full, half = inspect_checkpoint(tmp_path / "full"), inspect_checkpoint(tmp_path / "half")
    assert (full.dtype, half.dtype) == ("float32", "float16")
    assert full.fingerprint == half.fingerprint
    state = load_generator(tmp_path / "half").state_dict()
    assert torch.equal(state["mapping.w_avg"], generator.mapping.w_avg)
    assert torch.equal(state["mapping.fc0.weight"], generator.mapping.fc0.weight.half())


def test_values_too_large_for_half_precision_are_an_error(tmp_path):
    generator = make_generator()
    generator.mapping.fc1.weight[0, 0] = 1e6
    with pytest.raises(CheckpointError, match=r"mapping\.fc1\.weight has values too large"):
        save_generator(generator, tmp_path / "half", provenance={}, dtype=torch.float16)
    assert os.listdir(tmp_path) == []


def test_fingerprint_is_that_of_mapping_and_affines(tmp_path):
    def digest(change):
        generator = make_generator()
        change(generator)
        save_generator(generator, tmp_path / "x", provenance={})
        return inspect_checkpoint(tmp_path / "x").fingerprint

    same = digest(lambda generator: None)
    assert same == digest(lambda generator: generator.synthesis.b8.conv0.weight.add_(1))
    assert same == digest(lambda generator: generator.mapping.w_avg.add_(1))
    assert same != digest(lambda generator: generator.mapping.fc2.bias.add_(1))
    assert same != digest(lambda generator: generator.synthesis.b8.torgb.affine.bias.add_(1))
    fine_tuned = [inspect_checkpoint(REFERENCE / f"rosinality_256_{name}.pt").fingerprint for name in "ab"]
    assert fine_tuned[0] == fine_tuned[1]


def test_inspect_describes(tmp_path):
    config = replace(SMALL, c_dim=5, conv_clamp=256.0)
    save_generator(make_generator(config), tmp_path / "x.safetensors", provenance="by hand\x1b[2J")
    info = inspect_checkpoint(tmp_path / "x.safetensors")
    assert info.config == config
    assert info.file_size == (tmp_path / "x.safetensors").stat().st_size
    assert info.parameter_count == sum(parameter.numel() for parameter in make_generator(config).parameters())
    text = info.describe()
    for part in (
        "32 x 32 px",
        "SOAT safetensors",
        "float32",
        "5 classes",
        "4: 12, 8: 10",
        "clamped at 256",
        info.fingerprint,
    ):
        assert part in text
    assert "by hand [2J" in text, "nothing in a file steers the terminal"


@pytest.mark.skipif(not SHARED.exists(), reason="the shared landscape generator is not here")
def test_the_trial_generator_loads():
    generator = load_generator(SHARED)
    assert generator.config.img_resolution == 64
    assert generator.synthesis.b64.conv1.noise_const.dtype == torch.float16
    assert "trial on procedural landscapes" in inspect_checkpoint(SHARED).describe()


def test_the_tool_version_is_the_package_version():
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE).group(1)
    assert f"soat {version}" == TOOL_VERSION
