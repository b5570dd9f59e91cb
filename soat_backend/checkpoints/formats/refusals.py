"""What a file is, when it is no StyleGAN2 generator: one sentence each, by names that are in it and nowhere else."""

from __future__ import annotations

import re

from ...support.errors import CheckpointError
from ..containers.contents import Contents
from ..containers.inert import Inert
from ..containers.modules import find_module, flatten_module
from ..containers.unwrap import CONSTANTS, all_names
from .nvidia import find_generator
from .tensorflow_networks import find_network, network_tensors

_ONLY = "only StyleGAN2 and StyleGAN3 generators can be opened here"
_CONSTANT = f"({'|'.join(re.escape(constant) for constant in CONSTANTS)})$"

# (what it is, a pattern found in its names, another that must not be found); the first that fits counts.
_KNOWN: tuple[tuple[str, str, str | None], ...] = (
    ("a StyleGAN-XL generator, StyleGAN3's successor", r"(^|\.)mapping\.embed_proj\.|^class SuperresGenerator$", None),
    (
        "a part of a StyleGAN3 generator, without the frequencies that its pictures begin with",
        r"(^|\.)synthesis\.(input\.|input$|L\d+_)",
        None,
    ),
    (
        "a StyleGAN1 generator, whose layers divide by the deviations of a whole picture, so that a wider canvas "
        "or a tile would change all of it",
        r"(^|\.)g_synthesis\b|(^|\.)g_mapping\b|(^|\.)progression\.\d|StyleMod|^class G_style$",
        None,
    ),
    (
        "a generator of lucidrains' stylegan2-pytorch, whose layers differ from NVIDIA's",
        r"(^|\.)GAN\.(GE|SE|G|S)\.|(^|\.)(GE|SE)\.",
        None,
    ),
    (
        "a GFPGAN face restoration network, which decodes photos and can't be sampled",
        r"(^|\.)stylegan_decoder\.|(^|\.)conv_body_first\.",
        None,
    ),
    (
        "a clean decoder of GFPGAN, which folds StyleGAN2's scales into its weights and can't be sampled",
        r"(^|\.)style_conv1\.bias$",
        r"(^|\.)style_conv1\.activate\.bias$",
    ),
    ("a pSp or e4e encoder without a whole generator inside", r"(^|\.)encoder\.input_layer\.", None),
    (
        "a LoRA, an add-on for a diffusion model",
        r"lora_(up|down|A|B|unet|te\d?|mid|linear)\b|lora_unet_|lora_te|\.lora\.|hada_w\d|lokr_w\d|\.dora_scale",
        None,
    ),
    (
        "a ControlNet or T2I adapter for a diffusion model",
        r"control_model\.|controlnet_|zero_convs\.|^adapter\.body\.",
        None,
    ),
    (
        "a diffusion model",
        r"model\.diffusion_model\.|double_blocks\.\d|single_blocks\.\d|joint_blocks\.\d|(^|\.)down_blocks\.\d"
        r"|(^|\.)transformer_blocks\.\d|(^|\.)time_embed|conditioner\.embedders\.|cond_stage_model\."
        r"|(^|\.)input_blocks\.\d",
        None,
    ),
    (
        "the VAE of a diffusion model",
        r"(^|\.)(encoder|decoder)\.(conv_in|mid)\.|first_stage_model\.|quant_conv\.",
        None,
    ),
    ("a text encoder", r"text_model\.(encoder|embeddings)|encoder\.block\.\d+\.layer", None),
    ("a textual inversion, an add-on for a diffusion model", r"string_to_param|^emb_params$", None),
    ("an upscaler", r"RRDB_trunk|^model\.1\.sub\.|(^|\.)conv_first\.weight$|(^|\.)body\.\d+\.rdb1", None),
    (
        "a StyleGAN discriminator, the half of the training that judges pictures",
        r"(^|\.)final_linear\.|(^|\.)b\d+\.fromrgb\.|(^|\.)b4\.out\.weight|^class (D_|\w*[dD]iscriminator)",
        r"(^|\.)synthesis\.|(^|\.)(conv1|style_conv1)\.(conv|modulated_conv)\.modulation",
    ),
    (
        "a perceptual network (VGG, LPIPS or the like)",
        r"(^|\.)features\.\d+\.weight$|^lin\d\.|(^|\.)classifier\.\d",
        None,
    ),
)

# StyleGAN2s whose layout is known, but not read: what is said of them, and a pattern found in their names.
_LAYOUTS = (
    (
        "This is a StyleGAN2 in the layout of adriansahlman's stylegan2_pytorch. Its code lays the colours of each "
        "resolution a pixel beside where NVIDIA's does, so that its pictures can't be made here. If it was converted "
        "from one of NVIDIA's .pkl files, use that.",
        r"(^|\.)G_synthesis\.(state_dict\.)?conv_blocks\.\d+\.conv_block\.",
    ),
    (
        "This is a generator in the layout of GenForce, but not its StyleGAN2: its StyleGAN (1), or one of Hammer, "
        "which came after it. Only GenForce's StyleGAN2 can be opened here.",
        r"(^|\.)synthesis\.layer\d+\.",
    ),
)


def refuse(contents: Contents, tried: list[str]) -> CheckpointError:
    """The error for a file that no format has recognised.

    Args:
        contents: The file.
        tried: Names of the formats.
    """
    names = "\n".join(sorted(_names(contents)))
    for what, pattern, exception in _KNOWN:
        if re.search(pattern, names, re.MULTILINE) and not (exception and re.search(exception, names, re.MULTILINE)):
            return CheckpointError(f"This is {what}; {_ONLY}.", recognised=what)
    for sentence, pattern in _LAYOUTS:
        if re.search(pattern, names, re.MULTILINE):
            return CheckpointError(sentence)
    constant = re.search(rf"(^|\.){_CONSTANT}", names, re.MULTILINE)
    if not names:
        missing = "there is no network in it"
    elif constant:
        missing = f"its {constant[2]!r} is no tensor, or is not among a generator's layers"
    else:
        missing = f"none of its names belongs to one ({', '.join(CONSTANTS)})"
    return CheckpointError(
        f"This is not a StyleGAN2 generator: {', '.join(tried)} were tried, and {missing}. "
        "Choose a StyleGAN2 generator, or ask whoever made the file what it is.",
        tried=tried,
    )


def _names(contents: Contents) -> set[str]:
    """Every name in the file that could tell what it is."""
    tree = contents.tree
    names = all_names(tree) | set(contents.tensors) | set(network_tensors(tree))
    network = find_network(tree)
    roots = list(tree.values())[:16] if isinstance(tree, dict) else [tree]
    module = find_generator(tree) or next((found for root in roots if (found := find_module(root)) is not None), None)
    if module is not None:
        flat = flatten_module(module)
        names |= set(flat.tensors) | set(flat.classes) | {f"class {flat.classes.get('', '')}"}
    if network is not None and isinstance(network.state, dict):
        function = network.state.get("build_func_name")
        names.add(f"class {function}" if isinstance(function, str) else "")
    if isinstance(tree, Inert):
        names.add(f"class {tree.name}")
    return {name[:200] for name in names if name}
