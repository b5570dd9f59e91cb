"""Inputs that several nodes declare alike, and what converts between ComfyUI's tensors and the library's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from ..soat_backend import sound
from ..soat_backend.feature_ops.stitch import MAX_BLEND_WIDTH
from ..soat_backend.generators import Generator
from ..soat_backend.generators.layer_names import first_comes_later, is_layer_name, layer_names
from ..soat_backend.latents.sampling import MAX_PSI, MAX_SEED
from ..soat_backend.support.errors import FeatureError, SoatError
from ..soat_backend.synthesis.colours import alpha_of, as_rgb
from ..soat_backend.synthesis.noise import NOISE_MODES

# Nodes are in its parts: load, latents, features, edit, pictures, output.
CATEGORY = "StyleGAN (SOAT)"
# What finds every node of the pack in ComfyUI's search, beside its own words in SEARCH_ALIASES.
PACK_WORDS = ("SOAT", "StyleGAN2")

CONV_LAYERS = layer_names(with_features=True)
STYLE_LAYERS = layer_names()
# Where a base code may be: beyond, its map is the picture itself, and styles mean little.
_LAST_BASE = "b32.conv1"
BASE_LAYERS = [*CONV_LAYERS[: CONV_LAYERS.index(_LAST_BASE) + 1], *(name for name in CONV_LAYERS if name[0] != "b")]
NO_BASE = "none"


def generator(what: str = "A generator, from Load StyleGAN.") -> tuple[str, dict[str, Any]]:
    """Declare an input for a generator's wire; `what` is its tooltip."""
    return "SOAT_GENERATOR", {"tooltip": what}


def latent(what: str = "Latent codes, from Sample Latent or Load StyleGAN Latent.") -> tuple[str, dict[str, Any]]:
    """Declare an input for a wire of latent codes; `what` is its tooltip."""
    return "SOAT_LATENT", {"tooltip": what}


def features(what: str = "A feature map, from Get Features or an edit of one.") -> tuple[str, dict[str, Any]]:
    """Declare an input for a feature map's wire; `what` is its tooltip."""
    return "SOAT_FEATURES", {"tooltip": what}


def audio(what: str) -> tuple[str, dict[str, Any]]:
    """Declare an input for a wire of sound; `what` is its tooltip."""
    return "AUDIO", {"tooltip": what}


def choice(
    options: list[str] | tuple[str, ...], default: str, tooltip: str, **more: Any
) -> tuple[list[str], dict[str, Any]]:
    """One of a list; `more` are ComfyUI's other options, such as `advanced`: few need it, shown when asked for."""
    return list(options), {"default": default, "tooltip": tooltip, **more}


def number(
    default: float, low: float, high: float, tooltip: str, step: float = 0.01, **more: Any
) -> tuple[str, dict[str, Any]]:
    """Declare a FLOAT widget from `low` to `high`; `more` are ComfyUI's other options."""
    return "FLOAT", {"default": default, "min": low, "max": high, "step": step, "tooltip": tooltip, **more}


def integer(default: int, low: int, high: int, tooltip: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """Declare an INT widget from `low` to `high`; `more` are ComfyUI's other options."""
    return "INT", {"default": default, "min": low, "max": high, "tooltip": tooltip, **more}


def switch(default: bool, tooltip: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """Declare a BOOLEAN widget; `more` are ComfyUI's other options."""
    return "BOOLEAN", {"default": default, "tooltip": tooltip, **more}


def filename_prefix(default: str, more: str = "") -> tuple[str, dict[str, Any]]:
    """Declare where a node saves to, with `more` to say of it; `host.check_prefix` says whether it may."""
    tooltip = "Folder and start of the name, inside the output folder."
    return "STRING", {"default": default, "tooltip": f"{tooltip} {more}".rstrip()}


def seed(tooltip: str) -> tuple[str, dict[str, Any]]:
    """Declare a seed, with ComfyUI's control after generate.

    It stays as it is until the user wants otherwise. The frontend's own default, another one after each run, would make
    all that follows run again each time, show a seed that isn't the picture's, and never end with Run (on change).
    """
    return integer(0, 0, MAX_SEED, tooltip, control_after_generate="fixed")


def truncation_psi() -> tuple[str, dict[str, Any]]:
    """Declare how far codes are moved towards the average."""
    return number(
        0.7,
        -MAX_PSI,
        MAX_PSI,
        "How far from the average picture: 0 is the average, 0.7 typical and clean, 1 all variety.",
    )


def class_idx() -> tuple[str, dict[str, Any]]:
    """Declare the class of a conditional model."""
    return integer(-1, -1, 2**20, "Class of a conditional model, from 0; -1 for models without classes.")


def class_remark(generator: Generator, class_idx: int) -> str:
    """What a node has to say of a class that means nothing to a model without classes; nothing if it does."""
    ignored = class_idx >= 0 and not generator.config.c_dim
    return f"{generator.name} has no classes: class_idx {class_idx} is ignored." if ignored else ""


def layer() -> tuple[list[str], dict[str, Any]]:
    """Declare the layer where the synthesis is cut open."""
    return choice(
        CONV_LAYERS,
        "b4.conv1",
        "Layer to cut at: b4 decides the layout, b8 and b16 large shapes, later ones detail. "
        "Beyond the model's last layer means its last. input, L0, L1, ...: a StyleGAN3's.",
    )


def base_layer() -> tuple[list[str], dict[str, Any]]:
    """Declare the layer whose feature map an inversion searches too; `NO_BASE` for none."""
    return choice(
        [NO_BASE, *BASE_LAYERS],
        NO_BASE,
        "Fit the feature map at this layer too, for pictures that the model can't make: moved, turned, of other "
        "things. Early: easier to edit. Late: closer to the picture.",
    )


def layer_range(first: str = "b4.conv1") -> dict[str, tuple[list[str], dict[str, Any]]]:
    """Declare the first and last style layer of a range; `first` is where it begins by default."""
    tooltip = "{} layer that is mixed, inclusive. Early layers decide layout and pose, late ones colour and texture."
    return {
        "first_layer": choice(STYLE_LAYERS, first, tooltip.format("First")),
        "last_layer": choice(STYLE_LAYERS, "b1024.torgb", tooltip.format("Last")),
    }


def blend_width() -> tuple[str, dict[str, Any]]:
    """Declare how long the blend over a seam is."""
    return number(
        1.0,
        0.0,
        MAX_BLEND_WIDTH,
        "Length of the blend over a seam, as a fraction of the narrower neighbour: 0 a hard edge, "
        "1 from the middle of one to the middle of the next, 2 all over both.",
    )


def noise() -> dict[str, tuple[Any, dict[str, Any]]]:
    """Declare how noise is added at every layer, and its seed."""
    return {
        "noise_mode": choice(
            NOISE_MODES,
            "const",
            "const: the model's own fixed noise, continued around the picture. random: another one for each seed. "
            "none: smooth.",
        ),
        "noise_seed": seed("Seed of the noise that is not the model's own."),
    }


def check_layer(layer: str | None) -> bool | str:
    """What VALIDATE_INPUTS says of a layer to cut at; a value that comes over a wire is None."""
    if layer is None or is_layer_name(layer, with_features=True):
        return True
    return f"layer: there is no layer {layer!r}. Choose one of {CONV_LAYERS[0]} ... {CONV_LAYERS[-1]}."


def check_base_layer(base_layer: str | None) -> bool | str:
    """What VALIDATE_INPUTS says of where a base code is; a value that comes over a wire is None."""
    if base_layer in (None, NO_BASE):
        return True
    said = check_layer(base_layer)
    return said if said is True else f"base_{said}"


def check_layer_range(first_layer: str | None, last_layer: str | None) -> bool | str:
    """What VALIDATE_INPUTS says of a range; a value that comes over a wire is None and checked when it runs."""
    for name, value in (("first_layer", first_layer), ("last_layer", last_layer)):
        if value is not None and not is_layer_name(value):
            return f"{name}: there is no layer {value!r}. Choose one of {STYLE_LAYERS[0]} ... {STYLE_LAYERS[-1]}."
    if first_layer and last_layer and first_comes_later(first_layer, last_layer):
        return f"first_layer {first_layer} comes after last_layer {last_layer}, so the range is empty. Swap them."
    return True


def mask_to_nchw(mask: torch.Tensor) -> torch.Tensor:
    """ComfyUI's MASK `[B, H, W]` (or `[H, W]`) to `[B, 1, H, W]` float32.

    Raises:
        FeatureError: It is something else, or empty.
    """
    if mask.dim() not in (2, 3) or 0 in mask.shape:
        raise FeatureError(f"A mask is [batch, height, width], got {list(mask.shape)}. Connect a MASK output.")
    return mask.float().reshape(-1, 1, *mask.shape[-2:])


def rgb_to_image(pictures: torch.Tensor) -> torch.Tensor:
    """What generators make, `[B, C, H, W]` in [-1, 1], to ComfyUI's IMAGE `[B, H, W, 3]` float32 in [0, 1] on the CPU.

    Grey becomes RGB, alpha is left out: it is a mask beside it (`alpha_to_mask`).
    """
    # In place after this copy: pictures may be as large as memory allows.
    image = as_rgb(pictures).float().cpu().permute(0, 2, 3, 1).clone(memory_format=torch.contiguous_format)
    return image.clamp_(-1.0, 1.0).add_(1.0).div_(2.0)


def alpha_to_mask(pictures: torch.Tensor) -> torch.Tensor:
    """What generators make, `[B, C, H, W]` in [-1, 1], to ComfyUI's MASK `[B, H, W]`: 1 where it is transparent.

    As LoadImage gives it; of pictures without alpha all zeros, of the picture's size.
    """
    alpha = alpha_of(pictures)
    if alpha is None:
        # numpy's zeros take memory only once they are written to, and most masks are never looked at.
        return torch.from_numpy(np.zeros((len(pictures), *pictures.shape[2:]), np.float32))
    return (1.0 - alpha[:, 0].float().cpu().clamp(-1.0, 1.0)) / 2.0


def with_alpha(image: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """A picture `[H, W, 3]` of an IMAGE, and that of the MASK where it is transparent, as `[H, W, 4]`."""
    return torch.cat((image, 1.0 - mask[..., None]), dim=-1)


def image_to_nchw(image: torch.Tensor) -> torch.Tensor:
    """ComfyUI's IMAGE `[B, H, W, C]` to RGB `[B, 3, H, W]` float32, both in [0, 1].

    Grey becomes RGB, alpha is left out.

    Raises:
        SoatError: It is something else, or empty.
    """
    if image.dim() != 4 or 0 in image.shape or image.shape[3] not in (1, 3, 4):
        raise SoatError(f"A picture is [batch, height, width, 3], got {list(image.shape)}. Connect an IMAGE output.")
    if not bool(image.isfinite().all()):
        raise SoatError("The picture has values that are no numbers (NaN or infinity). Load or make it again.")
    return image.float().permute(0, 3, 1, 2)[:, :3].clamp(0.0, 1.0).expand(-1, 3, -1, -1)


def image_to_rgb(image: torch.Tensor) -> torch.Tensor:
    """ComfyUI's IMAGE to what generators make: RGB `[B, 3, H, W]` in [-1, 1]. As `image_to_nchw` otherwise."""
    return image_to_nchw(image) * 2.0 - 1.0


def nchw_to_image(pictures: torch.Tensor) -> torch.Tensor:
    """RGB `[B, 3, H, W]` to ComfyUI's IMAGE `[B, H, W, 3]` float32 on the CPU, both in [0, 1]."""
    return pictures.float().cpu().permute(0, 2, 3, 1).clamp(0.0, 1.0).contiguous()


def audio_to_sound(audio: Any) -> sound.Sound:
    """ComfyUI's AUDIO, `waveform [B, C, T]` and `sample_rate`; of a batch the first, as ComfyUI's films take it.

    Raises:
        SoatError: There is no sound, or it is something else.
    """
    if audio is None:
        raise SoatError("There is no sound on the wire: the film that it was to come from has none. Load one.")
    if not isinstance(audio, Mapping) or not {"waveform", "sample_rate"} <= audio.keys():
        raise SoatError(
            f"A sound has a waveform and a sample_rate, got {type(audio).__name__} without. Connect an AUDIO output."
        )
    waveform, rate = audio["waveform"], int(audio["sample_rate"])
    if not isinstance(waveform, torch.Tensor) or waveform.dim() != 3 or 0 in waveform.shape[:2]:
        got = list(waveform.shape) if isinstance(waveform, torch.Tensor) else type(waveform).__name__
        raise SoatError(f"A sound is [batch, channels, samples], got {got}. Connect an AUDIO output.")
    return sound.Sound(waveform[0].detach().to("cpu", torch.float32), rate)


def sound_to_audio(heard: sound.Sound) -> dict[str, Any]:
    """A sound to ComfyUI's AUDIO."""
    return {"waveform": heard.samples[None], "sample_rate": heard.rate}
