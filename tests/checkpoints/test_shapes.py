"""Generators of other shapes than squares of RGB, in every format there is for them, and what there is to refuse."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from foreign import (
    SHAPES,
    SMALL,
    assert_same_weights,
    basicsr_state,
    genforce_state,
    make_generator,
    nvidia_bytes,
    nvidia_module,
    rosinality_state,
    tf_bytes,
    torch_bytes,
)
from safetensors.torch import save
from soat.soat_backend.checkpoints import convert_checkpoint, describe_loaded, load_generator, read_generator
from soat.soat_backend.generators import GeneratorConfig
from soat.soat_backend.support.errors import CheckpointError


def ours(generator) -> bytes:
    return save(dict(generator.state_dict()), metadata={"config": generator.config.to_json()})


WRITERS = {
    "NVIDIA pickle": lambda generator: nvidia_bytes({"G_ema": nvidia_module(generator, None)}),
    "NVIDIA state dict": lambda generator: torch_bytes(generator.state_dict()),
    "TensorFlow pickle": tf_bytes,
    "SOAT safetensors": ours,
    "rosinality": lambda generator: torch_bytes(
        {"g_ema": rosinality_state(generator), "latent_avg": generator.mapping.w_avg}
    ),
    "BasicSR": lambda generator: torch_bytes({**basicsr_state(generator), "latent_avg": generator.mapping.w_avg}),
    "GenForce": lambda generator: torch_bytes({"models": {"generator_smooth": genforce_state(generator)}}),
}
# Code bases that know neither classes nor other blocks.
PLAINER = ("rosinality", "BasicSR")


@pytest.mark.parametrize("format_name", WRITERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_format(tmp_path, shape, format_name):
    config = SHAPES[shape]
    if format_name in PLAINER and (config.c_dim or config.block_architecture != "skip"):
        pytest.skip("there is no such file")
    if format_name == "GenForce" and config.block_architecture == "resnet":
        pytest.skip("GenForce writes its shortcuts over its layers: see below")
    generator = make_generator(config)
    (tmp_path / "x").write_bytes(WRITERS[format_name](generator))
    loaded = read_generator(tmp_path / "x")
    assert loaded.format_name == format_name
    convert_checkpoint(tmp_path / "x", tmp_path / "x.safetensors")
    for each in (loaded.generator, load_generator(tmp_path / "x.safetensors")):
        assert each.config == config
        assert_same_weights(each, generator)
    height, width = config.img_size
    assert f"{width} x {height} px" in describe_loaded(loaded, "x").describe()


@pytest.mark.parametrize("shape", SHAPES)
def test_missing_noise_is_of_the_maps_size(tmp_path, shape):
    generator = make_generator(SHAPES[shape])
    state = {name: tensor for name, tensor in generator.state_dict().items() if not name.endswith("noise_const")}
    (tmp_path / "x").write_bytes(torch_bytes(state))
    noise = {name: tensor for name, tensor in load_generator(tmp_path / "x").state_dict().items() if name not in state}
    sizes = {name: tuple(tensor.shape) for name, tensor in generator.state_dict().items() if name not in state}
    assert {name: tuple(tensor.shape) for name, tensor in noise.items()} == sizes


def test_noise_that_no_rectangle_can_have_is_made_anew(tmp_path):
    """A fork of rosinality's keeps squares of noise beside its rectangular maps, and draws new noise for them."""
    generator = make_generator(SHAPES["people"])
    state = rosinality_state(generator)
    for name, tensor in state.items():
        if name.startswith("noises."):
            state[name] = torch.zeros(1, 1, tensor.shape[2], tensor.shape[2])
    (tmp_path / "x").write_bytes(torch_bytes({"g_ema": state, "latent_avg": generator.mapping.w_avg}))
    loaded = read_generator(tmp_path / "x")
    assert "made anew" in loaded.notes["noise"]
    assert loaded.generator.synthesis.b32.conv1.noise_const.shape == (32, 16)
    assert 0.8 < loaded.generator.synthesis.b32.conv1.noise_const.std() < 1.2


def test_colours_of_a_model_that_was_grown(tmp_path):
    """TensorFlow's config D has its last colours under growth's name, and those of smaller pictures besides."""
    generator = make_generator(SHAPES["orig"])
    parts = ("weight", "bias", "mod_weight", "mod_bias")
    content = tf_bytes(generator, protocol=2, extra={f"ToRGB_lod1/{part}": torch.zeros(3).numpy() for part in parts})
    for part in parts:
        content = renamed(content, f"32x48/ToRGB/{part}", f"ToRGB_lod0/{part}")
    (tmp_path / "x").write_bytes(content)
    assert_same_weights(load_generator(tmp_path / "x"), generator)


def renamed(content: bytes, old: str, new: str) -> bytes:
    """Short names in protocol 2: a length of four bytes before each."""
    mark = len(old).to_bytes(4, "little") + old.encode()
    assert content.count(mark) == 1
    return content.replace(mark, len(new).to_bytes(4, "little") + new.encode())


def test_headers_of_the_usual_shape_stay_what_they_were():
    text = json.loads(SMALL.to_json())
    assert not text.keys() & {"constant", "img_channels", "block_architecture"}
    for config in SHAPES.values():
        assert GeneratorConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    "changes",
    [
        {"constant": [4, 4]},
        {"constant": [4]},
        {"constant": [4, -2]},
        {"constant": [4, 2.5]},
        {"constant": "42"},
        {"constant": [4, 10**30]},
        {"constant": None},
        {"img_channels": 3},
        {"img_channels": True},
        {"img_channels": 10**30},
        {"block_architecture": "orig"},
        {"block_architecture": ["skip"]},
        {"block_architecture": {}},
    ],
    ids=str,
)
def test_a_header_that_says_something_else(refused, changes):
    """Of a file whose tensors are those of 4 x 2, grey and with shortcuts."""
    config = replace(SMALL, constant=(4, 2), img_channels=1, block_architecture="resnet")
    header = json.dumps({**json.loads(config.to_json()), **changes})
    message = refused(save(dict(make_generator(config).state_dict()), metadata={"config": header}))
    assert "configuration" in message


@pytest.mark.parametrize("channels", [2, 5, 300])
@pytest.mark.parametrize("format_name", WRITERS)
def test_colours_of_unknown_meaning(refused, channels, format_name):
    message = refused(WRITERS[format_name](make_generator(replace(SMALL, img_channels=channels))))
    assert f"{channels} channels" in message and "grey (1), RGB (3) and RGBA pictures (4)" in message


@pytest.mark.parametrize(("height", "width"), [(1, 65), (400, 4), (4, 100_000)])
@pytest.mark.parametrize("format_name", WRITERS)
def test_absurd_constants(refused, height, width, format_name):
    generator = make_generator()
    generator.synthesis.b4.const = torch.nn.Parameter(torch.zeros(12, height, width), requires_grad=False)
    if format_name == "TensorFlow pickle":
        pytest.skip("its layers are called by their sizes")
    message = refused(WRITERS[format_name](generator))
    assert f"begins with {height} x {width}, with sizes beyond any that exists" in message


def test_a_picture_beyond_memory(refused):
    """Small constants become too much after enough doublings."""
    channels = {4 << level: 1 for level in range(11)}
    for constant in ((64, 4), (17, 17)):
        config = replace(SMALL, img_resolution=4096, channels=channels, constant=(4, 4))
        with torch.device("meta"):
            from soat.soat_backend.generators import StyleGAN2

            shapes = {name: tensor.shape for name, tensor in StyleGAN2(config).state_dict().items()}
        state = {name: torch.zeros(shape) for name, shape in shapes.items() if not name.endswith("noise_const")}
        state["synthesis.b4.const"] = torch.zeros(1, *constant)
        assert "sizes beyond any that exists" in refused(torch_bytes(state))


@pytest.mark.parametrize("setting", [("img_channels", 1), ("img_channels", "3"), ("architecture", "orig")])
def test_settings_that_disagree_with_the_tensors(tmp_path, setting):
    module = nvidia_module(make_generator(), None)
    block = module.meta["state"]["_modules"]["synthesis"].meta["state"]["_modules"]["b16"]
    block.meta["state"][setting[0]] = setting[1]
    (tmp_path / "x").write_bytes(nvidia_bytes({"G_ema": module}))
    with pytest.raises(CheckpointError, match=rf"{setting[0]}"):
        load_generator(tmp_path / "x")


@pytest.mark.parametrize("shape", ["resnet", "orig", "RGBA of classes"])
def test_what_is_missing_is_named(refused, shape):
    state = dict(make_generator(SHAPES[shape]).state_dict())
    name = {"resnet": "synthesis.b16.skip.weight"}.get(shape, "synthesis.b32.torgb.affine.bias")
    del state[name]
    assert f"'{name}' is missing" in refused(torch_bytes(state))


def test_what_genforces_other_settings_leave_in_a_file_is_refused(refused):
    """Its shortcuts have the names of layers, which they replace; a beginning made of w has no constant."""
    state = genforce_state(make_generator(SMALL))

    def said(**changes):
        return refused(torch_bytes({"generator": {**state, **changes}}))

    lost = {name: tensor for name, tensor in state.items() if not name.startswith("synthesis.layer1.")}
    shortcut = {**lost, "synthesis.layer1.weight": torch.zeros(10, 12, 1, 1)}
    assert "has the architecture resnet, whose shortcuts its code base keeps under the names of layers" in refused(
        torch_bytes({"generator": shortcut})
    )
    beginning = {name: tensor for name, tensor in state.items() if "early_layer" not in name}
    beginning |= {"synthesis.early_layer.weight": torch.zeros(12, 14), "synthesis.early_layer.bias": torch.zeros(12)}
    assert "in the layout of GenForce, but not its StyleGAN2" in refused(torch_bytes({"generator": beginning}))
    assert "'truncation.w_avg' has the shape [112] where" in said(**{"truncation.w_avg": torch.zeros(8 * 14)})
    two_colours = {"weight": torch.zeros(2, 6, 1, 1), "bias": torch.zeros(2)}
    assert "pictures of 2 channels" in said(**{f"synthesis.output3.{kind}": x for kind, x in two_colours.items()})
    concatenated = said(**{"mapping.label_weight": torch.zeros(3, 16)})
    assert "concatenates its labels" in concatenated
