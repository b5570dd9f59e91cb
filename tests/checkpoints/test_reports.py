"""Files in the shape of what public reports describe, made by the peers' own code: their pictures, or what they are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign import (
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
from safetensors.torch import save
from soat.soat_backend.checkpoints import convert_checkpoint, load_generator, read_generator
from soat.soat_backend.generators import GeneratorConfig

REPORTS = Path(__file__).parent / "reports"
# Class, truncation, format and configuration of files beside which `.npy` has the peer's picture of seed 5.
PICTURES = {
    "genforce_ada_cond.pth": (
        *(3, 0.7, "GenForce"),
        GeneratorConfig(16, {4: 12, 8: 12, 16: 6}, 12, 16, 4, 3, mapping_widths=(10, 10), embed_dim=12),
    ),
    "mmgen.pth": (-1, 1.0, "MMGeneration", GeneratorConfig(16, {4: 12, 8: 10, 16: 6}, 12, 12, 0, 3)),
    "rosinality_module.pt": (-1, 1.0, "rosinality", GeneratorConfig(16, {4: 12, 8: 10, 16: 6}, 12, 12, 0, 3)),
    "nvidia_embed.pkl": (
        *(1, 0.7, "NVIDIA pickle"),
        GeneratorConfig(16, {4: 12, 8: 12, 16: 6}, 12, 14, 4, 3, mapping_widths=(10, 10), embed_dim=6),
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_the_peers_picture(tmp_path, node, name):
    class_idx, psi, format_name, config = PICTURES[name]
    expected = torch.from_numpy(np.load((REPORTS / name).with_suffix(".npy")))
    loaded = read_generator(REPORTS / name)
    assert loaded.format_name == format_name
    assert loaded.generator.config == config
    convert_checkpoint(REPORTS / name, tmp_path / "x.safetensors")
    for generator in (loaded.generator, load_generator(tmp_path / "x.safetensors")):
        assert generator.config == config
        latent = node(
            "SampleLatent",
            generator=generator,
            seed=5,
            batch_size=1,
            truncation_psi=psi,
            class_idx=class_idx,
            rng="numpy",
        )
        features = node("GetFeatures", generator=generator, latent=latent, layer="b16.conv1", noise_mode="const")
        image = node("Render", features=features).permute(0, 3, 1, 2)
        assert torch.allclose(image, (expected.clamp(-1, 1) + 1) / 2, atol=5e-5)


def test_widths_that_are_the_usual_ones_are_not_written():
    usual = replace(SMALL, mapping_widths=(14, 14), embed_dim=14, c_dim=3)
    assert usual == replace(SMALL, c_dim=3)
    assert "mapping_widths" not in usual.to_json() and "embed_dim" not in usual.to_json()
    unusual = replace(SMALL, mapping_widths=(14, 9), embed_dim=5, c_dim=3)
    assert GeneratorConfig.from_json(unusual.to_json()) == unusual
    assert unusual.mapping_sizes == (21, 14, 9, 14)


@pytest.mark.parametrize("widths", ["[14]", "[14, 0]", "[14, 99999]", "14", "[14, 9.5]", "[[14], 14]", '"14"'])
def test_widths_that_are_none(refused, widths):
    text = SMALL.to_json().replace('"z_dim"', f'"mapping_widths": {widths}, "z_dim"')
    message = refused(save(dict(make_generator().state_dict()), metadata={"config": text}))
    assert "configuration" in message


@pytest.mark.parametrize("write", [nvidia_module, tf_bytes, lambda generator: torch_bytes(generator.state_dict())])
def test_any_mapping_widths(tmp_path, write):
    config = replace(SMALL, mapping_widths=(9, 11), embed_dim=5, c_dim=3)
    generator = make_generator(config)
    content = nvidia_bytes({"G_ema": nvidia_module(generator, None)}) if write is nvidia_module else write(generator)
    (tmp_path / "x.pkl").write_bytes(content)
    loaded = load_generator(tmp_path / "x.pkl")
    assert loaded.config == config
    assert_same_weights(loaded, generator)


# Means of w


@pytest.mark.parametrize("shape", [(6, 14), (1, 6, 14), (18, 14), (1, 14), (14, 1), (1, 14, 1, 1)])
def test_a_mean_that_is_repeated(tmp_path, shape):
    generator = make_generator()
    average = generator.mapping.w_avg
    average = average.expand(shape) if shape[-1] == 14 else average.reshape(shape)
    (tmp_path / "x.pt").write_bytes(torch_bytes({"g_ema": rosinality_state(generator), "latent_avg": average.clone()}))
    loaded = read_generator(tmp_path / "x.pt")
    assert_same_weights(loaded.generator, generator)
    assert "mean of w" not in loaded.notes


def test_means_that_differ_are_estimated_anew_and_that_is_said(tmp_path):
    generator = make_generator()
    average = torch.randn(8, 14)
    for name, content in (("with", {"latent_avg": average}), ("without", {})):
        (tmp_path / name).write_bytes(torch_bytes({"g_ema": rosinality_state(generator), **content}))
    loaded = read_generator(tmp_path / "with")
    assert_same_weights(loaded.generator, load_generator(tmp_path / "without"))
    assert loaded.notes["mean of w"].startswith("estimated anew: the file has 8 that differ")


@pytest.mark.parametrize("shape", [(14, 14, 14), (1000, 14), (6, 13), (13,)])
def test_a_mean_of_another_shape(refused, shape):
    content = {"g_ema": rosinality_state(make_generator()), "latent_avg": torch.zeros(shape)}
    assert "'latent_avg' has the shape" in refused(torch_bytes(content))


# What can't be run yet


def wider(state, inputs, name="style.1.weight"):
    return {**state, name: torch.zeros(state[name].shape[0], inputs)}


@pytest.mark.parametrize("inputs", [28, 42])
def test_a_class_embedding_that_was_left_out(refused, inputs):
    rosinality, basicsr = rosinality_state(make_generator()), basicsr_state(make_generator())
    nvidia = dict(make_generator().state_dict())
    for state in (
        wider(rosinality, inputs),
        wider(basicsr, inputs, "style_mlp.1.weight"),
        wider(nvidia, inputs, "mapping.fc0.weight"),
    ):
        message = refused(torch_bytes({"g_ema": state}))
        assert (
            f"conditional StyleGAN2 without its class embedding: its mapping network takes {inputs} numbers" in message
        )


@pytest.mark.parametrize("inputs", [14, 28])
def test_classes_that_the_file_says_it_has(refused, inputs):
    generator = make_generator(replace(SMALL, z_dim=inputs))
    for content in (
        nvidia_bytes({"G_ema": nvidia_module(generator, None, z_dim=14, c_dim=5)}),
        tf_bytes(generator, latent_size=14, label_size=5),
    ):
        assert "conditional StyleGAN2 without its class embedding" in refused(content)


def test_a_long_z_that_the_file_says_it_has(tmp_path):
    generator = make_generator(replace(SMALL, z_dim=28))
    for name, content in (
        ("pickle", nvidia_bytes({"G_ema": nvidia_module(generator, None)})),
        ("tensorflow", tf_bytes(generator, latent_size=28)),
    ):
        (tmp_path / name).write_bytes(content)
        assert_same_weights(load_generator(tmp_path / name), generator)
        convert_checkpoint(tmp_path / name, tmp_path / "x.safetensors")
        assert_same_weights(load_generator(tmp_path / "x.safetensors"), generator)


def test_a_layout_that_is_known_but_not_read(refused):
    layer = {"conv_blocks.0.conv_block.0.bias": torch.zeros(3), "const": torch.zeros(3, 4, 4)}
    parts = {"G_mapping": {"state_dict": {}}, "G_synthesis": {"name": "GeneratorSynthesis", "state_dict": layer}}
    for content in (parts, {f"G_synthesis.{name}": tensor for name, tensor in layer.items()}):
        assert "in the layout of adriansahlman's stylegan2_pytorch" in refused(torch_bytes(content))
    hammer = {"w_avg": torch.zeros(3), "synthesis.layer0.weight": torch.zeros(3, 3, 3, 3)}
    assert "in the layout of GenForce, but not its StyleGAN2" in refused(torch_bytes({"generator_smooth": hammer}))
