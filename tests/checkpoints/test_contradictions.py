"""Files that contradict themselves, or say what can't be: refused, never read as something near it."""

import json
from dataclasses import replace

import pytest
import torch
from foreign import SMALL, assert_same_weights, make_generator, nvidia_bytes, nvidia_module, tf_bytes
from safetensors.torch import save_file
from soat.soat_backend.checkpoints import load_generator, save_generator
from soat.soat_backend.generators import GeneratorConfig
from soat.soat_backend.support.errors import CheckpointError
from soat.soat_backend.support.strict_json import parse_json

CONFIG = json.loads(SMALL.to_json())


def with_config(path, config):
    """A sound file but for its configuration, given as values or as text."""
    text = config if isinstance(config, str) else json.dumps(config)
    save_file(dict(make_generator().state_dict()), path, metadata={"config": text})
    return path


def edited(old: str, new: str) -> str:
    text = SMALL.to_json()
    assert old in text
    return text.replace(old, new)


def test_a_sound_configuration_loads(tmp_path):
    assert_same_weights(load_generator(with_config(tmp_path / "x.safetensors", CONFIG)), make_generator())
    clamped = replace(SMALL, conv_clamp=256.0)
    assert GeneratorConfig.from_json(clamped.to_json()) == clamped
    assert GeneratorConfig.from_json(edited('"conv_clamp": null', '"conv_clamp": 256')) == clamped


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({**CONFIG, "z_dim": 16.9}, "'16.9' is no whole number"),
        ({**CONFIG, "z_dim": 16.0}, "'16.0' is no whole number"),
        ({**CONFIG, "z_dim": "16"}, "'16' is no whole number"),
        ({**CONFIG, "c_dim": False}, "'False' is no whole number"),
        ({**CONFIG, "img_resolution": 32.5}, "'32.5' is no whole number"),
        ({**CONFIG, "mapping_layers": 3.2}, "'3.2' is no whole number"),
        ({**CONFIG, "channels": {**CONFIG["channels"], "32": 6.7}}, "'6.7' is no whole number"),
        (edited('"32": 6', '"32": 6, "032": 6'), "there twice"),
        (edited('"32": 6', '" 32": 6'), "no whole numbers"),
        (edited('"32": 6', '"32": 7, "32": 6'), "'32' is there twice"),
        (edited('"z_dim": 16', '"z_dim": 15, "z_dim": 16'), "'z_dim' is there twice"),
        (edited('"conv_clamp": null', '"conv_clamp": NaN'), "NaN is no number"),
        (edited('"conv_clamp": null', '"conv_clamp": 1e999'), "1e999 is too large for a number"),
        (edited('"conv_clamp": null', '"conv_clamp": -1e999'), "-1e999 is too large for a number"),
        ({**CONFIG, "conv_clamp": "256"}, "clamps its layers at '256'"),
        ({**CONFIG, "conv_clamp": True}, "clamps its layers at True"),
        ({**CONFIG, "conv_clamp": -256}, "clamps its layers at -256"),
        ({**CONFIG, "conv_clamp": [256]}, "clamps its layers at something else"),
        (edited('"z_dim": 16', '"z_dim": ' + "[" * 100_000), "configuration can't be read"),
    ],
)
def test_our_own_configuration(tmp_path, config, message):
    path = with_config(tmp_path / "x.safetensors", config)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_generator(path)
    assert str(caught.value).startswith("x.safetensors: ")


def test_numbers_of_strict_json():
    assert parse_json("[1e308, -2.5, 1e-999, 3]") == [1e308, -2.5, 0.0, 3]
    for text in ("1e999", '{"a": [-1e309]}', "NaN", "Infinity", "-Infinity"):
        with pytest.raises(ValueError, match="number"):
            parse_json(text)


def test_a_clamp_is_kept_by_our_own_files(tmp_path):
    generator = make_generator(replace(SMALL, conv_clamp=0.5))
    save_generator(generator, tmp_path / "x.safetensors", provenance={})
    assert load_generator(tmp_path / "x.safetensors").config.conv_clamp == 0.5


CLAMPS = [float("nan"), float("inf"), "256", True, 0, -1]


@pytest.mark.parametrize("clamp", CLAMPS)
@pytest.mark.parametrize("write", [tf_bytes, nvidia_module])
def test_clamps_that_are_none(tmp_path, write, clamp):
    path = tmp_path / "x.pkl"
    if write is tf_bytes:
        path.write_bytes(tf_bytes(make_generator(), conv_clamp=clamp))
    else:
        path.write_bytes(nvidia_bytes({"G_ema": nvidia_module(make_generator(), clamp)}))
    with pytest.raises(CheckpointError, match=r"clamps its layers at .*, where a positive number or nothing"):
        load_generator(path)


@pytest.mark.parametrize("resolution", [64, 16, "32", None])
def test_tensorflow_resolution(tmp_path, resolution):
    path = tmp_path / "x.pkl"
    path.write_bytes(tf_bytes(make_generator(), resolution=resolution))
    with pytest.raises(CheckpointError, match=r"says that its resolution is .*, and its tensors are those of 32 px"):
        load_generator(path)


def test_tensorflow_parts_must_agree(tmp_path):
    """The whole network says `skip`, one of its parts something else."""
    path = tmp_path / "x.pkl"
    for part in ("mapping", "synthesis"):
        path.write_bytes(tf_bytes(make_generator(), parts={part: {"architecture": "resnet"}}, architecture="skip"))
        with pytest.raises(CheckpointError, match="says that it is 'resnet', and its layers are those of 'skip'"):
            load_generator(path)
    path.write_bytes(tf_bytes(make_generator(), parts={"synthesis": {"conv_clamp": 256}}, conv_clamp=128))
    with pytest.raises(CheckpointError, match="clamped at different values"):
        load_generator(path)
    path.write_bytes(tf_bytes(make_generator(), parts={"synthesis": {"conv_clamp": 256}}, conv_clamp=256))
    assert load_generator(path).config.conv_clamp == 256.0


def test_weights_are_those_of_a_file_without_contradictions(tmp_path):
    path = tmp_path / "x.pkl"
    path.write_bytes(tf_bytes(make_generator(), parts={"synthesis": {"resolution": 32}}))
    loaded = load_generator(path)
    assert_same_weights(loaded, make_generator())
    assert loaded.synthesis.b4.const.dtype == torch.float32
