"""StyleGAN3s of files: every setting is read, saved and read again; what contradicts itself is refused."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from alias_free_models import SETTINGS, random_alias_free
from pickled_alias_free import pickled
from safetensors.torch import load_file, save_file
from soat.soat_backend.checkpoints import convert_checkpoint, inspect_checkpoint, load_generator
from soat.soat_backend.generators import StyleGAN3Config
from soat.soat_backend.generators.stylegan3.design import Settings
from soat.soat_backend.support.errors import CheckpointError


def assert_same(loaded, original) -> None:
    assert loaded.config == original.config
    expected = original.state_dict()
    assert loaded.state_dict().keys() == expected.keys()
    for name, tensor in loaded.state_dict().items():
        assert torch.equal(tensor, expected[name]), name


@pytest.mark.parametrize("classes", [0, 3])
def test_pickles_of_any_settings(unusual, tmp_path, classes):
    generator, settings = unusual
    generator = random_alias_free(settings, c_dim=classes) if classes else generator
    path = tmp_path / "x.pkl"
    path.write_bytes(pickled(generator))
    assert_same(load_generator(path), generator)
    convert_checkpoint(path, tmp_path / "x.safetensors")
    assert_same(load_generator(tmp_path / "x.safetensors"), generator)
    convert_checkpoint(tmp_path / "x.safetensors", tmp_path / "y.safetensors")
    assert (tmp_path / "x.safetensors").read_bytes() == (tmp_path / "y.safetensors").read_bytes()


def test_a_bare_state_dict_is_taken_to_be_usual(sg3_t, tmp_path):
    state = sg3_t.state_dict()
    torch.save({"G_ema": state}, tmp_path / "x.pt")
    assert_same(load_generator(tmp_path / "x.pt"), sg3_t)
    # Filters are designed where there are none.
    few = {name: tensor for name, tensor in state.items() if not name.endswith(("filter", "transform"))}
    torch.save({"state_dict": {f"decoder.{name}": tensor for name, tensor in few.items()}}, tmp_path / "y.pt")
    designed = load_generator(tmp_path / "y.pt")
    assert designed.config == sg3_t.config
    for name, tensor in designed.state_dict().items():
        torch.testing.assert_close(tensor, state[name], rtol=0, atol=1e-7)


def test_other_bands_are_not_guessed(tmp_path):
    torch.save(random_alias_free(SETTINGS["short"]).state_dict(), tmp_path / "x.pt")
    steep = Settings(64, 64, 8, num_layers=8, first_stopband=9.0)
    torch.save(random_alias_free(steep).state_dict(), tmp_path / "y.pt")
    load_generator(tmp_path / "x.pt")
    with pytest.raises(CheckpointError, match=r"trained with other bands.*original \.pkl"):
        load_generator(tmp_path / "y.pt")


def test_it_is_described(sg3_t, tmp_path):
    path = tmp_path / "x.pkl"
    path.write_bytes(pickled(sg3_t))
    text = inspect_checkpoint(path).describe()
    assert "StyleGAN3-T generator, 64 x 64 px" in text
    assert "16: 24, 32: 24, 64: 24 20 16; 15 layers, margin 10, outputs clamped at 256" in text


HOSTILE = {
    "margin": {"input": {"size": np.array([12, 12])}},
    "odd": {"input": {"size": np.array([24, 25])}},
    "huge": {"input": {"size": np.array([1 << 19] * 2)}},
    "nan": {"input": {"bandwidth": math.nan}},
    "band": {"input": {"bandwidth": 9.0}},
    "rate": {"L1": {"out_sampling_rate": 24}},
    "none": {"L1": {"in_sampling_rate": 0}},
    "falling": {"L2": {"out_sampling_rate": 8}},
    "taps": {"L1": {"up_taps": 1 << 18}},
    "lost taps": {"L1": {"up_taps": 1}},
    "padding": {"L1": {"padding": [1, 2, 3, 4]}},
    "text": {"L1": {"padding": "9"}},
    "kernel": {"L1": {"conv_kernel": 2}},
    "channels": {"L1": {"out_channels": -3}},
    "many channels": {"L1": {"out_channels": 1 << 19}},
    "other channels": {"L1": {"in_channels": 7}},
    "clamp": {"L1": {"conv_clamp": -1}},
    "clamp nan": {"L1": {"conv_clamp": math.inf}},
    "scale": {"synthesis": {"output_scale": 0.0}},
    "text scale": {"synthesis": {"output_scale": "0.25"}},
    "resolution": {"synthesis": {"img_resolution": 64}},
    "torgb": {"L5": {"is_torgb": False}},
    "two torgbs": {"L2": {"is_torgb": True}},
    "whole": {"L1": {"out_size": 24.5}},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_settings_are_refused(short, tmp_path, name):
    path = tmp_path / "x.pkl"
    path.write_bytes(pickled(short, HOSTILE[name]))
    with pytest.raises(CheckpointError, match=r"^x\.pkl: "):
        load_generator(path)


@pytest.mark.parametrize(
    ("tensor", "value"),
    [
        ("synthesis.input.freqs", math.nan),
        ("synthesis.input.phases", math.inf),
        ("synthesis.L1_24_12.magnitude_ema", 0.0),
        ("synthesis.L1_24_12.magnitude_ema", -1.0),
    ],
)
def test_hostile_values_are_refused(tmp_path, tensor, value):
    generator = random_alias_free(SETTINGS["short"])
    assert tensor in generator.state_dict()
    generator.state_dict()[tensor].fill_(value)
    path = tmp_path / "x.pkl"
    path.write_bytes(pickled(generator))
    with pytest.raises(CheckpointError, match=tensor):
        load_generator(path)


def test_a_header_that_was_edited_is_refused(short, tmp_path):
    (tmp_path / "x.pkl").write_bytes(pickled(short))
    convert_checkpoint(tmp_path / "x.pkl", tmp_path / "x.safetensors")
    tensors = load_file(tmp_path / "x.safetensors")
    config = json.loads(short.config.to_json())
    edits = [
        {"z_dim": 17},
        {"layers": config["layers"][:-1]},
        {"layers": "many"},
        {"input": {**config["input"], "size": 10**9}},
        {"more": 1},
        {"img_resolution": "32"},
    ]
    for edit in edits:
        save_file(tensors, tmp_path / "y.safetensors", {"config": json.dumps({**config, **edit})})
        with pytest.raises(CheckpointError):
            load_generator(tmp_path / "y.safetensors")
    assert StyleGAN3Config.from_json(json.dumps(config)) == short.config
