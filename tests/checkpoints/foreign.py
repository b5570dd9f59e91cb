"""Writes generators in the layouts of other code bases, from their documentation and not from our readers."""

from __future__ import annotations

import contextlib
import io
import math
import pickle
import sys
import types
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from soat.soat_backend.generators import Generator, GeneratorConfig, StyleGAN2

REFERENCE = Path(__file__).parents[1] / "reference"
SMALL = GeneratorConfig(32, {4: 12, 8: 10, 16: 8, 32: 6}, z_dim=16, w_dim=14, mapping_layers=3)


def make_generator(config: GeneratorConfig = SMALL, seed: int = 0, dtype=torch.float32) -> Generator:
    """Random weights, all of them multiples of 1/64 so that adding 1 to a bias and taking it away is exact."""
    torch.manual_seed(seed)
    generator = StyleGAN2(config).requires_grad_(False)
    for tensor in generator.state_dict().values():
        tensor.copy_((torch.randn(tensor.shape) * 64).round() / 64)
    for name, tensor in generator.state_dict().items():
        if not name.endswith("w_avg"):
            tensor.data = tensor.to(dtype)
    return generator.to(dtype)


def fir(gain: float) -> torch.Tensor:
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    return torch.outer(taps, taps) / 64 * gain


# Of other shapes: constants of any size, grey and RGBA, blocks without colours or with a shortcut.
SHAPES = {
    "people": replace(SMALL, constant=(4, 2)),
    "odd and grey": replace(SMALL, constant=(3, 5), img_channels=1),
    "RGBA of classes": replace(SMALL, constant=(4, 7), img_channels=4, c_dim=3),
    "large square": replace(SMALL, constant=(7, 7)),
    "orig": replace(SMALL, block_architecture="orig", constant=(4, 6)),
    "resnet": replace(SMALL, block_architecture="resnet"),
    "resnet of RGBA": replace(SMALL, block_architecture="resnet", img_channels=4, constant=(5, 3)),
    "one block": replace(SMALL, img_resolution=4, channels={4: 12}, img_channels=1),
}


def blocks(generator: Generator):
    for index in range(int(math.log2(generator.config.img_resolution)) - 1):
        yield index, 4 << index, getattr(generator.synthesis, f"b{4 << index}")


def rosinality_state(generator: Generator, noises: bool = True) -> OrderedDict:
    state = OrderedDict()
    mapping = generator.mapping

    def styled_conv(prefix, layer):
        state[f"{prefix}.conv.weight"] = layer.weight[None]
        if layer.doubles:
            state[f"{prefix}.conv.blur.kernel"] = fir(4.0)
        state[f"{prefix}.conv.modulation.weight"] = layer.affine.weight
        state[f"{prefix}.conv.modulation.bias"] = layer.affine.bias
        state[f"{prefix}.noise.weight"] = layer.noise_strength[None]
        state[f"{prefix}.activate.bias"] = layer.bias

    def rgb(prefix, layer, up):
        state[f"{prefix}.bias"] = layer.bias[None, :, None, None]
        if up:
            state[f"{prefix}.upsample.kernel"] = fir(4.0)
        state[f"{prefix}.conv.weight"] = layer.weight[None]
        state[f"{prefix}.conv.modulation.weight"] = layer.affine.weight
        state[f"{prefix}.conv.modulation.bias"] = layer.affine.bias

    for index in range(generator.config.mapping_layers):
        layer = getattr(mapping, f"fc{index}")
        state[f"style.{index + 1}.weight"], state[f"style.{index + 1}.bias"] = layer.weight, layer.bias
    state["input.input"] = generator.synthesis.b4.const[None]
    for index, _, block in blocks(generator):
        if index == 0:
            styled_conv("conv1", block.conv1)
            rgb("to_rgb1", block.torgb, False)
        else:
            styled_conv(f"convs.{2 * index - 2}", block.conv0)
            styled_conv(f"convs.{2 * index - 1}", block.conv1)
            rgb(f"to_rgbs.{index - 1}", block.torgb, True)
    count = 0
    for index, _, block in blocks(generator):
        for layer in [block.conv1] if index == 0 else [block.conv0, block.conv1]:
            if noises:
                state[f"noises.noise_{count}"] = layer.noise_const[None, None]
            count += 1
    return OrderedDict((name, tensor.data.clone()) for name, tensor in state.items())


def basicsr_state(generator: Generator) -> OrderedDict:
    state = OrderedDict()
    for name, tensor in rosinality_state(generator).items():
        head, _, rest = name.partition(".")
        head = {"style": "style_mlp", "conv1": "style_conv1", "convs": "style_convs"}.get(head, head)
        name = f"{head}.{rest}"
        if name == "input.input":
            name = "constant_input.weight"
        if head == "noises":
            name = name.replace("noise_", "noise")
        elif name.endswith(".noise.weight"):
            name = name.replace(".noise.weight", ".weight")
        else:
            name = name.replace(".conv.blur.", ".modulated_conv.smooth.").replace(".conv.", ".modulated_conv.")
        state[name] = tensor
    return state


def genforce_state(generator: Generator) -> OrderedDict:
    state = OrderedDict()

    def affine(source, layer):
        state[f"{source}.style.weight"], state[f"{source}.style.bias"] = layer.affine.weight, layer.affine.bias - 1

    def styled_conv(source, layer):
        state[f"{source}.weight"] = layer.weight.flip(2, 3) if layer.doubles else layer.weight
        state[f"{source}.bias"] = layer.bias
        state[f"{source}.noise_strength"] = layer.noise_strength
        state[f"{source}.noise"] = layer.noise_const[None, None]
        if layer.doubles:
            state[f"{source}.filter.kernel"] = fir(4.0)[None, None]
        affine(source, layer)

    dense = {f"fc{index}": f"dense{index}" for index in range(generator.config.mapping_layers)}
    if generator.config.c_dim:
        dense["embed"] = "LabelEmbed"
    for name, source in dense.items():
        layer = getattr(generator.mapping, name)
        state[f"mapping.{source}.weight"], state[f"mapping.{source}.bias"] = layer.weight, layer.bias
    state["truncation.w_avg"] = generator.mapping.w_avg
    state["synthesis.early_layer.const"] = generator.synthesis.b4.const[None]
    for index, _, block in blocks(generator):
        if index:
            styled_conv(f"synthesis.layer{2 * index - 1}", block.conv0)
        styled_conv(f"synthesis.layer{2 * index}", block.conv1)
        if hasattr(block, "torgb"):
            source = f"synthesis.output{index}"
            state[f"{source}.weight"], state[f"{source}.bias"] = block.torgb.weight, block.torgb.bias
            affine(source, block.torgb)
    if generator.config.block_architecture == "skip":
        state["synthesis.upsample.kernel"] = fir(4.0)[None, None]
    return OrderedDict((name, tensor.data.clone()) for name, tensor in state.items())


@contextlib.contextmanager
def fake_modules(**members):
    """Modules that exist only while something is pickled; dots are written as two underscores."""
    names = []
    for path, content in members.items():
        parts = path.split("__")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if name not in sys.modules:
                sys.modules[name] = types.ModuleType(name)
                names.append(name)
        for key, value in content.items():
            value.__module__ = ".".join(parts)
            value.__qualname__ = key
            setattr(sys.modules[".".join(parts)], key, value)
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


def _reconstruct(meta):
    raise AssertionError("NVIDIA's loader must never run")


def _parameter(tensor):
    return torch.nn.Parameter(tensor.data.clone())


class Persistent:
    """A module as torch_utils.persistence pickles it."""

    def __init__(self, class_name, parameters=(), buffers=(), modules=(), **settings):
        hooks = {"_forward_hooks": OrderedDict(), "_non_persistent_buffers_set": set()}
        self.meta = {
            "type": "class",
            "version": 6,
            "module_src": "# source " * 300,
            "class_name": class_name,
            "state": {
                "training": False,
                "_parameters": OrderedDict((k, _parameter(v)) for k, v in dict(parameters).items()),
                "_buffers": OrderedDict((k, v.data.clone()) for k, v in dict(buffers).items()),
                **hooks,
                "_modules": OrderedDict(modules),
                "_init_args": (),
                "_init_kwargs": {},
                **settings,
            },
        }

    def __reduce__(self):
        return _reconstruct, (self.meta,)


def nvidia_module(
    generator: Generator, clamp=256, architecture=None, lr=0.01, channels_last=False, **stated
) -> Persistent:
    """`stated` are settings of the mapping network."""
    architecture = architecture or generator.config.block_architecture

    def dense(layer, **settings):
        values = {"activation": "linear", "bias_gain": 1.0, **settings}
        return Persistent("FullyConnectedLayer", {"weight": layer.weight, "bias": layer.bias}, **values)

    def conv(layer):
        weight = layer.weight.data
        if channels_last:
            weight = weight.to(memory_format=torch.channels_last)
        parameters = {"weight": weight, "noise_strength": layer.noise_strength, "bias": layer.bias}
        made = Persistent(
            "SynthesisLayer",
            parameters,
            {"resample_filter": fir(1.0), "noise_const": layer.noise_const},
            {"affine": dense(layer.affine)},
            activation="lrelu",
            conv_clamp=clamp,
            use_noise=True,
        )
        made.meta["state"]["_parameters"]["weight"] = torch.nn.Parameter(weight)
        return made

    children = OrderedDict()
    for index, resolution, block in blocks(generator):
        modules = OrderedDict()
        if index:
            modules["conv0"] = conv(block.conv0)
        modules["conv1"] = conv(block.conv1)
        if hasattr(block, "torgb"):
            rgb = block.torgb
            modules["torgb"] = Persistent(
                "ToRGBLayer",
                {"weight": rgb.weight, "bias": rgb.bias},
                modules={"affine": dense(rgb.affine)},
                conv_clamp=clamp,
            )
        if hasattr(block, "skip"):
            filters = {"resample_filter": fir(1.0)}
            modules["skip"] = Persistent(
                "Conv2dLayer", {"weight": block.skip.weight}, filters, activation="linear", conv_clamp=None, bias=None
            )
        children[f"b{resolution}"] = Persistent(
            "SynthesisBlock",
            {} if index else {"const": block.const},
            {"resample_filter": fir(1.0)},
            modules,
            architecture=architecture,
            img_channels=generator.config.img_channels,
        )
    layers = OrderedDict()
    if generator.config.c_dim:
        layers["embed"] = dense(generator.mapping.embed)
    for index in range(generator.config.mapping_layers):
        layers[f"fc{index}"] = dense(getattr(generator.mapping, f"fc{index}"), activation="lrelu", bias_gain=lr)
    stated = {"z_dim": generator.config.z_dim, "c_dim": generator.config.c_dim, **stated}
    mapping = Persistent("MappingNetwork", {}, {"w_avg": generator.mapping.w_avg}, layers, **stated)
    synthesis = Persistent("SynthesisNetwork", modules=children)
    return Persistent("Generator", modules={"synthesis": synthesis, "mapping": mapping})


def nvidia_bytes(content, protocol=4) -> bytes:
    """Pickle a tree with `Persistent`s in it."""
    with fake_modules(torch_utils__persistence={"_reconstruct_persistent_obj": _reconstruct}):
        return pickle.dumps(content, protocol)


def put_inside(wrapper: type, name: str, module: Persistent, **buffers) -> object:
    """A torch module around another, as it pickles itself."""
    made = object.__new__(wrapper)
    made.__dict__.update(training=False, _parameters={}, _buffers=buffers, _modules={name: module})
    return made


class TfNetwork:
    """dnnlib.tflib.network.Network as stylegan2 pickles it; stylegan2-ada adds what goes in and comes out."""

    def __init__(self, name, variables=(), components=(), **static):
        self.state = {
            "version": 4,
            "name": name,
            "static_kwargs": static,
            "components": dict(components),
            "build_module_src": "raise SystemExit\n" * 100,
            "build_func_name": "G_main",
            "variables": list(dict(variables).items()),
        }

    def __getstate__(self):
        return self.state


def as_evaluated(array):
    """What TensorFlow gives for a variable: for one of no sides numpy's number, not an array."""
    return array[()]


def tf_variables(generator: Generator, stored=as_evaluated) -> tuple[dict, dict]:
    """Variables of the mapping and of the synthesis component, in NVIDIA's order; `stored` makes each of an array."""

    def array(tensor):
        return stored(tensor.detach().float().numpy().copy())

    count = generator.config.mapping_layers
    layers = {f"Dense{index}": getattr(generator.mapping, f"fc{index}") for index in range(count)}
    if generator.config.c_dim:
        layers = {"LabelEmbed": generator.mapping.embed, **layers}
    mapping = {}
    for scope, layer in layers.items():
        mapping[f"{scope}/weight"], mapping[f"{scope}/bias"] = array(layer.weight.t()), array(layer.bias)

    children = [layer for _, _, block in blocks(generator) for layer in block.children()]
    noises = [layer.noise_const[None, None] for layer in children if hasattr(layer, "noise_const")]
    synthesis = {f"noise{index}": array(noise) for index, noise in enumerate(noises)}
    height, width = generator.config.constant
    synthesis[f"{height}x{width}/Const/const"] = array(generator.synthesis.b4.const[None])

    def layer_variables(scope, layer, flip=False):
        weight = layer.weight.permute(2, 3, 1, 0)  # [k, k, I, O]
        synthesis[f"{scope}/weight"] = array(weight.flip(0, 1) if flip else weight)
        synthesis[f"{scope}/mod_weight"] = array(layer.affine.weight.t())
        synthesis[f"{scope}/mod_bias"] = array(layer.affine.bias - 1)
        if hasattr(layer, "noise_strength"):
            synthesis[f"{scope}/noise_strength"] = array(layer.noise_strength)
        synthesis[f"{scope}/bias"] = array(layer.bias)

    for index, _, block in blocks(generator):
        scope = f"{height << index}x{width << index}"
        if index:
            layer_variables(f"{scope}/Conv0_up", block.conv0, flip=True)
        layer_variables(f"{scope}/Conv1" if index else f"{scope}/Conv", block.conv1)
        if hasattr(block, "torgb"):
            layer_variables(f"{scope}/ToRGB", block.torgb)
        if hasattr(block, "skip"):
            synthesis[f"{scope}/Skip/weight"] = array(block.skip.weight.permute(2, 3, 1, 0))
    return mapping, synthesis


def tf_bytes(
    generator: Generator, protocol=4, extra=(), parts=(), stored=as_evaluated, dump=pickle.dumps, **static
) -> bytes:
    """`static` are the arguments of the whole and of its components; `parts` those that a component has otherwise."""
    mapping, synthesis = tf_variables(generator, stored)
    synthesis.update(dict(extra))
    config = generator.config
    static = {"num_channels": config.img_channels, "resolution": config.img_resolution, "fmap_base": 8192, **static}
    if config.block_architecture != "skip":
        static.setdefault("architecture", config.block_architecture)
    variables = {"synthesis": synthesis, "mapping": mapping}
    own = {"synthesis": {}, "mapping": {"dlatent_broadcast": generator.layers.num_ws}}
    components = {
        name: TfNetwork(f"G_{name}", variables[name], **{**static, **own[name], **dict(parts).get(name, {})})
        for name in variables
    }
    average = {"lod": as_evaluated(np.zeros((), np.float32)), "dlatent_avg": stored(generator.mapping.w_avg.numpy())}
    with fake_modules(dnnlib__tflib__network={"Network": TfNetwork}):
        other = TfNetwork("D", {"4x4/Dense0/weight": average["dlatent_avg"]})
        content = (TfNetwork("G", average), other, TfNetwork("Gs", average, components, **static))
        return dump(content, protocol=protocol)


def torch_bytes(content, legacy: bool = False) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=not legacy)
    return buffer.getvalue()


def assert_same_weights(loaded: Generator, original: Generator, skip=()) -> None:
    """Equal bit for bit, under the same names."""
    ours, theirs = loaded.state_dict(), original.state_dict()
    assert list(ours) == list(theirs)
    for name in theirs:
        if name not in skip:
            assert ours[name].dtype == theirs[name].dtype, name
            assert torch.equal(ours[name], theirs[name]), name
