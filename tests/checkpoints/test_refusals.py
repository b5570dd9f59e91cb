from collections import OrderedDict

import pytest
import torch
from foreign import (
    Persistent,
    TfNetwork,
    basicsr_state,
    fake_modules,
    make_generator,
    nvidia_bytes,
    nvidia_module,
    rosinality_state,
    tf_bytes,
    torch_bytes,
)
from soat.soat_backend.checkpoints import inspect_checkpoint, load_generator
from soat.soat_backend.support.errors import CheckpointError

T = torch.zeros(2)


def named(*names):
    return torch_bytes(dict.fromkeys(names, T))


def module(class_name, *paths):
    """A pickled module with modules at these paths."""
    children: dict[str, dict] = {}
    for path in paths:
        head, _, rest = path.partition(".")
        children.setdefault(head, []).append(rest) if rest else children.setdefault(head, [])
    modules = {head: module("Part", *rests) for head, rests in children.items()}
    return Persistent(class_name, {"weight": T}, modules=modules)


def stylegan1_tf():
    with fake_modules(dnnlib__tflib__network={"Network": TfNetwork}):
        import pickle

        network = TfNetwork("Gs", {"synthesis/4x4/Const/StyleMod/weight": T.numpy()})
        return pickle.dumps((network, network, network), protocol=4)


def gfpgan_clean_decoder():
    state = basicsr_state(make_generator())
    return {name.replace("activate.bias", "bias"): tensor for name, tensor in state.items()}


REFUSED = {
    "StyleGAN3": [
        lambda: nvidia_bytes(
            {"G_ema": module("Generator", "synthesis.input.affine", "synthesis.L0_36_512", "mapping.fc0")}
        ),
        lambda: named("synthesis.input.weight", "synthesis.L0_36_512.weight"),
    ],
    "StyleGAN-XL": [
        lambda: nvidia_bytes(
            {
                "G_ema": module(
                    "Generator", "synthesis.input", "synthesis.L0_36_512", "mapping.embed_proj.x", "mapping.fc0"
                )
            }
        ),
        lambda: nvidia_bytes({"G_ema": module("SuperresGenerator", "synthesis.input", "synthesis.L0_36_512")}),
    ],
    "StyleGAN1": [
        lambda: named("g_mapping.dense0.weight", "g_synthesis.blocks.4x4.const"),
        lambda: torch_bytes({"g_running": {"generator.progression.0.conv1.weight": T}}),
        stylegan1_tf,
    ],
    "lucidrains": [
        lambda: torch_bytes({"GAN": {"GE.blocks.0.to_rgb.weight": T, "S.net.0.weight": T}, "version": "1.8"})
    ],
    "GFPGAN": [
        lambda: torch_bytes({"params_ema": {"conv_body_first.weight": T, "stylegan_decoder.style_conv1.weight": T}}),
        lambda: torch_bytes({"params_ema": gfpgan_clean_decoder()}),
    ],
    "clean decoder": [lambda: torch_bytes(gfpgan_clean_decoder())],
    "discriminator": [
        lambda: torch_bytes({"d": {"convs.0.0.weight": T, "final_linear.0.weight": T}}),
        lambda: named("convs.0.0.weight", "final_conv.0.weight", "final_linear.1.bias"),
        lambda: nvidia_bytes({"D": module("Discriminator", "b32.fromrgb", "b4.out")}),
        lambda: nvidia_bytes(module("Discriminator", "b32.fromrgb", "b4.out")),
        lambda: named("b32.fromrgb.weight", "b4.out.weight"),
    ],
    "LoRA": [
        lambda: named("lora_unet_down_blocks_0.lora_up.weight", "lora_unet_down_blocks_0.alpha"),
        lambda: named("unet.down_blocks.0.attn.to_q.lora_A.weight"),
        lambda: named("lora_te_text_model_encoder.hada_w1_a"),
    ],
    "diffusion model": [
        lambda: torch_bytes({"state_dict": {"model.diffusion_model.input_blocks.0.0.weight": T}}),
        lambda: named("conditioner.embedders.0.transformer.weight"),
        lambda: named("double_blocks.0.img_attn.qkv.weight", "single_blocks.0.linear1.weight"),
        lambda: named("down_blocks.0.resnets.0.conv1.weight", "time_embedding.linear_1.weight"),
    ],
    "pSp": [lambda: torch_bytes({"state_dict": {"encoder.input_layer.0.weight": T, "decoder.style.1.weight": T}})],
    "upscaler": [lambda: torch_bytes({"params_ema": {"conv_first.weight": T, "body.0.rdb1.conv1.weight": T}})],
}


@pytest.mark.parametrize(("what", "make"), [(what, make) for what, makers in REFUSED.items() for make in makers])
def test_refused_by_name(tmp_path, what, make):
    path = tmp_path / "model.pt"
    path.write_bytes(make())
    for read in (load_generator, inspect_checkpoint):
        with pytest.raises(CheckpointError, match=what) as caught:
            read(path)
        assert str(caught.value).startswith("model.pt: This is a")
        assert str(caught.value).count(". ") == 0, "one sentence"


def changed(state, **changes):
    return OrderedDict({**state, **{name.replace("/", "."): value for name, value in changes.items()}})


def without(state, *names):
    return OrderedDict((name, tensor) for name, tensor in state.items() if name not in names)


def nvidia_with(change):
    """An NVIDIA pickle whose generator's state, by module path, has been changed."""
    root = nvidia_module(make_generator(), clamp=None)

    def at(path):
        item = root
        for name in path.split("."):
            item = item.meta["state"]["_modules"][name]
        return item.meta["state"]

    change(at)
    return nvidia_bytes({"G_ema": root})


ROSINALITY = rosinality_state(make_generator())
FLAT_FIR = torch.full((4, 4), 0.25)

VARIANTS = {
    "missing weight": (
        lambda: torch_bytes(without(ROSINALITY, "convs.3.conv.modulation.bias")),
        r"'convs\.3\.conv\.modulation\.bias' is missing",
    ),
    "missing style layer": (lambda: torch_bytes(without(ROSINALITY, "style.2.weight")), r"style\.\d|mapping"),
    "missing rgb": (lambda: torch_bytes(without(ROSINALITY, "to_rgbs.2.conv.weight")), "6 up-scaling.* 2 RGB"),
    "unknown weight": (lambda: torch_bytes(changed(ROSINALITY, **{"extra.weight": T})), r"no StyleGAN2.*extra\.weight"),
    "wrong shape": (
        lambda: torch_bytes(changed(ROSINALITY, **{"conv1.activate.bias": torch.zeros(5)})),
        r"'conv1\.activate\.bias' has the shape \[5\].*needs \[12\]",
    ),
    "other blur": (
        lambda: torch_bytes(changed(ROSINALITY, **{"convs.0.conv.blur.kernel": FLAT_FIR})),
        r"another filter than \[1, 3, 3, 1\]",
    ),
    "beyond float32": (
        lambda: torch_bytes(changed(ROSINALITY, **{"style.1.bias": torch.full((14,), 1e39, dtype=torch.float64)})),
        r"'style\.1\.bias' is stored as float64 and has values too large for float32",
    ),
    "not a number in float64": (
        lambda: torch_bytes(changed(ROSINALITY, **{"style.1.bias": torch.full((14,), float("nan")).double()})),
        r"'style\.1\.bias' has values that are not finite",
    ),
    "real scalar": (lambda: torch_bytes(changed(ROSINALITY, **{"gain": torch.tensor(2.0)})), r"no StyleGAN2.*gain"),
    "numbers in a row": (
        lambda: torch_bytes(changed(ROSINALITY, **{"order": torch.arange(4)})),
        r"no StyleGAN2.*order",
    ),
    "integers": (
        lambda: torch_bytes(changed(ROSINALITY, **{"style.1.bias": torch.zeros(14, dtype=torch.int64)})),
        r"'style\.1\.bias' is stored as int64",
    ),
    "not a number": (
        lambda: torch_bytes(changed(ROSINALITY, **{"style.1.bias": torch.full((14,), float("nan"))})),
        r"'style\.1\.bias' has values that are not finite",
    ),
    "infinity": (
        lambda: torch_bytes(changed(ROSINALITY, **{"noises.noise_0": torch.full((1, 1, 4, 4), float("inf"))})),
        r"'noises\.noise_0' has values that are not finite",
    ),
    "resnet": (
        lambda: nvidia_bytes({"G_ema": nvidia_module(make_generator(), architecture="resnet")}),
        r"architecture of 'synthesis\.b\d+' is 'resnet', and its tensors are those of 'skip'",
    ),
    "learning rate": (lambda: nvidia_bytes({"G_ema": nvidia_module(make_generator(), lr=0.1)}), "bias_gain '0.1'"),
    "activation": (
        lambda: nvidia_with(lambda at: at("synthesis.b8.conv1").update(activation="relu")),
        r"activation 'relu' in 'synthesis\.b8\.conv1",
    ),
    "filter": (
        lambda: nvidia_with(lambda at: at("synthesis.b8")["_buffers"].update(resample_filter=FLAT_FIR)),
        r"another filter than \[1, 3, 3, 1\]",
    ),
    "clamps": (
        lambda: nvidia_with(lambda at: at("synthesis.b8.conv1").update(conv_clamp=256)),
        "clamps its layers at different values",
    ),
    "tensorflow resnet": (
        lambda: tf_bytes(make_generator(), architecture="resnet"),
        "says that it is 'resnet', and its layers are those of 'skip'",
    ),
    "tensorflow of no known blocks": (
        lambda: tf_bytes(make_generator(), architecture="unet"),
        "architecture 'unet'",
    ),
    "tensorflow colours twice": (
        lambda: tf_bytes(make_generator(), extra={"ToRGB_lod0/weight": T.numpy()}),
        r"no StyleGAN2.*ToRGB_lod0/weight",
    ),
    "tensorflow learning rate": (lambda: tf_bytes(make_generator(), mapping_lrmul=0.1), "mapping_lrmul '0.1'"),
    "tensorflow filter": (lambda: tf_bytes(make_generator(), resample_kernel=[1, 2, 1]), r"filter than \[1, 3, 3, 1\]"),
    "tensorflow leftover": (
        lambda: tf_bytes(make_generator(), extra={"8x8/New/weight": T.numpy()}),
        "synthesis/8x8/New/weight",
    ),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_are_refused_and_say_why(tmp_path, name):
    make, message = VARIANTS[name]
    path = tmp_path / "model.pt"
    path.write_bytes(make())
    for read in (load_generator, inspect_checkpoint):
        with pytest.raises(CheckpointError, match=message):
            read(path)


def test_something_else_says_what_was_tried(tmp_path):
    path = tmp_path / "model.pt"
    path.write_bytes(torch_bytes({"layer1.weight": T}))
    with pytest.raises(CheckpointError) as caught:
        load_generator(path)
    text = str(caught.value)
    for tried in ("rosinality", "NVIDIA", "TensorFlow", "BasicSR", "safetensors", "Choose a StyleGAN2 generator"):
        assert tried in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS pointer"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG picture"),
        (b"hello", "neither a torch file"),
    ],
)
def test_files_that_are_no_checkpoints(tmp_path, content, message):
    path = tmp_path / "model.pt"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        inspect_checkpoint(path)
